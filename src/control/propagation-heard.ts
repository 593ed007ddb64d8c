// What somebody who was asked says of swaps: by what it answers now it has moved to the newest answer,
// or it still gives the one before some swap.

import type { Sight } from "../propagation/book.ts";
import type { Tracked } from "./propagation-story.ts";

/** What was answered for a name. */
export interface Heard extends Omit<Sight, "answer"> {
  /** The records, as `printRdata` writes them in lower case. */
  readonly texts: readonly string[];
  /** They are what is answered here now. */
  readonly isCurrent: boolean;
}

/** A sight and the swap that it is of. */
export interface Meant {
  readonly of: Tracked;
  readonly sight: Sight;
}

/**
 * Which swaps of a name's answer it tells of; `swaps` are the oldest first.
 *
 *   what it answers                    of which swap
 *   what is answered now               the newest, and those whose old answer it was seen to give
 *   the old answer of one or several   the newest of these
 *   something else                     none
 */
export function meantBy(
  swaps: readonly Tracked[],
  { texts, isCurrent, ...seen }: Heard,
): readonly Meant[] {
  const meant = (of: Tracked, answer: Sight["answer"]): Meant => ({
    of,
    sight: { ...seen, answer },
  });
  if (isCurrent) {
    const newest = swaps.at(-1);
    return swaps
      .filter(({ book: { witnesses } }, index) => {
        const before = witnesses.find(({ resolver }) => resolver === seen.resolver);
        return swaps[index] === newest || before?.answer === "old";
      })
      .map((of) => meant(of, "new"));
  }
  const gave = swaps.findLast(({ old, isPicked }) => {
    const isPart = texts.length > 0 && texts.every((text) => old.includes(text));
    return isPart && (isPicked || new Set(texts).size === new Set(old).size);
  });
  return gave === undefined ? [] : [meant(gave, "old")];
}
