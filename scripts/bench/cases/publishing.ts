// How soon what is published is answered, and what publishing costs those who ask meanwhile.

import { setTimeout as sleep } from "node:timers/promises";
import { Asker, answersAddress } from "../ask.ts";
import type { Bench, BenchCase, Row } from "../bench.ts";
import { Inside } from "../inside.ts";
import { type LoadResult, runLoad } from "../load.ts";
import { compareRounds, median, quantile } from "../numbers.ts";
import { many } from "../rounds.ts";
import { ownerOf, writeQueries, writeZone } from "../zones.ts";

const EDITS = 200;
/** Swaps of a round. */
const SWAPS = 1000;
/** Milliseconds from one swap to the next. */
const SWAP_EVERY_MS = 2;
const SWAPPED_NAMES = 1000;
const EDITS_PER_SECOND = 100;
const SMALL_NAMES = 1000;

export const publish: BenchCase = {
  name: "publish",
  async run(bench) {
    const { names } = bench.options;
    const zone = writeZone(bench.folder, names, "A");
    const inside = await Inside.open(bench.folder, bench.server, zone);
    const asker = new Asker(inside.port);
    await asker.open();
    const tookMs = new Float64Array(EDITS);
    try {
      for (let i = 0; i < EDITS; i++) {
        const index = Math.floor((names * i) / EDITS);
        const startedMs = performance.now();
        await inside.edit(index, address(i));
        const question = { name: ownerOf(index), type: "A" } as const;
        const wanted = address(i).join(".");
        await asker.until(question, (message) => answersAddress(message, wanted), SOON);
        tookMs[i] = performance.now() - startedMs;
      }
    } finally {
      asker.close();
      await inside.close();
    }
    tookMs.sort();
    const work = `an edit of one of ${names.toLocaleString("en")} records, until it is answered`;
    const note = `median ${quantile(tookMs, 0.5).toFixed(2)}, greatest ${quantile(tookMs, 1).toFixed(2)} ms; durable first`;
    return [
      alone(
        { case: "publish", work: `${work}, p99`, unit: "ms", limit: 10, note },
        quantile(tookMs, 0.99),
      ),
    ];
  },
};

export const swaps: BenchCase = {
  name: "swaps",
  async run(bench) {
    const zone = writeZone(bench.folder, SWAPPED_NAMES, "A");
    const questions = { kind: "A", names: SWAPPED_NAMES, lines: 100_000, seed: 3 } as const;
    const queries = writeQueries(bench.folder, questions);
    const inside = await Inside.open(bench.folder, bench.server, zone);
    try {
      for (let i = 0; i < SWAPPED_NAMES; i++) inside.bind(i, address(1));
      // The first thousand do not count: while their slowest came, code was being compiled.
      const first = quantile(await swapUnderLoad(inside, queries, 0), 0.99);
      const all: Float64Array[] = [];
      for (let round = 1; round <= many(bench); round++) {
        const seenMs = await swapUnderLoad(inside, queries, round);
        bench.say(`round ${round}: p99 ${quantile(seenMs, 0.99).toFixed(3)} ms`);
        all.push(seenMs);
      }
      const p99 = all.map((seenMs) => quantile(seenMs, 0.99));
      const work = "a swap under full load, decision to every answer thread, p99";
      const middle = median(all.map((seenMs) => quantile(seenMs, 0.5)));
      const span = `${Math.min(...p99).toFixed(2)} to ${Math.max(...p99).toFixed(2)}`;
      const note = `median ${middle.toFixed(3)} ms; rounds: ${span}; the first ${first.toFixed(2)}`;
      return [alone({ case: "swaps", work, unit: "ms", limit: 1, note }, median(p99))];
    } finally {
      await inside.close();
    }
  },
};

export const edits: BenchCase = {
  name: "edits",
  async run(bench) {
    const zone = writeZone(bench.folder, SMALL_NAMES, "A and AAAA");
    const questions = { kind: "A and AAAA", names: SMALL_NAMES, lines: 20_000, seed: 1 } as const;
    const queries = writeQueries(bench.folder, questions);
    const inside = await Inside.open(bench.folder, bench.server, zone);
    const p99 = { quiet: [] as number[], busy: [] as number[] };
    let lost = 0;
    let published = 0;
    try {
      const load = { port: inside.port, queries, seconds: bench.options.seconds, isTimed: true };
      for (let round = 0; round < bench.options.rounds; round++) {
        const quiet = await runLoad(load);
        const ended = new AbortController();
        const editing = editSteadily(inside, ended.signal);
        const busy = await runLoad(load);
        ended.abort();
        published += await editing;
        lost += quiet.lost + busy.lost;
        p99.quiet.push(tell(bench, `round ${round + 1} quiet`, quiet));
        p99.busy.push(tell(bench, `round ${round + 1} edited`, busy));
      }
    } finally {
      await inside.close();
    }
    const work = `query p99 under full load with ${EDITS_PER_SECOND} edits a second`;
    const note = `${published} edits, ${lost} queries lost`;
    const compared = compareRounds(p99.busy, p99.quiet);
    return [
      { case: "edits", work, against: "without edits", unit: "ms", ...compared, limit: 2, note },
    ];
  },
};

const SOON = { limitMs: 5000, everyMs: 0 };

/** @param round every other one gives a name another address than the one before. */
async function swapUnderLoad(
  inside: Inside,
  queries: string,
  round: number,
): Promise<Float64Array> {
  const load = runLoad({ port: inside.port, queries, seconds: (SWAPS * SWAP_EVERY_MS) / 1000 + 2 });
  await sleep(1000);
  const seenMs = new Float64Array(SWAPS);
  for (let i = 0; i < SWAPS; i++) {
    seenMs[i] = inside.swap(i % SWAPPED_NAMES, address(2 + ((i + round) % 2))).seenMs;
    await sleep(SWAP_EVERY_MS);
  }
  await load;
  return seenMs.sort();
}

/** Publishes edits at the rate of the case until `ended`; returns how many. */
async function editSteadily(inside: Inside, ended: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  let count = 0;
  while (!ended.aborted) {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * EDITS_PER_SECOND);
    if (count < due) await inside.edit(count % SMALL_NAMES, address(count++));
    else await sleep(1);
  }
  return count;
}

function tell(bench: Bench, what: string, result: LoadResult): number {
  const p99 = quantile(result.latenciesMs, 0.99);
  bench.say(`${what}: p99 ${p99.toFixed(2)} ms, ${Math.round(result.perSecond)} q/s`);
  return p99;
}

function alone(of: Omit<Row, "against" | "ours">, ours: number): Row {
  return { ...of, against: "itself", ours };
}

function address(number: number): Uint8Array {
  return Uint8Array.of(192, 0, 2 + ((number >> 8) & 1), number & 255);
}
