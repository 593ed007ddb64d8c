// What is believed of targets. When each was observed last is kept once for all that a life of control
// watches, in one row: it changes ten thousand times a second, and the rest hardly ever.

import type Database from "better-sqlite3";
import { type BeliefsSeen, NOBODY_MS, type StoredBelief } from "../control/ports-beliefs.ts";

type Row = Omit<StoredBelief, "watch"> & {
  readonly id: number;
  readonly life: number | null;
  readonly place: number | null;
};

/** The statements over beliefs and lives. The caller opens transactions. */
export class BeliefRows {
  readonly #put;
  readonly #all;
  readonly #see;
  readonly #lives;
  readonly #nextLife;
  readonly #delete;
  readonly #deleteLives;

  constructor(db: Database.Database) {
    this.#put = db.prepare<
      [number, string, number, number, string, number | undefined, number | undefined]
    >("INSERT OR REPLACE INTO beliefs VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#all = db.prepare<[], Row>(
      `SELECT target_id AS id, name AS targetId, belief, since_wall_ms AS sinceWallMs,
         observed_wall_ms AS observedWallMs, code, tripwire, life, place
       FROM beliefs JOIN targets ON targets.id = target_id ORDER BY target_id`,
    );
    this.#see = db.prepare<[number, number, Buffer]>(
      "INSERT OR REPLACE INTO lives VALUES (?, ?, ?)",
    );
    this.#lives = db.prepare<[], { id: number; wall_ms: number; ages_ms: Buffer }>(
      "SELECT id, wall_ms, ages_ms FROM lives",
    );
    // A life may have stored beliefs and not yet told when they were observed.
    this.#nextLife = db
      .prepare<[], number>(
        `SELECT 1 + max(coalesce((SELECT max(id) FROM lives), 0),
                        coalesce((SELECT max(life) FROM beliefs), 0))`,
      )
      .pluck();
    this.#delete = db.prepare<[number]>("DELETE FROM beliefs WHERE target_id = ?");
    this.#deleteLives = db.prepare<[]>(
      "DELETE FROM lives WHERE id NOT IN (SELECT life FROM beliefs WHERE life IS NOT NULL)",
    );
  }

  put(targetId: number, stored: StoredBelief): void {
    const { belief, sinceWallMs, observedWallMs, code, watch } = stored;
    const { life, place } = watch ?? {};
    this.#put.run(targetId, belief, sinceWallMs, observedWallMs, code, life, place);
  }

  /** Takes when all beliefs of a life were observed. */
  see({ life, wallMs, agesMs }: BeliefsSeen): void {
    this.#see.run(life, wallMs, Buffer.from(agesMs.buffer, agesMs.byteOffset, agesMs.byteLength));
  }

  all(): StoredBelief[] {
    return this.#rows().map(({ id: _, life: __, place: ___, ...belief }) => belief);
  }

  /** A number that no life has of which something is kept. */
  nextLife(): number {
    return this.#nextLife.get() ?? 1;
  }

  /** Forgets beliefs that were observed before `before`; how many it were. */
  prune(before: number): number {
    const old = this.#rows().filter(({ observedWallMs }) => observedWallMs < before);
    for (const { id } of old) this.#delete.run(id);
    this.#deleteLives.run();
    return old.length;
  }

  /** All rows, with the time of the last observation that is known in any way. */
  #rows(): Row[] {
    const lives = new Map(this.#lives.all().map((life) => [life.id, life]));
    return this.#all.all().map((row) => {
      const life = row.life === null ? undefined : lives.get(row.life);
      const at = 4 * (row.place ?? 0);
      if (life === undefined || at >= life.ages_ms.length) return row;
      const ageMs = life.ages_ms.readUInt32LE(at);
      if (ageMs === NOBODY_MS) return row;
      return { ...row, observedWallMs: Math.max(row.observedWallMs, life.wall_ms - ageMs) };
    });
  }
}
