// Messages of a transfer: records in the pack format go in one after the other, whole messages come
// out, names compressed. A million records pass through one buffer.

import { nameOffsets } from "../dns/rdata.ts";
import { CLASS, TYPE } from "../dns/types.ts";
import {
  AT_COUNT,
  AT_RDATAS,
  AT_TTL,
  AT_TYPE,
  fieldsOf,
  readU16,
  readU32,
  writeU16,
  writeU32,
} from "../zone/pack.ts";
import { NameTable } from "./name-table.ts";
import {
  hasCompressedNames,
  type OpenRun,
  type PlainOut,
  SLACK_OCTETS,
  writePlain,
} from "./plain-entries.ts";

/** What all messages of a transfer have in common. */
export interface TransferHead {
  readonly id: number;
  /** The question as it came, repeated in the first message (RFC 5936 section 2.2.1). */
  readonly question: Uint8Array;
  /** Whether the request had an OPT record: then so has every answer (RFC 6891 section 6.1.1). */
  readonly hasOpt: boolean;
  /** The size of UDP messages that we take, for that record. */
  readonly udpSize: number;
}

const HEADER_OCTETS = 12;
const MESSAGE_OCTETS_MAX = 0xffff;
const OPT_OCTETS = 11;
/** QR and AA. */
const FLAGS = 0x8400;
const RECORD_FIXED_OCTETS = 10;

/** Fills one message after the other. */
export class TransferWriter {
  readonly #head: TransferHead;
  readonly #out = new Uint8Array(MESSAGE_OCTETS_MAX + SLACK_OCTETS);
  readonly #plain: PlainOut = { view: new DataView(this.#out.buffer), at: 0, records: 0 };
  readonly #names = new NameTable();
  #at = 0;
  #records = 0;
  #messages = 0;

  constructor(head: TransferHead) {
    this.#head = head;
  }

  /** Records in the message so far. */
  get records(): number {
    return this.#records;
  }

  /** Begins a message. */
  begin(): void {
    const { id, question } = this.#head;
    this.#names.begin();
    this.#records = 0;
    this.#out.fill(0, 0, HEADER_OCTETS);
    writeU16(this.#out, 0, id);
    writeU16(this.#out, 2, FLAGS);
    this.#at = HEADER_OCTETS;
    if (this.#messages++ > 0) return;
    writeU16(this.#out, 4, 1);
    this.#at = this.#names.write(this.#out, this.#at, question, 0);
    const fixed = question.length - 4;
    for (let i = 0; i < 4; i++) this.#out[this.#at++] = question[fixed + i] ?? 0;
  }

  /**
   * Writes what is left of a run, as long as the message stays within `limit`.
   *
   * @returns whether all was written; `run` says what was not.
   */
  write(run: OpenRun, limit: number): boolean {
    const room = limit - (this.#head.hasOpt ? OPT_OCTETS : 0);
    while (run.at < run.end) {
      this.#writePlain(run, room);
      if (run.at < run.end && !this.#writeEntry(run, room)) return false;
    }
    return true;
  }

  #writePlain(run: OpenRun, room: number): void {
    const out = this.#plain;
    out.at = this.#at;
    writePlain(run, this.#names, out, room);
    this.#at = out.at;
    this.#records += out.records;
  }

  /** Writes what is left of the first entry of a run; whether all of it. */
  #writeEntry(run: OpenRun, room: number): boolean {
    const { bytes, at } = run;
    const fields = fieldsOf(bytes, at);
    const type = readU16(bytes, fields + AT_TYPE);
    const ttl = readU32(bytes, fields + AT_TTL);
    const count = readU16(bytes, fields + AT_COUNT);
    const hasNames = hasCompressedNames(type);
    const out = this.#out;
    let rdata = fields + AT_RDATAS;
    for (let i = 0; i < run.record; i++) rdata += 2 + readU16(bytes, rdata);
    for (; run.record < count; run.record++) {
      const octets = readU16(bytes, rdata);
      // Uncompressed it takes no less: what fits so fits anyway.
      if (this.#at + (bytes[at] ?? 0) + RECORD_FIXED_OCTETS + octets > room) return false;
      const fixed = this.#names.write(out, this.#at, bytes, at + 1);
      writeU16(out, fixed, type);
      writeU16(out, fixed + 2, CLASS.IN);
      writeU32(out, fixed + 4, ttl);
      const data = fixed + RECORD_FIXED_OCTETS;
      const start = rdata + 2;
      this.#at = hasNames
        ? this.#writeNames(data, type, bytes.subarray(start, start + octets))
        : copied(out, data, bytes, start, octets);
      writeU16(out, fixed + 8, this.#at - data);
      this.#records++;
      rdata = start + octets;
    }
    run.at = rdata;
    run.record = 0;
    return true;
  }

  /** The message, as it lies in the one buffer: the next `begin` writes over it. */
  finish(): Uint8Array {
    const out = this.#out;
    writeU16(out, 6, this.#records);
    if (this.#head.hasOpt) {
      const at = this.#at;
      out.fill(0, at, at + OPT_OCTETS);
      writeU16(out, at + 1, TYPE.OPT);
      writeU16(out, at + 3, this.#head.udpSize);
      writeU16(out, 10, 1);
      this.#at += OPT_OCTETS;
    }
    return out.subarray(0, this.#at);
  }

  /** Data whose names may be compressed (RFC 3597 section 4). */
  #writeNames(start: number, type: number, rdata: Uint8Array): number {
    const out = this.#out;
    let end = start;
    let at = 0;
    for (const name of nameOffsets(type, rdata)) {
      end = copied(out, end, rdata, at, name - at);
      end = this.#names.write(out, end, rdata, name);
      at = name;
      while ((rdata[at] ?? 0) !== 0) at += 1 + (rdata[at] ?? 0);
      at++;
    }
    return copied(out, end, rdata, at, rdata.length - at);
  }
}

/** Copies octets to `at` and returns where they end; positional, as it runs for every record. */
function copied(
  out: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  octets: number,
): number {
  if (octets > 64) out.set(bytes.subarray(start, start + octets), at);
  else for (let i = 0; i < octets; i++) out[at + i] = bytes[start + i] as number;
  return at + octets;
}
