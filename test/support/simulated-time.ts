// Simulated time for tests that also wait for promises.

import { SteppedTime } from "../../src/base/stepped-time.ts";

/** A `SteppedTime` that lets every promise settle between two timers. */
export class SimulatedTime extends SteppedTime {
  /** Lets `durationMs` pass; between two timers every promise that can settle does. */
  async advance(durationMs: number): Promise<void> {
    const untilMs = this.nowMs() + durationMs;
    await settle();
    while (await this.step(untilMs)) {
      // Each step is one timer.
    }
  }

  /**
   * Runs the next timer, and then every promise that can settle, or passes to `untilMs` when there
   * is none before.
   *
   * @returns whether a timer ran.
   */
  async step(untilMs: number): Promise<boolean> {
    if (!this.runNext(untilMs)) return false;
    await drainPromises();
    return true;
  }
}

/**
 * Gives every promise that is already decided its turn, and every one that is decided by those. The
 * tick queue is served when the queue of promises is empty: much quicker than a turn of the loop.
 */
export function drainPromises(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The same after a turn of the event loop, for tests that also wait for real sockets or threads. */
export async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
