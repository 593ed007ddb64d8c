// What a store keeps of planned moves.

import type { DrainStage } from "../propagation/drain.ts";

/** A planned move of an address. Times are wall milliseconds. */
export interface DrainRecord {
  readonly address: string;
  readonly author: string;
  readonly reason: string;
  readonly orderedWallMs: number;
  /** Not before this does the answer move. */
  readonly atWallMs: number;
  readonly stage: DrainStage;
  /** When the last copy that was given for longer ends, where it is known. */
  readonly boundWallMs?: number;
}

/** The store's part. */
export interface DrainStore {
  /** Replaces what is kept of this address; one that has ended is forgotten. Durable when it resolves. */
  saveDrain(drain: DrainRecord): Promise<void>;
  /** All that have not ended. */
  readDrains(): Promise<readonly DrainRecord[]>;
}
