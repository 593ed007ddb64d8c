// The responder: query octets to response octets, through stages that stand in one list. The image
// answers; nothing here waits, throws or allocates.

import { CLASS, EDE, RCODE, TYPE } from "../dns/types.ts";
import type { ImageReader } from "../image/reader.ts";
import { AddressFinder } from "./addresses.ts";
import { Chaos } from "./chaos.ts";
import { Client } from "./client.ts";
import { COOKIE, CookieJar } from "./cookies.ts";
import { COUNT, type Counters } from "./counters.ts";
import { readHeader, readQuestion, refused } from "./door.ts";
import { checkVersion, readSections } from "./edns.ts";
import { type Exchange, HANDED_OVER, TRANSPORT } from "./exchange.ts";
import { Explainer } from "./explainer.ts";
import { Foresight } from "./foresight.ts";
import type { Ledger } from "./ledger.ts";
import { Lookup } from "./lookup.ts";
import { MessageWriter } from "./message-writer.ts";
import { OptWriter, optOctets } from "./options.ts";
import { HEADER_OCTETS, NAME_UNREAD, Query, STEP } from "./query.ts";
import { LIMIT, RateLimit } from "./rate-limit.ts";
import { Rotation } from "./rotation.ts";
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
  /** For a transport that has a batch of packets: reads their names ahead. */
  readonly foresight: Foresight;
  private readonly counters: Counters;
  private readonly query = new Query();
  private readonly ownName = this.query.name;
  private readonly client = new Client(this.query);
  private readonly writer = new MessageWriter();
  private readonly lookup: Lookup;
  private readonly chaos: Chaos;
  private readonly jar: CookieJar | undefined;
  private readonly explainer: Explainer | undefined;
  private readonly opt: OptWriter;
  private readonly rateLimit: RateLimit | undefined;

  private readonly ledger: Ledger | undefined;

  /** @param ledger where live answers are noted; by default they are not. */
  constructor(reader: ImageReader, settings: AnswerSettings, counters: Counters, ledger?: Ledger) {
    this.ledger = ledger;
    this.reader = reader;
    this.settings = settings;
    this.counters = counters;
    this.foresight = new Foresight(reader);
    const addresses = new AddressFinder(reader, this.writer);
    this.lookup = new Lookup(reader, this.writer, addresses, new Rotation(settings.isRotating));
    this.chaos = new Chaos(settings.chaos);
    const { cookieSecrets, rateLimit, explainTo } = settings;
    this.jar = cookieSecrets === undefined ? undefined : new CookieJar(cookieSecrets);
    this.explainer = explainTo && new Explainer(explainTo, reader.reasons);
    const { udpSizeMax: udpSize, nsid } = settings;
    this.opt = new OptWriter({ udpSize, nsid, jar: this.jar, explainer: this.explainer });
    this.rateLimit = rateLimit === undefined ? undefined : new RateLimit(rateLimit);
  }

  /**
   * Answers one packet, between the reader's `enter` and `leave`.
   *
   * @returns octets written at `out[outStart]`, at most `outMax`; 0 to stay silent; `HANDED_OVER`
   *   where the settings allow it and the request is for a session.
   */
  respond(exchange: Exchange): number {
    const { query } = this;
    exchange.liveSlot = -1;
    this.client.exchange = exchange;
    this.reader.asker = this.client;
    this.counters.addTransport(exchange.transport);
    const hasSessions = this.settings.hasSessions === true;
    this.takeName(exchange.foreseen);
    let step = readHeader(query, exchange, hasSessions);
    if (step === STEP.go) step = readQuestion(query);
    if (step === STEP.go) step = readSections(query);
    if (step === STEP.go && hasSessions && query.isSigned) step = STEP.handOver;
    if (step === STEP.handOver) return HANDED_OVER;
    if (step === STEP.go) step = checkVersion(query);
    if (query.cookieOctets > 0) this.judgeCookie(exchange);
    if (step !== STEP.silent) this.begin(exchange);
    if (step === STEP.go) step = this.checkQuestion(exchange);
    if (step === STEP.handOver) return HANDED_OVER;
    if (step === STEP.go) this.lookup.answer(query);
    if (step !== STEP.silent && this.rateLimit !== undefined) step = this.limit(exchange, step);
    return step === STEP.silent ? this.staySilent() : this.finish(exchange);
  }

  private takeName(foreseen: number): void {
    const { query } = this;
    if (foreseen >= 0) {
      this.foresight.lend(query, foreseen);
      return;
    }
    query.name = this.ownName;
    query.nameEnd = NAME_UNREAD;
  }

  private judgeCookie(exchange: Exchange): void {
    const { query, jar } = this;
    if (jar?.isReady() !== true) query.cookieOctets = 0;
    else query.cookie = jar.judge(exchange, query.givenCookie, query.cookieOctets);
  }

  /** Sets the bounds of the answer: the asker's, the operator's and the transport's. */
  private begin(exchange: Exchange): void {
    const { query, settings } = this;
    const { outStart, outMax } = exchange;
    let size = TCP_SIZE_MAX;
    if (query.transport === TRANSPORT.udp) {
      size = query.hasOpt ? Math.min(query.udpSize, settings.udpSizeMax) : UDP_SIZE_PLAIN;
    }
    query.limit = outStart + Math.min(size, outMax);
    const at = outStart + HEADER_OCTETS + query.questionOctets;
    const kept = optOctets(query, exchange, settings.nsid);
    this.writer.begin(exchange.out, outStart, at, query.limit - kept);
  }

  /** Refuses what is not answered from zones, and answers class CH. */
  private checkQuestion(exchange: Exchange): number {
    const { query } = this;
    if (query.class === CLASS.CH) {
      const end = this.chaos.answer(query, this.writer.at);
      if (end < 0) return this.isExplained(exchange) ? STEP.handOver : this.notSupported();
      this.writer.at = end;
      return STEP.done;
    }
    if (query.class !== CLASS.IN && query.class !== CLASS.ANY) return this.notSupported();
    const isTransfer = query.type === TYPE.AXFR || query.type === TYPE.IXFR;
    if (!isTransfer) return STEP.go;
    // AXFR over UDP is not defined (RFC 5936 section 4.2).
    const isSession = query.type === TYPE.IXFR || query.transport !== TRANSPORT.udp;
    return isSession && this.settings.hasSessions === true ? STEP.handOver : this.notSupported();
  }

  /** Whether it asks for what this server says of its pools, and may. */
  private isExplained(exchange: Exchange): boolean {
    const { explainer, settings, query } = this;
    return settings.hasSessions === true && explainer?.isMeant(query, exchange) === true;
  }

  private notSupported(): number {
    this.query.extendedError = EDE.NOT_SUPPORTED;
    return refused(this.query, RCODE.REFUSED);
  }

  /** Charges the answer to its asker. Whoever has shown a good cookie, or came by TCP, is real. */
  private limit(exchange: Exchange, step: number): number {
    const { query, counters, rateLimit } = this;
    if (rateLimit === undefined || query.transport !== TRANSPORT.udp) return step;
    if (query.cookie !== COOKIE.invalid) return step;
    const verdict = rateLimit.charge(exchange, query.kind);
    if (verdict === LIMIT.send) return step;
    if (verdict === LIMIT.drop) {
      counters.add(COUNT.rateDropped);
      return STEP.silent;
    }
    counters.add(COUNT.rateSlipped);
    // A client that knows cookies is asked for a good one, others are sent to TCP: both cost a
    // forger as much as they gain him.
    if (query.cookieOctets > 0) query.rcode = RCODE.BADCOOKIE;
    else query.isTruncated = true;
    this.writer.at = query.outStart + HEADER_OCTETS + query.questionOctets;
    query.dropSections();
    return STEP.done;
  }

  /** Writes down what live answers were given since; of a batch, before any of them leaves. */
  settle(): void {
    this.ledger?.settle();
  }

  private staySilent(): number {
    this.counters.add(COUNT.silent);
    return 0;
  }

  /** Writes what comes last: OPT, header, counts. */
  private finish(exchange: Exchange): number {
    const { query } = this;
    exchange.liveSlot = query.liveSlot;
    if (query.noted > 0) this.note(exchange);
    const { out, outStart, packet, start } = query;
    let end = this.writer.at;
    let additionals = query.additionals;
    if (query.hasOpt) {
      end = this.opt.write(query, exchange, end, query.limit);
      additionals++;
    }
    out[outStart] = packet[start] as number;
    out[outStart + 1] = packet[start + 1] as number;
    out[outStart + 2] =
      QR |
      ((query.headerFlags >>> 8) & REPEATED) |
      // No answer to class ANY speaks for all classes; NSD leaves AA out here too.
      (query.isAuthoritative && query.class !== CLASS.ANY ? AA : 0) |
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

  private note(exchange: Exchange): void {
    this.ledger?.note(this.query, exchange);
    if (!exchange.isBatched) this.settle();
  }

  private count(query: Query): void {
    const { counters } = this;
    counters.addRcode(query.rcode);
    if (query.questionOctets > 0) counters.addType(query.type);
    else counters.add(COUNT.noType);
    if (query.rcode === RCODE.FORMERR) counters.add(COUNT.malformed);
    if (query.hasOpt) counters.add(COUNT.edns);
    if (query.cookie !== COOKIE.invalid) counters.add(COUNT.cookieValid);
    if (query.isTruncated) counters.add(COUNT.truncated);
    if (query.liveSlot >= 0) counters.add(COUNT.live);
  }
}

function writeCount(out: Uint8Array, at: number, count: number): void {
  out[at] = count >>> 8;
  out[at + 1] = count;
}
