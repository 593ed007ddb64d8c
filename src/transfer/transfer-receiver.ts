// A transfer as it comes in: AXFR (RFC 5936) and IXFR (RFC 1995), message by message, to a whole that
// may be taken or to the reason why not. It keeps the messages as they were; nothing is built of them
// before the last one has come and every signature is good.

import { unreachable } from "../base/assert.ts";
import { encodeMessage } from "../dns/message.ts";
import { equalNames, type Name } from "../dns/name.ts";
import { MessageError, readPacketName } from "../dns/packet.ts";
import { compareSerial } from "../dns/serial.ts";
import { CLASS, OPCODE, RCODE, rcodeToText, TYPE } from "../dns/types.ts";
import type { RRset } from "../zone/rrset.ts";
import { MessageFrames } from "./message-frames.ts";
import { type TsigChain, verifyAnswer } from "./tsig.ts";

/** What is asked for, and what the answer is held against. */
export interface TransferAsk {
  readonly id: number;
  readonly origin: Name;
  /** The SOA of what is held, with the primary's serial; undefined: all there is is wanted. */
  readonly since: RRset | undefined;
  /** Signs the answer; undefined: it comes unsigned. */
  readonly chain: TsigChain | undefined;
  /** Octets of messages that are taken at most; each counts for 256 at least. */
  readonly octetsMax: number;
}

/** A transfer that is whole: its messages, signatures taken off. */
export interface ReceivedTransfer {
  /** All of the zone, or steps from the serial that was asked from. */
  readonly form: "whole" | "difference";
  readonly serial: number;
  /** As `MessageFrames` writes them. */
  readonly frames: Uint8Array;
  readonly messages: number;
  readonly records: number;
  readonly octets: number;
}

/** What is known after a message. */
export type TransferVerdict =
  | { readonly kind: "more" }
  | { readonly kind: "done"; readonly transfer: ReceivedTransfer }
  /** The primary has nothing newer. */
  | { readonly kind: "current"; readonly serial: number }
  | TransferFailure;

/** A transfer that is not to be taken. */
export interface TransferFailure {
  readonly kind: "failed";
  readonly why: string;
  /** The primary means what it says, and says it to a question for steps: it may have the whole. */
  readonly isWholeLeft: boolean;
}

const HEADER_OCTETS = 12;
const RECORD_FIXED_OCTETS = 10;
/** RFC 1035 section 3.3.13: five numbers of 32 bits end an SOA, whatever its names look like. */
const SOA_NUMBERS_OCTETS = 20;
/** Tiny messages cost as much as these. */
const MESSAGE_COST_MIN = 256;

/** The question for a transfer: IXFR from an SOA, or AXFR. */
export function encodeTransferQuery(ask: Pick<TransferAsk, "id" | "origin" | "since">): Uint8Array {
  const { id, origin, since } = ask;
  const type = since === undefined ? TYPE.AXFR : TYPE.IXFR;
  const questions = [{ name: origin, type, class: CLASS.IN }];
  const authorities = (since?.rdatas ?? []).map((rdata) => {
    return { owner: origin, type: TYPE.SOA, class: CLASS.IN, ttl: since?.ttl ?? 0, rdata };
  });
  return encodeMessage({ id, questions, authorities });
}

/** One SOA of a transfer, or any other record. */
interface SeenRecord {
  readonly soaSerial: number | undefined;
}

/** Where the records of a transfer stand. */
type Place =
  /** Nothing but the first SOA was seen. */
  | { readonly in: "start" }
  | { readonly in: "whole" }
  | { readonly in: "removed"; readonly at: number }
  | { readonly in: "added"; readonly at: number }
  | { readonly in: "end" };

/** Takes the messages of one transfer. Use once. */
export class TransferReceiver {
  readonly #ask: TransferAsk;
  readonly #since: number | undefined;
  readonly #frames = new MessageFrames();
  #chain: TsigChain | undefined;
  #place: Place = { in: "start" };
  #serial: number | undefined;
  #form: ReceivedTransfer["form"] = "whole";
  #messages = 0;
  #records = 0;
  #octets = 0;
  #cost = 0;

  constructor(ask: TransferAsk) {
    this.#ask = ask;
    this.#chain = ask.chain;
    const soa = ask.since?.rdatas[0];
    this.#since = soa && soaSerialAt(soa, soa.length);
  }

