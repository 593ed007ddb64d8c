// The names of a batch, read before the first of its queries is answered, so that the image can be
// asked for what all of them need at once (`image/lookahead.ts`).

import { NameBuffer } from "../image/name-buffer.ts";
import { BATCH_MAX, type ImageReader } from "../image/reader.ts";
import type { Exchange } from "./exchange.ts";
import { HEADER_OCTETS, type Query } from "./query.ts";

/** From so many queries on there is something to ask for at once. */
const QUERIES_MIN = 2;

/** One thread's names. */
export class Foresight {
  private readonly reader: ImageReader;
  /** By place; made when a place is first read, which few readers ever do. */
  private readonly names: NameBuffer[] = [];
  /** Where each name ends in its packet, or -1 where it is none. */
  private readonly ends = new Int32Array(BATCH_MAX);

  constructor(reader: ImageReader) {
    this.reader = reader;
  }

  /** Whether a batch of so many queries is answered the sooner for it. */
  isWorthIt(queries: number): boolean {
    return queries >= QUERIES_MIN && queries <= BATCH_MAX && this.reader.ahead.isWorthIt;
  }

  /** Reads the name of the packet in `exchange`, whose place in its batch is `place`. */
  read(exchange: Exchange, place: number): void {
    const { packet, start, length } = exchange;
    const name = this.names[place] ?? this.makeName(place);
    const end = name.read(packet, start + HEADER_OCTETS, start + length);
    this.ends[place] = end;
    if (end >= 0) this.reader.ahead.add(name.hash);
  }

  /** Asks the image for what all of them need. */
  fetch(): void {
    this.reader.ahead.fetch();
  }

  /** Gives a query the name that was read from its packet. */
  lend(query: Query, place: number): void {
    query.name = this.names[place] as NameBuffer;
    query.nameEnd = this.ends[place] as number;
  }

  private makeName(place: number): NameBuffer {
    const name = new NameBuffer();
    this.names[place] = name;
    return name;
  }
}
