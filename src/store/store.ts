// The store itself: every operation of `StorePort` as one transaction, on the calling thread.

import type Database from "better-sqlite3";
import type {
  JournalEntry,
  ObservationRollup,
  StoredDamping,
  StoredForced,
  StoredServing,
  StoredState,
  SwapRecord,
} from "../control/ports.ts";
import type { BeliefsSeen, StoredBelief } from "../control/ports-beliefs.ts";
import type { DrainRecord } from "../control/ports-drains.ts";
import type { DrillRecord } from "../control/ports-drills.ts";
import type { StoredHandover } from "../control/ports-hooks.ts";
import type { StoredPropagation } from "../control/ports-propagation.ts";
import type { ToldAnswer } from "../control/ports-told.ts";
import { type Name, nameKey } from "../dns/name.ts";
import { AddressRows } from "./address-rows.ts";
import { DrainRows } from "./drain-rows.ts";
import { DrillRows } from "./drill-rows.ts";
import { StoreError, storeError } from "./errors.ts";
import { HandoverRows } from "./handover-rows.ts";
import { JournalRows } from "./journal-rows.ts";
import type { StoreLock } from "./lock.ts";
import type { PackedSwapCommit, PackedZoneCommit, StoreOperations } from "./operations.ts";
import { PropagationRows } from "./propagation-rows.ts";
import { SwapRows } from "./swap-rows.ts";
import { TargetRows } from "./target-rows.ts";
import { ToldRows } from "./told-rows.ts";
import { backUp, type Pruned, type PruneOptions, prune } from "./upkeep.ts";
import { type ZoneRow, ZoneRows } from "./zone-rows.ts";

/** What the opening found out. */
export interface StoreOpened {
  readonly path: string;
  /** The schema's version, now the newest. */
  readonly version: number;
  /** The version before it was brought up to date; absent where nothing had to be done. */
  readonly migratedFrom?: number;
  readonly lock: StoreLock | undefined;
}

/** Zones above this size fill SQLite's cache when they are read or written whole. */
const LARGE_OCTETS = 0x10_0000;

/** An open database. Not for two threads; made by `openStore`. */
export class Store implements StoreOperations {
  readonly path: string;
  readonly version: number;
  readonly migratedFrom: number | undefined;
  readonly #db: Database.Database;
  /** Made once: making it costs as much as a small write. */
  readonly #transaction: Database.Transaction<(run: () => unknown) => unknown>;
  readonly #lock: StoreLock | undefined;
  readonly #zones: ZoneRows;
  readonly #journal: JournalRows;
  readonly #swaps: SwapRows;
  readonly #told: ToldRows;
  readonly #drains: DrainRows;
  readonly #drills: DrillRows;
  readonly #targets: TargetRows;
  readonly #addresses: AddressRows;
  readonly #propagations: PropagationRows;
  readonly #handovers: HandoverRows;
  /** Work in slices that is under way; `close` ends it first. */
  readonly #slow = new Set<Promise<unknown>>();
  #isClosing = false;

  constructor(db: Database.Database, opened: StoreOpened) {
    this.path = opened.path;
    this.version = opened.version;
    this.migratedFrom = opened.migratedFrom;
    this.#db = db;
    this.#transaction = db.transaction((run) => run());
    this.#lock = opened.lock;
    this.#zones = new ZoneRows(db);
    this.#journal = new JournalRows(db);
    this.#swaps = new SwapRows(db);
    this.#told = new ToldRows(db);
    this.#drains = new DrainRows(db);
    this.#drills = new DrillRows(db);
    this.#targets = new TargetRows(db);
    this.#addresses = new AddressRows(db);
    this.#propagations = new PropagationRows(db);
    this.#handovers = new HandoverRows(db);
  }

  /** The database's size, the write-ahead log left out. */
  get octets(): number {
    return this.#read(() => {
      const pages = Number(this.#db.pragma("page_count", { simple: true }));
      return pages * Number(this.#db.pragma("page_size", { simple: true }));
    });
  }

