// What becomes of a swap after it is visible: when the store had it, and when its answer was first
// given to anybody. Monotonic milliseconds, undefined while it has not come to that.

import type { LedgerReader } from "../answer/ledger-reader.ts";
import type { Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { event } from "../events/event.ts";
import type { EventSink } from "./ports.ts";

/** Moments of one swap, filled in as they come. */
export interface SwapMoments {
  storedMs?: number;
  givenMs?: number;
}

/** A swap that has just become visible. */
interface Visible {
  readonly id: number;
  readonly slot: number;
  readonly eraBefore: number;
  readonly atMs: number;
  readonly stored: Promise<void>;
}

/** Swaps that nobody asks about are waited for no longer than this many newer ones. */
const WAITING_MAX = 2000;
const WAIT_MS = 60_000;

/** Follows the newest swap of each slot. */
export class MomentKeeper {
  readonly #time: Time;
  readonly #reader: Pick<LedgerReader, "firstAfterMs">;
  readonly #changed: (id: number) => void;
  readonly #emit: EventSink;
  #newestMs = Number.NEGATIVE_INFINITY;
  /** By slot: those whose answer nobody was given yet. */
  readonly #waiting = new Map<number, Visible & { readonly moments: SwapMoments }>();

  /** @param changed is told which swap a moment was added to. */
  constructor(
    { time, emit }: { readonly time: Time; readonly emit: EventSink },
    reader: Pick<LedgerReader, "firstAfterMs">,
    changed: (id: number) => void,
  ) {
    this.#time = time;
    this.#emit = emit;
    this.#reader = reader;
    this.#changed = changed;
  }

  /** Follows a swap. @returns its moments, which fill as they come. */
  follow(swap: Visible): SwapMoments {
    const moments: SwapMoments = {};
    this.#newestMs = swap.atMs;
    this.#waiting.delete(swap.slot);
    this.#waiting.set(swap.slot, { ...swap, moments });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > WAITING_MAX && oldest !== undefined) this.#waiting.delete(oldest);
    void swap.stored.then(() => {
      moments.storedMs = this.#time.nowMs();
      this.#changed(swap.id);
    });
    return moments;
  }

  /** Whether the first client of a fresh swap is still waited for: afterwards whoever asks looks. */
  get isWaiting(): boolean {
    return this.#newestMs > this.#time.nowMs() - WAIT_MS && this.#waiting.size > 0;
  }

  /** Reads the ledger, which only knows the newest answers of a slot: of one, or of all. */
  look(only?: number): void {
    if (only === undefined) for (const slot of [...this.#waiting.keys()]) this.#lookAt(slot);
    else this.#lookAt(only);
  }

  #lookAt(slot: number): void {
    const waiting = this.#waiting.get(slot);
    if (waiting === undefined) return;
    const { id, eraBefore, atMs, moments } = waiting;
    const firstMs = this.#reader.firstAfterMs(slot, eraBefore);
    if (firstMs === undefined) return;
    // The ledger counts in tenths of a second.
    moments.givenMs = Math.max(atMs, firstMs);
    this.#waiting.delete(slot);
    const afterMs = Math.round(moments.givenMs - atMs);
    const msg = `Swap ${id}: its answer was first given after ${formatDuration(afterMs)}`;
    this.#emit(event("swap.given", msg, { swap: id, afterMs }));
    this.#changed(id);
  }
}

/** The moments on another clock. */
export function shiftMoments({ storedMs, givenMs }: SwapMoments, byMs: number): SwapMoments {
  return {
    ...(storedMs !== undefined && { storedMs: Math.round(storedMs + byMs) }),
    ...(givenMs !== undefined && { givenMs: Math.round(givenMs + byMs) }),
  };
}
