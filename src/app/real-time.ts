// The world's clock, timers and randomness, behind the interfaces that everything else is given.

import { randomFillSync } from "node:crypto";
import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";

/** The machine's clocks; timers do not keep a thread alive that has nothing else to do. */
export const realTime: Time = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.max(0, delayMs)).unref();
    return () => clearTimeout(timer);
  },
};

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
