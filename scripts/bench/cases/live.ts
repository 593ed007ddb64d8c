// What live answers cost beside static ones, and what a larger zone costs beside a smaller one.

import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type BenchCase, checkAlike, type Row, sampleOf } from "../bench.ts";
import { median } from "../numbers.ts";
import type { Peer } from "../peer.ts";
import { type RoundLoad, rowsOf, runRounds } from "../rounds.ts";
import { ownerOf, writeQueries, writeZone } from "../zones.ts";

const POOLED_NAMES = 1000;
const SIZES = [1e3, 1e4, 1e5, 1e6];

export const live: BenchCase = {
  name: "live",
  async run(bench) {
    const zone = writeZone(bench.folder, POOLED_NAMES, "loopback");
    const questions = { kind: "A", names: POOLED_NAMES, lines: 20_000, seed: 4 } as const;
    const queries = writeQueries(bench.folder, questions);
    const target = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
    const address = target.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const peers = [withPools(bench.ours, poolsText(POOLED_NAMES, port)), bench.ours];
    try {
      return await bench.withServers(peers, zone, async (servers) => {
        await checkAlike(servers, sampleOf(POOLED_NAMES), { hasTtls: false });
        const series = await runRounds(bench, servers, () => ({ queries }));
        const of = { case: "live", work: "A hits of 1,000 pool-bound names" };
        return rowsOf(of, series, new Map([[bench.ours.name, 1.05]])).map((row) => {
          return { ...row, against: "static names" };
        });
      });
    } finally {
      target.close();
    }
  },
};

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

/** The same server with a pools file in its site. */
export function withPools(peer: Peer, text: string, name = "pools"): Peer {
  return {
    ...peer,
    name,
    prepare: (site) => {
      writeFileSync(join(site.folder, "pools.yaml"), text);
      return peer.prepare(site);
    },
  };
}

/** A pool for each of the first names; they share two targets, of which the first is up. */
function poolsText(names: number, port: number): string {
  const pools = Array.from({ length: names }, (_, i) => {
    return `  ${ownerOf(i).slice(0, -1)}: { targets: [127.0.0.1, 127.0.0.2], checks: [tcp] }`;
  });
  const check = `  tcp: { kind: tcp, port: ${port}, interval: 60s, timeout: 2s }`;
  return `checks:\n${check}\npools:\n${pools.join("\n")}\n`;
}
