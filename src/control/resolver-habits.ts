// What is known of resolvers that are asked: whether they answer, and whether they keep to the TTL.

import type { Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { nameToDisplay } from "../dns/name.ts";
import { typeToText } from "../dns/types.ts";
import { event } from "../events/event.ts";
import type { ResolverStatus } from "../view/status.ts";
import type { EventSink } from "./ports.ts";
import type { AskedPlace } from "./ports-watch.ts";
import type { Propagations } from "./propagations.ts";
import { answerKey, type LiveAnswer } from "./served-zone.ts";

/** So many questions in a row without an answer, and it is called failing. */
const FAILURES_MIN = 3;
/** More than this beyond what any copy was given for is no matter of clocks. */
const LONGER_MIN_MS = 5000;

interface Habit {
  lastMs: number | undefined;
  failures: number;
  failingSinceMs: number;
  detail: string | undefined;
  lengthensMs: number | undefined;
}

/** All resolvers. */
export class ResolverHabits {
  readonly #time: Time;
  readonly #emit: EventSink;
  readonly #propagations: Propagations | undefined;
  readonly #habits = new Map<AskedPlace, Habit>();

  constructor(ports: {
    readonly time: Time;
    readonly emit: EventSink;
    readonly propagations: Propagations | undefined;
  }) {
    this.#time = ports.time;
    this.#emit = ports.emit;
    this.#propagations = ports.propagations;
  }

  /** It answered for a name, with so much left. */
  answered(place: AskedPlace, said: { readonly live: LiveAnswer; readonly leftMs: number }): void {
    const habit = this.#habit(place);
    const nowMs = this.#time.nowMs();
    habit.lastMs = nowMs;
    habit.detail = undefined;
    if (habit.failures >= FAILURES_MIN) {
      const durationMs = Math.round(nowMs - habit.failingSinceMs);
      const msg = `${place.name} answers again, after ${told(durationMs)}`;
      this.#emit(event("resolver.recovered", msg, { resolver: place.name, durationMs }));
    }
    habit.failures = 0;
    this.#judge(place, habit, said);
  }

  /** It did not answer. */
  failed(place: AskedPlace, detail: string): void {
    const habit = this.#habit(place);
    if (habit.failures === 0) habit.failingSinceMs = this.#time.nowMs();
    habit.failures++;
    habit.detail = detail;
    if (habit.failures !== FAILURES_MIN) return;
    const { failures } = habit;
    const msg = `${place.name} does not tell what it answers: ${detail}, ${failures} times in a row`;
    this.#emit(event("resolver.failing", msg, { resolver: place.name, detail, failures }));
  }

  status(
    place: AskedPlace,
    toWallMs: (monotonicMs: number) => number,
  ): Omit<ResolverStatus, "names" | "behind"> {
    const { lastMs, failures, detail, lengthensMs } = this.#habit(place);
    const isKnown = lastMs !== undefined || failures > 0;
    const state = failures >= FAILURES_MIN ? "failing" : isKnown ? "answers" : "unknown";
    return {
      ...{ resolver: place.name, state },
      ...(lastMs !== undefined && { lastWallMs: toWallMs(lastMs) }),
      ...(detail !== undefined && { detail }),
      ...(lengthensMs !== undefined && { lengthensMs }),
    };
  }

  /** The ledger knows how long any copy may live: one that lives longer was lengthened. */
  #judge(
    place: AskedPlace,
    habit: Habit,
    { live, leftMs }: { readonly live: LiveAnswer; readonly leftMs: number },
  ): void {
    const { owner, type, rrset } = live;
    const lastCopyMs = this.#propagations?.lastCopyMs(answerKey(owner, type));
    if (lastCopyMs === undefined) return;
    // Secondaries give copies too, with the TTL that they were sent.
    const longestMs = Math.max(0, lastCopyMs - this.#time.nowMs(), rrset.ttl * 1000);
    if (leftMs <= longestMs + LONGER_MIN_MS) return;
    const isKnown = habit.lengthensMs !== undefined;
    habit.lengthensMs = Math.max(leftMs, habit.lengthensMs ?? 0);
    if (isKnown) return;
    const pool = nameToDisplay(owner);
    const fields = { resolver: place.name, pool, type: typeToText(type), leftMs };
    const msg =
      `${place.name} keeps answers longer than their TTL: ` +
      `it will give ${pool} for ${told(leftMs)}, and the last copy given ends in ${told(longestMs)}`;
    this.#emit(event("resolver.lengthens", msg, { ...fields, longestMs: Math.round(longestMs) }));
  }

  #habit(place: AskedPlace): Habit {
    const known = this.#habits.get(place);
    if (known !== undefined) return known;
    const fresh: Habit = {
      ...{ lastMs: undefined, failures: 0, failingSinceMs: 0 },
      ...{ detail: undefined, lengthensMs: undefined },
    };
    this.#habits.set(place, fresh);
    return fresh;
  }
}

function told(durationMs: number): string {
  return formatDuration(Math.round(durationMs / 1000) * 1000);
}
