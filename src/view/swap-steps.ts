// What a swap went through, step by step, as every face tells it.

import type { SwapView } from "./state.ts";

/** A moment in the life of a swap. */
export interface SwapStep {
  readonly what: "sure" | "hooks" | "answered" | "given" | "stored" | "drained";
  /** Since the step that it follows; absent: it is still to come. */
  readonly tookMs?: number;
  /** The step that it follows: the fault before all others, where there was one. */
  readonly after: "fault" | "sure" | "hooks" | "answered";
}

/**
 * The steps of a swap, in the order in which one leads to the next.
 *
 *   fault → sure → (hooks →) answered → given, stored, drained
 *
 * The last three follow the answer each for itself. A swap without a fault begins at `sure`, which is
 * then not listed. What is still to come is listed where the log says that it will.
 */
export function stepsOf(swap: SwapView): readonly SwapStep[] {
  const { detectMs, publishMs, hooksMs, givenMs, storedMs, isDurable, spread } = swap;
  const steps: SwapStep[] = [];
  if (detectMs !== undefined) steps.push({ what: "sure", after: "fault", tookMs: detectMs });
  if (hooksMs !== undefined) steps.push({ what: "hooks", after: "sure", tookMs: hooksMs });
  const before = hooksMs === undefined ? "sure" : "hooks";
  steps.push({ what: "answered", after: before, tookMs: publishMs - (hooksMs ?? 0) });
  if (givenMs !== undefined) steps.push({ what: "given", after: "answered", tookMs: givenMs });
  if (storedMs !== undefined) steps.push({ what: "stored", after: "answered", tookMs: storedMs });
  else if (!isDurable) steps.push({ what: "stored", after: "answered" });
  if (spread !== undefined) {
    const { openedMs, drainedMs } = spread;
    const took = drainedMs === undefined ? {} : { tookMs: drainedMs - openedMs };
    steps.push({ what: "drained", after: "answered", ...took });
  }
  return steps;
}
