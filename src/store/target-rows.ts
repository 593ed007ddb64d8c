// Targets, what is believed of them, and their observations by the minute.

import type Database from "better-sqlite3";
import type { ObservationRollup } from "../control/ports.ts";
import type { BeliefsSeen, StoredBelief } from "../control/ports-beliefs.ts";
import { BeliefRows } from "./belief-rows.ts";

/** The statements over targets, beliefs and observations. The caller opens transactions. */
export class TargetRows {
  readonly #putTarget;
  readonly #findTarget;
  readonly #setTripwire;
  readonly #beliefs: BeliefRows;
  readonly #addRollup;
  readonly #pruneRollups;
  readonly #pruneTargets;

  constructor(db: Database.Database) {
    this.#findTarget = db
      .prepare<[string], number>("SELECT id FROM targets WHERE name = ?")
      .pluck();
    this.#putTarget = db.prepare<[string]>("INSERT INTO targets (name) VALUES (?)");
    this.#setTripwire = db.prepare<[string, number, string]>(
      "UPDATE targets SET tripwire = ? WHERE id = ? AND tripwire IS NOT ?",
    );
    this.#beliefs = new BeliefRows(db);
    // Two parts of one minute (a restart within it) become one row; the same part again is a repeat.
    this.#addRollup = db.prepare<[number, number, number, number, number, number, string]>(
      `INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (minute_wall_ms, target_id) DO UPDATE SET
         duration_mean_ms = CASE
           WHEN count - failures + excluded.count - excluded.failures = 0 THEN 0
           ELSE (duration_mean_ms * (count - failures)
                 + excluded.duration_mean_ms * (excluded.count - excluded.failures))
                / (count - failures + excluded.count - excluded.failures) END,
         count = count + excluded.count,
         failures = failures + excluded.failures,
         duration_max_ms = max(duration_max_ms, excluded.duration_max_ms),
         last_code = CASE excluded.last_code WHEN '' THEN last_code ELSE excluded.last_code END
       WHERE (count, failures, duration_mean_ms, duration_max_ms, last_code) <> (excluded.count,
         excluded.failures, excluded.duration_mean_ms, excluded.duration_max_ms,
         excluded.last_code)`,
    );
    this.#pruneRollups = db.prepare<[number, number]>(
      `DELETE FROM observations WHERE (minute_wall_ms, target_id) IN (
         SELECT minute_wall_ms, target_id FROM observations WHERE minute_wall_ms < ?
         ORDER BY minute_wall_ms LIMIT ?)`,
    );
    this.#pruneTargets = db.prepare<[]>(
      `DELETE FROM targets WHERE id NOT IN (SELECT target_id FROM beliefs)
         AND id NOT IN (SELECT target_id FROM observations)`,
    );
  }

  putBelief(belief: StoredBelief): void {
    const id = this.#idOf(belief.targetId);
    this.#setTripwire.run(belief.tripwire, id, belief.tripwire);
    this.#beliefs.put(id, belief);
  }

  /** Takes when all beliefs of a life were observed. */
  see(seen: BeliefsSeen): void {
    this.#beliefs.see(seen);
  }

  /** A number that no life has of which something is kept. */
  nextLife(): number {
    return this.#beliefs.nextLife();
  }

  beliefs(): StoredBelief[] {
    return this.#beliefs.all();
  }

  addRollup(rollup: ObservationRollup): void {
    this.#addRollup.run(
      rollup.minuteWallMs,
      this.#idOf(rollup.targetId),
      rollup.count,
      rollup.failures,
      rollup.durationMeanMs,
      rollup.durationMaxMs,
      rollup.lastCode,
    );
  }

  /** Deletes roll-ups of minutes before `before`, at most `limit` at once; how many it were. */
  pruneRollups(before: number, limit: number): number {
    return this.#pruneRollups.run(before, limit).changes;
  }

  /** Forgets targets of which nothing was seen since `before`. */
  pruneTargets(before: number): void {
    if (this.#beliefs.prune(before) > 0) this.#pruneTargets.run();
  }

  #idOf(name: string): number {
    return this.#findTarget.get(name) ?? Number(this.#putTarget.run(name).lastInsertRowid);
  }
}
