// How the guards of a pool stand: what is set, and what of it is used, for people who ask.

import { formatDuration } from "../base/duration.ts";
import type { DecisionInput } from "./decision.ts";
import type { HookName } from "./pool.ts";

/** One thing that delays or refuses a change of a pool's answer. */
export interface Restraint {
  readonly guard:
    | ("mode" | "failback" | "spacing" | "budget" | "minimum" | "panic floor")
    | ("gate" | HookName);
  /** What is set. */
  readonly setting: string;
  /** How it stands now; empty where there is nothing to say. */
  readonly state: string;
  /** When it lets go, in monotonic milliseconds; absent: it holds nothing back by time. */
  readonly untilMs?: number;
}

/** The restraints of a pool that are set, those of every pool first. */
export function restraintsOf(input: DecisionInput): readonly Restraint[] {
  const { pool } = input;
  const { mode: failback, holdMs } = pool.failback;
  const restraints: Restraint[] = [];
  if (pool.mode !== undefined && pool.mode !== "auto") {
    const state = pool.mode === "manual" ? "an operator must say yes" : "it only tells";
    restraints.push({ guard: "mode", setting: pool.mode, state });
  }
  restraints.push({
    ...{ guard: "failback", state: "" },
    setting: failback === "auto" ? `auto, hold ${formatDuration(holdMs)}` : "manual",
  });
  if (pool.policy !== "priority" && pool.panicFloor !== undefined) {
    restraints.push({ guard: "panic floor", setting: `${pool.panicFloor}`, state: "" });
  }
  const guards = [...spacing(input), ...budget(input), ...minimum(input)];
  return [...restraints, ...guards, ...handingOver(input)];
}

/** What has to be before another member is served. */
function handingOver({ pool, handover }: DecisionInput): readonly Restraint[] {
  const restraints: Restraint[] = [];
  if (pool.gate !== undefined) restraints.push({ guard: "gate", setting: pool.gate, state: "" });
  for (const name of ["fence", "promote"] as const) {
    const hook = pool.hooks?.[name];
    if (hook === undefined) continue;
    const [program] = hook.command;
    const goesOn = hook.onFailure === "continue" ? ", and on although it fails" : "";
    const setting = `${program}, at most ${formatDuration(hook.timeoutMs)}${goesOn}`;
    const failed = handover?.stage === "failed" && handover.failure.startsWith(`${name}: `);
    const state = handover?.stage === name ? "is due" : failed ? handover.failure : "";
    restraints.push({ guard: name, setting, state });
  }
  return restraints;
}

function spacing({ pool, swapsMs = [], nowMs }: DecisionInput): readonly Restraint[] {
  const spacingMs = pool.guards?.spacingMs;
  if (spacingMs === undefined) return [];
  const setting = `${formatDuration(spacingMs)} between swaps`;
  const untilMs = Math.max(...swapsMs) + spacingMs;
  if (swapsMs.length === 0 || untilMs <= nowMs) return [{ guard: "spacing", setting, state: "" }];
  return [{ guard: "spacing", setting, state: "holds back", untilMs }];
}

function budget({ pool, swapsMs = [], nowMs }: DecisionInput): readonly Restraint[] {
  const allowed = pool.guards?.budget;
  if (allowed === undefined) return [];
  const { swaps, windowMs } = allowed;
  const recent = swapsMs.filter((atMs) => nowMs < atMs + windowMs).sort((a, b) => a - b);
  const setting = `${swaps} swaps within ${formatDuration(windowMs)}`;
  const state = `${recent.length} of ${swaps} used`;
  const oldestMs = recent[recent.length - swaps];
  const untilMs = oldestMs === undefined ? undefined : oldestMs + windowMs;
  return [{ guard: "budget", setting, state, ...(untilMs !== undefined && { untilMs }) }];
}

function minimum({ pool }: DecisionInput): readonly Restraint[] {
  const least = pool.guards?.healthyMin;
  if (least === undefined) return [];
  const state = "orders that leave fewer are refused";
  return [{ guard: "minimum", setting: `${least} healthy`, state }];
}
