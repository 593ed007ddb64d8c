// The responder: query octets to response octets, through stages that stand in one list. The image
// answers; nothing here waits, throws or allocates.

import { CLASS, RCODE, TYPE } from "../dns/types.ts";
import type { ImageReader } from "../image/reader.ts";
import { AddressFinder } from "./addresses.ts";
import { COUNT, type Counters } from "./counters.ts";
import { readHeader, readQuestion, refused } from "./door.ts";
import { checkVersion, readSections, writeOpt } from "./edns.ts";
import { type Exchange, TRANSPORT } from "./exchange.ts";
import { Lookup } from "./lookup.ts";
import { MessageWriter } from "./message-writer.ts";
import { HEADER_OCTETS, Query, STEP } from "./query.ts";
import type { AnswerSettings } from "./settings.ts";

const QR = 0x80;
const AA = 0x04;
const TC = 0x02;
/** Opcode and RD are repeated. */
const REPEATED = 0x79;
/** RFC 1035 section 4.2.1: what fits without EDNS. */
const UDP_SIZE_PLAIN = 512;
const TCP_SIZE_MAX = 65535;

/** Answers queries from an image; one for each thread. */
export class Responder {
  readonly reader: ImageReader;
  readonly settings: AnswerSettings;
  private readonly counters: Counters;
  private readonly query = new Query();
  private readonly writer = new MessageWriter();
  private readonly lookup: Lookup;

  constructor(reader: ImageReader, settings: AnswerSettings, counters: Counters) {
    this.reader = reader;
    this.settings = settings;
    this.counters = counters;
    const addresses = new AddressFinder(reader, this.writer);
    this.lookup = new Lookup(reader, this.writer, addresses, settings.isRotating);
  }

  /**
   * Answers one packet, between the reader's `enter` and `leave`.
   *
   * @returns octets written at `out[outStart]`, at most `outMax`; 0 to stay silent.
   */
  respond(exchange: Exchange): number {
    const { query } = this;
    this.counters.addTransport(exchange.transport);
    let step = readHeader(query, exchange);
    if (step === STEP.go) step = readQuestion(query);
    if (step === STEP.go) step = readSections(query);
    if (step === STEP.go) step = checkVersion(query);
    if (step === STEP.go) step = checkQuestion(query);
    this.begin(exchange);
    if (step === STEP.go) this.lookup.answer(query);
    return this.finish(exchange, step);
  }

  /** Sets the bounds of the answer: the asker's, the operator's and the transport's. */
  private begin(exchange: Exchange): void {
    const { query } = this;
    const { outStart, outMax } = exchange;
    let size = TCP_SIZE_MAX;
    if (query.transport === TRANSPORT.udp) {
      size = query.hasOpt ? Math.min(query.udpSize, this.settings.udpSizeMax) : UDP_SIZE_PLAIN;
    }
    const limit = outStart + Math.min(size, outMax) - query.optOctets;
    const at = outStart + HEADER_OCTETS + query.questionOctets;
    this.writer.begin(exchange.out, outStart, at, limit);
  }

  /** Writes what comes last: OPT, header, counts. */
  private finish(exchange: Exchange, step: number): number {
    const { query, counters } = this;
    exchange.liveSlot = query.liveSlot;
    if (step === STEP.silent) {
      counters.add(COUNT.silent);
      return 0;
    }
    const { out, outStart, packet, start } = query;
    let end = this.writer.at;
    let additionals = query.additionals;
    if (query.hasOpt) {
      end = writeOpt(query, end, this.settings.udpSizeMax);
      additionals++;
      counters.add(COUNT.edns);
    }
    out[outStart] = packet[start] as number;
    out[outStart + 1] = packet[start + 1] as number;
    out[outStart + 2] =
      QR |
      ((query.headerFlags >>> 8) & REPEATED) |
      (query.isAuthoritative && query.class === CLASS.IN ? AA : 0) |
      (query.isTruncated ? TC : 0);
    out[outStart + 3] = query.rcode & 15;
    out[outStart + 4] = 0;
    out[outStart + 5] = query.questionOctets > 0 ? 1 : 0;
    writeCount(out, outStart + 6, query.answers);
    writeCount(out, outStart + 8, query.authorities);
    writeCount(out, outStart + 10, additionals);
    this.count(query);
    return end - outStart;
  }

  private count(query: Query): void {
    const { counters } = this;
    counters.addRcode(query.rcode);
    if (query.rcode === RCODE.FORMERR) counters.add(COUNT.malformed);
    if (query.questionOctets > 0) counters.addType(query.type);
    else counters.add(COUNT.noType);
    if (query.isTruncated) counters.add(COUNT.truncated);
    if (query.liveSlot >= 0) counters.add(COUNT.live);
  }
}

/** Refuses classes that are not served, and transfers, which are not asked of this room. */
function checkQuestion(query: Query): number {
  if (query.class !== CLASS.IN && query.class !== CLASS.ANY) return refused(query, RCODE.REFUSED);
  const isTransfer = query.type === TYPE.AXFR || query.type === TYPE.IXFR;
  return isTransfer ? refused(query, RCODE.REFUSED) : STEP.go;
}

function writeCount(out: Uint8Array, at: number, count: number): void {
  out[at] = count >>> 8;
  out[at + 1] = count;
}
