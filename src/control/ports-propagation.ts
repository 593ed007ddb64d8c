// What control asks of the store about swaps that spread.

/** A swap's propagation as it is kept. Times are wall milliseconds. */
export interface StoredPropagation {
  readonly swapId: number;
  readonly openedWallMs: number;
  /** Undefined while the old answer may still be held. */
  readonly drainedWallMs?: number;
  /** The book as JSON, opaque to the store. */
  readonly story: string;
}

/** The part of the store that keeps them. */
export interface PropagationStore {
  /** Replaces what is kept of these swaps. */
  savePropagations(propagations: readonly StoredPropagation[]): Promise<void>;
  /** Newest first, at most `limit`. */
  readPropagations(limit: number): Promise<readonly StoredPropagation[]>;
}
