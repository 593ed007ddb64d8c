// The door: what a packet must look like to be answered at all. Refuses, or stays silent, and reads
// the one question (RFC 1035 section 4.1). Never reads outside the packet.

import { OPCODE, RCODE } from "../dns/types.ts";
import type { Exchange } from "./exchange.ts";
import { copyOctets } from "./octets.ts";
import { HEADER_OCTETS, NAME_UNREAD, type Query, STEP } from "./query.ts";

const QR = 0x8000;
const OPCODE_SHIFT = 11;

/** Takes over the packet and looks at its header. */
export function readHeader(query: Query, exchange: Exchange, hasSessions: boolean): number {
  const { packet, start } = exchange;
  query.clear();
  query.packet = packet;
  query.start = start;
  query.end = start + exchange.length;
  query.out = exchange.out;
  query.outStart = exchange.outStart;
  query.transport = exchange.transport;
  // Answers to answers, and to a port nobody can listen on, would only feed loops and attacks.
  if (exchange.length < HEADER_OCTETS || exchange.sourcePort === 0) return STEP.silent;
  const flags = ((packet[start + 2] as number) << 8) | (packet[start + 3] as number);
  if ((flags & QR) !== 0) return STEP.silent;
  query.headerFlags = flags;
  const opcode = (flags >>> OPCODE_SHIFT) & 15;
  if (opcode !== OPCODE.QUERY) {
    const isSession = opcode === OPCODE.NOTIFY || opcode === OPCODE.UPDATE;
    return isSession && hasSessions ? STEP.handOver : refused(query, RCODE.NOTIMP);
  }
  const questions = ((packet[start + 4] as number) << 8) | (packet[start + 5] as number);
  return questions === 1 ? STEP.go : refused(query, RCODE.FORMERR);
}

/** Reads the question and repeats it in the answer, letter case and all. */
export function readQuestion(query: Query): number {
  const { packet, start, end, out, outStart } = query;
  const isRead = query.nameEnd !== NAME_UNREAD;
  const at = isRead ? query.nameEnd : query.name.read(packet, start + HEADER_OCTETS, end);
  if (at < 0 || at + 4 > end) return refused(query, RCODE.FORMERR);
  query.type = ((packet[at] as number) << 8) | (packet[at + 1] as number);
  query.class = ((packet[at + 2] as number) << 8) | (packet[at + 3] as number);
  query.questionEnd = at + 4;
  const octets = at + 4 - start - HEADER_OCTETS;
  query.questionOctets = octets;
  // An answer that is written where the packet lies finds its question there.
  if (outStart === start && out === packet) return STEP.go;
  copyOctets(packet, start + HEADER_OCTETS, octets, out, outStart + HEADER_OCTETS);
  return STEP.go;
}

/** Ends the stages with an error. */
export function refused(query: Query, rcode: number): number {
  query.rcode = rcode;
  return STEP.done;
}
