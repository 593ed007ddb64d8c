// The edit: what a zone file, the API, an update and a swap all become before anything is published.

import type { Name } from "../dns/name.ts";
import { packRRsets, unpackRRsets } from "./pack.ts";
import type { RRset } from "./rrset.ts";

/** One RRset of a zone as it is to be from now on. */
export interface RRsetChange {
  readonly owner: Name;
  readonly type: number;
  /** The whole new RRset, with the same owner and type; `undefined` deletes it. */
  readonly rrset: RRset | undefined;
}

/** Changes in the pack format; a deletion is an entry without records. */
export function packChanges(changes: readonly RRsetChange[]): Uint8Array {
  return packRRsets(changes.map(({ owner, type, rrset }) => rrset ?? nothing(owner, type)));
}

/** The changes that `packChanges` has packed, in their order. @throws PackError */
export function unpackChanges(packed: Uint8Array): RRsetChange[] {
  return Array.from(unpackRRsets(packed), (rrset) => {
    const { owner, type } = rrset;
    return { owner, type, rrset: rrset.rdatas.length === 0 ? undefined : rrset };
  });
}

function nothing(owner: Name, type: number): RRset {
  return { owner, type, ttl: 0, rdatas: [] };
}