  readState(): StoredState {
    return this.#read(() => ({
      zones: this.#zones.all(this.#told.all()),
      beliefs: this.#targets.beliefs(),
      life: this.#targets.nextLife(),
      servings: this.#swaps.servings(),
      dampings: this.#addresses.dampings(),
      forced: this.#addresses.forced(),
      handovers: this.#handovers.all(),
      lastSwapId: this.#swaps.lastId(),
    }));
  }

  readZone(origin: Name): Uint8Array {
    const packed = this.#read(() => this.#zones.read(origin));
    this.#shrinkAfter(packed);
    return packed;
  }

  /** The first commit of a zone is taken whole, whatever it says. A repeat changes nothing. */
  commitZone(commit: PackedZoneCommit): void {
    const { journal, fileSerial } = commit;
    this.#write(() => {
      const row = this.#zones.find(journal.origin);
      if (row !== undefined && this.#journal.isRepeat(row.id, journal)) return;
      const id = this.#zones.put(journal.origin, { serial: journal.serialAfter, fileSerial });
      if (commit.replacesAll || row === undefined) this.#zones.writeWhole(id, commit.rrsets);
      else this.#zones.writeChanges(id, commit.rrsets);
      if (commit.fileDigest !== undefined) this.#zones.setDigest(id, commit.fileDigest);
      this.#journal.add(id, journal);
      this.#told.put(id, commit.told ?? []);
    });
    this.#shrinkAfter(commit.rrsets);
  }

  /** Swaps of a zone that is gone are kept without a journal row. Repeats change nothing. */
  commitSwaps(commits: readonly PackedSwapCommit[], servings: readonly StoredServing[]): void {
    this.#write(() => {
      const zones = new Map<string, ZoneRow | undefined>();
      const told = new Map<string, ToldAnswer & { readonly zoneId: number }>();
      const serials = new Map<Name, { serial: number; fileSerial: number }>();
      for (const { swap, journal } of commits) {
        this.#swaps.add(swap);
        const key = nameKey(journal.origin);
        if (!zones.has(key)) zones.set(key, this.#zones.find(journal.origin));
        const row = zones.get(key);
        if (row === undefined || this.#journal.isRepeat(row.id, journal)) continue;
        this.#journal.add(row.id, journal);
        told.set(`${row.id} ${swap.type} ${nameKey(swap.owner)}`, {
          ...{ zoneId: row.id, owner: swap.owner, type: swap.type, packed: journal.added },
        });
        serials.set(row.name, { serial: journal.serialAfter, fileSerial: row.fileSerial });
      }
      // Once a zone: thousands of pools of one zone may swap at once.
      for (const [origin, latest] of serials) this.#zones.put(origin, latest);
      for (const { zoneId, ...answer } of told.values()) this.#told.put(zoneId, [answer]);
      for (const serving of servings) this.#swaps.putServing(serving);
    });
  }

  saveTold(origin: Name, answers: readonly ToldAnswer[]): void {
    this.#write(() => this.#told.put(this.#zones.mustFind(origin).id, answers));
  }

  reserveSerials(origin: Name, reservedSerial: number): void {
    this.#write(() => this.#zones.reserve(origin, reservedSerial));
  }

  dropZone(origin: Name): void {
    this.#write(() => this.#zones.drop(origin));
  }

  saveBeliefs(beliefs: readonly StoredBelief[], seen?: BeliefsSeen): void {
    this.#write(() => {
      for (const belief of beliefs) this.#targets.putBelief(belief);
      if (seen !== undefined) this.#targets.see(seen);
    });
  }

  saveServings(servings: readonly StoredServing[]): void {
    this.#write(() => {
      for (const serving of servings) this.#swaps.putServing(serving);
    });
  }

  saveDampings(dampings: readonly StoredDamping[]): void {
    this.#write(() => {
      for (const damping of dampings) this.#addresses.putDamping(damping);
    });
  }

  saveForced(forced: readonly StoredForced[]): void {
    this.#write(() => {
      for (const state of forced) this.#addresses.putForced(state);
    });
  }

  saveHandover(handover: StoredHandover): void {
    this.#write(() => this.#handovers.put(handover));
  }

  addRollups(rollups: readonly ObservationRollup[]): void {
    this.#write(() => {
      for (const rollup of rollups) this.#targets.addRollup(rollup);
    });
  }

  readSwaps(limit: number): readonly SwapRecord[] {
    return this.#read(() => this.#swaps.newest(limit));
  }

  saveCopy(origin: Name, confirmedWallMs: number | undefined): void {
    this.#write(() => this.#zones.confirm(this.#zones.mustFind(origin).id, confirmedWallMs));
  }

  saveDrain(drain: DrainRecord): void {
    this.#write(() => this.#drains.put(drain));
  }

  readDrains(): readonly DrainRecord[] {
    return this.#read(() => this.#drains.all());
  }

  saveDrill(drill: DrillRecord): void {
    this.#write(() => this.#drills.put(drill));
  }

  readDrills(limit: number): readonly DrillRecord[] {
    return this.#read(() => this.#drills.newest(limit));
  }

  readJournal(origin: Name, serial: number): readonly JournalEntry[] | undefined {
    return this.#read(() => {
      const zone = this.#zones.find(origin);
      return zone === undefined ? undefined : this.#journal.since(zone, origin, serial);
    });
  }

  savePropagations(propagations: readonly StoredPropagation[]): void {
    this.#write(() => {
      for (const propagation of propagations) this.#propagations.put(propagation);
    });
  }

  readPropagations(limit: number): readonly StoredPropagation[] {
    return this.#read(() => this.#propagations.newest(limit));
  }

  /** In slices: other operations may be called while it runs. */
  backup(path: string): Promise<{ readonly octets: number }> {
    return this.#slowly(() =>
      backUp({ db: this.#db, source: this.path, path, isStopped: () => this.#isClosing }),
    );
  }

  /** In slices: other operations may be called while it runs. */
  prune(options: PruneOptions): Promise<Pruned> {
    const rows = { zones: this.#zones, journal: this.#journal, swaps: this.#swaps };
    return this.#slowly(() =>
      prune(options, {
        ...rows,
        targets: this.#targets,
        addresses: this.#addresses,
        propagations: this.#propagations,
        db: this.#db,
        write: (run) => this.#write(run),
        isStopped: () => this.#isClosing,
      }),
    );
  }

  /**
   * Closes the file and gives up the lock: at once, or when a backup or pruning that is under way
   * has noticed and stopped.
   */
  close(): Promise<void> {
    this.#isClosing = true;
    const end = (): void => {
      this.#db.close();
      this.#lock?.release();
    };
    if (this.#slow.size > 0) return Promise.allSettled(this.#slow).then(end);
    end();
    return Promise.resolve();
  }

  #read<T>(run: () => T): T {
    this.#mustBeOpen();
    try {
      return run();
    } catch (error) {
      throw storeError(error, "read store", this.path);
    }
  }

  /** One transaction: all of `run` or nothing. */
  #write<T>(run: () => T): T {
    this.#mustBeOpen();
    try {
      return this.#transaction.immediate(run) as T;
    } catch (error) {
      throw storeError(error, "write to store", this.path);
    }
  }

  /** Gives SQLite's cache back after something large went through it, of which nothing is asked again. */
  #shrinkAfter(packed: Uint8Array): void {
    if (packed.length > LARGE_OCTETS) this.#db.pragma("shrink_memory");
  }

  async #slowly<T>(run: () => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    const work = run();
    this.#slow.add(work);
    try {
      return await work;
    } catch (error) {
      throw storeError(error, "maintain store", this.path);
    } finally {
      this.#slow.delete(work);
    }
  }

  #mustBeOpen(): void {
    if (this.#db.open && !this.#isClosing) return;
    throw new StoreError("STORE_CLOSED", `Cannot use store "${this.path}": it is closed`);
  }
}
