// From single records, in the order of a file, to a checked zone; or to all that is wrong with it.

import { isAtOrBelow, type Name, nameToDisplay } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import { TYPE, typeToText } from "../dns/types.ts";
import { Arena, type EntryAt } from "./arena.ts";
import { checkZone, type ZoneProblem } from "./check.ts";
import { Zone } from "./zone.ts";

/** A zone with its warnings, or the problems that make it unfit, warnings among them. */
export type BuiltZone =
  | { readonly kind: "ok"; readonly zone: Zone; readonly problems: readonly ZoneProblem[] }
  | { readonly kind: "bad"; readonly problems: readonly ZoneProblem[] };

/** Problems kept of each severity; a file that is wrong throughout must not fill the memory. */
export const PROBLEMS_MAX = 100;
/** No answer can carry a larger RRset: the length of a message has 16 bits. */
export const RRSET_OCTETS_MAX = 0xffff;

/** What a builder may expect, so that memory is set aside once. A wrong guess costs only time. */
export interface ExpectedSize {
  /** Octets of the zone's master file. */
  readonly fileOctets: number;
  /** RRsets that it holds; a guess is made from its octets where this is absent. */
  readonly rrsets?: number;
}

/** Collects a zone record by record. Use once. */
export class ZoneBuilder {
  readonly #origin: Name;
  readonly #arena: Arena;
  readonly #problems: ZoneProblem[] = [];
  readonly #counts = { error: 0, warning: 0 };
  /** Where the first record of each RRset was read, in the order the RRsets first came. */
  readonly #positions: number[] = [];

  constructor(origin: Name, expected: ExpectedSize = { fileOctets: 0 }) {
    this.#origin = origin;
    // A packed record takes half as much again as a short line.
    const octets = Math.ceil(expected.fileOctets * 1.6);
    const rrsets = expected.rrsets ?? expected.fileOctets / 48;
    this.#arena = new Arena({ octets: octets + 512, rrsets });
  }

  /**
   * Takes one record; copies what it keeps. A record outside the zone, a duplicate, or one that
   * cannot be kept with its RRset is left out, with a problem.
   *
   * @param position any number that the caller can turn into a file and line again.
   */
  add(owner: Name, type: number, ttl: number, rdata: Uint8Array, position: number): void {
    const arena = this.#arena;
    const last = arena.last;
    // Files keep the records of an RRset together: most often it is the last one.
    if (last >= 0 && arena.typeAt(last) === type && arena.isOwner(last, owner)) {
      this.#addToRRset(last, ttl, rdata, position);
    } else if (this.#isAllowed(owner, type, position)) {
      const at = arena.addRRset(owner, type, ttl, rdata);
      if (at < 0) this.#positions.push(position);
      else this.#addToRRset(at, ttl, rdata, position);
    }
  }

  /** Ends the zone and checks it as a whole (`checkZone`). */
  finish(): BuiltZone {
    const arena = this.#arena;
    arena.finish();
    if (arena.find(this.#origin, TYPE.SOA) < 0) {
      this.#note({
        severity: "error",
        code: "soa-missing",
        owner: this.#origin,
        type: TYPE.SOA,
        message: `the zone has no SOA record at "${nameToDisplay(this.#origin)}"; add one`,
      });
      return { kind: "bad", problems: this.#problems };
    }
    const zone = Zone.over(this.#origin, arena);
    const found = checkZone(zone);
    for (const problem of this.#located(found)) this.#note(problem);
    const problems = this.#problems;
    return this.#counts.error > 0 ? { kind: "bad", problems } : { kind: "ok", zone, problems };
  }

  #isAllowed(owner: Name, type: number, position: number): boolean {
    if (!isAtOrBelow(owner, this.#origin)) {
      this.#note({
        severity: "error",
        code: "out-of-zone",
        ...{ owner, type, position },
        message: `the owner is not in zone "${nameToDisplay(this.#origin)}"; remove the record, or the final dot of its owner`,
      });
      return false;
    }
    if (type === TYPE.SOA && owner.length !== this.#origin.length) {
      this.#note({
        severity: "error",
        code: "soa-not-at-apex",
        ...{ owner, type, position },
        message: `an SOA record belongs to "${nameToDisplay(this.#origin)}" alone; remove this one`,
      });
      return false;
    }
    return true;
  }

  #addToRRset(at: EntryAt, ttl: number, rdata: Uint8Array, position: number): void {
    const arena = this.#arena;
    const owner = arena.ownerAt(at);
    const type = arena.typeAt(at);
    if (arena.holdsRdata(at, rdata, (held) => isSameCanonically(type, held, rdata))) {
      this.#note({
        severity: "warning",
        code: "duplicate-record",
        ...{ owner, type, position },
        message: "the same record was written before; this one is left out",
      });
      return;
    }
    if (arena.rdataOctetsAt(at) + 2 + rdata.length > RRSET_OCTETS_MAX) {
      this.#note({
        severity: "error",
        code: "rrset-too-large",
        ...{ owner, type, position },
        message: `the ${typeToText(type)} records exceed ${RRSET_OCTETS_MAX} octets, which no answer can carry; remove some`,
      });
      return;
    }
    const held = arena.ttlAt(at);
    if (ttl !== held) this.#lowerTtl(at, { ttl, held, owner, type, position });
    arena.addRdata(at, rdata);
  }

  /**
   * RFC 2181 section 5.2: differing TTLs in an RRset are an error of the file; the lowest is safe.
   * Those of RRSIGs follow the RRsets they cover (RFC 4034 section 3), so they may differ.
   */
  #lowerTtl(
    at: EntryAt,
    record: { ttl: number; held: number; owner: Name; type: number; position: number },
  ): void {
    const { ttl, held, owner, type, position } = record;
    this.#arena.setTtl(at, Math.min(ttl, held));
    if (type === TYPE.RRSIG) return;
    this.#note({
      severity: "warning",
      code: "ttl-differs",
      ...{ owner, type, position },
      message: `TTL ${ttl} differs from ${held} before; the lower one is used for all ${typeToText(type)} records of the owner`,
    });
  }

  #note(problem: ZoneProblem): void {
    const count = ++this.#counts[problem.severity];
    if (count > PROBLEMS_MAX) return;
    // The owner may lie in a buffer that the reader of the file uses again.
    this.#problems.push({ ...problem, owner: problem.owner.slice() });
  }

  /** Adds to each problem where the first record of its RRset, or else of its owner, was read. */
  #located(problems: readonly ZoneProblem[]): ZoneProblem[] {
    const arena = this.#arena;
    const wanted = new Map<EntryAt, number | undefined>();
    const places = problems.map(({ owner, type }) => {
      const at = type === undefined ? -1 : arena.find(owner, type);
      return at >= 0 ? at : arena.findOwner(owner);
    });
    for (const at of places) wanted.set(at, undefined);
    if (problems.length > 0) {
      for (let at = 0, ordinal = 0; at < arena.end; at = arena.next(at), ordinal++) {
        if (wanted.has(at)) wanted.set(at, this.#positions[ordinal]);
      }
    }
    return problems.map((problem, i) => {
      const position = wanted.get(places[i] ?? -1);
      return position === undefined ? problem : { ...problem, position };
    });
  }
}

/** Whether rdatas of one length are the same record once their names are in lower case. */
function isSameCanonically(type: number, a: Uint8Array, b: Uint8Array): boolean {
  const first = canonicalRdata(type, a);
  const second = canonicalRdata(type, b);
  return first.every((octet, i) => octet === second[i]);
}
