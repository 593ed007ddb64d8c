// Which names of a zone a pool may stand at, and what the zone file holds there.

import { type Family, ipToText } from "../base/ip.ts";
import {
  equalNames,
  isAtOrBelow,
  type Name,
  nameKey,
  nameToDisplay,
  parentOf,
} from "../dns/name.ts";
import type { Zone } from "../zone/zone.ts";

const TYPE_A = 1;
const TYPE_NS = 2;
const TYPE_CNAME = 5;
const TYPE_AAAA = 28;

/** Answers where a pool may stand; reads the zone's NS records once, when first asked. */
export interface OwnerRules {
  /** Why `owner` cannot have a pool so (`state; mend`), or `undefined` when it can. */
  refusal(owner: Name, of: "addresses" | "hosts"): string | undefined;
  /** The name that the zone file makes `owner` an alias of. */
  alias(owner: Name): string | undefined;
  /** The addresses the zone file gives `owner`, in its order. */
  addresses(owner: Name, family: Family): readonly string[];
}

/** The rules of one zone. */
export function ownerRules(zone: Zone): OwnerRules {
  let nameServers: ReadonlySet<string> | undefined;
  return {
    refusal: (owner, of) => {
      const refused =
        refusalByPlace(zone, owner) ??
        (of === "hosts" ? refusalOfHosts(zone, owner) : refusalOfAddresses(zone, owner));
      if (refused !== undefined) return refused;
      nameServers ??= nameServersOf(zone);
      if (!nameServers.has(nameKey(owner))) return undefined;
      return "it is a name server of the zone or of a delegation; use a name that no NS record names";
    },
    alias: (owner) => {
      const [target] = zone.get(owner, TYPE_CNAME)?.rdatas ?? [];
      return target === undefined ? undefined : nameToDisplay(target).toLowerCase();
    },
    addresses: (owner, family) =>
      zone.get(owner, typeOf(family))?.rdatas.map((rdata) => ipToText(rdata)) ?? [],
  };
}

function refusalByPlace(zone: Zone, owner: Name): string | undefined {
  const origin = nameToDisplay(zone.origin);
  if (!isAtOrBelow(owner, zone.origin)) {
    return `it is not in zone "${origin}"; use a name that ends in ${origin}`;
  }
  const cut = cutAbove(zone, owner);
  if (cut !== undefined) {
    const where = `at or below the delegation "${nameToDisplay(cut)}"`;
    return `it is ${where}, whose names other servers answer; use a name above it`;
  }
  return undefined;
}

function refusalOfAddresses(zone: Zone, owner: Name): string | undefined {
  const held = zone.rrsetsAt(owner);
  if (held.length === 0) {
    return "the zone file has no record of this name; add its A or AAAA records there";
  }
  if (held.some((rrset) => rrset.type === TYPE_CNAME)) {
    return "it is a CNAME in the zone file; put A or AAAA records in its place, or list host names";
  }
  if (!held.some((rrset) => rrset.type === TYPE_A || rrset.type === TYPE_AAAA)) {
    return "it has neither A nor AAAA records in the zone file; add them there";
  }
  return undefined;
}

/** A name that is an alias holds nothing else (RFC 1034 section 3.6.2), which an apex cannot. */
function refusalOfHosts(zone: Zone, owner: Name): string | undefined {
  if (equalNames(owner, zone.origin)) {
    return "it is the zone's apex, which cannot be an alias of a host; list addresses";
  }
  const held = zone.rrsetsAt(owner);
  if (held.length === 0) {
    return "the zone file has no record of this name; add a CNAME record to one of its hosts there";
  }
  if (held.some((rrset) => rrset.type === TYPE_CNAME)) return undefined;
  return "it has other records than a CNAME in the zone file; put a CNAME in their place, or list addresses";
}

/** The delegation that `owner` is or lies below, if there is one. */
function cutAbove(zone: Zone, owner: Name): Name | undefined {
  let at: Name | undefined = owner;
  while (at !== undefined && !equalNames(at, zone.origin)) {
    if (zone.get(at, TYPE_NS) !== undefined) return at;
    at = parentOf(at);
  }
  return undefined;
}

function nameServersOf(zone: Zone): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const rrset of zone.rrsets()) {
    if (rrset.type !== TYPE_NS) continue;
    for (const rdata of rrset.rdatas) keys.add(nameKey(rdata));
  }
  return keys;
}

function typeOf(family: Family): number {
  return family === 4 ? TYPE_A : TYPE_AAAA;
}
