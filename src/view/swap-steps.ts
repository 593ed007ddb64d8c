// What a swap went through, step by step, as every face tells it.

import type { SwapView } from "./state.ts";
import { formatTook } from "./words.ts";

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

const NAMES: Readonly<Record<SwapStep["what"], string>> = {
  ...{ sure: "sure, and decided", hooks: "hooks have run", answered: "answered" },
  ...{ given: "first given", stored: "stored", drained: "drained" },
};

/** What is called so everywhere. */
export function stepName({ what }: SwapStep): string {
  return NAMES[what];
}

/** How a swap begins: what comes before its first step. */
export function beginningOf({ detectMs }: SwapView): {
  readonly name: string;
  readonly detail: string;
} {
  return detectMs === undefined
    ? { name: "decided", detail: "no fault led to it" }
    : { name: "first failed probe", detail: "the fault" };
}

/** `101 ms after the fault`, `not yet`. */
export function stepTime({ tookMs, after }: SwapStep, { detectMs }: SwapView): string {
  if (tookMs === undefined) return "not yet";
  const from = after === "sure" && detectMs === undefined ? "decided" : after;
  return `${formatTook(tookMs)} after ${from === "fault" ? "the fault" : from}`;
}

/** A part of a swap as a bar draws it. */
export interface StepPart {
  readonly what: "sure" | "hooks" | "answered";
  /** Of 100. */
  readonly left: number;
  readonly width: number;
}

/** Below this share a part could not be seen. */
const PART_LEAST = 1;

/** From the fault to the answer, to scale; empty where no fault led to it. */
export function stepBar(swap: SwapView): readonly StepPart[] {
  if (swap.detectMs === undefined) return [];
  const parts = stepsOf(swap).flatMap(({ what, tookMs = 0 }) => {
    return isBeforeAnswer(what) ? [{ what, ms: Math.max(tookMs, 1e-3) }] : [];
  });
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  const shares = parts.map(({ ms }) => Math.max(PART_LEAST, (ms / total) * 100));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  let left = 0;
  return parts.map(({ what }, i) => {
    const part = { what, left, width: ((shares[i] ?? 0) / whole) * 100 };
    left += part.width;
    return part;
  });
}

function isBeforeAnswer(what: SwapStep["what"]): what is StepPart["what"] {
  return what === "sure" || what === "hooks" || what === "answered";
}
