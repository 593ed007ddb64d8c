// A store in memory whose disk the simulation can fill, hang or take away. It passes the same
// conformance suite as the real one.

import type {
  JournalEntry,
  ObservationRollup,
  StoredBelief,
  StoredServing,
  StoredState,
  StoredZone,
  StorePort,
  SwapCommit,
  SwapRecord,
  ZoneCommit,
} from "../../src/control/ports.ts";
import { type Name, nameKey } from "../../src/dns/name.ts";
import { packRRsets, unpackRRsets } from "../../src/zone/pack.ts";
import type { RRset } from "../../src/zone/rrset.ts";

/** What the disk does with writes: takes them, refuses them, or keeps them waiting. */
export type Disk = "ok" | "full" | "hangs";

interface ZoneRows {
  zone: StoredZone;
  readonly rrsets: Map<string, RRset>;
  readonly journal: JournalEntry[];
}

const EARLIER_MAX = 10_000;

/** What survives a crash: hand the same disk to the next store. */
export class SimulatedDisk {
  readonly zones = new Map<string, ZoneRows>();
  readonly beliefs = new Map<string, StoredBelief>();
  readonly servings = new Map<string, StoredServing>();
  readonly swaps = new Map<number, SwapRecord>();
  readonly rollups: ObservationRollup[] = [];
  state: Disk = "ok";
  #waiting: (() => void)[] = [];

  /** Lets writes through again, those that hang first. */
  mend(): void {
    this.state = "ok";
    for (const go of this.#waiting.splice(0)) go();
  }

  /** The process died: nobody waits for these writes any more. */
  forgetWaiting(): void {
    this.#waiting = [];
  }

  async write(run: () => void): Promise<void> {
    if (this.state === "full") {
      const full = new Error("Cannot write to the store: the disk is full");
      throw Object.assign(full, { code: "STORE_FULL" });
    }
    if (this.state === "hangs") await new Promise<void>((go) => this.#waiting.push(go));
    run();
  }
}

/** A `StorePort` over a simulated disk. */
export class MemoryStore implements StorePort {
  readonly #disk: SimulatedDisk;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  async readState(): Promise<StoredState> {
    const { zones, beliefs, servings, swaps } = this.#disk;
    return {
      zones: [...zones.values()].map((rows) => rows.zone),
      beliefs: [...beliefs.values()],
      servings: [...servings.values()],
      lastSwapId: Math.max(0, ...swaps.keys()),
    };
  }

  async readZone(origin: Name): Promise<Uint8Array> {
    return packRRsets(this.#disk.zones.get(nameKey(origin))?.rrsets.values() ?? []);
  }

  commitZone(commit: ZoneCommit): Promise<void> {
    return this.#disk.write(() => {
      const { origin, serialAfter } = commit.journal;
      const known = this.#disk.zones.get(nameKey(origin));
      const reservedSerial = known?.zone.reservedSerial ?? serialAfter;
      const zone = { origin, serial: serialAfter, fileSerial: commit.fileSerial, reservedSerial };
      const rrsets = commit.replacesAll || known === undefined ? new Map() : known.rrsets;
      for (const rrset of unpackRRsets(commit.rrsets)) {
        const key = `${rrset.type} ${nameKey(rrset.owner)}`;
        if (rrset.rdatas.length === 0) rrsets.delete(key);
        else rrsets.set(key, rrset);
      }
      const journal = [...(known?.journal ?? []), commit.journal];
      this.#disk.zones.set(nameKey(origin), { zone, rrsets, journal });
    });
  }

  commitSwaps(commits: readonly SwapCommit[], servings: readonly StoredServing[]): Promise<void> {
    return this.#disk.write(() => {
      for (const { swap, journal } of commits) {
        this.#disk.swaps.set(swap.id, swap);
        const rows = this.#disk.zones.get(nameKey(journal.origin));
        if (rows === undefined) continue;
        rows.journal.push(journal);
        rows.zone = { ...rows.zone, serial: journal.serialAfter };
      }
      this.#keep(servings);
    });
  }

  reserveSerials(origin: Name, reservedSerial: number): Promise<void> {
    return this.#disk.write(() => {
      const rows = this.#disk.zones.get(nameKey(origin));
      if (rows !== undefined) rows.zone = { ...rows.zone, reservedSerial };
    });
  }

  dropZone(origin: Name): Promise<void> {
    return this.#disk.write(() => {
      this.#disk.zones.delete(nameKey(origin));
    });
  }

  saveBeliefs(beliefs: readonly StoredBelief[]): Promise<void> {
    return this.#disk.write(() => {
      for (const belief of beliefs) this.#disk.beliefs.set(belief.targetId, belief);
    });
  }

  saveServings(servings: readonly StoredServing[]): Promise<void> {
    return this.#disk.write(() => this.#keep(servings));
  }

  addRollups(rollups: readonly ObservationRollup[]): Promise<void> {
    return this.#disk.write(() => {
      this.#disk.rollups.push(...rollups);
    });
  }

  async readSwaps(limit: number): Promise<readonly SwapRecord[]> {
    return [...this.#disk.swaps.values()].sort((a, b) => b.id - a.id).slice(0, limit);
  }

  async readJournal(origin: Name, serial: number): Promise<readonly JournalEntry[] | undefined> {
    const journal = this.#disk.zones.get(nameKey(origin))?.journal ?? [];
    const from = journal.findLastIndex((entry) => entry.serialAfter === serial);
    return from < 0 ? undefined : journal.slice(from + 1);
  }

  async backup(): Promise<{ octets: number }> {
    return { octets: 0 };
  }

  async prune(): Promise<{ rollups: number; journalRows: number }> {
    const rollups = this.#disk.rollups.splice(0, EARLIER_MAX).length;
    return { rollups, journalRows: 0 };
  }

  async close(): Promise<void> {}

  #keep(servings: readonly StoredServing[]): void {
    for (const serving of servings) {
      this.#disk.servings.set(`${serving.type} ${nameKey(serving.owner)}`, serving);
    }
  }
}
