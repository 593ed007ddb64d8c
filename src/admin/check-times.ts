// How long checks took, by target. With ten thousand targets it is told ten thousand times a second:
// each target has its row of counts, and what Prometheus reads is made of them when it asks.

import { Histogram } from "prom-client";

const NAME = "livezone_target_check_duration_seconds";
const HELP = "How long checks of a target took";

/** A target's counts: one for each bucket, and what did not take longer than it alone. */
interface Row {
  readonly counts: Float64Array;
  count: number;
  sumSeconds: number;
}

/** A histogram by target, whose observations cost no label and no string. */
export class CheckTimes extends Histogram {
  readonly #buckets: readonly number[];
  readonly #rows = new Map<string, Row>();
  /** Says what a histogram says of itself; never observes anything. */
  readonly #empty: Histogram;

  /** @param buckets their upper bounds in seconds, rising. */
  constructor(buckets: readonly number[]) {
    const shape = { name: NAME, help: HELP, labelNames: ["target"], buckets: [...buckets] };
    super({ ...shape, registers: [] });
    this.#buckets = buckets;
    this.#empty = new Histogram({ ...shape, registers: [] });
  }

  /** Counts a check of a target. */
  note(target: string, seconds: number): void {
    let row = this.#rows.get(target);
    if (row === undefined) {
      row = { counts: new Float64Array(this.#buckets.length), count: 0, sumSeconds: 0 };
      this.#rows.set(target, row);
    }
    row.count++;
    row.sumSeconds += seconds;
    let bucket = 0;
    while (bucket < row.counts.length && seconds > (this.#buckets[bucket] ?? 0)) bucket++;
    // Beyond the last bucket there is only the count.
    if (bucket < row.counts.length) row.counts[bucket] = (row.counts[bucket] ?? 0) + 1;
  }

  /** Forgets the targets that are not among `known`. */
  keep(known: ReadonlySet<string>): void {
    for (const target of this.#rows.keys()) if (!known.has(target)) this.#rows.delete(target);
  }

  override async get(): ReturnType<Histogram["get"]> {
    const values: Awaited<ReturnType<Histogram["get"]>>["values"] = [];
    for (const [target, { counts, count, sumSeconds }] of this.#rows) {
      const add = (part: string, value: number, labels = {}): void => {
        values.push({ metricName: `${NAME}_${part}`, labels: { ...labels, target }, value });
      };
      let below = 0;
      for (const [i, le] of this.#buckets.entries()) {
        below += counts[i] ?? 0;
        add("bucket", below, { le });
      }
      add("bucket", count, { le: "+Inf" });
      add("sum", sumSeconds);
      add("count", count);
    }
    return { ...(await this.#empty.get()), values };
  }

  /** What the registry asks a histogram for, before `get`. */
  getForPromString(): ReturnType<Histogram["get"]> {
    return this.get();
  }
}
