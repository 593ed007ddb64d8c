// The SOA record of the last negative answer, kept as it was written: negative answers come in
// floods for one zone, and compressing the same two names each time costs more than everything else
// in them.
//
// All its pointers lead to the zone's apex in the question or into the record itself, and both
// stand at a fixed distance: for a question of another length every pointer moves by the same step.

import { RECORD_HEAD_OCTETS } from "../image/layout.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import type { RRsetView } from "../image/rrset-view.ts";
import type { MessageWriter } from "./message-writer.ts";
import { copyOctets } from "./octets.ts";
import type { Query } from "./query.ts";

const POINTERS_MAX = 3;
const OCTETS_MAX = 512;

/** One thread's kept SOA; `use` and `keep` are for answers whose only record it is. */
export class SoaCache {
  private readonly octets = new Uint8Array(OCTETS_MAX);
  private length = 0;
  private readonly pointerAt = new Uint16Array(POINTERS_MAX);
  private pointers = 0;
  /** Where the apex stood in that answer's question. */
  private apexOffset = 0;
  /** What it was made of. */
  private source: Uint8Array = this.octets;
  private at = -1;
  private ttl = -1;
  private generation = -1;
  /**
   * The names of host and mailbox down to one label below the apex, by hash; 0 where they end
   * above.
   */
  private hostHash = 0;
  private mailboxHash = 0;
  private readonly name = new NameBuffer();

  /**
   * Whether the kept record is what the answer to `name` needs.
   *
   * @param label where the apex starts in `name`. A question below the host's or mailbox's own name
   *   could be pointed to for more than the apex: it is left to the writer.
   */
  fits(soa: RRsetView, ttl: number, generation: number, name: NameBuffer, label: number): boolean {
    if (this.at !== soa.at || this.ttl !== ttl || this.generation !== generation) return false;
    if (this.source !== soa.bytes) return false;
    if (label === 0) return true;
    const hash = name.suffixHash(name.suffixLength(label - 1));
    return hash !== this.hostHash && hash !== this.mailboxHash;
  }

  /** Writes the kept record; false where it does not fit in the message. */
  use(query: Query, writer: MessageWriter, apexOffset: number): boolean {
    const start = writer.at;
    if (!writer.paste(this.octets, this.length)) return false;
    const { out } = query;
    const step = apexOffset - this.apexOffset;
    for (let i = 0; i < this.pointers; i++) {
      const at = start + (this.pointerAt[i] as number);
      const target = (((out[at] as number) & 0x3f) << 8) + (out[at + 1] as number) + step;
      out[at] = 0xc0 | (target >>> 8);
      out[at + 1] = target;
    }
    return true;
  }

  /**
   * Keeps the record that was just written from `start` on for the name with its apex at `label`.
   */
  keep(
    query: Query,
    place: { readonly start: number; readonly end: number; readonly apexOffset: number },
    made: { readonly soa: RRsetView; readonly ttl: number; readonly generation: number },
    apex: { readonly name: NameBuffer; readonly length: number },
  ): void {
    this.at = -1;
    const { start, end, apexOffset } = place;
    if (end - start > OCTETS_MAX) return;
    this.apexOffset = apexOffset;
    this.length = end - start;
    copyOctets(query.out, start, this.length, this.octets, 0);
    this.pointers = 0;
    if (!this.notePointer(0)) return;
    const mailboxAt = this.skipName(RECORD_HEAD_OCTETS);
    if (mailboxAt < 0 || this.skipName(mailboxAt) < 0) return;
    const { soa, ttl, generation } = made;
    const data = soa.at + RECORD_HEAD_OCTETS;
    this.hostHash = this.hashBelow(soa.bytes, data, apex);
    this.mailboxHash = this.hashBelow(soa.bytes, data + this.name.length, apex);
    this.source = soa.bytes;
    this.ttl = ttl;
    this.generation = generation;
    this.at = soa.at;
  }

  /**
   * Where the name at `start` of the kept octets ends, its pointer noted; -1 for one into no apex.
   */
  private skipName(start: number): number {
    let at = start;
    for (;;) {
      const size = this.octets[at] as number;
      if (size === 0) return at + 1;
      if (size >= 0xc0) return this.notePointer(at) ? at + 2 : -1;
      at += size + 1;
    }
  }

  private notePointer(at: number): boolean {
    const high = this.octets[at] as number;
    const target = ((high & 0x3f) << 8) | (this.octets[at + 1] as number);
    if (high < 0xc0 || target < this.apexOffset || this.pointers === POINTERS_MAX) return false;
    this.pointerAt[this.pointers++] = at;
    return true;
  }

  /**
   * Hash of a name's suffix with one label more than the apex, 0 for a name that is not below it.
   */
  private hashBelow(
    bytes: Uint8Array,
    at: number,
    apex: { readonly name: NameBuffer; readonly length: number },
  ): number {
    const { name } = this;
    name.read(bytes, at, bytes.length);
    if (name.length === apex.length || !name.endsWith(apex.name, apex.length)) return 0;
    let label = 0;
    while (name.suffixLength(label + 1) > apex.length) label++;
    return name.suffixHash(name.suffixLength(label));
  }
}

/** The SOA's last field: how long a negative answer may live at most, in seconds. */
export function minimumOf(soa: RRsetView): number {
  const { bytes } = soa;
  const at = soa.at + soa.length - 4;
  const minimum =
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0;
  return Math.min(minimum, 0x7fff_fffe);
}
