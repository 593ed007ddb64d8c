// Whether what was expected was seen, in its time.

import type { Expectation, Sight } from "./scenario.ts";
import type { Entry } from "./timeline.ts";

/** What became of one expectation. */
export interface Verdict {
  readonly expected: Expectation;
  /** When its step was done. */
  readonly stepMs: number;
  /** The entry that was waited for, or that should not have been. */
  readonly seen: Entry | undefined;
}

/** Whether an entry is what is looked for. */
export function isSight({ source, phrases }: Sight, entry: Entry): boolean {
  if (source !== "any" && source !== entry.source) return false;
  const said = `${entry.event} ${entry.text}`;
  return phrases.every((phrase) => said.includes(phrase));
}

/** Whether it is as it should be; an expectation that still waits is not. */
export function isMet({ expected, seen }: Verdict): boolean {
  return expected.isNever === (seen === undefined);
}

/** Collects verdicts, entry by entry, in the order of their times. */
export class Judge {
  #verdicts: readonly Verdict[] = [];
  readonly #patience: number;

  /** @param patience upper ends of windows are so many times later: for machines that are busy. */
  constructor(patience = 1) {
    this.#patience = patience;
  }

  /** A step was done: from now on its expectations are looked for. */
  expect(expected: readonly Expectation[], stepMs: number): void {
    const added = expected.map((one) => ({ expected: one, stepMs, seen: undefined }));
    this.#verdicts = [...this.#verdicts, ...added];
  }

  /** Looks at an entry; returns the expectations that it settles. */
  take(entry: Entry): readonly Verdict[] {
    const settled: Verdict[] = [];
    this.#verdicts = this.#verdicts.map((verdict) => {
      if (verdict.seen !== undefined || !this.#isIn(verdict, entry)) return verdict;
      if (!isSight(verdict.expected, entry)) return verdict;
      const seen = { ...verdict, seen: entry };
      settled.push(seen);
      return seen;
    });
    return settled;
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  #isIn({ expected, stepMs }: Verdict, { atMs }: Entry): boolean {
    const { fromMs, untilMs, isNever } = expected;
    const beginMs = stepMs + fromMs;
    // What a step was done upon may have the same millisecond, and is not what followed.
    if (isNever) return atMs > beginMs && atMs <= stepMs + untilMs;
    return atMs >= beginMs && atMs <= stepMs + untilMs * this.#patience;
  }
}
