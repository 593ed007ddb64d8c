// A disk that the simulation can slow down, fill or hang, with the real store on it. Writes are
// taken one after the other, as by the store's own thread; a crash of the process loses those that
// wait. What was written is mirrored, so that a test can look at it without asking.

import type { Time } from "../../src/base/clock.ts";
import type {
  JournalEntry,
  StoredServing,
  StorePort,
  SwapCommit,
  SwapRecord,
  ZoneCommit,
} from "../../src/control/ports.ts";
import type { StoredBelief } from "../../src/control/ports-beliefs.ts";
import { nameKey } from "../../src/dns/name.ts";
import { packEntry } from "../../src/store/journal-rows.ts";
import { openStore } from "../../src/store/open.ts";

/** What the disk does with writes: takes them, refuses them, or keeps them waiting. */
export type DiskState = "ok" | "full" | "hangs";

interface Work {
  readonly isWrite: boolean;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What survives a crash: hand the same disk to the next store. */
export class SimulatedDisk {
  /** Every journal row that was written, by zone. */
  readonly zones = new Map<string, { readonly journal: JournalEntry[] }>();
  readonly swaps = new Map<number, SwapRecord>();
  /** By type and owner. */
  readonly servings = new Map<string, StoredServing>();
  /** How many writes were done. */
  writes = 0;
  readonly #time: Time;
  readonly #latencyMs: () => number;
  readonly #store = openStore(":memory:");
  #state: DiskState = "ok";
  #queue: Work[] = [];
  #isBusy = false;

  /** @param latencyMs drawn for each operation; 0 is "at once", without a timer. */
  constructor(time: Time, latencyMs: () => number = () => 0) {
    this.#time = time;
    this.#latencyMs = latencyMs;
  }

  get state(): DiskState {
    return this.#state;
  }

  set state(state: DiskState) {
    this.#state = state;
    if (state !== "hangs") this.#pump();
  }

  /** As a start would read them. */
  get beliefs(): readonly StoredBelief[] {
    return this.#store.readState().beliefs;
  }

  /** Operations that are not answered yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Lets writes through again, those that hang first. */
  mend(): void {
    this.state = "ok";
  }

  /** The process died: what was not written never will be. */
  forgetWaiting(): void {
    this.#queue = [];
    this.#isBusy = false;
  }

  close(): Promise<void> {
    this.forgetWaiting();
    return this.#store.close();
  }

  /** A store on this disk, as a starting control thread is given one. */
  port(): StorePort {
    const store = this.#store;
    const read = <T>(run: () => T): Promise<T> => this.#ask(false, run);
    const write = <T>(run: () => T): Promise<T> => this.#ask(true, run);
    return {
      readState: () => read(() => store.readState()),
      readZone: (origin) => read(() => store.readZone(origin)),
      commitZone: (commit) => write(() => this.#commitZone(commit)),
      commitSwaps: (commits, servings) => write(() => this.#commitSwaps(commits, servings)),
      reserveSerials: (origin, serial) => write(() => store.reserveSerials(origin, serial)),
      dropZone: (origin) => write(() => store.dropZone(origin)),
      saveBeliefs: (beliefs, seen) => write(() => store.saveBeliefs(beliefs, seen)),
      saveServings: (servings) => write(() => this.#saveServings(servings)),
      saveDampings: (dampings) => write(() => store.saveDampings(dampings)),
      saveHandover: (handover) => write(() => store.saveHandover(handover)),
      saveForced: (forced) => write(() => store.saveForced(forced)),
      addRollups: (rollups) => write(() => store.addRollups(rollups)),
      readSwaps: (limit) => read(() => store.readSwaps(limit)),
      saveTold: (origin, answers) => write(() => store.saveTold(origin, answers)),
      saveCopy: (origin, wallMs) => write(() => store.saveCopy(origin, wallMs)),
      saveDrain: (drain) => write(() => store.saveDrain(drain)),
      readDrains: () => read(() => store.readDrains()),
      saveDrill: (drill) => write(() => store.saveDrill(drill)),
      readDrills: (limit) => read(() => store.readDrills(limit)),
      readJournal: (origin, serial) => read(() => store.readJournal(origin, serial)),
      savePropagations: (stories) => write(() => store.savePropagations(stories)),
      readPropagations: (limit) => read(() => store.readPropagations(limit)),
      backup: () => Promise.reject(new Error("Cannot back up: not simulated")),
      prune: (options) => this.#ask(true, () => store.prune(options)).then((pruned) => pruned),
      close: () => Promise.resolve(),
    };
  }

  #commitZone(commit: ZoneCommit): void {
    this.#store.commitZone({ ...commit, journal: packEntry(commit.journal) });
    this.#noteJournal(commit.journal);
  }

  #commitSwaps(commits: readonly SwapCommit[], servings: readonly StoredServing[]): void {
    const packed = commits.map((commit) => ({ ...commit, journal: packEntry(commit.journal) }));
    this.#store.commitSwaps(packed, servings);
    for (const { swap, journal } of commits) {
      this.swaps.set(swap.id, swap);
      this.#noteJournal(journal);
    }
    this.#noteServings(servings);
  }

  #saveServings(servings: readonly StoredServing[]): void {
    this.#store.saveServings(servings);
    this.#noteServings(servings);
  }

  #noteServings(servings: readonly StoredServing[]): void {
    for (const serving of servings) {
      this.servings.set(`${serving.type} ${nameKey(serving.owner)}`, serving);
    }
  }

  #noteJournal(entry: JournalEntry): void {
    const key = nameKey(entry.origin);
    const rows = this.zones.get(key) ?? { journal: [] };
    rows.journal.push(entry);
    this.zones.set(key, rows);
  }

  #ask<T>(isWrite: boolean, run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const take = (value: unknown): void => resolve(value as T);
      this.#queue.push({ isWrite, run, resolve: take, reject });
      this.#pump();
    });
  }

  /** Serves the queue as far as the disk lets it. */
  #pump(): void {
    while (!this.#isBusy) {
      const work = this.#queue[0];
      if (work === undefined || (work.isWrite && this.#state === "hangs")) return;
      const latencyMs = this.#latencyMs();
      if (latencyMs === 0) {
        this.#finish(work);
        continue;
      }
      this.#isBusy = true;
      this.#time.after(latencyMs, () => {
        if (this.#queue[0] !== work) return;
        this.#isBusy = false;
        if (work.isWrite && this.#state === "hangs") return;
        this.#finish(work);
        this.#pump();
      });
    }
  }

  #finish(work: Work): void {
    this.#queue.shift();
    if (work.isWrite && this.#state === "full") {
      const full = new Error("Cannot write to the store: the disk is full");
      work.reject(Object.assign(full, { code: "STORE_FULL" }));
      return;
    }
    try {
      const value = work.run();
      if (work.isWrite) this.writes++;
      work.resolve(value);
    } catch (error) {
      work.reject(error);
    }
  }
}
