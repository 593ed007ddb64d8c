// How UDP is answered: in batches, which the answer threads count, and of which they time one in 16.

import { Histogram } from "prom-client";
import type { Family, Moment } from "./metric-families.ts";

const NAME = "livezone_answer_batch_duration_seconds";
const HELP = "From a batch received to its answers sent, of one batch in 16";

/** Counters; queries over batches is the size of a batch, and 64 is the most. */
export const BATCHES: readonly Family[] = [
  [
    "answer_batches_total",
    "Batches of packets that UDP answer threads took, with one system call each",
    [],
    ({ counters }) => [[{}, counters["batches"] ?? 0]],
  ],
  [
    "answer_batch_packets_total",
    "Packets in them: over batches, the size of a batch, at most 64",
    [],
    ({ counters }) => [[{}, counters["batchQueries"] ?? 0]],
  ],
];

/** The answer threads' counts of timed batches, and the seconds below which each of them counts. */
const BUCKETS: readonly (readonly [string, number])[] = [
  ["within50us", 0.00005],
  ["within100us", 0.0001],
  ["within250us", 0.00025],
  ["within500us", 0.0005],
  ["within1ms", 0.001],
  ["within2500us", 0.0025],
  ["within5ms", 0.005],
  ["within10ms", 0.01],
  ["within100ms", 0.1],
];
const SHAPE = { name: NAME, help: HELP, buckets: BUCKETS.map(([, seconds]) => seconds) };

/** A histogram whose buckets are counted by the answer threads, in shared memory. */
export class BatchTimes extends Histogram {
  readonly #counters: () => Moment["counters"];
  /** Says what a histogram says of itself; never observes anything. */
  readonly #empty = new Histogram({ ...SHAPE, registers: [] });

  constructor(counters: () => Moment["counters"]) {
    super({ ...SHAPE, registers: [] });
    this.#counters = counters;
  }

  override async get(): ReturnType<Histogram["get"]> {
    const counters = this.#counters();
    const values: Awaited<ReturnType<Histogram["get"]>>["values"] = [];
    const add = (part: string, value: number, labels = {}): void => {
      values.push({ metricName: `${NAME}_${part}`, labels, value });
    };
    let below = 0;
    for (const [bucket, seconds] of BUCKETS) {
      below += counters[bucket] ?? 0;
      add("bucket", below, { le: seconds });
    }
    // Threads go on counting while they are read: the last bucket is never below the one before.
    const count = Math.max(below, counters["timedBatches"] ?? 0);
    add("bucket", count, { le: "+Inf" });
    add("sum", (counters["timedMs"] ?? 0) / 1000);
    add("count", count);
    return { ...(await this.#empty.get()), values };
  }

  /** What the registry asks a histogram for, before `get`. */
  getForPromString(): ReturnType<Histogram["get"]> {
    return this.get();
  }
}
