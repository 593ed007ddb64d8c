// Copies of a store that are made and brought back from the command line, with or without a server.

import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import Database from "better-sqlite3";
import { StoreError, storeError } from "./errors.ts";
import { lockStore } from "./lock.ts";
import { checkIdentity } from "./schema.ts";
import { backUp } from "./upkeep.ts";

/**
 * Copies the store at `path` to the file `copy`; a server may have it open and go on writing.
 *
 * @throws StoreError
 */
export async function copyStore(path: string, copy: string): Promise<{ readonly octets: number }> {
  const db = openToRead(path, "back up store");
  try {
    return await backUp({ db, source: path, path: copy, isStopped: () => false });
  } finally {
    db.close();
  }
}

/**
 * Puts `copy` in the place of the store at `path`. What was there is kept as `PATH.before-restore`,
 * its write-ahead log with it.
 *
 * @returns whether there was one.
 * @throws StoreError STORE_LOCKED where a server has it open, STORE_CORRUPT, STORE_FOREIGN or
 *   STORE_NEWER where the copy is none to serve from; the store is as it was then.
 */
export function restoreStore(path: string, copy: string): { readonly hadStore: boolean } {
  checkCopy(copy);
  const lock = lockStore(path, 0);
  try {
    const coming = `${path}.restoring`;
    copyFileSync(copy, coming, constants.COPYFILE_FICLONE);
    const descriptor = openSync(coming, "r+");
    fsyncSync(descriptor);
    closeSync(descriptor);
    const hadStore = existsSync(path);
    for (const end of ["", "-wal"]) {
      const kept = `${path}.before-restore${end}`;
      rmSync(kept, { force: true });
      if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, kept);
    }
    // The images on disk show what the other store held.
    for (const end of ["-shm", ".image", ".live"]) rmSync(`${path}${end}`, { force: true });
    renameSync(coming, path);
    return { hadStore };
  } catch (error) {
    throw storeError(error, "restore store", path);
  } finally {
    lock.release();
  }
}

/** Refuses a file that the store would be refused for; read whole, however long that takes. */
function checkCopy(copy: string): void {
  const db = openToRead(copy, "restore from");
  try {
    const found = db.pragma("quick_check(1)", { simple: true });
    if (found === "ok") return;
    const state = "it is damaged; take an older copy";
    throw new StoreError("STORE_CORRUPT", `Cannot restore from "${copy}": ${state}`);
  } catch (error) {
    throw storeError(error, "restore from", copy);
  } finally {
    db.close();
  }
}

function openToRead(path: string, doing: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    checkIdentity(db, path);
    if (db.pragma("application_id", { simple: true }) !== 0) return db;
    throw new StoreError("STORE_FOREIGN", `Cannot ${doing} "${path}": it holds no store`);
  } catch (error) {
    db?.close();
    throw storeError(error, doing, path);
  }
}
