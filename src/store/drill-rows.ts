// Drills, finished and running.

import type Database from "better-sqlite3";
import type { DrillRecord } from "../control/ports-drills.ts";

/** Drills that are kept: years of weekly ones of a few pools. */
const KEPT_MAX = 10_000;

type Row = Omit<DrillRecord, "movedMs" | "backMs"> & {
  readonly movedMs: number | null;
  readonly backMs: number | null;
};

/** The statements over drills. The caller opens transactions. */
export class DrillRows {
  readonly #put;
  readonly #newest;
  readonly #excess;

  constructor(db: Database.Database) {
    this.#put = db.prepare<[Row]>(
      `INSERT INTO drills VALUES (:id, :pool, :member, :author, :forMs, :startedWallMs, :outcome,
         :reason, :movedMs, :backMs)
       ON CONFLICT (id) DO UPDATE SET outcome = :outcome, reason = :reason, moved_ms = :movedMs,
         back_ms = :backMs`,
    );
    this.#newest = db.prepare<[number], Row>(
      `SELECT id, pool, member, author, for_ms AS forMs, started_wall_ms AS startedWallMs, outcome,
         reason, moved_ms AS movedMs, back_ms AS backMs
       FROM drills ORDER BY id DESC LIMIT ?`,
    );
    this.#excess = db.prepare<[number]>("DELETE FROM drills WHERE id <= ?");
  }

  put(drill: DrillRecord): void {
    this.#put.run({ ...drill, movedMs: drill.movedMs ?? null, backMs: drill.backMs ?? null });
    this.#excess.run(drill.id - KEPT_MAX);
  }

  newest(limit: number): readonly DrillRecord[] {
    return this.#newest.all(limit).map(({ movedMs, backMs, ...row }) => ({
      ...row,
      ...(movedMs !== null && { movedMs }),
      ...(backMs !== null && { backMs }),
    }));
  }
}
