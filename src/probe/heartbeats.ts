// Reports that targets of kind "push" send in by themselves: the last of each is kept, and its
// growing old is noticed. What it means for the target is for the kind, and for health, to say.

import { type Alarm, newAlarm, type Wheel } from "./wheel.ts";

/** What was last heard of a target. Times are monotonic milliseconds. */
export type Heartbeat =
  /** Nothing since it was first waited for. */
  | { readonly kind: "none"; readonly sinceMs: number }
  | {
      readonly kind: "heard";
      readonly atMs: number;
      readonly isGood: boolean;
      readonly detail: string;
    };

interface Entry {
  ttlMs: number;
  last: Heartbeat;
  /** Rings when the last report is too old, or at once after a bad one. */
  readonly alarm: Alarm;
}

/** The last reports of all targets that send any. */
export class Heartbeats {
  readonly #wheel: Wheel;
  readonly #doubt: (targetId: string) => void;
  readonly #entries = new Map<string, Entry>();

  /** @param doubt told, from the wheel, when a report is bad or has grown too old. */
  constructor(wheel: Wheel, doubt: (targetId: string) => void) {
    this.#wheel = wheel;
    this.#doubt = doubt;
  }

  /** Begins to wait for a target's reports; one that is known keeps its last. */
  join(targetId: string, ttlMs: number, nowMs: number): void {
    const known = this.#entries.get(targetId);
    if (known !== undefined) {
      known.ttlMs = ttlMs;
      if (known.last.kind === "heard") this.#wheel.plan(known.alarm, known.last.atMs + ttlMs);
      return;
    }
    const alarm = newAlarm(() => this.#doubt(targetId));
    this.#entries.set(targetId, { ttlMs, last: { kind: "none", sinceMs: nowMs }, alarm });
  }

  leave(targetId: string): void {
    const entry = this.#entries.get(targetId);
    if (entry === undefined) return;
    this.#wheel.cancel(entry.alarm);
    this.#entries.delete(targetId);
  }

  /** Takes a report. @returns whether it was the first; undefined where none is waited for. */
  take(targetId: string, report: Omit<Heartbeat & { kind: "heard" }, "kind">): boolean | undefined {
    const entry = this.#entries.get(targetId);
    if (entry === undefined) return undefined;
    const isFirst = entry.last.kind === "none";
    entry.last = { kind: "heard", ...report };
    this.#wheel.plan(entry.alarm, report.atMs + (report.isGood ? entry.ttlMs : 0));
    return isFirst;
  }

  last(targetId: string): Heartbeat | undefined {
    return this.#entries.get(targetId)?.last;
  }

  /**
   * From when on something can be said of a target. After a start that is when it has reported, or
   * has been silent for as long as it may: until then it is not asked, and its belief is kept.
   */
  readyMs(targetId: string): number {
    const entry = this.#entries.get(targetId);
    if (entry?.last.kind !== "none") return Number.NEGATIVE_INFINITY;
    return entry.last.sinceMs + entry.ttlMs;
  }
}
