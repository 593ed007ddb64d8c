// What makes a zone unfit to be served, or doubtful, beyond the syntax of its file.
//
// Errors are what named-checkzone or Knot refuse and the RFCs forbid; where only one of the two
// refuses something that can be served, it is a warning.

import {
  equalNames,
  isAtOrBelow,
  isWildcard,
  type Name,
  nameToDisplay,
  parentOf,
  ROOT,
} from "../dns/name.ts";
import { TYPE, typeToText } from "../dns/types.ts";
import type { RRset, RRsetKey } from "./rrset.ts";
import type { Zone } from "./zone.ts";

/** One complaint about a zone: a sentence that says what is wrong and how to mend it. */
export interface ZoneProblem {
  readonly severity: "error" | "warning";
  /** Stable, kebab-case. */
  readonly code: string;
  readonly owner: Name;
  readonly type?: number;
  readonly message: string;
  /** Where the record was read, as `ZoneBuilder.add` was told; absent where that is not known. */
  readonly position?: number;
}

/** What may stand beside a CNAME (RFC 4034 section 2.5, RFC 4035 section 2.5, RFC 2535 KEYs). */
export const BESIDE_CNAME = new Set<number>([
  TYPE.CNAME,
  TYPE.RRSIG,
  TYPE.NSEC,
  TYPE.NSEC3,
  TYPE.KEY,
  TYPE.SIG,
  TYPE.NXT,
]);

/** What a parent may say at a zone cut: the delegation, its proofs, and glue for itself. */
const AT_CUT = new Set<number>([
  TYPE.NS,
  TYPE.DS,
  TYPE.RRSIG,
  TYPE.NSEC,
  TYPE.A,
  TYPE.AAAA,
  TYPE.CNAME,
  TYPE.DNAME,
]);

/** What may lie below a zone cut: addresses, which may be glue, and their leftovers of signing. */
const BELOW_CUT = new Set<number>([TYPE.A, TYPE.AAAA, TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3]);

/** The types with something to check in themselves. */
const CHECKED_TYPES = new Set<number>([
  TYPE.SOA,
  TYPE.CNAME,
  TYPE.DNAME,
  TYPE.NS,
  TYPE.MX,
  TYPE.SRV,
  TYPE.DS,
]);

type Note = (
  severity: ZoneProblem["severity"],
  code: string,
  rrset: RRsetKey,
  message: string,
) => void;

interface Check {
  readonly zone: Zone;
  readonly note: Note;
  /** Whether any owner is hidden by a delegation or a DNAME; most zones can skip the question. */
  readonly hasCuts: boolean;
  readonly hasDnames: boolean;
}

/**
 * Every complaint about a zone, in the order of its RRsets. Costs one walk over the zone, and for
 * zones with delegations or DNAMEs a look-up for each level of each owner's name.
 */
export function checkZone(zone: Zone): readonly ZoneProblem[] {
  const problems: ZoneProblem[] = [];
  const note: Note = (severity, code, { owner, type }, message) => {
    problems.push({ severity, code, owner, type, message });
  };
  const check = { zone, note, ...hidingTypes(zone) };
  checkApex(check);
  const hidesNone = !check.hasCuts && !check.hasDnames;
  for (const walk = zone.walk(); !walk.isDone; walk.next()) {
    const { type } = walk;
    const isChecked = CHECKED_TYPES.has(type);
    // Most entries end here, a million times for a large zone: no object is made for them.
    if (hidesNone && !isChecked && walk.isOwnerAtOrBelow(zone.origin)) continue;
    const key = { owner: walk.owner, type };
    checkPlace(check, key);
    if (!isChecked) continue;
    const rrset = zone.get(key.owner, key.type);
    if (rrset !== undefined) checkRRset(check, rrset);
  }
  return problems;
}

