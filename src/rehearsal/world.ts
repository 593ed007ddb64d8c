// What befalls targets in a rehearsal: generated from a seed, or read from what was once observed.

import { below, type Random, seededRandom } from "../base/random.ts";
import { isSilence, type ObservationCode } from "../health/observation.ts";
import type { Condition, Network, Outcome } from "./network.ts";

/** A stretch in which something was really wrong. Milliseconds from the beginning. */
export interface FaultSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A world to rehearse in. */
export interface World {
  /** In words. */
  readonly title: string;
  readonly lengthMs: number;
  /** What is truly wrong with a target, oldest first, without overlaps. */
  faultsOf(target: { readonly display: string; readonly address: string }): readonly FaultSpan[];
  /** When a target comes and goes by turns: what is believed of it then is neither right nor wrong. */
  flapsOf(target: { readonly address: string }): readonly FaultSpan[];
  /** Puts the world's conditions into the network; `after` calls at a moment from the beginning. */
  happen(stage: WorldStage): void;
}

/** Where a world happens. */
export interface WorldStage {
  readonly network: Network;
  readonly targets: readonly {
    readonly id: string;
    readonly display: string;
    readonly address: string;
  }[];
  readonly startMs: number;
  after(fromStartMs: number, run: () => void): void;
}

/** A fault that is over sooner meets hardly a client, and no settings are to act on it. */
export const FAULT_MIN_MS = 5000;

const HEALTHY: Condition = { kind: "answers", afterMs: 2 };
const MEAN_PEACE_MS = 8 * 3_600_000;
const MINUTE_MS = 60_000;

interface Episode extends FaultSpan {
  readonly condition: Condition | { readonly flapMs: number };
}

/**
 * Faults as services really have them, by seed: crashes, black holes, bad answers, lost packets and
 * slowness for minutes; flapping; and, twice as often, restarts in place of less than a second and
 * short hiccups, which are no faults. In between a network that loses one packet in 500.
 */
export function generatedWorld(seed: number, lengthMs: number): World {
  const made = new Map<string, readonly Episode[]>();
  const of = (address: string): readonly Episode[] => {
    const known = made.get(address) ?? episodes(seededRandom(seed ^ hash(address)), lengthMs);
    made.set(address, known);
    return known;
  };
  return {
    title: `generated faults, seed ${seed}`,
    lengthMs,
    faultsOf: ({ address }) => of(address).filter(isReal),
    flapsOf: ({ address }) => of(address).filter(({ condition }) => "flapMs" in condition),
    happen: ({ network, targets, after }) => {
      for (const address of new Set(targets.map((target) => target.address))) {
        network.set(address, PEACE);
        for (const { fromMs, toMs, condition } of of(address)) {
          after(fromMs, () => {
            if ("flapMs" in condition) network.flap(address, { kind: "refuses" }, condition.flapMs);
            else network.set(address, condition);
          });
          after(toMs, () => network.set(address, PEACE));
        }
      }
    },
  };
}

const PEACE: Condition = { kind: "lossy", afterMs: 0, lossFraction: 0.002 };

/** A flapping target is a fault of its own kind: damping, not detection, is what it asks for. */
function isReal({ fromMs, toMs, condition }: Episode): boolean {
  return toMs - fromMs >= FAULT_MIN_MS && !("flapMs" in condition);
}

function episodes(random: Random, lengthMs: number): readonly Episode[] {
  const found: Episode[] = [];
  let atMs = peaceMs(random);
  while (atMs < lengthMs) {
    const { condition, forMs } = episode(random);
    const toMs = Math.min(lengthMs, atMs + forMs);
    found.push({ fromMs: Math.round(atMs), toMs: Math.round(toMs), condition });
    atMs = toMs + peaceMs(random);
  }
  return found;
}

/** Exponential, at least two minutes: what follows at once belongs to the fault before. */
function peaceMs(random: Random): number {
  return 2 * MINUTE_MS - MEAN_PEACE_MS * Math.log(1 - random.fraction());
}

