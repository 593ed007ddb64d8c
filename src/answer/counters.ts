// What the answer threads count: one row of numbers for each reader in shared memory, each written
// by its reader alone and read by anybody at any time.

/** What is counted, in the order of the row. */
const COUNTED = [
  ...["udp", "tcp", "tls"],
  ...["A", "NS", "CNAME", "SOA", "PTR", "MX", "TXT", "AAAA", "SRV", "DS", "HTTPS", "ANY"],
  ...["otherType", "noType"],
  ...["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN"],
  ...["BADVERS", "BADCOOKIE", "otherRcode"],
  ...["edns", "cookieValid", "truncated", "silent", "malformed", "live"],
  ...["rateSlipped", "rateDropped"],
  ...["batches", "batchQueries", "timedBatches", "timedMs"],
  ...["within50us", "within100us", "within250us", "within500us", "within1ms", "within2500us"],
  ...["within5ms", "within10ms", "within100ms"],
] as const;

/** The name of one count. */
export type Counted = (typeof COUNTED)[number];

/** Sums over all readers since the counters were made. */
export type CounterTotals = Readonly<Record<Counted, number>>;

/** One batch in so many is timed; a power of two. */
const TIMED_EVERY = 16;

/** Numbers of one row; a multiple of 8, so that rows do not share cache lines. */
const ROW = Math.ceil(COUNTED.length / 8) * 8;

/** Places in the row that the responder uses by number. */
export const COUNT = {
  udp: at("udp"),
  otherType: at("otherType"),
  noType: at("noType"),
  edns: at("edns"),
  cookieValid: at("cookieValid"),
  truncated: at("truncated"),
  silent: at("silent"),
  malformed: at("malformed"),
  live: at("live"),
  rateSlipped: at("rateSlipped"),
  rateDropped: at("rateDropped"),
  batches: at("batches"),
  batchQueries: at("batchQueries"),
  timedBatches: at("timedBatches"),
  timedMs: at("timedMs"),
  shortest: at("within50us"),
} as const;

/** The bounds of the counts from `shortest` on; what takes longer is only in `timedBatches`. */
const BOUND_MS = Float64Array.of(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 100);

const TYPE_PLACE = new Uint8Array(256).fill(at("otherType"));
const RCODE_PLACE = new Uint8Array(4096).fill(at("otherRcode"));

for (const [type, name] of [
  ...([
    [1, "A"],
    [2, "NS"],
    [5, "CNAME"],
    [6, "SOA"],
    [12, "PTR"],
    [15, "MX"],
  ] as const),
  ...([
    [16, "TXT"],
    [28, "AAAA"],
    [33, "SRV"],
    [43, "DS"],
    [65, "HTTPS"],
    [255, "ANY"],
  ] as const),
] as const) {
  TYPE_PLACE[type] = at(name);
}
for (const [rcode, name] of [
  ...([
    [0, "NOERROR"],
    [1, "FORMERR"],
    [2, "SERVFAIL"],
    [3, "NXDOMAIN"],
    [4, "NOTIMP"],
  ] as const),
  ...([
    [5, "REFUSED"],
    [6, "YXDOMAIN"],
    [16, "BADVERS"],
    [23, "BADCOOKIE"],
  ] as const),
] as const) {
  RCODE_PLACE[rcode] = at(name);
}

/** Shared memory for the counters of `readers` readers. */
export function createCounters(readers: number): SharedArrayBuffer {
  return new SharedArrayBuffer(readers * ROW * 8);
}

/** One reader's row. */
export class Counters {
  private readonly row: Float64Array;

  constructor(buffer: SharedArrayBuffer, reader: number) {
    this.row = new Float64Array(buffer, reader * ROW * 8, ROW);
  }

  /** Adds one to the count at `place` (of `COUNT`). */
  add(place: number): void {
    (this.row[place] as number)++;
  }

  addTransport(transport: number): void {
    (this.row[COUNT.udp + transport] as number)++;
  }

  addType(type: number): void {
    (this.row[type < 256 ? (TYPE_PLACE[type] as number) : COUNT.otherType] as number)++;
  }

  addRcode(rcode: number): void {
    (this.row[RCODE_PLACE[rcode] as number] as number)++;
  }

  /** Notes a batch of `queries` packets; whether its time is wanted too, as of one batch in 16. */
  addBatch(queries: number): boolean {
    const { row } = this;
    (row[COUNT.batchQueries] as number) += queries;
    const batches = (row[COUNT.batches] as number) + 1;
    row[COUNT.batches] = batches;
    return batches % TIMED_EVERY === 0;
  }

  /** Notes how long a batch took whose time was wanted. Each is counted below its first bound only. */
  addBatchTime(tookMs: number): void {
    const { row } = this;
    (row[COUNT.timedBatches] as number)++;
    (row[COUNT.timedMs] as number) += tookMs;
    for (let i = 0; i < BOUND_MS.length; i++) {
      if (tookMs > (BOUND_MS[i] as number)) continue;
      (row[COUNT.shortest + i] as number)++;
      return;
    }
  }
}

/** The sums of all rows; numbers of one moment may be a few answers apart. */
export function readCounters(buffer: SharedArrayBuffer): CounterTotals {
  const all = new Float64Array(buffer);
  const totals: Record<string, number> = {};
  for (const [place, name] of COUNTED.entries()) {
    let sum = 0;
    for (let row = 0; row < all.length; row += ROW) sum += all[row + place] ?? 0;
    totals[name] = sum;
  }
  return totals as Record<Counted, number>;
}

function at(name: Counted): number {
  return COUNTED.indexOf(name);
}