function hidingTypes(zone: Zone): { hasCuts: boolean; hasDnames: boolean } {
  const counts = zone.typeCounts();
  const delegations = (counts.get(TYPE.NS) ?? 0) - (zone.holds(zone.origin, TYPE.NS) ? 1 : 0);
  return { hasCuts: delegations > 0, hasDnames: counts.has(TYPE.DNAME) };
}

function checkApex({ zone, note }: Check): void {
  const { origin, soa } = zone;
  if (soa.rdatas.length > 1) {
    note("error", "soa-several", soa, "the zone has several SOA records; keep one");
  }
  if (!zone.holds(origin, TYPE.NS)) {
    const message = "the zone has no NS record at its apex; add its name servers";
    note("error", "ns-missing", { owner: origin, type: TYPE.NS }, message);
  }
}

/** Whether an RRset is where it can be answered from: in the zone, below no cut and no DNAME. */
function checkPlace(check: Check, rrset: RRsetKey): void {
  const { zone, note } = check;
  const { owner, type } = rrset;
  if (!isAtOrBelow(owner, zone.origin)) {
    const message = `the owner is not in zone "${nameToDisplay(zone.origin)}"; remove the record`;
    note("error", "out-of-zone", rrset, message);
    return;
  }
  const dname = check.hasDnames ? topmostAbove(zone, owner, TYPE.DNAME) : undefined;
  if (dname !== undefined) {
    const message = `the owner lies below the DNAME at "${nameToDisplay(dname)}", which answers for all names below; remove one of them`;
    note("error", "below-dname", rrset, message);
  }
  if (!check.hasCuts) return;
  const cut = topmostAbove(zone, owner, TYPE.NS);
  if (cut !== undefined && !BELOW_CUT.has(type)) {
    const message = `the owner lies below the delegation at "${nameToDisplay(cut)}" and is never answered; move the record to that zone`;
    note("warning", "below-cut", rrset, message);
  }
  if (cut === undefined && isCut(zone, owner) && !AT_CUT.has(type)) {
    const message = `the owner is delegated, so its ${typeToText(type)} records are never answered here; move them to the delegated zone`;
    note("warning", "at-cut", rrset, message);
  }
}

function checkRRset(check: Check, rrset: RRset): void {
  switch (rrset.type) {
    case TYPE.SOA:
      if (!equalNames(rrset.owner, check.zone.origin)) {
        const message = `an SOA record belongs to "${nameToDisplay(check.zone.origin)}" alone; remove this one`;
        check.note("error", "soa-not-at-apex", rrset, message);
      }
      return;
    case TYPE.CNAME:
      checkCname(check, rrset);
      return;
    case TYPE.DNAME:
      checkDname(check, rrset);
      return;
    case TYPE.NS:
      checkNs(check, rrset);
      return;
    case TYPE.MX:
      checkTargets(check, rrset, 2);
      return;
    case TYPE.SRV:
      checkTargets(check, rrset, 6);
      return;
    case TYPE.DS:
      if (equalNames(rrset.owner, check.zone.origin)) {
        const message =
          "a DS record belongs to the parent zone, not to its own apex; move it there";
        check.note("warning", "ds-at-apex", rrset, message);
      }
      return;
  }
}

/** RFC 1034 section 3.6.2: an alias is alone. */
function checkCname({ zone, note }: Check, rrset: RRset): void {
  if (rrset.rdatas.length > 1) {
    note("error", "cname-several", rrset, "the owner has several CNAME records; keep one");
  }
  const other = zone.rrsetsAt(rrset.owner).find(({ type }) => !BESIDE_CNAME.has(type));
  if (other === undefined) return;
  const message = `a CNAME cannot stand beside other data, here ${typeToText(other.type)}; keep one of them`;
  note("error", "cname-and-other", rrset, message);
}