function episode(random: Random): { readonly condition: Episode["condition"]; forMs: number } {
  const minutes = (least: number, most: number): number =>
    MINUTE_MS * (least + (most - least) * random.fraction() ** 2);
  switch (below(random, 12)) {
    case 0:
    case 1:
      return { condition: { kind: "refuses" }, forMs: minutes(0.3, 40) };
    case 2:
      return { condition: { kind: "silent" }, forMs: minutes(0.3, 40) };
    case 3:
      return { condition: { kind: "status", afterMs: 3 }, forMs: minutes(0.3, 20) };
    case 4: {
      const lossFraction = 0.4;
      return { condition: { kind: "lossy", afterMs: 0, lossFraction }, forMs: minutes(2, 20) };
    }
    case 5:
      return { condition: { kind: "answers", afterMs: 5000 }, forMs: minutes(0.5, 20) };
    case 6:
      return { condition: { flapMs: 20_000 }, forMs: minutes(5, 40) };
    case 7:
      return { condition: { kind: "silent" }, forMs: 200 + below(random, 2000) };
    case 8:
      return { condition: { kind: "answers", afterMs: 900 }, forMs: minutes(0.2, 2) * 0.1 };
    default:
      return { condition: { kind: "refuses" }, forMs: 50 + below(random, 600) };
  }
}

function hash(text: string): number {
  let sum = 17;
  for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
  return sum;
}

/** What was once found of a target: its display name, and when the probe ended. */
export interface RecordedProbe {
  readonly target: string;
  readonly endedWallMs: number;
  readonly durationMs: number;
  /** An `ObservationCode`, as a log spells it. */
  readonly code: string;
}

interface Recorded {
  readonly startedMs: number;
  readonly outcome: Outcome;
}

/**
 * The world as a prober once saw it: a probe finds what the last recorded one before it found. What
 * happened between two recorded probes is not known: settings that ask more often than those
 * recorded with learn nothing new. A real fault is a run of failures of at least five seconds.
 */
export function recordedWorld(title: string, probes: readonly RecordedProbe[]): World {
  const fromWallMs = Math.min(...probes.map((one) => one.endedWallMs - one.durationMs));
  const toWallMs = Math.max(...probes.map((one) => one.endedWallMs));
  const byTarget = new Map<string, Recorded[]>();
  for (const { target, endedWallMs, durationMs, code } of probes) {
    if (code.startsWith("prober-") || code === "tripwire-closed") continue;
    const own = byTarget.get(target) ?? [];
    const startedMs = endedWallMs - durationMs - fromWallMs;
    own.push({ startedMs, outcome: { afterMs: durationMs, code: code as ObservationCode } });
    byTarget.set(target, own);
  }
  for (const own of byTarget.values()) own.sort((a, b) => a.startedMs - b.startedMs);
  const lengthMs = probes.length === 0 ? 0 : toWallMs - fromWallMs;
  return {
    title,
    lengthMs,
    flapsOf: () => [],
    faultsOf: ({ display }) => failureRuns(byTarget.get(display) ?? [], lengthMs),
    happen: ({ network, targets, startMs }) => {
      for (const { id, display } of targets) {
        const own = byTarget.get(display);
        network.set(
          id,
          own === undefined ? HEALTHY : { kind: "recorded", at: looker(own, startMs) },
        );
      }
    },
  };
}

/** Looks up what a moment holds; moments mostly grow. */
function looker(own: readonly Recorded[], startMs: number): (nowMs: number) => Outcome {
  let at = 0;
  return (nowMs) => {
    const sinceMs = nowMs - startMs;
    while ((own[at + 1]?.startedMs ?? Number.POSITIVE_INFINITY) <= sinceMs) at++;
    const { afterMs, code } = own[at]?.outcome ?? { afterMs: 2, code: "ok" };
    // Silence lasts as long as it is listened to: the recorded timeout is not its own.
    return { code, afterMs: isSilentCode(code) ? Number.POSITIVE_INFINITY : afterMs };
  };
}

function isSilentCode(code: ObservationCode): boolean {
  return isSilence({ startedMs: 0, endedMs: 0, code, isHard: false, phases: {}, detail: "" });
}

function failureRuns(own: readonly Recorded[], lengthMs: number): readonly FaultSpan[] {
  const runs: FaultSpan[] = [];
  let fromMs: number | undefined;
  for (const { startedMs, outcome } of own) {
    if (outcome.code !== "ok") fromMs ??= startedMs;
    else if (fromMs !== undefined) {
      runs.push({ fromMs, toMs: startedMs });
      fromMs = undefined;
    }
  }
  if (fromMs !== undefined) runs.push({ fromMs, toMs: lengthMs });
  return runs.filter((run) => run.toMs - run.fromMs >= FAULT_MIN_MS);
}
