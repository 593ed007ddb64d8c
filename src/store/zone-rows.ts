// Zones and their records. A zone is kept as it was last written whole, in large parts, beside the
// RRsets that have changed since: an edit costs what it changes, and a million records are written
// and read at the speed of a file.

import type Database from "better-sqlite3";
import type { StoredZone } from "../control/ports.ts";
import { lowerName, type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import { unpackChanges } from "../zone/change.ts";
import { packRRsets, unpackRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { newOctets } from "../zone/shared.ts";
import { Zone } from "../zone/zone.ts";
import { StoreError } from "./errors.ts";

/** Octets of a part: large enough for few rows, small enough to be bound without a copy that hurts. */
const PART_OCTETS = 0x4_0000;
/** Fewer changed RRsets than this are never folded into the parts. */
const FOLD_ROWS_MIN = 1000;
/** Changed RRsets are folded when their octets exceed this share of the parts'. */
const FOLD_SHARE = 0.25;

/** A zone's row. */
export interface ZoneRow {
  readonly id: number;
  readonly name: Buffer;
  readonly serial: number;
  readonly fileSerial: number;
  readonly reservedSerial: number;
  readonly fileDigest: string | null;
  readonly confirmedWallMs: number | null;
}

const COLUMNS = `id, name, serial, file_serial AS fileSerial, reserved_serial AS reservedSerial,
  file_digest AS fileDigest, confirmed_wall_ms AS confirmedWallMs`;

/** The statements over zones, zone_parts and records. The caller opens transactions. */
export class ZoneRows {
  readonly #db: Database.Database;
  readonly #find;
  readonly #all;
  readonly #insert;
  readonly #update;
  readonly #reserve;
  readonly #setDigest;
  readonly #confirm;
  readonly #drop;
  readonly #parts;
  readonly #insertPart;
  readonly #deleteParts;
  readonly #entries;
  readonly #putEntry;
  readonly #deleteEntries;
  readonly #sizes;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#find = db.prepare<[Uint8Array], ZoneRow>(`SELECT ${COLUMNS} FROM zones WHERE origin = ?`);
    this.#all = db.prepare<[], ZoneRow>(`SELECT ${COLUMNS} FROM zones ORDER BY id`);
    this.#insert = db.prepare<[Uint8Array, Uint8Array, number, number, number]>(
      "INSERT INTO zones (origin, name, serial, file_serial, reserved_serial) VALUES (?, ?, ?, ?, ?)",
    );
    this.#update = db.prepare<[number, number, number, number]>(
      "UPDATE zones SET serial = ?, file_serial = ?, reserved_serial = ? WHERE id = ?",
    );
    this.#reserve = db.prepare<[number, number]>(
      "UPDATE zones SET reserved_serial = ? WHERE id = ?",
    );
    this.#setDigest = db.prepare<[string, number]>("UPDATE zones SET file_digest = ? WHERE id = ?");
    this.#confirm = db.prepare<[number | null, number]>(
      "UPDATE zones SET confirmed_wall_ms = ? WHERE id = ?",
    );
    this.#drop = db.prepare<[number]>("DELETE FROM zones WHERE id = ?");
    this.#parts = db
      .prepare<[number], Buffer>("SELECT octets FROM zone_parts WHERE zone_id = ? ORDER BY part")
      .pluck();
    this.#insertPart = db.prepare<[number, number, Uint8Array]>(
      "INSERT INTO zone_parts (zone_id, part, octets) VALUES (?, ?, ?)",
    );
    this.#deleteParts = db.prepare<[number]>("DELETE FROM zone_parts WHERE zone_id = ?");
    this.#entries = db
      .prepare<[number], Buffer>("SELECT entry FROM records WHERE zone_id = ? ORDER BY id")
      .pluck();
    this.#putEntry = db.prepare<[number, Uint8Array, number, Uint8Array]>(
      `INSERT INTO records (zone_id, owner, type, entry) VALUES (?, ?, ?, ?)
       ON CONFLICT (zone_id, owner, type) DO UPDATE SET entry = excluded.entry`,
    );
    this.#deleteEntries = db.prepare<[number]>("DELETE FROM records WHERE zone_id = ?");
    this.#sizes = db.prepare<
      [number, number, number],
      { parts: number; entries: number; rows: number }
    >(
      `SELECT (SELECT coalesce(sum(length(octets)), 0) FROM zone_parts WHERE zone_id = ?) AS parts,
              (SELECT coalesce(sum(length(entry)), 0) FROM records WHERE zone_id = ?) AS entries,
              (SELECT count(*) FROM records WHERE zone_id = ?) AS rows`,
    );
  }

  find(origin: Name): ZoneRow | undefined {
    return this.#find.get(lowerName(origin));
  }

  /** @throws StoreError STORE_NO_ZONE */
  mustFind(origin: Name): ZoneRow {
    const row = this.find(origin);
    if (row !== undefined) return row;
    const zone = nameToDisplay(origin);
    throw new StoreError("STORE_NO_ZONE", `Cannot find zone "${zone}": the store does not hold it`);
  }

  /** @param told what their secondaries were told of pools, by `nameKey`. */
  all(told: ReadonlyMap<string, readonly RRset[]> = new Map()): StoredZone[] {
    return this.#all.all().map((row) => ({
      origin: octetsOf(row.name),
      serial: row.serial,
      fileSerial: row.fileSerial,
      reservedSerial: row.reservedSerial,
      told: told.get(nameKey(octetsOf(row.name))) ?? [],
      ...(row.fileDigest === null ? {} : { fileDigest: row.fileDigest }),
      ...(row.confirmedWallMs === null ? {} : { confirmedWallMs: row.confirmedWallMs }),
    }));
  }

  /** Makes the zone's row, or sets its serials; returns its id. */
  put(origin: Name, serials: { serial: number; fileSerial: number }): number {
    const { serial, fileSerial } = serials;
    const row = this.find(origin);
    if (row === undefined) {
      const made = this.#insert.run(lowerName(origin), origin, serial, fileSerial, serial);
      return Number(made.lastInsertRowid);
    }
    this.#update.run(serial, fileSerial, newerSerial(row.reservedSerial, serial), row.id);
    return row.id;
  }

  setDigest(id: number, digest: string): void {
    this.#setDigest.run(digest, id);
  }

  confirm(id: number, wallMs: number | undefined): void {
    this.#confirm.run(wallMs ?? null, id);
  }

  /** As given: an orderly stop gives back what it has not used. */
  reserve(origin: Name, reservedSerial: number): void {
    const row = this.mustFind(origin);
    this.#reserve.run(reservedSerial, row.id);
  }

  drop(origin: Name): void {
    const row = this.find(origin);
    if (row !== undefined) this.#drop.run(row.id);
  }

  /** All RRsets of a zone in the pack format, in a buffer of its own. */
  read(origin: Name): Uint8Array {
    const { id } = this.mustFind(origin);
    const whole = this.#whole(id);
    const changes = this.#entries.all(id).flatMap((entry) => unpackChanges(octetsOf(entry)));
    return changes.length === 0 ? whole : Zone.unpack(origin, whole).with(changes).pack();
  }

  /** In memory that other threads can have without a copy, part by part: it may be large. */
  #whole(id: number): Uint8Array {
    const whole = newOctets(this.#sizes.get(id, id, id)?.parts ?? 0);
    let end = 0;
    for (const part of this.#parts.iterate(id)) {
      whole.set(part, end);
      end += part.length;
    }
    return whole;
  }

  /** Replaces all records of a zone by packed RRsets. */
  writeWhole(id: number, packed: Uint8Array): void {
    this.#deleteEntries.run(id);
    this.#deleteParts.run(id);
    for (let part = 0; part * PART_OCTETS < packed.length; part++) {
      const start = part * PART_OCTETS;
      this.#insertPart.run(id, part, packed.subarray(start, start + PART_OCTETS));
    }
  }

  /** Sets each packed RRset, or deletes it where it has no records. */
  writeChanges(id: number, packed: Uint8Array): void {
    for (const rrset of unpackRRsets(packed)) {
      const entry = packRRsets([rrset]);
      this.#putEntry.run(id, lowerName(rrset.owner), rrset.type, entry);
    }
  }

  /** The zones whose changes have grown so large that they are due to be folded into the parts. */
  foldsDue(): Name[] {
    return this.#all.all().flatMap((row) => {
      const size = this.#sizes.get(row.id, row.id, row.id);
      const isDue =
        size !== undefined && size.rows > FOLD_ROWS_MIN && size.entries > size.parts * FOLD_SHARE;
      return isDue ? [octetsOf(row.name)] : [];
    });
  }

  /** Writes a zone whole as it is now read; its content stays the same. */
  fold(origin: Name): void {
    const { id } = this.mustFind(origin);
    this.writeWhole(id, this.read(origin));
  }

  /** For the caller's transactions. */
  get db(): Database.Database {
    return this.#db;
  }
}

/** A plain view of what SQLite handed out. */
export function octetsOf(blob: Buffer): Uint8Array {
  return new Uint8Array(blob.buffer, blob.byteOffset, blob.byteLength);
}

/** The later of two serials; the second where RFC 1982 leaves it open. */
function newerSerial(a: number, b: number): number {
  return compareSerial(a, b) === 1 ? a : b;
}