  /** Takes the next message. After any verdict but "more" there is nothing to be taken. */
  take(packet: Uint8Array, nowSeconds: number): TransferVerdict {
    this.#messages++;
    this.#octets += packet.length;
    this.#cost += Math.max(packet.length, MESSAGE_COST_MIN);
    if (this.#cost > this.#ask.octetsMax) {
      return failed(`it is longer than ${this.#ask.octetsMax} octets`);
    }
    let message = packet;
    if (this.#chain !== undefined) {
      const verified = verifyAnswer(packet, this.#chain, nowSeconds);
      if (verified.kind === "bad") return failed(`message ${this.#messages}: ${verified.why}`);
      ({ message, chain: this.#chain } = verified);
    }
    try {
      return this.#read(message);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      return failed(`message ${this.#messages} cannot be read: ${error.message}`);
    }
  }

  #read(message: Uint8Array): TransferVerdict {
    const refusal = this.#refusal(message);
    if (refusal !== undefined) return refusal;
    this.#frames.add(message);
    for (const record of recordsOf(message, this.#ask.origin, this.#messages)) {
      const why = this.#step(record);
      if (why !== undefined) return failed(why, this.#since !== undefined);
      this.#records++;
    }
    return this.#verdict();
  }

  /** Why a message is none of this transfer's, or says that there is none. */
  #refusal(message: Uint8Array): TransferVerdict | undefined {
    if (message.length < HEADER_OCTETS) return failed("a message is shorter than its header");
    const view = viewOf(message);
    const flags = view.getUint16(2);
    const isOurs = view.getUint16(0) === this.#ask.id && (flags & 0x8000) !== 0;
    if (!isOurs || ((flags >> 11) & 15) !== OPCODE.QUERY) {
      return failed("a message answers another question");
    }
    const rcode = flags & 15;
    if (rcode !== RCODE.NOERROR) {
      return failed(`the answer is ${rcodeToText(rcode)}`, this.#since !== undefined);
    }
    if ((flags & 0x0200) !== 0) return failed("a message is marked as truncated");
    if (view.getUint16(6) > 0) return undefined;
    return failed("a message holds no record", this.#since !== undefined && this.#messages === 1);
  }

  /** Goes on by one record; a sentence where it cannot stand there. */
  #step({ soaSerial }: SeenRecord): string | undefined {
    const place = this.#place;
    if (this.#serial === undefined) {
      if (soaSerial === undefined) return "it does not begin with the zone's SOA";
      this.#serial = soaSerial;
      return undefined;
    }
    switch (place.in) {
      case "start":
        return this.#second(soaSerial);
      case "whole":
        if (soaSerial === undefined) return undefined;
        return this.#last(soaSerial);
      case "removed":
        if (soaSerial !== undefined) this.#place = { in: "added", at: soaSerial };
        return undefined;
      case "added":
        if (soaSerial === undefined) return undefined;
        if (soaSerial !== place.at) return `its steps leave a gap from ${place.at} to ${soaSerial}`;
        if (soaSerial === this.#serial) this.#place = { in: "end" };
        else this.#place = { in: "removed", at: soaSerial };
        return undefined;
      case "end":
        return "records follow its end";
      default:
        return unreachable(place);
    }
  }

  /** The second record tells how the zone comes (RFC 1995 section 4). */
  #second(soaSerial: number | undefined): string | undefined {
    if (soaSerial === undefined) {
      this.#place = { in: "whole" };
      return undefined;
    }
    if (this.#since !== undefined && soaSerial !== this.#serial) {
      if (soaSerial !== this.#since) {
        return `its steps begin at serial ${soaSerial}, and ${this.#since} is held`;
      }
      this.#form = "difference";
      this.#place = { in: "removed", at: soaSerial };
      return undefined;
    }
    return this.#last(soaSerial);
  }

  #last(soaSerial: number): string | undefined {
    if (soaSerial !== this.#serial) {
      return `it begins with serial ${this.#serial} and ends with ${soaSerial}`;
    }
    this.#place = { in: "end" };
    return undefined;
  }

  #verdict(): TransferVerdict {
    const serial = this.#serial ?? 0;
    const isFirstOnly = this.#place.in === "start" && this.#messages === 1;
    if (isFirstOnly && this.#since !== undefined && compareSerial(serial, this.#since) !== 1) {
      return this.#isVouchedFor() ?? { kind: "current", serial };
    }
    if (this.#place.in !== "end") return { kind: "more" };
    const transfer = {
      ...{ form: this.#form, serial, frames: this.#frames.done() },
      ...{ messages: this.#messages, records: this.#records, octets: this.#octets },
    };
    return this.#isVouchedFor() ?? { kind: "done", transfer };
  }

  /** RFC 8945 section 5.3.1: the last message is signed. */
  #isVouchedFor(): TransferVerdict | undefined {
    const unsigned = this.#chain?.unsigned.length ?? 0;
    return unsigned > 0 ? failed("its last message is not signed") : undefined;
  }
}

function failed(why: string, isWholeLeft = false): TransferFailure {
  return { kind: "failed", why, isWholeLeft };
}

/** The records of the answer section, looked at no closer than needed to find the end. */
function* recordsOf(message: Uint8Array, origin: Name, number: number): Generator<SeenRecord> {
  const view = viewOf(message);
  let at = HEADER_OCTETS;
  for (let i = view.getUint16(4); i > 0; i--) at = skipName(message, at) + 4;
  for (let i = view.getUint16(6); i > 0; i--) {
    const end = skipName(message, at);
    const data = end + RECORD_FIXED_OCTETS;
    const next = data > message.length ? data : data + view.getUint16(end + 8);
    if (next > message.length) {
      throw new MessageError("MESSAGE_TRUNCATED", at, `message ${number} ends inside a record`);
    }
    const isSoa = view.getUint16(end) === TYPE.SOA;
    const isApex = isSoa && equalNames(readPacketName(message, at).name, origin);
    yield {
      soaSerial: isApex ? soaSerialAt(message.subarray(data, next), next - data) : undefined,
    };
    at = next;
  }
}

/** Behind a name; what a pointer leads to is looked at when the record is read. */
function skipName(message: Uint8Array, start: number): number {
  let at = start;
  for (;;) {
    const size = message[at];
    if (size === undefined)
      throw new MessageError("MESSAGE_TRUNCATED", at, "it ends inside a name");
    if (size === 0) return at + 1;
    if (size >= 0xc0) return at + 2;
    at += 1 + size;
  }
}

function soaSerialAt(rdata: Uint8Array, end: number): number {
  if (end < SOA_NUMBERS_OCTETS + 2) {
    throw new MessageError("MESSAGE_BAD_RDATA", 0, "an SOA record is too short");
  }
  return viewOf(rdata).getUint32(end - SOA_NUMBERS_OCTETS);
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}
