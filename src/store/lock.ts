// Keeps a second server off a store. The lock lives in a small database beside the store's: a
// write transaction that is begun and never ended. The operating system takes it back with the
// process, kill -9 included, and the store itself stays open to backups and to sqlite3.
//
// Nothing else in this process may open that file: closing any descriptor of it would give the
// lock away (POSIX locks belong to the process and file, not to the descriptor).

import Database from "better-sqlite3";
import { codeOf } from "../base/errors.ts";
import { StoreError, storeError } from "./errors.ts";

/** A held lock. */
export interface StoreLock {
  release(): void;
}

/**
 * Takes the lock of the store at `path`, waiting up to `waitMs` for a dying holder.
 *
 * @throws StoreError STORE_LOCKED, with the process that holds it, or why the file cannot be made.
 */
export function lockStore(path: string, waitMs: number): StoreLock {
  let db: Database.Database | undefined;
  try {
    db = new Database(`${path}-lock`, { timeout: waitMs });
    // No journal file, no waiting for the disk: the content is only for the message.
    db.pragma("journal_mode = MEMORY");
    db.pragma("synchronous = OFF");
    db.pragma(`user_version = ${process.pid}`);
    // Not EXCLUSIVE: the one who is refused may read who refuses.
    db.exec("BEGIN IMMEDIATE");
    return lockOf(db);
  } catch (error) {
    const isHeld = codeOf(error)?.startsWith("SQLITE_BUSY") === true;
    const refusal = isHeld ? locked(path, db, error) : storeError(error, "open store", path);
    db?.close();
    throw refusal;
  }
}

function lockOf(db: Database.Database): StoreLock {
  return {
    release: () => {
      if (!db.open) return;
      db.exec("ROLLBACK");
      db.close();
    },
  };
}

function locked(path: string, db: Database.Database | undefined, cause: unknown): StoreError {
  const pid = holderOf(db);
  const who = pid === undefined ? "another process" : `process ${pid}`;
  const state = `${who} has it open; stop that livezone first, or give this one another store`;
  return new StoreError("STORE_LOCKED", `Cannot open store "${path}": ${state}`, { cause });
}

function holderOf(db: Database.Database | undefined): number | undefined {
  try {
    const pid = Number(db?.pragma("user_version", { simple: true }));
    return pid > 0 ? pid : undefined;
  } catch {
    // A holder that is just writing its number cannot be read; the sentence does without it.
    return undefined;
  }
}
