// The journal: one row per published change of a zone, each beginning at the serial where the one
// before it ended.

import type Database from "better-sqlite3";
import type { JournalEntry } from "../control/ports.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { packRRsets, unpackRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { StoreError } from "./errors.ts";
import { octetsOf, type ZoneRow } from "./zone-rows.ts";

/** What a row may hold of RRsets; a larger change is kept without them. */
const ENTRY_OCTETS_MAX = 0x80_0000;

/** A journal entry whose RRsets are packed already: how it travels between threads. */
export interface PackedJournalEntry extends Omit<JournalEntry, "removed" | "added"> {
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
}

interface Row {
  readonly serialBefore: number;
  readonly serialAfter: number;
  readonly cause: string;
  readonly wallMs: number;
  readonly removed: Buffer | null;
  readonly added: Buffer | null;
}

const COLUMNS = `serial_before AS serialBefore, serial_after AS serialAfter, cause,
  wall_ms AS wallMs, removed, added`;

/** The entry with its RRsets packed. */
export function packEntry(entry: JournalEntry): PackedJournalEntry {
  return { ...entry, removed: packRRsets(entry.removed), added: packRRsets(entry.added) };
}

/** The statements over the journal. The caller opens transactions. */
export class JournalRows {
  readonly #insert;
  readonly #same;
  readonly #startAfter;
  readonly #startBefore;
  readonly #since;
  readonly #excess;

  constructor(db: Database.Database) {
    this.#insert = db.prepare<
      [number, number, number, string, number, Uint8Array | null, Uint8Array | null]
    >(
      `INSERT INTO journal (zone_id, serial_before, serial_after, cause, wall_ms, removed, added)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#same = db.prepare<[number, number, number], Row>(
      `SELECT ${COLUMNS} FROM journal
       WHERE zone_id = ? AND serial_after = ? AND (serial_before = serial_after) = ?
       ORDER BY id DESC LIMIT 1`,
    );
    this.#startAfter = db
      .prepare<[number, number], number>(
        "SELECT max(id) FROM journal WHERE zone_id = ? AND serial_after = ?",
      )
      .pluck();
    this.#startBefore = db
      .prepare<[number, number], number>(
        "SELECT min(id) - 1 FROM journal WHERE zone_id = ? AND serial_before = ?",
      )
      .pluck();
    this.#since = db.prepare<[number, number], Row>(
      `SELECT ${COLUMNS} FROM journal WHERE zone_id = ? AND id > ? ORDER BY id`,
    );
    this.#excess = db.prepare<[number, number, number, number]>(
      `DELETE FROM journal WHERE id IN (
         SELECT id FROM journal WHERE zone_id = ? AND id <= coalesce((
           SELECT id FROM journal WHERE zone_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?), -1)
         ORDER BY id LIMIT ?)`,
    );
  }

  /**
   * Whether this very entry was written before: it was asked for again because its answer was lost.
   *
   * @throws StoreError STORE_CONFLICT where its serial was given to another change.
   */
  isRepeat(zoneId: number, entry: PackedJournalEntry): boolean {
    const isStill = entry.serialBefore === entry.serialAfter;
    const row = this.#same.get(zoneId, entry.serialAfter, Number(isStill));
    if (row === undefined) return false;
    const isSame =
      row.serialBefore === entry.serialBefore &&
      row.wallMs === Math.trunc(entry.wallMs) &&
      row.cause === entry.cause;
    if (isSame || isStill) return isSame;
    const zone = nameToDisplay(entry.origin);
    const state = `serial ${entry.serialAfter} was used before, by a change of cause "${row.cause}"`;
    throw new StoreError("STORE_CONFLICT", `Cannot store a change of zone "${zone}": ${state}`);
  }

  add(zoneId: number, entry: PackedJournalEntry): void {
    const isKept = entry.removed.length + entry.added.length <= ENTRY_OCTETS_MAX;
    this.#insert.run(
      zoneId,
      entry.serialBefore,
      entry.serialAfter,
      entry.cause,
      Math.trunc(entry.wallMs),
      isKept ? entry.removed : null,
      isKept ? entry.added : null,
    );
  }

  /** The rows after `serial`, oldest first; `undefined` where they do not lead up to now. */
  since(zone: ZoneRow, origin: Name, serial: number): JournalEntry[] | undefined {
    const start = this.#startAfter.get(zone.id, serial) ?? this.#startBefore.get(zone.id, serial);
    if (start === undefined || start === null) return serial === zone.serial ? [] : undefined;
    let reached = serial;
    const entries: JournalEntry[] = [];
    for (const row of this.#since.iterate(zone.id, start)) {
      if (row.serialBefore !== reached || row.removed === null || row.added === null) {
        return undefined;
      }
      reached = row.serialAfter;
      const { serialBefore, serialAfter, cause, wallMs } = row;
      const [removed, added] = [rrsetsOf(row.removed), rrsetsOf(row.added)];
      entries.push({ origin, serialBefore, serialAfter, cause, wallMs, removed, added });
    }
    return reached === zone.serial ? entries : undefined;
  }

  /** Deletes the oldest rows of a zone beyond `rowsMax`, at most `limit` at once; how many it were. */
  prune(zoneId: number, rowsMax: number, limit: number): number {
    return this.#excess.run(zoneId, zoneId, rowsMax, limit).changes;
  }
}

function rrsetsOf(packed: Buffer): readonly RRset[] {
  return [...unpackRRsets(octetsOf(packed))];
}
