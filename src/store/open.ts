// Opens a store: the lock, the file, what it must and must not be, and the way SQLite is to work.

import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError, storeError } from "./errors.ts";
import { lockStore, type StoreLock } from "./lock.ts";
import { checkIdentity, MIGRATIONS, type Migration, migrate, schemaVersion } from "./schema.ts";
import { Store } from "./store.ts";

/** What is asked of an opening, all of it optional. */
export interface OpenOptions {
  /** How long to wait for a process or thread that is just dying to give up the lock; default 0. */
  readonly lockWaitMs?: number;
  /** The schema's steps; another list only where migrations themselves are tested. */
  readonly migrations?: readonly Migration[];
}

/** A lock that another connection of SQLite's own holds (a checkpoint, sqlite3) is waited for. */
const BUSY_MS = 5000;
/** Files up to this size are read through when opened; damage elsewhere shows when it is met. */
const CHECKED_OCTETS_MAX = 64 * 1024 * 1024;
/** What the write-ahead log keeps of the disk after a large transaction. */
const WAL_OCTETS_MAX = 64 * 1024 * 1024;
/** SQLite's page cache, in KiB: a larger one made ten thousand swaps or a large zone no quicker. */
const CACHE_KIB = 4096;

/**
 * Opens the store at `path`, or makes it where there is no file; ":memory:" is a store without one.
 *
 * @throws StoreError saying what the file is and what to do about it: STORE_NEWER, STORE_CORRUPT,
 *   STORE_FOREIGN, STORE_LOCKED, STORE_UNREADABLE, STORE_UNWRITABLE, STORE_FULL, STORE_IO.
 */
export function openStore(path: string, options: OpenOptions = {}): Store {
  const isFile = path !== ":memory:";
  if (isFile) checkFile(path);
  const lock = isFile ? lockStore(path, options.lockWaitMs ?? 0) : undefined;
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: BUSY_MS });
    const migrations = options.migrations ?? MIGRATIONS;
    checkIdentity(db, path, migrations);
    checkContent(db, path);
    configure(db);
    const from = migrate(db, migrations);
    const version = schemaVersion(db);
    return new Store(db, {
      path,
      version,
      lock,
      ...(from === 0 || from === version ? {} : { migratedFrom: from }),
    });
  } catch (error) {
    throw refused(error, { path, db, lock });
  }
}

function refused(
  error: unknown,
  opening: { path: string; db: Database.Database | undefined; lock: StoreLock | undefined },
): StoreError {
  opening.db?.close();
  opening.lock?.release();
  return storeError(error, "open store", opening.path);
}

/** What SQLite would not tell, or would mend in silence. */
function checkFile(path: string): void {
  const refuse = (code: "STORE_UNREADABLE" | "STORE_CORRUPT", state: string): never => {
    throw new StoreError(code, `Cannot open store "${path}": ${state}`);
  };
  const folder = dirname(resolve(path));
  if (!existsSync(folder)) {
    refuse("STORE_UNREADABLE", `its folder "${folder}" does not exist; make it, or name another`);
  } else if (existsSync(path)) {
    if (statSync(path).isDirectory()) refuse("STORE_UNREADABLE", "it is a folder; name a file");
  } else if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) {
    // SQLite would delete the log of a database that is gone, and with it the newest changes.
    refuse(
      "STORE_CORRUPT",
      `it is missing, but "${path}-wal" holds changes of it; bring it back, or move that file away`,
    );
  }
}

function checkContent(db: Database.Database, path: string): void {
  const pages = Number(db.pragma("page_count", { simple: true }));
  const pageOctets = Number(db.pragma("page_size", { simple: true }));
  if (pages * pageOctets > CHECKED_OCTETS_MAX) return;
  const found = db.pragma("quick_check(1)", { simple: true });
  if (found === "ok") return;
  const what = String(found).replace(/^\*.*\n/, "");
  const state = `it is damaged (${what}); stop livezone and restore the latest backup in its place, or move it away to start from the zone files`;
  throw new StoreError("STORE_CORRUPT", `Cannot open store "${path}": ${state}`);
}

/**
 * WAL, so that reading never waits for writing. FULL, since an edit that was confirmed must outlive
 * a power cut: NORMAL would sync at checkpoints only. One sync a transaction is what it costs.
 */
function configure(db: Database.Database): void {
  // Has an effect on an empty database only; must come before the first table.
  db.pragma("auto_vacuum = INCREMENTAL");
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.pragma("trusted_schema = OFF");
  db.pragma("cell_size_check = ON");
  db.pragma("temp_store = MEMORY");
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.pragma(`journal_size_limit = ${WAL_OCTETS_MAX}`);
}
