// The tables, as the steps that lead from an empty database to the newest version. A step that was
// released is never changed; what is missing becomes a new step.

import type Database from "better-sqlite3";
import { StoreError } from "./errors.ts";

/** "LZON": how a livezone database is told from any other (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x4c5a4f4e;

/** One step of the schema, from the version before it. */
export type Migration = string;

/** All steps, the first for an empty database. The version of a database is how many it has had. */
export const MIGRATIONS: readonly Migration[] = [
  `
  -- origin: lower-case wire form; name: as it is written.
  CREATE TABLE zones (
    id INTEGER PRIMARY KEY,
    origin BLOB NOT NULL UNIQUE,
    name BLOB NOT NULL,
    serial INTEGER NOT NULL,
    file_serial INTEGER NOT NULL,
    reserved_serial INTEGER NOT NULL
  ) STRICT;

  -- A zone's records as they were last written whole: the pack format, cut into parts.
  CREATE TABLE zone_parts (
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    octets BLOB NOT NULL,
    PRIMARY KEY (zone_id, part)
  ) STRICT;

  -- RRsets that were set or deleted since then, each a packed entry, in the order they came.
  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    entry BLOB NOT NULL,
    UNIQUE (zone_id, owner, type)
  ) STRICT;

  -- One row per published change. removed and added are packed RRsets, NULL where they were too
  -- large to keep: a transfer of differences cannot pass such a row.
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    serial_before INTEGER NOT NULL,
    serial_after INTEGER NOT NULL,
    cause TEXT NOT NULL,
    wall_ms INTEGER NOT NULL,
    removed BLOB,
    added BLOB
  ) STRICT;
  CREATE INDEX journal_of_zone ON journal (zone_id);
  CREATE INDEX journal_by_serial ON journal (zone_id, serial_after);
  CREATE UNIQUE INDEX journal_serial_once ON journal (zone_id, serial_after)
    WHERE serial_after <> serial_before;

  CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    tripwire TEXT NOT NULL DEFAULT 'idle'
  ) STRICT;

  CREATE TABLE beliefs (
    target_id INTEGER PRIMARY KEY REFERENCES targets (id) ON DELETE CASCADE,
    belief TEXT NOT NULL CHECK (belief IN ('up', 'down', 'unknown')),
    since_wall_ms REAL NOT NULL,
    observed_wall_ms REAL NOT NULL,
    code TEXT NOT NULL
  ) STRICT;

  -- What an operator has forced, by address or target; written by later work.
  CREATE TABLE forced_states (
    subject TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    since_wall_ms REAL NOT NULL,
    until_wall_ms REAL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;

  -- Clustered by minute: a minute's rows lie together when they are written and when they are
  -- pruned. target_id is no reference: its check would need an index that costs as much again.
  CREATE TABLE observations (
    minute_wall_ms INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    count INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    duration_mean_ms REAL NOT NULL,
    duration_max_ms REAL NOT NULL,
    last_code TEXT NOT NULL,
    PRIMARY KEY (minute_wall_ms, target_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE servings (
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    name BLOB NOT NULL,
    member_ids TEXT NOT NULL,
    code TEXT NOT NULL,
    why TEXT NOT NULL,
    swap_id INTEGER NOT NULL,
    since_wall_ms REAL NOT NULL,
    PRIMARY KEY (owner, type)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE swaps (
    id INTEGER PRIMARY KEY,
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    code TEXT NOT NULL,
    why TEXT NOT NULL,
    first_fault_wall_ms REAL,
    detected_wall_ms REAL,
    decided_wall_ms REAL NOT NULL,
    published_wall_ms REAL NOT NULL
  ) STRICT;
  `,
  `
  -- What the zone's files held when its records were last taken from them; NULL where it is not known.
  ALTER TABLE zones ADD COLUMN file_digest TEXT;
  `,
  `
  -- How much an address has flapped: the penalty as it was at at_wall_ms.
  CREATE TABLE dampings (
    address TEXT PRIMARY KEY,
    penalty REAL NOT NULL,
    at_wall_ms REAL NOT NULL,
    is_suppressed INTEGER NOT NULL CHECK (is_suppressed IN (0, 1))
  ) STRICT;
  `,
  `
  -- Members taken out on purpose, to see their pools move. Running: the end was never seen.
  CREATE TABLE drills (
    id INTEGER PRIMARY KEY,
    pool TEXT NOT NULL,
    member TEXT NOT NULL,
    author TEXT NOT NULL,
    for_ms INTEGER NOT NULL,
    started_wall_ms REAL NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'passed', 'failed')),
    reason TEXT NOT NULL,
    moved_ms REAL,
    back_ms REAL
  ) STRICT;
  `,
  `
  -- How far a swap has spread: the book as it was last, with wall times.
  CREATE TABLE propagations (
    swap_id INTEGER PRIMARY KEY,
    opened_wall_ms REAL NOT NULL,
    drained_wall_ms REAL,
    story TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Planned moves that have not ended, by address.
  CREATE TABLE drains (
    address TEXT PRIMARY KEY,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    ordered_wall_ms REAL NOT NULL,
    at_wall_ms REAL NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('planned', 'lowering', 'moving', 'draining', 'drained')),
    bound_wall_ms REAL
  ) STRICT;
  `,
  `
  -- How far each pool's last handover came, as JSON: a start goes on from there.
  CREATE TABLE handovers (
    owner BLOB PRIMARY KEY,
    name BLOB NOT NULL,
    state TEXT NOT NULL,
    at_wall_ms REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- When the primary that the zone is copied from last confirmed it; NULL where it is no copy.
  ALTER TABLE zones ADD COLUMN confirmed_wall_ms REAL;
  `,
  `
  -- What secondaries were told last of each pool's answer: one packed RRset, with the TTL they have.
  CREATE TABLE told (
    zone_id INTEGER NOT NULL REFERENCES zones (id) ON DELETE CASCADE,
    owner BLOB NOT NULL,
    type INTEGER NOT NULL,
    rrset BLOB NOT NULL,
    PRIMARY KEY (zone_id, owner, type)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Lives of the thread that watches targets: how long before wall_ms each of its targets was observed,
  -- 32 bits at each place, in milliseconds.
  CREATE TABLE lives (
    id INTEGER PRIMARY KEY,
    wall_ms REAL NOT NULL,
    ages_ms BLOB NOT NULL
  ) STRICT;

  -- By which life a target is watched, and at which place; NULL where observed_wall_ms says all.
  ALTER TABLE beliefs ADD COLUMN life INTEGER;
  ALTER TABLE beliefs ADD COLUMN place INTEGER;
  `,
];

