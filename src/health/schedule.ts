// When a target is probed next: its regular cadence, or the confirm probes of an open doubt; and
// when it must be looked at although nothing is observed.

import { graceStartMs, isInDoubt, nextSilenceMs } from "./evidence.ts";
import type { PlannedProbe } from "./plan.ts";
import { type HealthSettings, lateAfterMs, softGapMs } from "./settings.ts";
import { firstFaultMs, isFresh, noVerdictBeforeMs, type TargetHealth } from "./target.ts";

/** A restart grace is watched by at most this many probes, so that a long one does not hammer. */
const GRACE_PROBES_MAX = 16;
/** What of a target says when it is due. */
type Pacing = Pick<TargetHealth, "belief" | "regularMs" | "notBeforeMs" | "usualMs">;

/** A running probe that is silent this long past its timeout is lost by the prober. */
const LOST_AFTER_MS = 2000;

/**
 * All probes that are to start from now on.
 *
 * In doubt, `fall` pieces of evidence are wanted: the failures that stand, the probes under way and
 * the confirm probes planned here make up that number together. They are 50 ms apart, start to
 * start, when the newest sign is a hard one, else 250 ms. Without a doubt: the next regular probe.
 */
export function planFor(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): readonly PlannedProbe[] {
  const first = firstFaultMs(state);
  if (!isInDoubt(state) || first === undefined) return [regular(state, settings)];
  const underWay = state.running.filter(
    (probe) => probe.startedMs >= first && isFresh(state, probe.startedMs),
  ).length;
  const missing = settings.fall - state.failures.length - underWay;
  const gapMs = isNewestSignHard(state) ? settings.hardConfirmMs : softGapMs(settings);
  const startMs = Math.max(nowMs, state.notBeforeMs, state.lastStartMs + gapMs);
  if (missing > 0) {
    return Array.from({ length: missing }, (_, i) => confirm(state, settings, startMs + i * gapMs));
  }
  if (underWay > 0) return [];
  const graceMs = nextGraceProbeMs(state, settings, nowMs);
  if (graceMs !== undefined) return [confirm(state, settings, graceMs)];
  return [regular(state, settings)];
}

function isNewestSignHard(state: TargetHealth): boolean {
  const last = state.failures.at(-1);
  if (last === undefined) return state.trippedMs !== undefined;
  return last.isHard || (state.trippedMs ?? Number.NEGATIVE_INFINITY) >= last.endedMs;
}

/** While hard failures wait for the restart grace: the next look, the last one exactly at its end. */
function nextGraceProbeMs(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): number | undefined {
  const startMs = graceStartMs(state);
  if (settings.restartGraceMs === 0 || startMs === undefined) return undefined;
  const gapMs = Math.max(softGapMs(settings), settings.restartGraceMs / GRACE_PROBES_MAX);
  const endMs = startMs + settings.restartGraceMs;
  const nextMs = Math.max(nowMs, state.notBeforeMs, state.lastStartMs + gapMs);
  return nowMs < endMs ? Math.min(nextMs, endMs) : nextMs;
}

/** The next probe that keeps a target's cadence. */
export function regular(state: Pacing, settings: HealthSettings): PlannedProbe {
  const purpose = state.belief === "down" ? "recover" : "regular";
  return planned(state, settings, Math.max(state.regularMs, state.notBeforeMs), purpose);
}

function confirm(state: TargetHealth, settings: HealthSettings, atMs: number): PlannedProbe {
  return planned(state, settings, atMs, "confirm");
}

function planned(
  { usualMs }: Pick<TargetHealth, "usualMs">,
  settings: HealthSettings,
  atMs: number,
  purpose: PlannedProbe["purpose"],
): PlannedProbe {
  const lateMs = lateAfterMs(usualMs, settings);
  return { atMs, purpose, lateAfterMs: lateMs, timeoutMs: settings.timeoutMs };
}

/** When a probe that started at `startedMs` is given up as lost by the prober. */
export function lostMs(startedMs: number, settings: HealthSettings): number {
  return startedMs + settings.timeoutMs + LOST_AFTER_MS;
}

/**
 * When `wake` must be given next if nothing else happens before: silence that will count, the end of
 * a hold, a lost probe, a belief growing stale.
 */
export function wakeFor(
  state: TargetHealth,
  settings: HealthSettings,
  nowMs: number,
): number | undefined {
  const moments: number[] = [];
  const silenceMs = nextSilenceMs(state, settings, nowMs);
  if (silenceMs !== undefined) moments.push(silenceMs);
  const heldMs = noVerdictBeforeMs(state);
  if (heldMs > nowMs && isInDoubt(state)) moments.push(heldMs);
  for (const probe of state.running) moments.push(lostMs(probe.startedMs, settings));
  if (!state.isStale && Number.isFinite(state.observedMs)) {
    moments.push(state.observedMs + settings.staleAfterMs);
  }
  return moments.length === 0 ? undefined : Math.max(nowMs, Math.min(...moments));
}
