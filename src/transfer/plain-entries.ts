// The way of a million records: entries whose owner differs from the one before in its first label
// alone, and whose data holds no name that is compressed, are copied four octets at a time. No object,
// no call and no look-up for any of them. What is not so plain is `TransferWriter`'s to write.

import { hasCompressibleNames } from "../dns/rdata.ts";
import { CLASS } from "../dns/types.ts";
import { AT_COUNT, AT_RDATAS, AT_TTL, AT_TYPE } from "../zone/pack.ts";
import type { PackedRun } from "../zone/walk.ts";
import type { NameTable } from "./name-table.ts";

/** What is still to be written of some entries. */
export interface OpenRun extends PackedRun {
  /** Over the whole of `bytes`. */
  readonly view: DataView;
  /** The first record of the first entry that was not written yet. */
  record: number;
}

/** Where plain entries are written to. */
export interface PlainOut {
  /** Over a message and `SLACK_OCTETS` more. */
  readonly view: DataView;
  /** Where the message ends so far. */
  at: number;
  /** Written by the last call. */
  records: number;
}

/** Copying in words writes so many octets too many, over which the next are written. */
export const SLACK_OCTETS = 3;

const WORD_OCTETS = 4;
/** Pointer, type, class and TTL, which stand between the label and the data with its length. */
const FIXED_OCTETS = 2 + 2 + 2 + 4;
const POINTER = 0xc000;

/** 1 for the types of RFC 1035, which are all below 16. */
const IS_COMPRESSED = Uint8Array.from({ length: 64 }, (_, type) =>
  Number(hasCompressibleNames(type)),
);

/** Whether names in the data of a type are compressed (RFC 3597 section 4). */
export function hasCompressedNames(type: number): boolean {
  return type < IS_COMPRESSED.length && IS_COMPRESSED[type] === 1;
}

/**
 * Writes what is left of a run until the message would grow beyond `room`, or an entry is not plain.
 * The caller need not know which it was: it tries the entry its own way.
 */
export function writePlain(run: OpenRun, names: NameTable, out: PlainOut, room: number): void {
  out.records = 0;
  const { view, end } = run;
  const { parentOctets, parentView } = names;
  if (parentOctets < WORD_OCTETS) return;
  const pointer = (POINTER | names.parentAt) << 16;
  const stopMax = view.byteLength - SLACK_OCTETS;
  const to = out.view;
  let { at, record } = run;
  let outAt = out.at;
  while (at < end) {
    const rest = at + 2 + view.getUint8(at + 1);
    const fields = rest + parentOctets;
    if (fields !== at + 1 + view.getUint8(at)) break;
    const type = view.getUint16(fields + AT_TYPE);
    if (hasCompressedNames(type) || !isSame(view, rest, parentView, parentOctets)) break;
    const count = view.getUint16(fields + AT_COUNT);
    let data = fields + AT_RDATAS;
    for (let i = 0; i < record; i++) data += 2 + view.getUint16(data);
    for (; record < count; record++) {
      const stop = data + 2 + view.getUint16(data);
      const fixed = outAt + rest - at - 1;
      const outStop = fixed + FIXED_OCTETS + stop - data;
      if (outStop > room || stop > stopMax) break;
      copyWords(view, at + 1, rest, to, outAt);
      to.setUint32(fixed, pointer | type);
      to.setUint16(fixed + 4, CLASS.IN);
      to.setUint32(fixed + 6, view.getUint32(fields + AT_TTL));
      copyWords(view, data, stop, to, fixed + FIXED_OCTETS);
      outAt = outStop;
      data = stop;
      out.records++;
    }
    if (record < count) break;
    record = 0;
    at = data;
  }
  run.at = at;
  run.record = record;
  out.at = outAt;
}

/** Whether the octets at `at` are the first `octets` of the other, which are at least a word. */
function isSame(view: DataView, at: number, other: DataView, octets: number): boolean {
  const last = octets - WORD_OCTETS;
  for (let i = 0; i < last; i += WORD_OCTETS) {
    if (view.getUint32(at + i) !== other.getUint32(i)) return false;
  }
  return view.getUint32(at + last) === other.getUint32(last);
}

/** Copies what lies before `stop`, and up to `SLACK_OCTETS` behind it. */
function copyWords(from: DataView, at: number, stop: number, to: DataView, toAt: number): void {
  for (let i = at, o = toAt; i < stop; i += WORD_OCTETS, o += WORD_OCTETS) {
    to.setUint32(o, from.getUint32(i));
  }
}
