// What is remembered of targets and pools that are not there at the moment: from before the start,
// and from before an edit took them away.

import type { Clock } from "../base/clock.ts";
import { nameKey } from "../dns/name.ts";
import type { Handover } from "../failover/handover.ts";
import type { RememberedBelief } from "../health/target.ts";
import type { StoredServing, SwapRecord } from "./ports.ts";
import type { StoredBelief } from "./ports-beliefs.ts";
import type { StoredHandover } from "./ports-hooks.ts";

/** Beliefs about targets that are not probed are kept this long, lest they add up. */
const KEPT_MS = 3_600_000;

/** Beliefs and servings that wait for their targets and pools. */
export class Memories {
  readonly #clock: Clock;
  readonly #beliefs = new Map<string, StoredBelief>();
  readonly #servings = new Map<string, StoredServing>();
  /** By owner. */
  readonly #handovers = new Map<string, Handover>();
  /** By type and owner: monotonic moments, oldest first. */
  readonly #swapsMs = new Map<string, number[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes up what was believed and served before a restart, and the newest swaps. */
  restore(stored: {
    readonly beliefs: readonly StoredBelief[];
    readonly servings: readonly StoredServing[];
    readonly handovers: readonly StoredHandover[];
    readonly swaps: readonly SwapRecord[];
  }): void {
    for (const { owner, handover } of stored.handovers) {
      if (handover !== undefined) this.#handovers.set(nameKey(owner), handover);
    }
    for (const belief of stored.beliefs) this.#beliefs.set(belief.targetId, belief);
    for (const serving of stored.servings) this.#servings.set(answerKey(serving), serving);
    const nowMs = this.#clock.nowMs();
    const toNow = nowMs - this.#clock.wallMs();
    for (const swap of stored.swaps.toSorted((a, b) => a.id - b.id)) {
      const moments = this.#swapsMs.get(answerKey(swap)) ?? [];
      moments.push(Math.min(nowMs, swap.decidedWallMs + toNow));
      this.#swapsMs.set(answerKey(swap), moments);
    }
  }

  /** What is known of a target that is probed (again). */
  belief(targetId: string): StoredBelief | undefined {
    return this.#beliefs.get(targetId);
  }

  /** Keeps what is known of a target that is probed no more. */
  keep(belief: StoredBelief): void {
    this.#beliefs.set(belief.targetId, belief);
  }

  /** Forgets what is too old to count for anybody. */
  prune(): void {
    const oldWallMs = this.#clock.wallMs() - KEPT_MS;
    for (const [id, { observedWallMs }] of this.#beliefs) {
      if (observedWallMs < oldWallMs) this.#beliefs.delete(id);
    }
  }

  /** What was served when this process started; once, since later it is served no more. */
  takeServing(key: string): StoredServing | undefined {
    const serving = this.#servings.get(key);
    this.#servings.delete(key);
    return serving;
  }

  /** How far a pool's handover was when this process started; once, since later it is its own. */
  takeHandover(key: string): Handover | undefined {
    const handover = this.#handovers.get(key);
    this.#handovers.delete(key);
    return handover;
  }

  /** When the swaps of an answer were that earlier runs made, oldest first. */
  swapsMs(key: string): readonly number[] {
    return this.#swapsMs.get(key) ?? [];
  }

  /** The start is over: pools that were not there then begin with what is answered when they come. */
  forgetServings(): void {
    this.#servings.clear();
  }

  /**
   * A stored belief with its moments on the monotonic clock. None of them lies in the future, as
   * those written before the wall clock was set back would: nothing could count against them.
   */
  revived(stored: StoredBelief): RememberedBelief {
    const nowMs = this.#clock.nowMs();
    const toNow = nowMs - this.#clock.wallMs();
    return {
      belief: stored.belief,
      sinceMs: Math.min(nowMs, stored.sinceWallMs + toNow),
      observedMs: Math.min(nowMs, stored.observedWallMs + toNow),
      code: stored.code,
    };
  }
}

function answerKey(answer: Pick<StoredServing, "type" | "owner">): string {
  return `${answer.type} ${nameKey(answer.owner)}`;
}
