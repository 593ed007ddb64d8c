// A bounded memory of the newest entries: history without growth.

/**
 * The newest `capacity` entries of a stream. Immutable: `pushed` returns a new ring, `entriesOf` what
 * it holds. Rings that follow on one another share `log`, of which each knows its own part.
 */
export interface Ring<T> {
  readonly capacity: number;
  readonly log: T[];
  /** Where its part of the log ends. */
  readonly end: number;
}

/** An empty ring of `capacity` entries (1 or more). */
export function emptyRing<T>(capacity: number): Ring<T> {
  return { capacity, log: [], end: 0 };
}

/** `ring` with `entry` as its newest; the oldest makes room when it is full. Costs O(1) on average. */
export function pushed<T>({ capacity, log, end }: Ring<T>, entry: T): Ring<T> {
  const isNewest = log.length === end;
  if (isNewest && end < 2 * capacity) {
    // Nobody else can have used this place: whoever follows on an older ring gets a log of its own.
    log.push(entry);
    return { capacity, log, end: end + 1 };
  }
  const kept = log.slice(Math.max(0, end - capacity + 1), end);
  kept.push(entry);
  return { capacity, log: kept, end: kept.length };
}

/** What a ring holds, oldest first. */
export function entriesOf<T>({ capacity, log, end }: Ring<T>): readonly T[] {
  return log.slice(Math.max(0, end - capacity), end);
}
