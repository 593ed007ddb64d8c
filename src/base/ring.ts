// A bounded memory of the newest entries: history without growth.

/** The newest `capacity` entries of a stream, oldest first. Immutable: `pushed` returns a new ring. */
export interface Ring<T> {
  readonly capacity: number;
  readonly entries: readonly T[];
}

/** An empty ring of `capacity` entries (1 or more). */
export function emptyRing<T>(capacity: number): Ring<T> {
  return { capacity, entries: [] };
}

/** `ring` with `entry` as its newest; the oldest makes room when it is full. Costs O(capacity). */
export function pushed<T>(ring: Ring<T>, entry: T): Ring<T> {
  const kept =
    ring.entries.length < ring.capacity
      ? ring.entries
      : ring.entries.slice(ring.entries.length - ring.capacity + 1);
  return { capacity: ring.capacity, entries: [...kept, entry] };
}
