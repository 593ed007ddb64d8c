// Planned moves, as operators order them and as they are told of them.

import type { PoolAnswer } from "./orders.ts";

/** An order to move an address's clients away. */
export interface DrainOrder {
  /** Canonical text of an address that a pool answers. */
  readonly address: string;
  readonly author: string;
  readonly reason: string;
  /** When the answer is to move; absent: as soon as it can. */
  readonly atWallMs?: number;
  /** Nothing is done: what would be is told. */
  readonly isDryRun?: boolean;
}

export type DrainStage = DrainReport["stage"];

/** A planned move of an address, beside a pool's member. Times are wall milliseconds. */
export interface DrainStatus {
  readonly stage: DrainStage;
  readonly author: string;
  readonly reason: string;
  /** Why it goes no further, where something is in the way. */
  readonly held?: string;
  /** When the address is taken out, as far as known; absent: it is. */
  readonly moveWallMs?: number;
  /** When no honest cache can hold it any more, as far as known; absent: none can. */
  readonly drainedWallMs?: number;
}

/** How far a planned move has come. Times are wall milliseconds, those ahead as far as known now. */
export interface DrainReport {
  readonly address: string;
  readonly author: string;
  readonly reason: string;
  readonly stage: "planned" | "lowering" | "moving" | "draining" | "drained" | "ended";
  /** Why it goes no further, where something is in the way. */
  readonly held?: string;
  /** What is still ahead. */
  readonly plan: {
    readonly lowerWallMs?: number;
    readonly moveWallMs?: number;
    readonly drainedWallMs?: number;
  };
  /** Whether the store has it: if not, a restart would not know of it. */
  readonly isDurable: boolean;
  readonly nowWallMs: number;
  /** The pools that have the address, as they answer now. */
  readonly pools: readonly PoolAnswer[];
}
