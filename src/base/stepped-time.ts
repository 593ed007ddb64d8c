// Time that somebody moves by hand: timers run in order, at exactly their moment. Fast enough for
// simulations of weeks: a heap of timers, and no turn of the event loop between two of them.

import type { Cancel, Time } from "./clock.ts";

interface Planned {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once it has run or was taken back. */
  run: (() => void) | undefined;
}

/** A `Time` that stands still until it is told to go on. */
export class SteppedTime implements Time {
  #nowMs = 1000;
  #wallOffsetMs = Date.UTC(2026, 0, 1);
  #order = 0;
  /** A binary heap: the earliest first, equal moments in the order they were planned. */
  readonly #heap: Planned[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const planned: Planned = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      run,
    };
    this.#push(planned);
    return () => {
      planned.run = undefined;
    };
  }

  /** Moves the wall clock alone, as a step of NTP does. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets time pass without running a timer, as a loop that stands still does. */
  stall(byMs: number): void {
    this.#nowMs += byMs;
  }

  /**
   * Runs the next timer, or passes to `untilMs` when there is none before.
   *
   * @returns whether there was one.
   */
  runNext(untilMs: number): boolean {
    let next = this.#heap[0];
    // Two timers of three are taken back before their time: nothing happens at it.
    while (next !== undefined && next.run === undefined) {
      this.#pop();
      next = this.#heap[0];
    }
    if (next === undefined || next.atMs > untilMs) {
      this.#nowMs = Math.max(this.#nowMs, untilMs);
      return false;
    }
    this.#pop();
    const { run } = next;
    if (run === undefined) return true;
    next.run = undefined;
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    run();
    return true;
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(planned, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = planned;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const child = earlierChild(heap, at);
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function earlierChild(heap: readonly Planned[], parent: number): number {
  const left = heap[2 * parent + 1];
  const right = heap[2 * parent + 2];
  const isRight = left !== undefined && right !== undefined && isBefore(right, left);
  return 2 * parent + (isRight ? 2 : 1);
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
