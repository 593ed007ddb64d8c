// The responder: query octets to response octets. (First shape: it knows no zone yet.)

import type { ImageReader } from "../image/reader.ts";
import type { Counters } from "./counters.ts";
import type { Exchange } from "./exchange.ts";
import type { AnswerSettings } from "./settings.ts";

const REFUSED = 5;

/** Answers queries from an image; one for each thread. */
export class Responder {
  readonly reader: ImageReader;
  readonly settings: AnswerSettings;
  private readonly counters: Counters;

  constructor(reader: ImageReader, settings: AnswerSettings, counters: Counters) {
    this.reader = reader;
    this.settings = settings;
    this.counters = counters;
  }

  /**
   * Answers one packet. Between the reader's `enter` and `leave`; never throws, never allocates.
   *
   * @returns octets written at `out[outStart]`; 0 to stay silent.
   */
  respond(exchange: Exchange): number {
    this.counters.addTransport(exchange.transport);
    const { packet, start, out, outStart } = exchange;
    if (exchange.length < 12 || ((packet[start + 2] ?? 0) & 0x80) !== 0) return 0;
    for (let i = 0; i < 12; i++) out[outStart + i] = i < 2 ? (packet[start + i] ?? 0) : 0;
    out[outStart + 2] = 0x80;
    out[outStart + 3] = REFUSED;
    return 12;
  }
}
