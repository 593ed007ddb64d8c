// Whole messages, decoded into objects and encoded again: for probes, transfers, tools and tests.
// The answer path works on bytes and does not come here.

import { type Edns, readOptions, writeOptions } from "./edns.ts";
import type { MessageRecord } from "./message-writer.ts";
import { MessageWriter } from "./message-writer.ts";
import type { Name } from "./name.ts";
import { ROOT } from "./name.ts";
import { copyOctets, MessageError, readPacketName, truncated } from "./packet.ts";
import { decompressRdata } from "./rdata.ts";
import { CLASS, TYPE } from "./types.ts";

export type { MessageRecord } from "./message-writer.ts";
export { MessageError } from "./packet.ts";

/** One entry of the question section (in UPDATE: the zone). */
export interface Question {
  readonly name: Name;
  readonly type: number;
  readonly class: number;
}

/** A message (RFC 1035 section 4); the OPT record is `edns`, not among the additionals. */
export interface Message {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly isRecursionDesired: boolean;
  readonly isRecursionAvailable: boolean;
  /** AD (RFC 4035 section 3.2.3). */
  readonly isAuthenticated: boolean;
  /** CD (RFC 4035 section 3.2.2). */
  readonly isCheckingDisabled: boolean;
  /** The reserved header bit, which is to be 0. */
  readonly isReservedSet: boolean;
  /** With the upper 8 bits of an OPT record, 0 to 4095. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly MessageRecord[];
  readonly authorities: readonly MessageRecord[];
  readonly additionals: readonly MessageRecord[];
  readonly edns?: Edns;
}

/** A message to encode: what is left out is false, 0 or empty. */
export type MessageDraft = Partial<Message> & Pick<Message, "id">;

/** What a question needs; the class is IN and recursion is not desired unless it says so. */
export interface QueryDraft {
  readonly id: number;
  readonly name: Name;
  readonly type: number;
  readonly class?: number;
  readonly isRecursionDesired?: boolean;
  readonly isCheckingDisabled?: boolean;
  readonly edns?: Partial<Edns>;
}

const HEADER_OCTETS = 12;
/** The size most servers advertise since DNS flag day 2020: it avoids fragments everywhere. */
const UDP_SIZE_USUAL = 1232;

const FLAGS = {
  isResponse: 0x8000,
  isAuthoritative: 0x0400,
  isTruncated: 0x0200,
  isRecursionDesired: 0x0100,
  isRecursionAvailable: 0x0080,
  isReservedSet: 0x0040,
  isAuthenticated: 0x0020,
  isCheckingDisabled: 0x0010,
} as const;
const FLAG_NAMES = [
  ...(["isResponse", "isAuthoritative", "isTruncated", "isRecursionDesired"] as const),
  ...(["isRecursionAvailable", "isReservedSet", "isAuthenticated", "isCheckingDisabled"] as const),
];

/**
 * Reads a whole message. Every record's data is checked against its type.
 *
 * @throws MessageError for anything that is not exactly one well-formed message, trailing octets
 *   and a second or misplaced OPT record included.
 */
export function decodeMessage(packet: Uint8Array): Message {
  if (packet.length < HEADER_OCTETS) throw truncated(packet.length, "the header");
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const flags = view.getUint16(2);
  const reader: Reader = { packet, view, at: HEADER_OCTETS };
  const questions = times(view.getUint16(4), () => readQuestion(reader));
  const answers = times(view.getUint16(6), () => readRecord(reader));
  const authorities = times(view.getUint16(8), () => readRecord(reader));
  const all = times(view.getUint16(10), () => readRecord(reader));
  if (reader.at !== packet.length) {
    const state = `${packet.length - reader.at} octets are left over`;
    throw new MessageError("MESSAGE_TRAILING", reader.at, state);
  }
  const misplaced = [...answers, ...authorities].find(isOpt);
  const opts = all.filter(isOpt);
  if (misplaced !== undefined || opts.length > 1) {
    const state = "OPT is not a single record of the additional section";
    throw new MessageError("MESSAGE_BAD_OPT", (misplaced ?? opts[1])?.at ?? 0, state);
  }
  const opt = opts[0];
  return {
    id: view.getUint16(0),
    ...flagsOf(flags),
    opcode: (flags >> 11) & 15,
    rcode: (flags & 15) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4),
    questions,
    answers: answers.map(withoutOffset),
    authorities: authorities.map(withoutOffset),
    additionals: all.filter((record) => !isOpt(record)).map(withoutOffset),
    ...(opt === undefined ? {} : { edns: readEdns(opt) }),
  };
}

/**
 * Writes a message, names compressed where RFC 3597 section 4 allows it. Only names that agree in
 * case share octets, so that decoding gives back exactly what was encoded.
 *
 * @throws MessageError MESSAGE_TOO_LONG past 65535 octets.
 */
