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
 * Walks both zones side by side: what stands at the same place in both, octet for octet, is passed
 * over without a look-up.
 */
export function diffZones(before: Zone, after: Zone): readonly RRsetChange[] {
  const changes: RRsetChange[] = [];
  const olds = before.walk();
  const news = after.walk();
  while (!olds.isDone || !news.isDone) {
    if (!olds.isDone && !news.isDone && olds.isSameEntry(news)) {
      olds.next();
      news.next();
      continue;
    }
    const old = olds.isDone ? undefined : olds.rrset;
    const now = news.isDone ? undefined : news.rrset;
    if (old !== undefined && now !== undefined && isSameKey(old, now)) {
      if (!isSameContent(old, now, before.origin)) changes.push(setting(now));
      olds.next();
      news.next();
    } else if (now !== undefined && !holds(before, now)) {
      changes.push(setting(now));
      news.next();
    } else if (old !== undefined && !holds(after, old)) {
      changes.push({ owner: old.owner, type: old.type, rrset: undefined });
      olds.next();
    } else {
      // Both stand elsewhere in the other zone: the new one is compared with its old self.
      const self = now === undefined ? undefined : before.get(now.owner, now.type);
      if (now !== undefined && self !== undefined && !equalRRsets(self, now)) {
        changes.push(setting(now));
      }
      news.next();
      olds.next();
    }
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
