// Observations, rolled up by target and minute: what history costs in the store is bounded by
// targets and minutes, not by probes.

import type { Observation } from "../health/observation.ts";
import { isSuccess } from "../health/observation.ts";
import type { ObservationRollup } from "./ports.ts";

const MINUTE_MS = 60_000;

interface Tally {
  minuteWallMs: number;
  count: number;
  failures: number;
  durationSumMs: number;
  durationMaxMs: number;
  lastCode: string;
}

/** Collects observations and hands out the minutes that are over. */
export class Rollups {
  readonly #open = new Map<string, Tally>();
  #done: ObservationRollup[] = [];

  /** Counts one observation at wall time `wallMs`; O(1). */
  add(targetId: string, observation: Observation, wallMs: number): void {
    const minuteWallMs = Math.floor(wallMs / MINUTE_MS) * MINUTE_MS;
    let tally = this.#open.get(targetId);
    if (tally !== undefined && tally.minuteWallMs !== minuteWallMs) {
      this.#done.push(finished(targetId, tally));
      tally = undefined;
    }
    if (tally === undefined) {
      tally = {
        minuteWallMs,
        count: 0,
        failures: 0,
        durationSumMs: 0,
        durationMaxMs: 0,
        lastCode: "",
      };
      this.#open.set(targetId, tally);
    }
    tally.count++;
    if (isSuccess(observation)) {
      const durationMs = observation.endedMs - observation.startedMs;
      tally.durationSumMs += durationMs;
      tally.durationMaxMs = Math.max(tally.durationMaxMs, durationMs);
    } else {
      tally.failures++;
      tally.lastCode = observation.code;
    }
  }

  /** The minutes that ended before `wallMs`, each once; with `everything`, the open ones too. */
  take(wallMs: number, everything = false): ObservationRollup[] {
    const current = Math.floor(wallMs / MINUTE_MS) * MINUTE_MS;
    for (const [targetId, tally] of this.#open) {
      if (!everything && tally.minuteWallMs === current) continue;
      this.#done.push(finished(targetId, tally));
      this.#open.delete(targetId);
    }
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Forgets a target that is probed no more; its finished minutes are still handed out. */
  forget(targetId: string): void {
    const tally = this.#open.get(targetId);
    if (tally !== undefined) this.#done.push(finished(targetId, tally));
    this.#open.delete(targetId);
  }
}

function finished(targetId: string, tally: Tally): ObservationRollup {
  const successes = tally.count - tally.failures;
  return {
    targetId,
    minuteWallMs: tally.minuteWallMs,
    count: tally.count,
    failures: tally.failures,
    durationMeanMs: successes === 0 ? 0 : tally.durationSumMs / successes,
    durationMaxMs: tally.durationMaxMs,
    lastCode: tally.lastCode,
  };
}
