// Queries that find what they ask for, and some that do not: CPU for one answer against every peer.

import { Asker, hasServerCookie } from "../ask.ts";
import { type BenchCase, checkAlike, type RunningServer, sampleOf } from "../bench.ts";
import { many, type RoundLoad, rowsOf, runRounds } from "../rounds.ts";
import { ORIGIN, ownerOf, writeQueries, writeZone } from "../zones.ts";

const SMALL_NAMES = 1000;
const SMALL_LINES = 20_000;
/** So many questions of a large zone that a round does not ask the same ones again. */
const LARGE_LINES = 500_000;
/** Question files of the large zone, used in turn. */
const LARGE_FILES = 3;

/**
 * dnsperf closes and opens one connection at a time: with few of them it would wait most of the time.
 * livezone takes 100 from one address, those included that are being closed.
 */
const TCP_CLIENTS = 32;

/** EDNS with a client cookie, in dnsperf's words. */
const COOKIE = ["-e", "-E", "10:0102030405060708"];

export const hits: BenchCase = {
  name: "hits",
  async run(bench) {
    const zone = writeZone(bench.folder, SMALL_NAMES, "A and AAAA");
    const questions = { kind: "A and AAAA", names: SMALL_NAMES, lines: SMALL_LINES } as const;
    const load: RoundLoad = { queries: writeQueries(bench.folder, { ...questions, seed: 1 }) };
    const peers = [bench.ours, ...bench.peers(["gdnsd", "NSD", "Knot", "BIND", "PowerDNS"])];
    const limits = new Map([
      ...([["gdnsd", 1.05]] as const),
      ...([
        ["NSD", 0.9],
        ["Knot", 0.9],
      ] as const),
      ...([
        ["BIND", 0.65],
        ["PowerDNS", 0.65],
      ] as const),
    ]);
    return await bench.withServers(peers, zone, async (servers) => {
      await checkAlike(servers, sampleOf(SMALL_NAMES));
      const series = await runRounds(bench, servers, () => load, many(bench));
      return rowsOf({ case: "hits", work: "A/AAAA hits, 1,000 names" }, series, limits);
    });
  },
};

export const cookies: BenchCase = {
  name: "cookies",
  async run(bench) {
    const zone = writeZone(bench.folder, SMALL_NAMES, "A and AAAA");
    const questions = { kind: "A and AAAA", names: SMALL_NAMES, lines: SMALL_LINES } as const;
    const queries = writeQueries(bench.folder, { ...questions, seed: 1 });
    const peers = [bench.ours, ...bench.peers(["BIND"])];
    return await bench.withServers(peers, zone, async (servers) => {
      const asked = sampleOf(SMALL_NAMES).map((question) => ({ ...question, hasCookie: true }));
      await checkAlike(servers, asked);
      for (const server of servers) await checkCookie(server);
      const series = await runRounds(bench, servers, () => ({ queries, more: COOKIE }));
      const work = "the same, EDNS and cookie in every query";
      return rowsOf({ case: "cookies", work }, series, new Map([["BIND", 0.7]]));
    });
  },
};

/** @throws Error where a server gives no cookie: then it has not done the work. */
async function checkCookie(server: RunningServer): Promise<void> {
  const asker = new Asker(server.site.port);
  await asker.open();
  const message = await asker.ask({ name: ownerOf(0), type: "A", hasCookie: true });
  asker.close();
  if (message !== undefined && hasServerCookie(message)) return;
  throw new Error(`${server.name} gives no server cookie`);
}

export const million: BenchCase = {
  name: "million",
  async run(bench) {
    const { names } = bench.options;
    const zone = writeZone(bench.folder, names, "A");
    const files = Array.from({ length: LARGE_FILES }, (_, seed) =>
      writeQueries(bench.folder, { kind: "A", names, lines: LARGE_LINES, seed }),
    );
    const loadOf = (round: number): RoundLoad => ({ queries: files[round % LARGE_FILES] ?? "" });
    const peers = [bench.ours, ...bench.peers(["NSD", "Knot", "gdnsd"])];
    return await bench.withServers(peers, zone, async (servers) => {
      await checkAlike(servers, sampleOf(names));
      const series = await runRounds(bench, servers, loadOf);
      const work = `A hits drawn from ${names.toLocaleString("en")} names`;
      const limits = new Map([
        ["NSD", 1],
        ["Knot", 1],
        ["gdnsd", 1.15],
      ] as const);
      return rowsOf({ case: "million", work }, series, limits);
    });
  },
};

export const missing: BenchCase = {
  name: "nxdomain",
  async run(bench) {
    const zone = writeZone(bench.folder, SMALL_NAMES, "A and AAAA");
    const questions = { kind: "missing", names: SMALL_NAMES, lines: LARGE_LINES } as const;
    const queries = writeQueries(bench.folder, { ...questions, seed: 2 });
    const peers = [bench.ours, ...bench.peers(["NSD"])];
    return await bench.withServers(peers, zone, async (servers) => {
      await checkAlike(servers, [{ name: `nobody-no.${ORIGIN}.`, type: "A" }]);
      const series = await runRounds(bench, servers, () => ({ queries }));
      const of = { case: "nxdomain", work: "NXDOMAIN for random labels" };
      return rowsOf(of, series, new Map([["NSD", 1]]));
    });
  },
};

export const streams: BenchCase = {
  name: "tcp",
  async run(bench) {
    const zone = writeZone(bench.folder, SMALL_NAMES, "A and AAAA");
    const questions = { kind: "A and AAAA", names: SMALL_NAMES, lines: SMALL_LINES } as const;
    const queries = writeQueries(bench.folder, { ...questions, seed: 1 });
    const more = ["-O", "num-queries-per-conn=100"];
    const peers = [bench.ours, ...bench.peers(["NSD"])];
    return await bench.withServers(peers, zone, async (servers) => {
      await checkAlike(servers, sampleOf(SMALL_NAMES));
      const load: RoundLoad = { queries, transport: "tcp", clients: TCP_CLIENTS, more };
      const series = await runRounds(bench, servers, () => load);
      const of = { case: "tcp", work: "TCP, 100 queries per connection" };
      return rowsOf(of, series, new Map([["NSD", 2]]));
    });
  },
};
