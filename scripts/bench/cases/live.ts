// What live answers cost beside static ones, and what a larger zone costs beside a smaller one.

import { type Bench, type BenchCase, checkAlike, type Row, sampleOf } from "../bench.ts";
import { median } from "../numbers.ts";
import { explaining } from "../peers/livezone.ts";
import { many, type RoundLoad, rowsOf, runRounds } from "../rounds.ts";
import { sharedPools, Target, withPools } from "../targets.ts";
import { writeQueries, writeZone } from "../zones.ts";

const POOLED_NAMES = 1000;
/** From how many addresses live names are asked: the ledger keeps a line for each and every name. */
const ASKERS = [1, 20];
/** A twentieth is looked for, and a fiftieth. */
const ROUNDS_TIMES = 4;
const SIZES = [1e3, 1e4, 1e5, 1e6];

export const live: BenchCase = {
  name: "live",
  async run(bench) {
    const { zone, queries, target, pooled } = await pooledNames(bench);
    const peers = [pooled, bench.ours];
    try {
      return await bench.withServers(peers, zone, async (servers) => {
        await checkAlike(servers, sampleOf(POOLED_NAMES), { hasTtls: false });
        const rows: Row[] = [];
        for (const askers of ASKERS) {
          const rounds = many(bench, ROUNDS_TIMES);
          const series = await runRounds(bench, servers, () => ({ queries, askers }), rounds);
          const from = askers === 1 ? "1 address" : `${askers} addresses`;
          const of = { case: "live", work: `A hits of 1,000 pool-bound names, asked from ${from}` };
          rows.push(...rowsOf(of, series, new Map([[bench.ours.name, 1.05]])));
        }
        return rows.map((row) => ({ ...row, against: "static names" }));
      });
    } finally {
      await target.close();
    }
  },
};

/** What it costs that some are told why: those who are not, and those who are, beside nobody. */
export const explain: BenchCase = {
  name: "explain",
  async run(bench) {
    const { zone, queries, target, pooled } = await pooledNames(bench);
    const peers = [
      explaining(pooled, "[]", "nobody"),
      explaining(pooled, "[192.0.2.0/24]", "others"),
      explaining(pooled, "[127.0.0.0/8]", "the load"),
    ];
    try {
      return await bench.withServers(peers, zone, async (servers) => {
        const load = { queries, more: ["-e"] };
        const rounds = many(bench, ROUNDS_TIMES);
        const [nobody, others, told] = await runRounds(bench, servers, () => load, rounds);
        if (nobody === undefined || others === undefined || told === undefined) return [];
        const of = (work: string) => ({ case: "explain", work });
        const limits = new Map([["nobody", 1.02]]);
        return [
          ...rowsOf(of("A hits of pools with EDNS, others are told why"), [others, nobody], limits),
          ...rowsOf(of("the same, and told why"), [told, nobody], new Map()),
        ];
      });
    } finally {
      await target.close();
    }
  },
};

/** The zone whose names all have pools, what is asked of it, and livezone with those pools. */
async function pooledNames(bench: Bench) {
  const zone = writeZone(bench.folder, POOLED_NAMES, "loopback");
  const questions = { kind: "A", names: POOLED_NAMES, lines: 20_000, seed: 4 } as const;
  const queries = writeQueries(bench.folder, questions);
  const target = await Target.open(["127.0.0.1", "127.0.0.2"]);
  const pools = sharedPools(POOLED_NAMES, target.port, "60s");
  return { zone, queries, target, pooled: withPools(bench.ours, pools, "pools") };
}

export const growth: BenchCase = {
  name: "growth",
  async run(bench) {
    const sizes = SIZES.filter((size) => size <= bench.options.names);
    const servers = [];
    const loads = new Map<string, RoundLoad>();
    try {
      for (const names of sizes) {
        const zone = writeZone(bench.folder, names, "A");
        const name = names.toLocaleString("en");
        bench.say(`starting with ${name} names`);
        const server = await bench.start({ ...bench.ours, name }, zone);
        servers.push(server);
        const questions = { kind: "A", names, lines: 500_000, seed: 5 } as const;
        loads.set(server.name, { queries: writeQueries(bench.folder, questions) });
      }
      const series = await runRounds(bench, servers, (_, server) => ({
        queries: loads.get(server.name)?.queries ?? "",
      }));
      return series.map(({ name, cpuUs }): Row => {
        const work = `A hits drawn from ${name} names`;
        const of = { case: "growth", work, against: "itself", unit: "us CPU/query" };
        return { ...of, ours: median(cpuUs) };
      });
    } finally {
      for (const server of servers) await bench.stop(server);
    }
  },
};
