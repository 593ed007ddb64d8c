// Serials and the journal: what a secondary sees must add up, whatever crashes.

import type { JournalEntry } from "../../../src/control/ports.ts";
import { nameKey, nameToDisplay } from "../../../src/dns/name.ts";
import { printRdata } from "../../../src/dns/rdata.ts";
import { compareSerial } from "../../../src/dns/serial.ts";
import { typeToText } from "../../../src/dns/types.ts";
import type { RRset } from "../../../src/zone/rrset.ts";
import type { Invariant, View } from "../invariant.ts";
import { APEX } from "../setup.ts";

/** The serial that a client sees never goes back, and stands for one content only. */
export class SerialsAreNew implements Invariant {
  readonly name = "no serial goes back or stands for two contents";
  readonly #contents = new Map<number, ReadonlyMap<string, readonly string[]>>();
  #last: number | undefined;

  check(view: View): string | undefined {
    const serial = view.serial();
    if (serial === undefined) return undefined;
    const last = this.#last;
    if (last !== undefined && serial !== last && compareSerial(serial, last) !== 1) {
      return `${APEX} was at ${last} and is at ${serial}`;
    }
    this.#last = serial;
    if (!view.isReady) return undefined;
    const known = this.#contents.get(serial);
    const content = contentOf(view, known);
    // While an edit waits for the disk a swap is answered at once, its serial behind the edit.
    if (view.plane.disk.waiting > 0 && known !== undefined) return undefined;
    if (known !== undefined && spelled(known) !== spelled(content)) {
      return `${serial} stood for "${spelled(known)}" and stands for "${spelled(content)}"`;
    }
    this.#contents.set(serial, content);
    return undefined;
  }
}

/** All that a script can change, as a client sees it, by owner and type. */
function contentOf(
  view: View,
  known: ReadonlyMap<string, readonly string[]> | undefined,
): ReadonlyMap<string, readonly string[]> {
  const content = new Map([[`txt.${APEX} TXT`, view.reply(`txt.${APEX}`, "TXT").data]]);
  for (const owner of view.owners) {
    for (const type of ["A", "AAAA"] as const) {
      const key = `${owner} ${type}`;
      const { data } = view.answered(owner, type);
      const before = known?.get(key) ?? [];
      // A name whose pool is gone answers as it did until the disk takes what its file says: of a
      // sticky pool, whose members nobody tells any more, one of them.
      const isPool = view.pools.some((pool) => pool.pool === owner && pool.type === type);
      const isDrawn = !isPool && data.length === 1 && before.includes(data[0] ?? "");
      content.set(key, isDrawn ? before : data);
    }
  }
  return content;
}

function spelled(content: ReadonlyMap<string, readonly string[]>): string {
  return [...content].map(([key, data]) => `${key} ${data.join(" ")}`).join(", ");
}

/** Each journal row begins where the one before ended, and takes away only what was there. */
export class JournalIsWhole implements Invariant {
  readonly name = "the journal has no gaps, and its changes lead to what is answered";
  readonly #rrsets = new Map<string, string>();
  #read = 0;
  #serial: number | undefined;
  check(view: View): string | undefined {
    const journal = view.plane.disk.zones.get(nameKey(view.plane.origin))?.journal ?? [];
    while (this.#read < journal.length) {
      const entry = journal[this.#read++];
      const broken = entry === undefined ? undefined : this.#replay(entry);
      if (broken !== undefined) return broken;
    }
    return undefined;
  }

  /** What the journal leads to is what a client gets, once everything is stored. */
  settled(view: View): string | undefined {
    for (const pool of view.pools) {
      const answered = view.answered(pool.pool, pool.type).data.join(" ");
      const led = this.#rrsets.get(`${pool.pool} ${pool.type}`);
      if (led !== undefined && led !== answered) {
        return `${pool.pool} ${pool.type} is "${led}" by the journal, and answered "${answered}"`;
      }
    }
    const serial = view.serial();
    if (serial === this.#serial) return undefined;
    return `the last row ends at ${this.#serial}, and ${serial} is answered`;
  }

  #replay(entry: JournalEntry): string | undefined {
    const { serialBefore, serialAfter, cause } = entry;
    const row = `row ${serialBefore} to ${serialAfter} (${cause})`;
    if (this.#serial !== undefined && serialBefore !== this.#serial) {
      return `${row} follows one that ended at ${this.#serial}`;
    }
    const isForward = compareSerial(serialAfter, serialBefore) === 1;
    const isEmpty = entry.removed.length + entry.added.length === 0;
    if (!isForward && !(isEmpty && serialAfter === serialBefore)) {
      return `${row} does not go forward`;
    }
    this.#serial = serialAfter;
    for (const rrset of entry.removed) {
      const known = this.#rrsets.get(keyOf(rrset));
      const removed = dataOf(rrset);
      if (known !== undefined && known !== removed) {
        return `${row} removes ${keyOf(rrset)} "${removed}", but there is "${known}"`;
      }
      this.#rrsets.set(keyOf(rrset), "");
    }
    for (const rrset of entry.added) {
      const known = this.#rrsets.get(keyOf(rrset));
      if (known !== undefined && known !== "") {
        return `${row} adds ${keyOf(rrset)}, but there is "${known}"`;
      }
      this.#rrsets.set(keyOf(rrset), dataOf(rrset));
    }
    return undefined;
  }
}

function keyOf({ owner, type }: RRset): string {
  return `${nameToDisplay(owner)} ${typeToText(type)}`;
}

function dataOf({ type, rdatas }: RRset): string {
  // As the client and status name hosts: without the final dot.
  return rdatas
    .map((rdata) => printRdata(type, rdata).replace(/\.$/, ""))
    .sort()
    .join(" ");
}

/** What is stored is what is answered, once everything had time. */
export class DiskFollows implements Invariant {
  readonly name = "the store holds what is answered";

  settled(view: View): string | undefined {
    const { store, pools } = view.status;
    if (store.state !== "ok" || store.waiting > 0) {
      return `the store is ${store.state}, ${store.waiting} swaps wait`;
    }
    for (const pool of pools) {
      const type = pool.type === "A" ? 1 : 28;
      const servings = [...view.plane.disk.servings.values()];
      const stored = servings.find(
        (serving) => serving.type === type && nameToDisplay(serving.owner) === pool.pool,
      );
      if (stored === undefined || stored.code === "unbound") continue;
      const ids = stored.memberIds.join(" ");
      if (ids !== pool.serving.join(" ")) {
        return `${pool.pool} ${pool.type} serves "${pool.serving.join(" ")}", stored is "${ids}"`;
      }
    }
    return undefined;
  }
}
