// What an operator says of an address, over what its probes say.

import type { Belief } from "./target.ts";

/**
 * A state that an operator forced. `up`: answered whatever its probes say. `down`: not answered
 * while another member may be. `drain`: given to nobody new, but still good enough before a member
 * that is unknown or down.
 */
export interface ForcedState {
  readonly state: "up" | "down" | "drain";
  readonly author: string;
  readonly reason: string;
  /** Monotonic milliseconds. */
  readonly sinceMs: number;
  /** It ends by itself then; undefined: until somebody ends it. */
  readonly untilMs: number | undefined;
}

/** The state that is in force at a moment, if one is. */
export function inForce(
  forced: ForcedState | undefined,
  nowMs: number,
): ForcedState["state"] | undefined {
  if (forced === undefined || (forced.untilMs !== undefined && nowMs >= forced.untilMs)) {
    return undefined;
  }
  return forced.state;
}

/** Whether operator and probes disagree in the way that hurts: forced up, but down. */
export function isForcedAgainstProbes(
  forced: ForcedState | undefined,
  belief: Belief,
  nowMs: number,
): boolean {
  return belief === "down" && inForce(forced, nowMs) === "up";
}

/** "forced down by ann: kernel update", "drained by ann: kernel update". */
export function describeForced({ state, author, reason }: ForcedState): string {
  return `${state === "drain" ? "drained" : `forced ${state}`} by ${author}: ${reason}`;
}
