// What a secondary at one serial needs to be at another: journal rows, folded into one step.

import { nameKey } from "../dns/name.ts";
import type { RRset } from "../zone/rrset.ts";

/** What one published change took away and brought: whole RRsets, as they were and as they are. */
export interface Step {
  readonly removed: readonly RRset[];
  readonly added: readonly RRset[];
}

/** Records to delete and to add; RRsets of the same owner and type may stand on both sides. */
export interface Difference {
  /** With the SOA as it was, where more of it has changed than its serial. */
  readonly removed: readonly RRset[];
  readonly added: readonly RRset[];
}

interface Touched {
  readonly before: RRset | undefined;
  after: RRset | undefined;
}

/**
 * The net effect of steps, oldest first (RFC 1995 section 5 calls it condensation). A record that is
 * there before and after with the same TTL is on neither side.
 */
export function condense(steps: readonly Step[]): Difference {
  const touched = new Map<string, Touched>();
  for (const step of steps) {
    const added = new Map(step.added.map((rrset) => [keyOf(rrset), rrset]));
    for (const rrset of step.removed) {
      const key = keyOf(rrset);
      const known = touched.get(key);
      if (known === undefined) touched.set(key, { before: rrset, after: added.get(key) });
      else known.after = added.get(key);
    }
    for (const [key, rrset] of added) {
      const known = touched.get(key);
      if (known === undefined) touched.set(key, { before: undefined, after: rrset });
      else known.after = rrset;
    }
  }
  const removed: RRset[] = [];
  const added: RRset[] = [];
  for (const { before, after } of touched.values()) {
    const gone = without(before, after);
    const come = without(after, before);
    if (gone !== undefined) removed.push(gone);
    if (come !== undefined) added.push(come);
  }
  return { removed, added };
}

/** Records on both sides. */
export function differenceRecords({ removed, added }: Difference): number {
  return [...removed, ...added].reduce((sum, rrset) => sum + rrset.rdatas.length, 0);
}

/** What of `rrset` is not in `other`; all of it where their TTLs differ. */
function without(rrset: RRset | undefined, other: RRset | undefined): RRset | undefined {
  if (rrset === undefined || rrset.rdatas.length === 0) return undefined;
  if (other === undefined || other.ttl !== rrset.ttl) return rrset;
  const kept = new Set(other.rdatas.map(octetsKey));
  const rdatas = rrset.rdatas.filter((rdata) => !kept.has(octetsKey(rdata)));
  return rdatas.length === 0 ? undefined : { ...rrset, rdatas };
}

function keyOf({ owner, type }: RRset): string {
  return `${type} ${nameKey(owner)}`;
}

function octetsKey(octets: Uint8Array): string {
  return Buffer.from(octets).toString("latin1");
}