/** Refuses a database that is not ours or that a newer livezone has written. */
export function checkIdentity(
  db: Database.Database,
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  const application = Number(db.pragma("application_id", { simple: true }));
  const version = schemaVersion(db);
  const tables = db.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get() ?? 0;
  if (application !== APPLICATION_ID && (application !== 0 || tables > 0)) {
    const state = "it is the database of another program; name another file";
    throw new StoreError("STORE_FOREIGN", `Cannot open store "${path}": ${state}`);
  }
  if (version > migrations.length) {
    const state = `its version is ${version} and this livezone knows ${migrations.length}; start the newer livezone, or restore a backup that this one wrote`;
    throw new StoreError("STORE_NEWER", `Cannot open store "${path}": ${state}`);
  }
}

/** How many steps a database has had; 0 for an empty one. */
export function schemaVersion(db: Database.Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}

/** Takes the steps that are missing, each whole or not at all; returns the version it began from. */
export function migrate(
  db: Database.Database,
  migrations: readonly Migration[] = MIGRATIONS,
): number {
  const from = schemaVersion(db);
  for (let version = from; version < migrations.length; version++) {
    const step = db.transaction(() => {
      db.exec(migrations[version] ?? "");
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version + 1}`);
    });
    step.immediate();
  }
  return from;
}
