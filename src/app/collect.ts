// What the engine is told of our memory. It counts memory outside its heap by the octet but returns it
// only when it next collects, which a quiet thread may never do; and it guesses how long objects live.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/**
 * Collects this thread's garbage now: a few milliseconds with a small heap. For after work that used
 * far more memory than what it leaves behind.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    // The flag concerns contexts that are made from here on, so that the function is found in one.
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}

/**
 * Has every object begin among the young, in all threads, from here on. The engine watches how long
 * what a line makes lives, and puts all of it among the old for good where that was long once, as it is
 * while a server with ten thousand targets starts: what probes leave behind each second would then be
 * collected every quarter of a minute only, out of twice the memory.
 */
export function beginYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
