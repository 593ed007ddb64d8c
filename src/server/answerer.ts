// What every transport answers with, and the limits that all of them share.

import type { Counters } from "../answer/counters.ts";
import type { Exchange } from "../answer/exchange.ts";
import type { Clock } from "../base/clock.ts";

/** Turns the query in an exchange into an answer; `answer/responder` is the real one. */
export interface Answerer {
  /** Absent: packets are answered without it. */
  readonly foresight?: Foresight;
  /** Octets written at `exchange.out[exchange.outStart]`; 0 stays silent. Never throws. */
  respond(exchange: Exchange): number;
  /** Called before the answers of a batch leave, where the exchange says that it is one. */
  settle(): void;
}

/** Looks at a batch before its first packet is answered: memory is asked for all of it at once. */
interface Foresight {
  /** Whether a batch of so many packets is answered the sooner for it. */
  isWorthIt(queries: number): boolean;
  /** Looks at the packet that will be answered with `place` as `exchange.foreseen`. */
  read(exchange: Exchange, place: number): void;
  /** All packets of the batch were looked at. */
  fetch(): void;
}

/** The image as seen by one thread: nothing it points at is rewritten between the two calls. */
export interface Epoch {
  enter(): void;
  leave(): void;
}

/** One thread's means to answer. Only `answerer` changes, when settings do. */
export interface AnswerContext {
  readonly exchange: Exchange;
  readonly epoch: Epoch;
  readonly clock: Clock;
  /** Counts batches and times some of them; absent: nobody wants to know. */
  readonly counters?: Counters;
  answerer: Answerer;
}

/**
 * The longest UDP query and answer, in octets: the most that an EDNS size may be set to.
 * A sender may not exceed what we advertise (RFC 6891 section 6.2.3), so a longer query is FORMERR.
 */
export const UDP_OCTETS_MAX = 4096;

const HEADER_OCTETS = 12;
const FORMERR = 1;

/**
 * Writes a FORMERR without a question section at `out[outStart]`, for a query that was cut short
 * before anyone could read it.
 *
 * @returns the octets written: 12, or 0 for what is no query and gets silence.
 */
export function writeFormErr(
  packet: Uint8Array,
  start: number,
  length: number,
  out: Uint8Array,
  outStart: number,
): number {
  const flags = packet[start + 2] ?? 0;
  if (length < HEADER_OCTETS || flags >= 0x80) return 0;
  out[outStart] = packet[start] ?? 0;
  out[outStart + 1] = packet[start + 1] ?? 0;
  // QR set, opcode and RD kept (RFC 1035 section 4.1.1); all counts zero.
  out[outStart + 2] = 0x80 | (flags & 0x79);
  out[outStart + 3] = FORMERR;
  out.fill(0, outStart + 4, outStart + HEADER_OCTETS);
  return HEADER_OCTETS;
}
