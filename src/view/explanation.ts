// What `livezone explain` and the API's explanation route say: the whole chain from observations to
// the answer, as plain data. Times are wall milliseconds.

import type { DrainStatus } from "./drains.ts";
import type { BrakeStatus, DampingStatus, ForcedStatus } from "./status.ts";

/** Why a pool answers what it answers. */
export interface ExplanationReport {
  readonly nowWallMs: number;
  /** While it holds nothing is believed down: the prober may be the one that is cut off. */
  readonly brake?: BrakeStatus;
  readonly families: readonly FamilyExplanation[];
}

/** One family of the pool. */
export interface FamilyExplanation {
  readonly pool: string;
  readonly type: "A" | "AAAA" | "CNAME";
  readonly policy: string;
  readonly serving: readonly string[];
  readonly code: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  /** The last swap's id, 0 where there was none. */
  readonly swap: number;
  readonly ttlSeconds: number;
  /** What would be answered if a guard, an operator or the pool's mode did not hold it back. */
  readonly wanted?: readonly string[];
  /** In the pool's order. */
  readonly candidates: readonly CandidateExplanation[];
  readonly guards: readonly GuardExplanation[];
  readonly next: readonly NextExplanation[];
}

/** A member, and why it is served or not. */
export interface CandidateExplanation {
  readonly member: string;
  readonly address: string;
  readonly isServed: boolean;
  readonly belief: "up" | "down" | "unknown";
  /** How good it is for being answered: "usable", "damped", "barred", … */
  readonly standing: string;
  readonly sinceWallMs: number;
  readonly reason: string;
  readonly forced?: ForcedStatus;
  readonly damping?: DampingStatus;
  readonly drain?: DrainStatus;
  /** What its gate says; it does not count for the one that is served. */
  readonly gate?: { readonly isOpen: boolean; readonly reason: string };
  readonly targets: readonly TargetExplanation[];
}

/** A target's evidence. */
export interface TargetExplanation {
  readonly target: string;
  readonly belief: "up" | "down" | "unknown";
  readonly reason: string;
  readonly rules: readonly {
    readonly rule: string;
    readonly counted: number;
    readonly needed: number;
    readonly of: string;
  }[];
  readonly breaker: "closed" | "open" | "half-open";
  /** With a schedule its longest gap. */
  readonly intervalMs: number;
  /** A cron expression, in UTC, by which it is asked in place of an interval. */
  readonly schedule?: string;
  readonly timeoutMs: number;
  /** Typical duration of its successful probes, in milliseconds; 0 where there were none. */
  readonly usualMs: number;
  readonly tripwire: string;
  /** Absent while probes are under way and no other is planned. */
  readonly nextProbeWallMs?: number;
  readonly running: number;
  /** No DOWN verdict before this. */
  readonly heldUntilWallMs?: number;
  /** The newest last, at most 21. */
  readonly observations: readonly {
    readonly endedWallMs: number;
    readonly durationMs: number;
    readonly code: string;
    readonly isHard: boolean;
    readonly detail: string;
  }[];
}

/** A rule that delays or refuses a change of the answer. */
export interface GuardExplanation {
  readonly guard: string;
  /** What is set: "auto, hold 1m", "at most 3 swaps in 10m". */
  readonly setting: string;
  /** How it stands: "1 of 3 swaps used". Empty where there is nothing to say. */
  readonly state: string;
  readonly untilWallMs?: number;
}

/** Something that would change the answer. */
export interface NextExplanation {
  readonly cause: "time" | "falls" | "rises" | "approved";
  readonly member?: string;
  /** The wall moment, where it follows from the passing of time alone. */
  readonly atWallMs?: number;
  /** What passes between the cause and the other answer; 0 is at once. */
  readonly afterMs: number;
  readonly serve: readonly string[];
  readonly code: string;
  readonly reason: string;
}
