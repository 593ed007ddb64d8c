// What turns one zone into another, RRset by RRset.

import { equalNames, type Name } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import type { RRsetChange } from "./change.ts";
import type { RRset } from "./rrset.ts";
import { withSerial } from "./soa.ts";
import type { Zone } from "./zone.ts";

/**
 * The changes that turn `before` into `after`: `before.with(diffZones(before, after))` holds the
 * same RRsets as `after`. The order inside an RRset, and the letter case of rdata, count; the order
 * of RRsets and the case of owners do not. An SOA that differs in its serial alone is no change.
 *
 * Walks both zones side by side: what stands at the same place in both is found without a look-up.
 */
export function diffZones(before: Zone, after: Zone): readonly RRsetChange[] {
  const changes: RRsetChange[] = [];
  const olds = before.rrsets();
  const news = after.rrsets();
  let old = olds.next();
  let now = news.next();
  while (old.done !== true || now.done !== true) {
    if (old.done === true || now.done === true || !isSameKey(old.value, now.value)) {
      const isAdded = now.done !== true && !holds(before, now.value);
      const isDeleted = old.done !== true && !holds(after, old.value);
      if (isAdded) {
        changes.push(setting(now.value));
        now = news.next();
      } else if (isDeleted) {
        changes.push({ owner: old.value.owner, type: old.value.type, rrset: undefined });
        old = olds.next();
      } else {
        // Both stand elsewhere in the other zone: the new one is compared with its old self.
        if (now.done !== true) {
          const self = before.get(now.value.owner, now.value.type);
          if (self !== undefined && !equalRRsets(self, now.value)) changes.push(setting(now.value));
          now = news.next();
        }
        if (old.done !== true) old = olds.next();
      }
      continue;
    }
    if (!isSameContent(old.value, now.value, before.origin)) changes.push(setting(now.value));
    old = olds.next();
    now = news.next();
  }
  return changes;
}

/** What takes `changes` back: what `zone`, to which they have not been applied, holds instead. */
export function invertChanges(zone: Zone, changes: readonly RRsetChange[]): readonly RRsetChange[] {
  return changes.map(({ owner, type }) => ({ owner, type, rrset: zone.get(owner, type) }));
}

/** Whether two RRsets of one owner and type hold the same records in the same order. */
export function equalRRsets(a: RRset, b: RRset): boolean {
  if (a.ttl !== b.ttl || a.type !== b.type || a.rdatas.length !== b.rdatas.length) return false;
  return a.rdatas.every((rdata, i) => equalOctets(rdata, b.rdatas[i]));
}

function setting(rrset: RRset): RRsetChange {
  return { owner: rrset.owner, type: rrset.type, rrset };
}

function holds(zone: Zone, rrset: RRset): boolean {
  return zone.holds(rrset.owner, rrset.type);
}

function isSameKey(a: RRset, b: RRset): boolean {
  return a.type === b.type && equalNames(a.owner, b.owner);
}

function isSameContent(before: RRset, after: RRset, origin: Name): boolean {
  const isApexSoa = after.type === TYPE.SOA && equalNames(after.owner, origin);
  return isApexSoa
    ? equalRRsets(withSerial(before, 0), withSerial(after, 0))
    : equalRRsets(before, after);
}

function equalOctets(a: Uint8Array, b: Uint8Array | undefined): boolean {
  if (b === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
