// What is kept of addresses, whatever asks them: how they flapped, what an operator forced.

import type Database from "better-sqlite3";
import type { StoredDamping, StoredForced } from "../control/ports.ts";

interface DampingRow {
  readonly address: string;
  readonly penalty: number;
  readonly atWallMs: number;
  readonly isSuppressed: number;
}

interface ForcedRow extends Omit<StoredForced, "untilWallMs"> {
  readonly untilWallMs: number | null;
}

/** The statements over dampings and forced states. The caller opens transactions. */
export class AddressRows {
  readonly #putDamping;
  readonly #dampings;
  readonly #putForced;
  readonly #forced;
  readonly #pruneDampings;
  readonly #pruneForced;

  constructor(db: Database.Database) {
    this.#putDamping = db.prepare<[DampingRow]>(
      `INSERT OR REPLACE INTO dampings (address, penalty, at_wall_ms, is_suppressed)
       VALUES (:address, :penalty, :atWallMs, :isSuppressed)`,
    );
    this.#dampings = db.prepare<[], DampingRow>(
      `SELECT address, penalty, at_wall_ms AS atWallMs, is_suppressed AS isSuppressed
       FROM dampings ORDER BY address`,
    );
    this.#putForced = db.prepare<[ForcedRow]>(
      `INSERT OR REPLACE INTO forced_states
         (subject, state, since_wall_ms, until_wall_ms, actor, reason)
       VALUES (:address, :state, :sinceWallMs, :untilWallMs, :author, :reason)`,
    );
    this.#forced = db.prepare<[], ForcedRow>(
      `SELECT subject AS address, state, since_wall_ms AS sinceWallMs,
         until_wall_ms AS untilWallMs, actor AS author, reason
       FROM forced_states ORDER BY subject`,
    );
    this.#pruneDampings = db.prepare<[number]>("DELETE FROM dampings WHERE at_wall_ms < ?");
    this.#pruneForced = db.prepare<[number]>("DELETE FROM forced_states WHERE until_wall_ms < ?");
  }

  putDamping(damping: StoredDamping): void {
    this.#putDamping.run({ ...damping, isSuppressed: damping.isSuppressed ? 1 : 0 });
  }

  dampings(): StoredDamping[] {
    return this.#dampings.all().map((row) => ({ ...row, isSuppressed: row.isSuppressed === 1 }));
  }

  putForced(forced: StoredForced): void {
    this.#putForced.run({ ...forced, untilWallMs: forced.untilWallMs ?? null });
  }

  forced(): StoredForced[] {
    return this.#forced.all().map(({ untilWallMs, ...row }) => {
      return untilWallMs === null ? row : { ...row, untilWallMs };
    });
  }

  /** Forgets penalties that were last counted, and forced states that ended, before a wall time. */
  prune(before: number): void {
    this.#pruneDampings.run(before);
    this.#pruneForced.run(before);
  }
}
