// NOTIFY (RFC 1996) and the question for a serial, as messages; and what their answers say.

import { decodeMessage, encodeMessage, type Message, MessageError } from "../dns/message.ts";
import { equalNames, type Name } from "../dns/name.ts";
import { CLASS, OPCODE, RCODE, TYPE } from "../dns/types.ts";
import type { RRset } from "../zone/rrset.ts";
import { readSoa } from "../zone/soa.ts";

/** Tells a secondary that the zone has changed; the SOA is a hint of the serial (section 3.7). */
export function encodeNotify(id: number, soa: RRset): Uint8Array {
  const { owner, type, ttl, rdatas } = soa;
  const answers = rdatas.map((rdata) => ({ owner, type, class: CLASS.IN, ttl, rdata }));
  const questions = [{ name: owner, type: TYPE.SOA, class: CLASS.IN }];
  return encodeMessage({ id, opcode: OPCODE.NOTIFY, isAuthoritative: true, questions, answers });
}

/** Whether a message answers a NOTIFY, and what it says of it; undefined: it is no such answer. */
export function notifyRcode(packet: Uint8Array, id: number): number | undefined {
  const message = readAnswer(packet, id);
  return message?.opcode === OPCODE.NOTIFY ? message.rcode : undefined;
}

/** The serial that an authoritative answer to an SOA question holds. */
export function answeredSerial(packet: Uint8Array, id: number, origin: Name): number | undefined {
  const message = readAnswer(packet, id);
  if (message?.rcode !== RCODE.NOERROR || !message.isAuthoritative) return undefined;
  return serialIn(message, origin);
}

/** RFC 1996 section 3.7: a NOTIFY may hold the new SOA; nobody vouches for it. */
export function hintedSerial(notify: Message, origin: Name): number | undefined {
  return serialIn(notify, origin);
}

function serialIn({ answers }: Message, origin: Name): number | undefined {
  const soa = answers.find(({ owner, type }) => type === TYPE.SOA && equalNames(owner, origin));
  return soa && readSoa(soa.rdata).serial;
}

function readAnswer(packet: Uint8Array, id: number): Message | undefined {
  try {
    const message = decodeMessage(packet);
    return message.isResponse && message.id === id ? message : undefined;
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}
