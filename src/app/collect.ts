// Asking the engine to let go of memory that is not used any more. It counts memory outside its heap
// by the octet but returns it only when it next collects, which a quiet thread may never do.

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
