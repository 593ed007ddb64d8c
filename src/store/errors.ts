// What can be wrong with a database, as codes an operator can look up and sentences that say what
// to do. SQLite's own errors are translated here and nowhere else.

import { AppError, codeOf, messageOf } from "../base/errors.ts";

/** Why the store refused; documented in the room's README. */
export type StoreErrorCode =
  | "STORE_NEWER"
  | "STORE_CORRUPT"
  | "STORE_FOREIGN"
  | "STORE_LOCKED"
  | "STORE_UNREADABLE"
  | "STORE_UNWRITABLE"
  | "STORE_FULL"
  | "STORE_IO"
  | "STORE_BUSY"
  | "STORE_CONFLICT"
  | "STORE_NO_ZONE"
  | "STORE_BACKUP"
  | "STORE_OVERLOADED"
  | "STORE_CLOSED"
  | "STORE_FAILED";

/** The database could not be opened, read or written; nothing was half done. */
export class StoreError extends AppError {
  override readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

const STATES: readonly (readonly [RegExp, StoreErrorCode, string])[] = [
  [/^SQLITE_FULL$/, "STORE_FULL", "the disk is full; free some space, nothing was lost"],
  [/^SQLITE_IOERR/, "STORE_IO", "the disk reports an error; look at the system's log"],
  [
    /^SQLITE_CORRUPT|^PACK_BAD$/,
    "STORE_CORRUPT",
    "it is damaged; stop livezone and restore the latest backup in its place, or move it away to start from the zone files",
  ],
  [
    /^SQLITE_NOTADB$/,
    "STORE_CORRUPT",
    "it is no SQLite database; restore the latest backup in its place, or move it away to start from the zone files",
  ],
  [/^SQLITE_BUSY/, "STORE_BUSY", "another program holds a lock on it; end that program"],
  [
    /^SQLITE_(READONLY|PERM|AUTH)/,
    "STORE_UNWRITABLE",
    "it cannot be written; check the permissions of the file and its folder",
  ],
  [
    /^SQLITE_CANTOPEN/,
    "STORE_UNREADABLE",
    "it cannot be opened; check that its folder exists and may be written",
  ],
];

/**
 * The `StoreError` for whatever was thrown while `doing` something with `path`. What is one already
 * is returned as it is.
 *
 * @param doing a verb with its object up to the path: "open store", "write to store".
 */
export function storeError(error: unknown, doing: string, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error) ?? "";
  const cause = { cause: error };
  for (const [pattern, storeCode, state] of STATES) {
    if (!pattern.test(code)) continue;
    return new StoreError(storeCode, `Cannot ${doing} "${path}": ${state} (${code})`, cause);
  }
  return new StoreError("STORE_FAILED", `Cannot ${doing} "${path}": ${messageOf(error)}`, cause);
}
