// What is believed of targets. When each was observed last is kept once for all that a life of control
// watches, in one row: it changes ten thousand times a second, and the rest hardly ever.

import type Database from "better-sqlite3";
import { type BeliefsSeen, NOBODY_MS, type StoredBelief } from "../control/ports-beliefs.ts";

type Row = Omit<StoredBelief, "watch"> & {
  readonly id: number;
  readonly life: number | null;
  readonly place: number | null;
};

interface LifeRow {
  readonly id: number;
  readonly wall_ms: number;
  readonly ages_ms: Buffer;
}

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
    this.#lives = db.prepare<[], LifeRow>("SELECT id, wall_ms, ages_ms FROM lives");
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

  /**
   * Forgets beliefs that were observed before `before`; how many it were. What the newest life watches
   * stays: that life takes it to be here.
   */
  prune(before: number): number {
    const newest = this.nextLife() - 1;
    const old = this.#rows().filter(({ observedWallMs, life }) => {
      return observedWallMs < before && life !== newest;
    });
    for (const { id } of old) this.#delete.run(id);
    this.#deleteLives.run();
    return old.length;
  }

  /** All rows, with the time of the last observation that is known in any way. */
  #rows(): Row[] {
    const lives = new Map(this.#lives.all().map((life) => [life.id, seenBy(life)]));
    return this.#all.all().map((row) => {
      const life = row.life === null ? undefined : lives.get(row.life);
      const ageMs = life?.agesMs[row.place ?? 0];
      if (life === undefined || ageMs === undefined || ageMs === NOBODY_MS) return row;
      return { ...row, observedWallMs: Math.max(row.observedWallMs, life.wallMs - ageMs) };
    });
  }
}

/** Copied, so that the numbers lie as the processor wants them. */
function seenBy({ id, wall_ms: wallMs, ages_ms: octets }: LifeRow): BeliefsSeen {
  return { life: id, wallMs, agesMs: new Uint32Array(new Uint8Array(octets).buffer) };
}
