// Planned moves that have not ended, one for each address.

import type Database from "better-sqlite3";
import type { DrainRecord } from "../control/ports-drains.ts";

interface Row extends Omit<DrainRecord, "boundWallMs"> {
  readonly boundWallMs: number | null;
}

/** The statements over planned moves. The caller opens transactions. */
export class DrainRows {
  readonly #put;
  readonly #all;
  readonly #drop;

  constructor(db: Database.Database) {
    this.#put = db.prepare<[Row]>(
      `INSERT OR REPLACE INTO drains
         (address, author, reason, ordered_wall_ms, at_wall_ms, stage, bound_wall_ms)
       VALUES (:address, :author, :reason, :orderedWallMs, :atWallMs, :stage, :boundWallMs)`,
    );
    this.#all = db.prepare<[], Row>(
      `SELECT address, author, reason, ordered_wall_ms AS orderedWallMs, at_wall_ms AS atWallMs,
         stage, bound_wall_ms AS boundWallMs
       FROM drains ORDER BY address`,
    );
    this.#drop = db.prepare<[string]>("DELETE FROM drains WHERE address = ?");
  }

  put(drain: DrainRecord): void {
    if (drain.stage === "ended") this.#drop.run(drain.address);
    else this.#put.run({ ...drain, boundWallMs: drain.boundWallMs ?? null });
  }

  all(): readonly DrainRecord[] {
    return this.#all.all().map(({ boundWallMs, ...row }) => {
      return boundWallMs === null ? row : { ...row, boundWallMs };
    });
  }
}
