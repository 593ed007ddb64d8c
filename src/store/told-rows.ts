// What secondaries of each zone were told last of its pools' answers: a start tells on from there.

import type Database from "better-sqlite3";
import type { ToldAnswer } from "../control/ports-told.ts";
import { lowerName, nameKey } from "../dns/name.ts";
import { unpackRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { octetsOf } from "./zone-rows.ts";

interface ToldRow {
  readonly origin: Buffer;
  readonly rrset: Buffer;
}

/** The statements over what was told. The caller opens transactions. */
export class ToldRows {
  readonly #put;
  readonly #delete;
  readonly #all;

  constructor(db: Database.Database) {
    this.#put = db.prepare<[number, Uint8Array, number, Uint8Array]>(
      "INSERT OR REPLACE INTO told (zone_id, owner, type, rrset) VALUES (?, ?, ?, ?)",
    );
    this.#delete = db.prepare<[number, Uint8Array, number]>(
      "DELETE FROM told WHERE zone_id = ? AND owner = ? AND type = ?",
    );
    this.#all = db.prepare<[], ToldRow>(
      `SELECT origin, rrset FROM told JOIN zones ON zones.id = zone_id
       ORDER BY zone_id, owner, type`,
    );
  }

  put(zoneId: number, answers: Iterable<ToldAnswer>): void {
    for (const { owner, type, packed } of answers) {
      const key = lowerName(owner);
      if (packed === undefined) this.#delete.run(zoneId, key, type);
      else this.#put.run(zoneId, key, type, packed);
    }
  }

  /** By `nameKey` of the zone. */
  all(): ReadonlyMap<string, readonly RRset[]> {
    const told = new Map<string, RRset[]>();
    for (const { origin, rrset } of this.#all.iterate()) {
      const key = nameKey(octetsOf(origin));
      const rrsets = told.get(key) ?? [];
      rrsets.push(...unpackRRsets(octetsOf(rrset)));
      told.set(key, rrsets);
    }
    return told;
  }
}
