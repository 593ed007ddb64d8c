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
  /** As they are kept from now on. */
  #left: StoredBelief[] = [];
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
    const beliefs = this.#left;
    this.#left = [];
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

  /** A target is probed no more. @returns what is kept of it; undefined where it was never observed. */
  leave(target: TargetRuntime): StoredBelief | undefined {
    if (target.lastObservedMs === undefined) return undefined;
    if (target.told.place >= 0) this.#free.push(target.told.place);
    const belief = this.#form(target);
    this.#left.push(belief);
    return belief;
  }

  /** The store did not take these: it is told again what is true by then. */
  putBack(beliefs: readonly StoredBelief[], targets: ReadonlyMap<string, TargetRuntime>): void {
    this.#toldMs = Number.NEGATIVE_INFINITY;
    const again = new Set(this.#left.map(({ targetId }) => targetId));
    for (const { watch: _, ...belief } of beliefs) {
      const target = targets.get(belief.targetId);
      // One that came back is known by what was seen of it before, until it is observed again.
      if (target?.lastObservedMs !== undefined) target.told.isDirty = true;
      else if (!again.has(belief.targetId)) this.#left.push(belief);
    }
  }

  #seen(observed: readonly TargetRuntime[], nowMs: number): BeliefsSeen {
    this.#toldMs = nowMs;
    const agesMs = new Uint32Array(this.#places).fill(NOBODY_MS);
    for (const { lastObservedMs = nowMs, told } of observed) {
      agesMs[told.place] = Math.ceil(nowMs - lastObservedMs);
    }
    return { life: this.#life, wallMs: this.#time.wallMs(), agesMs };
  }

  #form(target: TargetRuntime, watch?: BeliefWatch): StoredBelief {
    const { id, health, lastObservedMs, lastCode, tripwire } = target;
    const toWall = this.#time.wallMs() - this.#time.nowMs();
    return {
      targetId: id,
      belief: health.belief,
      sinceWallMs: Math.round(health.sinceMs + toWall),
      observedWallMs: Math.round((lastObservedMs ?? 0) + toWall),
      code: lastCode,
      tripwire,
      ...(watch !== undefined && { watch }),
    };
  }
}
