// How far swaps have spread.

import type Database from "better-sqlite3";
import type { StoredPropagation } from "../control/ports-propagation.ts";

interface Row extends Omit<StoredPropagation, "drainedWallMs"> {
  readonly drainedWallMs: number | null;
}

/** The statements over propagations. The caller opens transactions. */
export class PropagationRows {
  readonly #put;
  readonly #newest;
  readonly #prune;

  constructor(db: Database.Database) {
    this.#put = db.prepare<[Row]>(
      `INSERT OR REPLACE INTO propagations (swap_id, opened_wall_ms, drained_wall_ms, story)
       VALUES (:swapId, :openedWallMs, :drainedWallMs, :story)`,
    );
    this.#newest = db.prepare<[number], Row>(
      `SELECT swap_id AS swapId, opened_wall_ms AS openedWallMs,
         drained_wall_ms AS drainedWallMs, story
       FROM propagations ORDER BY swap_id DESC LIMIT ?`,
    );
    this.#prune = db.prepare<[number, number]>(
      `DELETE FROM propagations WHERE swap_id IN (
         SELECT swap_id FROM propagations WHERE opened_wall_ms < ? LIMIT ?)`,
    );
  }

  put(propagation: StoredPropagation): void {
    this.#put.run({ ...propagation, drainedWallMs: propagation.drainedWallMs ?? null });
  }

  newest(limit: number): StoredPropagation[] {
    return this.#newest.all(limit).map(({ drainedWallMs, ...row }) => {
      return drainedWallMs === null ? row : { ...row, drainedWallMs };
    });
  }

  /** Deletes those opened before a wall time, at most `limit` at once; returns how many it were. */
  prune(before: number, limit: number): number {
    return this.#prune.run(before, limit).changes;
  }
}
