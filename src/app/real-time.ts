// The world's clock, timers and randomness, behind the interfaces that everything else is given.

import { randomFillSync } from "node:crypto";
// The global of this name is looked up anew at each use.
import { performance } from "node:perf_hooks";
import type { Cancel, Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";

/** Node runs a timer at once whose delay does not fit into 31 bits: 24.8 days. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** A thread's own monotonic clock begins with the thread; the machine's is the same for all of them. */
const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The machine's clocks; timers do not keep a thread alive that has nothing else to do. */
export const realTime: Time = {
  nowMs: () => originMs + performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    if (delayMs <= 0) {
      // In the next turn of the loop, behind what has come in meanwhile. A timer of Node would wait for
      // a millisecond, which work done by the slice would lose each time. It keeps a thread alive for
      // this one turn: without a reference, it would not be come to while nothing else happens.
      const turn = setImmediate(run);
      return () => clearImmediate(turn);
    }
    if (delayMs > DELAY_MAX_MS) return afterLong(delayMs, run);
    const timer = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

function afterLong(delayMs: number, run: () => void): Cancel {
  let restMs = delayMs;
  const wait = (): NodeJS.Timeout => {
    const partMs = Math.min(restMs, DELAY_MAX_MS);
    restMs -= partMs;
    return setTimeout(restMs === 0 ? run : again, partMs).unref();
  };
  const again = (): void => {
    timer = wait();
  };
  let timer = wait();
  return () => clearTimeout(timer);
}

const pool = new Uint32Array(256);
let next = pool.length;

/** The operating system's randomness, drawn in pages: fit for secrets. */
export const realRandom: Random = {
  uint32: () => {
    if (next === pool.length) {
      randomFillSync(pool);
      next = 0;
    }
    return pool[next++] ?? 0;
  },
  fraction: () => realRandom.uint32() / 0x1_0000_0000,
};
