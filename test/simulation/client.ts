// A client in the simulation: asks the real responder over the real image, as an answer thread would.

import { Counters, createCounters } from "../../src/answer/counters.ts";
import { Exchange, TRANSPORT } from "../../src/answer/exchange.ts";
import { Ledger } from "../../src/answer/ledger.ts";
import type { LedgerMemory } from "../../src/answer/ledger-memory.ts";
import { Responder } from "../../src/answer/responder.ts";
import { DEFAULT_ANSWER_SETTINGS } from "../../src/answer/settings.ts";
import { ipToBytes } from "../../src/base/ip.ts";
import { decodeMessage, encodeQuery } from "../../src/dns/message.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { printRdata } from "../../src/dns/rdata.ts";
import { EDNS_OPTION, rcodeToText, TYPE } from "../../src/dns/types.ts";
import type { ImageMemory, ImageSet } from "../../src/image/memory.ts";
import { ImageReader } from "../../src/image/reader.ts";

/** What came back for one question. */
export interface Reply {
  readonly rcode: string;
  /** Record data as text, sorted: the order takes turns. */
  readonly data: readonly string[];
  /** Seconds; undefined for an answer without records. */
  readonly ttl: number | undefined;
}

const SILENCE: Reply = { rcode: "silence", data: [], ttl: undefined };

/** Whoever asks with EDNS is told why. */
const EVERYBODY = [{ address: new Uint8Array(4), bits: 0 }];

/** The one answer thread of a simulated server. */
export class Client {
  readonly #reader: ImageReader;
  readonly #responder: Responder;
  readonly #exchange = new Exchange();
  readonly #questions = new Map<string, Uint8Array>();
  /** The last reply to each question, with the octets that it was read from. */
  readonly #replies = new Map<string, { readonly octets: Uint8Array; readonly reply: Reply }>();

  readonly #nowMs: () => number;

  constructor(memory: ImageMemory, ledger: LedgerMemory, nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#reader = new ImageReader(memory, 0);
    const counters = new Counters(createCounters(1), 0);
    this.#responder = new Responder(
      this.#reader,
      { ...DEFAULT_ANSWER_SETTINGS, explainTo: EVERYBODY },
      counters,
      new Ledger(ledger, 0),
    );
    this.#exchange.out = new Uint8Array(4096);
    this.#exchange.outMax = 4096;
    this.#exchange.transport = TRANSPORT.udp;
    this.#exchange.sourcePort = 5353;
  }

  adopt(set: ImageSet): void {
    this.#reader.adopt(set);
  }

  /** Asks for `name` (absolute text) from an address and says what came back. */
  ask(name: string, type: keyof typeof TYPE, from = "192.0.2.250"): Reply {
    const octets = this.#respond(this.#question(name, type), from);
    const key = `${type} ${name}`;
    const known = this.#replies.get(key);
    // Most looks find what the one before found: reading it again would be a tenth of all work.
    if (known !== undefined && Buffer.compare(known.octets, octets) === 0) return known.reply;
    const reply = replyOf(octets, type);
    this.#replies.set(key, { octets: octets.slice(), reply });
    return reply;
  }

  /** The text of the extended error beside the answer; undefined where there is none. */
  why(name: string, type: keyof typeof TYPE): string | undefined {
    const asked = { id: 7, name: nameFromText(name), type: TYPE[type], edns: { udpSize: 1232 } };
    const octets = this.#respond(encodeQuery(asked), "192.0.2.250");
    const options = octets.length === 0 ? [] : (decodeMessage(octets).edns?.options ?? []);
    const error = options.find(({ code }) => code === EDNS_OPTION.EDE);
    return error && new TextDecoder().decode(error.octets.subarray(2));
  }

  /** The answer's octets; none for silence. */
  #respond(packet: Uint8Array, from: string): Uint8Array {
    const exchange = this.#exchange;
    exchange.packet = packet;
    exchange.length = packet.length;
    exchange.source = ipToBytes(from) ?? new Uint8Array(4);
    exchange.sourceLength = exchange.source.length;
    exchange.nowMs = this.#nowMs();
    this.#reader.enter();
    const length = this.#responder.respond(exchange);
    this.#reader.leave();
    return exchange.out.subarray(0, length);
  }

  #question(name: string, type: keyof typeof TYPE): Uint8Array {
    const key = `${type} ${name}`;
    const known = this.#questions.get(key);
    if (known !== undefined) return known;
    const packet = encodeQuery({ id: 7, name: nameFromText(name), type: TYPE[type] });
    this.#questions.set(key, packet);
    return packet;
  }

  /** The serial a zone answers, or undefined where it is not served. */
  serial(zone: string): number | undefined {
    const words = this.ask(zone, "SOA").data[0]?.split(" ");
    return words === undefined ? undefined : Number(words[2]);
  }
}

function replyOf(packet: Uint8Array, typeText: keyof typeof TYPE): Reply {
  if (packet.length === 0) return SILENCE;
  const type = TYPE[typeText];
  const message = decodeMessage(packet);
  const records = message.answers.filter((record) => record.type === type);
  return {
    rcode: rcodeToText(message.rcode),
    // As status names hosts: without the final dot.
    data: records.map((record) => printRdata(type, record.rdata).replace(/\.$/, "")).sort(),
    ttl: records[0]?.ttl,
  };
}
