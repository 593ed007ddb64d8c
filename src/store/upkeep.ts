// What is done to a database while it is in use, in slices so that nobody waits long for it.

import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type Database from "better-sqlite3";
import { messageOf } from "../base/errors.ts";
import type { AddressRows } from "./address-rows.ts";
import { StoreError } from "./errors.ts";
import type { JournalRows } from "./journal-rows.ts";
import type { PropagationRows } from "./propagation-rows.ts";
import type { SwapRows } from "./swap-rows.ts";
import type { TargetRows } from "./target-rows.ts";
import type { ZoneRows } from "./zone-rows.ts";

/** What is kept. */
export interface PruneOptions {
  /** Roll-ups of minutes before this wall time are deleted. */
  readonly observationsBefore: number;
  /** So are propagations that were opened before this one. */
  readonly propagationsBefore?: number;
  readonly journalRowsMax: number;
}

/** How many rows were deleted. */
export interface Pruned {
  readonly rollups: number;
  readonly journalRows: number;
}

interface Rows {
  readonly db: Database.Database;
  readonly zones: ZoneRows;
  readonly journal: JournalRows;
  readonly swaps: SwapRows;
  readonly targets: TargetRows;
  readonly addresses: AddressRows;
  readonly propagations: PropagationRows;
  readonly write: <T>(run: () => T) => T;
  readonly isStopped: () => boolean;
}

/** Swaps are history for people; more than these are not kept. */
const SWAPS_MAX = 100_000;
/** Rows deleted in one transaction: a few milliseconds of work. */
const SLICE_ROWS = 2000;
/** Pages copied between two turns of the loop. */
const SLICE_PAGES = 500;
/** Pages given back to the file system by one pruning, at most. */
const VACUUM_PAGES_MAX = 100_000;

/**
 * Copies the database to `path`, which holds a whole copy or is untouched.
 *
 * @throws StoreError STORE_BACKUP
 */
export async function backUp(copy: {
  readonly db: Database.Database;
  readonly source: string;
  readonly path: string;
  readonly isStopped: () => boolean;
}): Promise<{ readonly octets: number }> {
  const { path, source } = copy;
  const failed = (state: string, cause?: unknown): StoreError =>
    new StoreError("STORE_BACKUP", `Cannot back up store to "${path}": ${state}`, { cause });
  if (resolve(path) === resolve(source))
    throw failed("that is the store itself; name another file");
  const partial = `${path}.partial`;
  try {
    // What an interrupted copy left behind would be taken for the database to copy over.
    rmSync(partial, { force: true });
    await copy.db.backup(partial, {
      progress: () => {
        if (copy.isStopped()) throw failed("the store is being closed");
        return SLICE_PAGES;
      },
    });
    renameSync(partial, path);
    return { octets: statSync(path).size };
  } catch (error) {
    if (existsSync(partial)) rmSync(partial, { force: true });
    throw error instanceof StoreError ? error : failed(messageOf(error), error);
  }
}

/** Deletes what is older or more than what is to be kept, and gives its space back. */
export async function prune(options: PruneOptions, rows: Rows): Promise<Pruned> {
  const { targets, journal, swaps, zones, write } = rows;
  const before = options.observationsBefore;
  const rollups = await inSlices(rows, () => targets.pruneRollups(before, SLICE_ROWS));
  write(() => {
    targets.pruneTargets(before);
    rows.addresses.prune(before);
  });
  let journalRows = 0;
  for (const { origin } of zones.all()) {
    const id = zones.find(origin)?.id;
    if (id === undefined) continue;
    const max = options.journalRowsMax;
    journalRows += await inSlices(rows, () => journal.prune(id, max, SLICE_ROWS));
  }
  await inSlices(rows, () => swaps.prune(SWAPS_MAX, SLICE_ROWS));
  const oldest = options.propagationsBefore ?? 0;
  await inSlices(rows, () => rows.propagations.prune(oldest, SLICE_ROWS));
  for (const origin of zones.foldsDue()) {
    if (!rows.isStopped()) write(() => zones.fold(origin));
  }
  await vacuum(rows);
  return { rollups, journalRows };
}

/** Deletes slice by slice until a slice comes back short. */
async function inSlices(rows: Rows, deleteSlice: () => number): Promise<number> {
  let total = 0;
  while (!rows.isStopped()) {
    const deleted = rows.write(deleteSlice);
    total += deleted;
    if (deleted < SLICE_ROWS) break;
    await turnOfTheLoop();
  }
  return total;
}

async function vacuum(rows: Rows): Promise<void> {
  for (let pages = 0; pages < VACUUM_PAGES_MAX; pages += SLICE_PAGES) {
    const free = Number(rows.db.pragma("freelist_count", { simple: true }));
    if (free === 0 || rows.isStopped()) break;
    rows.db.pragma(`incremental_vacuum(${SLICE_PAGES})`);
    await turnOfTheLoop();
  }
  if (!rows.isStopped()) rows.db.pragma("wal_checkpoint(TRUNCATE)");
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
