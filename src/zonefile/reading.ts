// What holds over all files of one parse: the problems so far, the last owner, the TTL of records
// that name none, and the door through which records leave.

import { NAME_OCTETS_MAX, type Name } from "../dns/name.ts";
import type { Lexer, Spot } from "./lexer.ts";
import { PlainName } from "./plain-name.ts";
import { describePlace, type ZoneFileProblem } from "./problem.ts";
import { SourceMap } from "./source-map.ts";

/**
 * One record, class IN. The object, its owner and its data are scratch memory that the next record
 * overwrites: a sink copies what it keeps.
 */
export interface ParsedRecord {
  readonly owner: Name;
  readonly type: number;
  /** Seconds, 0 to 2^31 - 1. */
  readonly ttl: number;
  readonly rdata: Uint8Array;
  /** Where it was written, for `ParsedZoneFile.locate`; 0 to 2^31 - 1. */
  readonly position: number;
}

/** A file that is being read. */
export interface OpenFile {
  readonly path: string;
  readonly lexer: Lexer;
  /** Completes relative names; $ORIGIN changes it for the rest of this file. */
  origin: Name;
}

/** No TTL is known, or using it deserves a warning first. */
export const TTL_UNKNOWN = -1;

/** The state of one parse. */
export class Reading {
  readonly problems: ZoneFileProblem[] = [];
  readonly places = new SourceMap();
  /** Records handed out. */
  records = 0;
  /** Records that $GENERATE made, of those. */
  generated = 0;
  /** Files that $INCLUDE opened. */
  includes = 0;

  /** The last owner, which a line without one repeats; valid up to `ownerLength`. */
  readonly ownerOctets: Uint8Array = new Uint8Array(NAME_OCTETS_MAX + 1);
  readonly plainName = new PlainName();
  /** 0 before the first owner. */
  ownerLength = 0;

  /**
   * Seconds for a record without a TTL, or `TTL_UNKNOWN`. A $TTL line decides for all records after
   * it (RFC 2308 section 4). Without one the last TTL written counts (RFC 1035 section 5.1), and for
   * a file whose first record is an SOA without TTL its last field, which was the default TTL before
   * RFC 2308. BIND reads files by this order, so what loads there means the same here. A TTL inside an
   * included file goes on to count after it, as there.
   */
  impliedTtl = TTL_UNKNOWN;
  #lastTtl = TTL_UNKNOWN;
  #hasDefaultTtl = false;
  #mayRepeatTtl = false;

  readonly #onRecord: (record: ParsedRecord) => void;
  readonly #errorsMax: number;
  #errors = 0;
  readonly #owners: (Uint8Array | undefined)[] = [];
  readonly #record = {
    owner: this.ownerOctets,
    type: 0,
    ttl: 0,
    rdata: this.ownerOctets,
    position: 0,
  };

  constructor(onRecord: (record: ParsedRecord) => void, errorsMax: number) {
    this.#onRecord = onRecord;
    this.#errorsMax = errorsMax;
  }

  /** Whether so many errors were found that looking for more helps nobody. */
  get isFull(): boolean {
    return this.#errors >= this.#errorsMax;
  }

  get owner(): Name {
    const length = this.ownerLength;
    // One view for each length: a view for each record would cost more than reading the record.
    this.#owners[length] ??= this.ownerOctets.subarray(0, length);
    return this.#owners[length];
  }

  setOwner(owner: Name): void {
    this.ownerOctets.set(owner);
    this.ownerLength = owner.length;
  }

  emit(owner: Name, type: number, ttl: number, rdata: Uint8Array, line: number): void {
    const record = this.#record;
    record.owner = owner;
    record.type = type;
    record.ttl = ttl;
    record.rdata = rdata;
    record.position = this.places.base + line;
    this.records++;
    this.#onRecord(record);
  }

  /** Takes note of a TTL written in a record. */
  noteTtl(ttl: number): void {
    this.#lastTtl = ttl;
    if (this.#mayRepeatTtl && !this.#hasDefaultTtl) this.impliedTtl = ttl;
  }

  /** The TTL that records without one have from here on. */
  setDefaultTtl(ttl: number): void {
    this.#hasDefaultTtl = true;
    this.impliedTtl = ttl;
  }

  /** Lets records without TTL pass where none is known, since an error was told that explains it. */
  forgiveMissingTtl(): void {
    if (this.impliedTtl === TTL_UNKNOWN && this.#lastTtl === TTL_UNKNOWN) this.setDefaultTtl(0);
  }

  /** Like `impliedTtl`; warns the first time that an earlier record's TTL is repeated. */
  takeImpliedTtl(file: OpenFile, spot: Spot): number {
    if (this.impliedTtl !== TTL_UNKNOWN || this.#lastTtl === TTL_UNKNOWN) return this.impliedTtl;
    this.#mayRepeatTtl = true;
    this.impliedTtl = this.#lastTtl;
    const message =
      "Cannot find a TTL: the last one written is repeated here and below; write a $TTL line above";
    this.warn(file, spot, message);
    return this.impliedTtl;
  }

  error(file: OpenFile, spot: Spot, message: string): void {
    if (this.isFull) return;
    this.#errors++;
    this.#note("error", file, spot, message);
  }

  /** Callers warn of one thing once, so that warnings stay few without a limit. */
  warn(file: OpenFile, spot: Spot, message: string): void {
    this.#note("warning", file, spot, message);
  }

  #note(severity: ZoneFileProblem["severity"], file: OpenFile, spot: Spot, message: string): void {
    const place = { bytes: file.lexer.bytes, lineStart: spot.lineStart, at: spot.at };
    const described = describePlace(place);
    this.problems.push({ severity, file: file.path, line: spot.line, message, ...described });
  }
}
