// Puts names and records into a message, and compresses.

import type { Name } from "./name.ts";
import { ROOT } from "./name.ts";
import { MessageError } from "./packet.ts";
import { hasCompressibleNames, nameOffsets } from "./rdata.ts";

/** The longest message: its length is 16 bits over TCP. */
const MESSAGE_OCTETS_MAX = 0xffff;
/** A pointer has 14 bits (RFC 1035 section 4.1.4). */
const POINTER_MAX = 0x3fff;

/** One record of the other three sections. */
export interface MessageRecord {
  readonly owner: Name;
  readonly type: number;
  readonly class: number;
  /** All 32 bits as they are on the wire; RFC 2181 section 8 takes those above 2^31 - 1 for 0. */
  readonly ttl: number;
  /** Names uncompressed; empty where an UPDATE deletes (RFC 2136 section 2.5). */
  readonly rdata: Uint8Array;
}

/** A message under construction, with the names that later names can point to. */
export class MessageWriter {
  private octets = new Uint8Array(512);
  private length = 0;
  private readonly suffixes = new Map<string, number>();

  uint16(value: number): void {
    this.reserve(2);
    this.octets[this.length++] = value >> 8;
    this.octets[this.length++] = value & 255;
  }

  append(octets: Uint8Array): void {
    this.reserve(octets.length);
    this.octets.set(octets, this.length);
    this.length += octets.length;
  }

  /** Writes labels until the rest of the name was written before, then a pointer to it. */
  name(name: Name): void {
    for (let at = 0; (name[at] ?? 0) !== 0; ) {
      const key = String.fromCharCode(...name.subarray(at));
      const known = this.suffixes.get(key);
      if (known !== undefined) {
        this.uint16(0xc000 | known);
        return;
      }
      if (this.length <= POINTER_MAX) this.suffixes.set(key, this.length);
      const next = at + 1 + (name[at] ?? 0);
      this.append(name.subarray(at, next));
      at = next;
    }
    this.append(ROOT);
  }

  record(record: MessageRecord): void {
    this.name(record.owner);
    this.uint16(record.type);
    this.uint16(record.class);
    this.uint16(record.ttl >>> 16);
    this.uint16(record.ttl & 0xffff);
    const lengthAt = this.length;
    this.uint16(0);
    this.data(record);
    const size = this.length - lengthAt - 2;
    this.octets[lengthAt] = size >> 8;
    this.octets[lengthAt + 1] = size & 255;
  }

  done(): Uint8Array {
    return this.octets.slice(0, this.length);
  }

  private data({ type, rdata }: MessageRecord): void {
    let at = 0;
    for (const start of hasCompressibleNames(type) ? nameOffsets(type, rdata) : []) {
      this.append(rdata.subarray(at, start));
      at = start;
      while ((rdata[at] ?? 0) !== 0) at += 1 + (rdata[at] ?? 0);
      at++;
      this.name(rdata.subarray(start, at));
    }
    this.append(rdata.subarray(at));
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed > MESSAGE_OCTETS_MAX) {
      const state = `it exceeds ${MESSAGE_OCTETS_MAX} octets`;
      throw new MessageError("MESSAGE_TOO_LONG", this.length, state);
    }
    if (needed <= this.octets.length) return;
    const grown = new Uint8Array(Math.max(this.octets.length * 2, needed));
    grown.set(this.octets.subarray(0, this.length));
    this.octets = grown;
  }
}
