// What the store is told of beliefs: each that changed, and of all others together how long ago they were
// observed. Ten thousand targets that are well are one row a second and not ten thousand.

import type { Time } from "../base/clock.ts";
import {
  type BeliefsSeen,
  type BeliefWatch,
  NOBODY_MS,
  type StoredBelief,
} from "./ports-beliefs.ts";
import type { TargetRuntime } from "./targets.ts";

/** Observations are told so seldom at most. */
const TOLD_MS = 400;

/** What is new, for one transaction. */
export interface BeliefNews {
  readonly beliefs: readonly StoredBelief[];
  /** Undefined: nothing was observed, or the store was told just now. */
  readonly seen: BeliefsSeen | undefined;
}

/** What the store is told of a target's belief. */
export interface ToldBelief {
  /** -1: it has none yet. */
  place: number;
  /** Something beside the time of its last observation is new. */
  isDirty: boolean;
}

/** Collects news of beliefs, in one life of control. */
export class BeliefNewsSource {
  readonly #time: Time;
  #life = 1;
  #places = 0;
  /** Places of targets that are probed no more. */
  readonly #free: number[] = [];
  /** By target id: as they are kept from now on. */
  readonly #left = new Map<string, StoredBelief>();
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(time: Time) {
    this.#time = time;
  }

  /** Goes on from what earlier lives have stored; call it before anything is taken. */
  begin(life: number): void {
    this.#life = life;
  }

  /** What the store does not know yet. @param isLast every observation is told, however lately it was. */
  take(targets: Iterable<TargetRuntime>, isLast: boolean): BeliefNews {
    const nowMs = this.#time.nowMs();
    const beliefs = [...this.#left.values()];
    this.#left.clear();
    const observed: TargetRuntime[] = [];
    let newestMs = Number.NEGATIVE_INFINITY;
    for (const target of targets) {
      const { lastObservedMs, told } = target;
      if (lastObservedMs === undefined) continue;
      if (lastObservedMs > newestMs) newestMs = lastObservedMs;
      observed.push(target);
      if (told.place >= 0 && !told.isDirty) continue;
      if (told.place < 0) told.place = this.#free.pop() ?? this.#places++;
      told.isDirty = false;
      beliefs.push(this.#form(target, { life: this.#life, place: told.place }));
    }
    const isNew = newestMs >= this.#toldMs || beliefs.length > 0;
    const isDue = isLast || nowMs >= this.#toldMs + TOLD_MS;
    const isTold = observed.length > 0 && isNew && isDue;
    return { beliefs, seen: isTold ? this.#seen(observed, nowMs) : undefined };
  }

  /** The wall clock is another one: what was stored by the old one is told again. */
  restamp(targets: Iterable<TargetRuntime>): void {
    this.#toldMs = Number.NEGATIVE_INFINITY;
    for (const { told } of targets) told.isDirty = true;
  }

  /** A target is probed no more. @returns what is kept of it; undefined where it was never observed. */
  leave(target: TargetRuntime): StoredBelief | undefined {
    if (target.lastObservedMs === undefined) return undefined;
    if (target.told.place >= 0) this.#free.push(target.told.place);
    const belief = this.#form(target);
    this.#left.set(belief.targetId, belief);
    return belief;
  }

  /**
   * The store did not take these: it is told again what is true by then.
   *
   * @param left what is known of a target that is not observed now: the newest, whatever is put back.
   */
  putBack(
    beliefs: readonly StoredBelief[],
    targets: ReadonlyMap<string, TargetRuntime>,
    left: (targetId: string) => StoredBelief | undefined,
  ): void {
    this.#toldMs = Number.NEGATIVE_INFINITY;
    for (const { watch: _, ...belief } of beliefs) {
      const { targetId } = belief;
      const target = targets.get(targetId);
      // One that came back is known by what was seen of it before, until it is observed again.
      if (target?.lastObservedMs !== undefined) target.told.isDirty = true;
      else this.#left.set(targetId, left(targetId) ?? belief);
    }
  }

  #seen(observed: readonly TargetRuntime[], nowMs: number): BeliefsSeen {
    this.#toldMs = nowMs;
    const agesMs = new Uint32Array(this.#places).fill(NOBODY_MS);
    for (const { lastObservedMs = nowMs, told } of observed) {
      agesMs[told.place] = Math.min(NOBODY_MS - 1, Math.ceil(nowMs - lastObservedMs));
    }
    return { life: this.#life, wallMs: this.#time.wallMs(), agesMs };
  }

  #form(target: TargetRuntime, watch?: BeliefWatch): StoredBelief {
    const { id, health, lastObservedMs, tripwire } = target;
    const toWall = this.#time.wallMs() - this.#time.nowMs();
    return {
      targetId: id,
      belief: health.belief,
      sinceWallMs: Math.round(health.sinceMs + toWall),
      observedWallMs: Math.round((lastObservedMs ?? 0) + toWall),
      code: health.code,
      tripwire,
      ...(watch !== undefined && { watch }),
    };
  }
}