/** RFC 6672 sections 2.3 and 2.4. What is below it, `checkPlace` tells; beside a CNAME, that does. */
function checkDname({ zone, note }: Check, rrset: RRset): void {
  if (rrset.rdatas.length > 1) {
    note("error", "dname-several", rrset, "the owner has several DNAME records; keep one");
  }
  if (!equalNames(rrset.owner, zone.origin) && zone.holds(rrset.owner, TYPE.NS)) {
    const message = "a DNAME cannot stand beside a delegation; keep the DNAME or the NS records";
    note("error", "dname-and-ns", rrset, message);
  }
}

function checkNs(check: Check, rrset: RRset): void {
  const { zone, note } = check;
  if (isWildcard(rrset.owner)) {
    const message = "a delegation at a wildcard has no defined meaning (RFC 4592); name its zones";
    note("warning", "ns-at-wildcard", rrset, message);
    return;
  }
  const isDelegation = !equalNames(rrset.owner, zone.origin);
  if (isDelegation && topmostAbove(zone, rrset.owner, TYPE.NS) !== undefined) return;
  for (const target of rrset.rdatas) {
    if (isDelegation && isAtOrBelow(target, rrset.owner)) {
      if (hasAddress(zone, target)) continue;
      const message = `the name server "${nameToDisplay(target)}" has no glue, so the delegation cannot be followed; add its A or AAAA record`;
      note("warning", "glue-missing", rrset, message);
    } else checkTarget(check, rrset, target);
  }
}

function checkTargets(check: Check, rrset: RRset, nameAt: number): void {
  for (const rdata of rrset.rdatas) checkTarget(check, rrset, rdata.subarray(nameAt));
}

/** A host that a record names must have addresses, not an alias (RFC 2181 section 10.3). */
function checkTarget({ zone, note }: Check, rrset: RRset, target: Name): void {
  // The root as a target says "no such service" (RFC 7505, RFC 2782). What is below a delegation
  // is for the delegated zone to say.
  if (equalNames(target, ROOT) || !isAtOrBelow(target, zone.origin)) return;
  if (isCut(zone, target) || topmostAbove(zone, target, TYPE.NS) !== undefined) return;
  const name = nameToDisplay(target);
  const type = typeToText(rrset.type);
  const lower = type.toLowerCase();
  if (zone.holds(target, TYPE.CNAME)) {
    const message = `the ${type} target "${name}" is a CNAME, which resolvers may refuse; name the host itself`;
    note("warning", `${lower}-is-cname`, rrset, message);
  } else if (!hasAddress(zone, target) && !hasWildcardAddress(zone, target)) {
    const message = `the ${type} target "${name}" has no address in this zone; add its A or AAAA record`;
    note("warning", `${lower}-without-address`, rrset, message);
  }
}

function hasAddress(zone: Zone, owner: Name): boolean {
  return zone.holds(owner, TYPE.A) || zone.holds(owner, TYPE.AAAA);
}

/** Whether a wildcard may answer for a name that holds nothing itself (RFC 4592 section 3.3). */
function hasWildcardAddress(zone: Zone, name: Name): boolean {
  if (zone.has(name)) return false;
  for (let above = parentOf(name); above !== undefined; above = parentOf(above)) {
    const wildcard = Uint8Array.of(1, 0x2a, ...above);
    if (hasAddress(zone, wildcard) || zone.holds(wildcard, TYPE.CNAME)) return true;
    if (zone.has(above) || equalNames(above, zone.origin)) return false;
  }
  return false;
}

function isCut(zone: Zone, name: Name): boolean {
  return name.length !== zone.origin.length && zone.holds(name, TYPE.NS);
}

/**
 * The highest name above `name` that holds the type: for NS without the apex, which delegates
 * nothing, for DNAME with it. What stands below that name is hidden, whatever else is there.
 */
function topmostAbove(zone: Zone, name: Name, type: number): Name | undefined {
  let found: Name | undefined;
  for (let above = parentOf(name); above !== undefined; above = parentOf(above)) {
    const isApex = above.length <= zone.origin.length;
    if (!(isApex && type === TYPE.NS) && zone.holds(above, type)) found = above;
    if (isApex) break;
  }
  return found;
}