export function encodeMessage(message: MessageDraft): Uint8Array {
  const writer = new MessageWriter();
  const sections = [message.answers, message.authorities, message.additionals];
  const rcode = message.rcode ?? 0;
  writer.uint16(message.id);
  writer.uint16(wordOf(message) | ((message.opcode ?? 0) << 11) | (rcode & 15));
  writer.uint16(message.questions?.length ?? 0);
  for (const [i, section = []] of sections.entries()) {
    writer.uint16(section.length + (i === 2 && message.edns !== undefined ? 1 : 0));
  }
  for (const question of message.questions ?? []) {
    writer.name(question.name);
    writer.uint16(question.type);
    writer.uint16(question.class);
  }
  for (const record of message.answers ?? []) writer.record(record);
  for (const record of message.authorities ?? []) writer.record(record);
  // OPT goes first: a TSIG record must be the last one (RFC 8945 section 5.1).
  if (message.edns !== undefined) writer.record(optRecord(message.edns, rcode));
  for (const record of message.additionals ?? []) writer.record(record);
  return writer.done();
}

/** A query for one name, with an OPT record where `edns` is given. */
export function encodeQuery(query: QueryDraft): Uint8Array {
  const { id, name, type, edns } = query;
  return encodeMessage({
    id,
    isRecursionDesired: query.isRecursionDesired ?? false,
    isCheckingDisabled: query.isCheckingDisabled ?? false,
    questions: [{ name, type, class: query.class ?? CLASS.IN }],
    ...(edns === undefined ? {} : { edns: { ...EDNS_USUAL, ...edns } }),
  });
}

const EDNS_USUAL: Edns = {
  udpSize: UDP_SIZE_USUAL,
  version: 0,
  isDnssecOk: false,
  flags: 0,
  options: [],
};

interface Reader {
  readonly packet: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** A record with the offset it was found at, for errors. */
interface FoundRecord extends MessageRecord {
  readonly at: number;
}

function readQuestion(reader: Reader): Question {
  const { name, end } = readPacketName(reader.packet, reader.at);
  if (end + 4 > reader.packet.length) throw truncated(end, "a question");
  reader.at = end + 4;
  return { name, type: reader.view.getUint16(end), class: reader.view.getUint16(end + 2) };
}

function readRecord(reader: Reader): FoundRecord {
  const { packet, view, at } = reader;
  const { name: owner, end } = readPacketName(packet, at);
  if (end + 10 > packet.length) throw truncated(end, "a record");
  const type = view.getUint16(end);
  const recordClass = view.getUint16(end + 2);
  const length = view.getUint16(end + 8);
  const start = end + 10;
  if (start + length > packet.length) throw truncated(start, "a record's data");
  reader.at = start + length;
  const isOpaque = isDeletion(recordClass, length) || isForeign(type, recordClass);
  const rdata = isOpaque
    ? copyOctets(packet, start, start + length)
    : decompressRdata(type, packet, start, length);
  return { owner, type, class: recordClass, ttl: view.getUint32(end + 4), rdata, at };
}

/** UPDATE deletes with records that have no data (RFC 2136 section 2.5). */
function isDeletion(recordClass: number, length: number): boolean {
  return length === 0 && (recordClass === CLASS.ANY || recordClass === CLASS.NONE);
}

/** An A record of class CH or HS is no IPv4 address (RFC 1035 section 3.4.1). */
function isForeign(type: number, recordClass: number): boolean {
  return type === TYPE.A && (recordClass === CLASS.CH || recordClass === CLASS.HS);
}

function isOpt(record: FoundRecord): boolean {
  return record.type === TYPE.OPT;
}

function withoutOffset({
  owner,
  type,
  class: recordClass,
  ttl,
  rdata,
}: FoundRecord): MessageRecord {
  return { owner, type, class: recordClass, ttl, rdata };
}

function readEdns(opt: FoundRecord): Edns {
  if (opt.owner.length !== 1) {
    throw new MessageError("MESSAGE_BAD_OPT", opt.at, "OPT has an owner other than the root");
  }
  return {
    udpSize: opt.class,
    version: (opt.ttl >>> 16) & 255,
    isDnssecOk: (opt.ttl & 0x8000) !== 0,
    flags: opt.ttl & 0x7fff,
    options: readOptions(opt.rdata, opt.at + 11),
  };
}

function optRecord(edns: Edns, rcode: number): MessageRecord {
  const flags = (edns.isDnssecOk ? 0x8000 : 0) | (edns.flags & 0x7fff);
  const ttl = (((rcode >> 4) << 24) | (edns.version << 16) | flags) >>> 0;
  const rdata = writeOptions(edns.options);
  return { owner: ROOT, type: TYPE.OPT, class: edns.udpSize, ttl, rdata };
}

function flagsOf(word: number): Pick<Message, keyof typeof FLAGS> {
  return {
    isResponse: (word & FLAGS.isResponse) !== 0,
    isAuthoritative: (word & FLAGS.isAuthoritative) !== 0,
    isTruncated: (word & FLAGS.isTruncated) !== 0,
    isRecursionDesired: (word & FLAGS.isRecursionDesired) !== 0,
    isRecursionAvailable: (word & FLAGS.isRecursionAvailable) !== 0,
    isReservedSet: (word & FLAGS.isReservedSet) !== 0,
    isAuthenticated: (word & FLAGS.isAuthenticated) !== 0,
    isCheckingDisabled: (word & FLAGS.isCheckingDisabled) !== 0,
  };
}

function wordOf(message: MessageDraft): number {
  let word = 0;
  for (const flag of FLAG_NAMES) if (message[flag] === true) word |= FLAGS[flag];
  return word;
}

function times<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(read());
  return items;
}
