// The newest rows of all journals, in memory: secondaries that are nearly up to date are led on from
// here, without the disk, and however fast one edit follows another.

import { type Name, nameKey } from "../dns/name.ts";
import type { Step } from "../transfer/difference.ts";
import { packRRsets, unpackRRsets } from "../zone/pack.ts";
import type { JournalEntry } from "./ports.ts";

/** Rows of all zones together. */
const ROWS_MAX = 1024;
/** What they hold, packed, in octets. A row that is longer than a part of it is not kept. */
const OCTETS_MAX = 0x10_0000;
const ROW_OCTETS_MAX = 0x1_0000;

/** A step from one serial of a zone to the next that secondaries may have. */
export interface JournalStep extends Step {
  readonly serialAfter: number;
}

/** Packed, as RRsets would keep alive the memory of zones that are served no more. */
interface Row {
  readonly zone: string;
  readonly serialBefore: number;
  readonly serialAfter: number;
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
}

/** Keeps rows that are stored. */
export class RecentJournal {
  #rows: Row[] = [];
  #octets = 0;

  /** Takes rows that were stored, in their order. */
  add(entries: readonly JournalEntry[]): void {
    for (const { origin, serialBefore, serialAfter, removed, added } of entries.slice(-ROWS_MAX)) {
      const packed = { removed: packRRsets(removed), added: packRRsets(added) };
      const row = { zone: nameKey(origin), serialBefore, serialAfter, ...packed };
      if (octetsOf(row) > ROW_OCTETS_MAX) continue;
      this.#rows.push(row);
      this.#octets += octetsOf(row);
    }
    let old = Math.max(0, this.#rows.length - ROWS_MAX);
    for (let i = 0; i < old; i++) this.#octets -= octetsOf(this.#rows[i]);
    for (; this.#octets > OCTETS_MAX; old++) this.#octets -= octetsOf(this.#rows[old]);
    this.#rows = this.#rows.slice(old);
  }

  /** Forgets a zone's rows: its journal begins anew. */
  forget(origin: Name): void {
    const zone = nameKey(origin);
    this.#rows = this.#rows.filter((row) => row.zone !== zone);
    this.#octets = this.#rows.reduce((sum, row) => sum + octetsOf(row), 0);
  }

  /** The rows that lead on from a serial without a gap, oldest first; none where it is not known. */
  from(origin: Name, serial: number): JournalStep[] {
    const zone = nameKey(origin);
    const steps: JournalStep[] = [];
    let reached = serial;
    for (const row of this.#rows) {
      if (row.zone !== zone || row.serialBefore !== reached) continue;
      reached = row.serialAfter;
      const [removed, added] = [row.removed, row.added].map((packed) => [...unpackRRsets(packed)]);
      steps.push({ serialAfter: reached, removed: removed ?? [], added: added ?? [] });
    }
    return steps;
  }
}

function octetsOf(row: Row | undefined): number {
  return row === undefined ? 0 : row.removed.length + row.added.length;
}
