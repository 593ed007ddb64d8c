// A zone under an update: what was touched so far, over what the zone holds. Records are told apart by
// their canonical form, so that an RRset of thousands costs no more than one look each.

import { type Name, nameKey } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import { RRSET_OCTETS_MAX } from "../zone/build.ts";
import type { RRsetChange } from "../zone/change.ts";
import { equalRRsets } from "../zone/diff.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Zone } from "../zone/zone.ts";

/** An RRset under change; without records, it is gone. */
export interface DraftRRset {
  readonly owner: Name;
  readonly type: number;
  ttl: number;
  /** By their canonical form, in their order. */
  readonly records: Map<string, Uint8Array>;
}

/** What an update has made of a zone so far. */
export class UpdateDraft {
  readonly zone: Zone;
  readonly #touched = new Map<string, Map<number, DraftRRset>>();

  constructor(zone: Zone) {
    this.zone = zone;
  }

  get origin(): Name {
    return this.zone.origin;
  }

  /** Whether there is such an RRset by now. */
  holds(owner: Name, type: number): boolean {
    const touched = this.#touched.get(nameKey(owner))?.get(type);
    return touched === undefined ? this.zone.holds(owner, type) : touched.records.size > 0;
  }

  /** The types that the owner holds by now. */
  typesAt(owner: Name): number[] {
    const types = new Set(this.zone.rrsetsAt(owner).map(({ type }) => type));
    for (const type of this.#touched.get(nameKey(owner))?.keys() ?? []) types.add(type);
    return [...types].filter((type) => this.holds(owner, type));
  }

  /** An RRset, to be changed in place; it may be without records. */
  at(owner: Name, type: number): DraftRRset {
    const key = nameKey(owner);
    const types = this.#touched.get(key) ?? new Map<number, DraftRRset>();
    this.#touched.set(key, types);
    const found = types.get(type) ?? draftOf(this.zone.get(owner, type), owner, type);
    types.set(type, found);
    return found;
  }

  /** An RRset that no answer could carry. */
  overlong(): DraftRRset | undefined {
    const all = [...this.#touched.values()].flatMap((types) => [...types.values()]);
    return all.find(({ records }) => {
      let octets = 0;
      for (const rdata of records.values()) octets += 2 + rdata.length;
      return octets > RRSET_OCTETS_MAX;
    });
  }

  /** What differs from the zone. */
  changes(): RRsetChange[] {
    const changes: RRsetChange[] = [];
    for (const types of this.#touched.values()) {
      for (const { owner, type, ttl, records } of types.values()) {
        const rrset =
          records.size === 0 ? undefined : { owner, type, ttl, rdatas: [...records.values()] };
        const before = this.zone.get(owner, type);
        const isSame =
          rrset === undefined || before === undefined
            ? rrset === before
            : equalRRsets(before, rrset);
        if (!isSame) changes.push({ owner, type, rrset });
      }
    }
    return changes;
  }
}

/** What tells a record of an RRset from its others: names in it count without regard to case. */
export function recordKey(type: number, rdata: Uint8Array): string {
  return Buffer.from(canonicalRdata(type, rdata)).toString("latin1");
}

function draftOf(rrset: RRset | undefined, owner: Name, type: number): DraftRRset {
  const records = (rrset?.rdatas ?? []).map((rdata): [string, Uint8Array] => {
    return [recordKey(type, rdata), rdata];
  });
  const spelling = rrset?.owner ?? owner;
  return { owner: spelling, type, ttl: rrset?.ttl ?? 0, records: new Map(records) };
}
