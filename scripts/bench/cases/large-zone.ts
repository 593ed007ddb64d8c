// What a zone of a million records costs besides answering: starting, starting again, memory, and
// taking up a saved file.

import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Asker, answersAddress } from "../ask.ts";
import type { Bench, BenchCase, Row, RunningServer } from "../bench.ts";
import { runLoad } from "../load.ts";
import { compareRounds } from "../numbers.ts";
import type { Peer, Site, ZoneUnderTest } from "../peer.ts";
import { RunningProcess } from "../process.ts";
import { addressOf, ownerOf, writeQueries, writeZone, writeZoneFile } from "../zones.ts";

/** Starts are slow; so many are enough. */
const STARTS_MAX = 5;
const POLL_MS = 2;
/** What a server may still do after its first answer before its memory is read. */
const SETTLE_MS = 5000;
const SAVE_LIMIT_MS = 60_000;

export const firstStart: BenchCase = {
  name: "start",
  run(bench) {
    const start = async (peer: Peer, zone: ZoneUnderTest): Promise<Started> => {
      return await startOnce(bench, peer, await bench.site(zone));
    };
    const of = { case: "start", work: "process start to first answer, nothing stored" };
    return compareStarts(bench, { of, against: "BIND", limit: 0.9, start });
  },
};

export const restart: BenchCase = {
  name: "restart",
  run(bench) {
    const sites = new Map<Peer, Site>();
    const start = async (peer: Peer, zone: ZoneUnderTest): Promise<Started> => {
      const known = sites.get(peer);
      if (known !== undefined) return await startOnce(bench, peer, known);
      // The first start is not counted: it stores what the others begin with.
      const site = await bench.site(zone);
      sites.set(peer, site);
      await startOnce(bench, peer, site);
      return await startOnce(bench, peer, site);
    };
    const of = { case: "restart", work: "the same, everything stored" };
    return compareStarts(bench, { of, against: "Knot", limit: 0.5, start });
  },
};

export const memory: BenchCase = {
  name: "memory",
  async run(bench) {
    const { names, seconds } = bench.options;
    const zone = writeZone(bench.folder, names, "A");
    const queries = writeQueries(bench.folder, { kind: "A", names, lines: 500_000, seed: 1 });
    const octets = new Map<string, number>();
    for (const peer of [bench.ours, ...bench.peers(["NSD"])]) {
      await bench.withServers([peer], zone, async ([server]) => {
        if (server === undefined) return;
        await sleep(SETTLE_MS);
        await runLoad({ port: server.site.port, queries, seconds });
        octets.set(peer.name, server.process.pssOctets());
        bench.say(`${peer.name}: ${mib(octets.get(peer.name))} MiB`);
      });
    }
    const [ours, theirs] = [mib(octets.get(bench.ours.name)), mib(octets.get("NSD"))];
    const of = { case: "memory", work: `resident memory (PSS), ${words(names)} A records` };
    return [{ ...of, against: "NSD", unit: "MiB", ours, theirs, ratio: ours / theirs, limit: 0.9 }];
  },
};

export const save: BenchCase = {
  name: "save",
  async run(bench) {
    const { names, rounds } = bench.options;
    const peers = [bench.ours, ...bench.peers(["Knot"])];
    const zones = new Map(peers.map((peer) => [peer, ownFile(bench, peer, names)]));
    const results = new Map<Peer, number[]>(peers.map((peer) => [peer, []]));
    const servers = new Map<Peer, RunningServer>();
    try {
      for (const [peer, zone] of zones) {
        bench.say(`starting ${peer.name}`);
        servers.set(peer, await bench.start(peer, zone));
      }
      await sleep(SETTLE_MS);
      for (let round = 0; round < Math.min(rounds, STARTS_MAX); round++) {
        for (const [peer, server] of servers) {
          const ms = await saveOnce(peer, server, { names, round });
          bench.say(`round ${round + 1} ${peer.name}: ${Math.round(ms)} ms`);
          results.get(peer)?.push(ms);
        }
      }
    } finally {
      for (const server of servers.values()) await bench.stop(server);
      for (const zone of zones.values()) rmSync(zone.file, { force: true });
    }
    const [ours = [], theirs] = results.values();
    if (theirs === undefined) return [];
    const of = { case: "save", work: `one of ${words(names)} records changed by saving the file` };
    const compared = compareRounds(ours, theirs);
    return [{ ...of, against: "Knot", unit: "ms", ...compared, limit: 1.5 }];
  },
};

interface Started {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Starts a server at a site, waits for its first answer, and ends it. */
async function startOnce(bench: Bench, peer: Peer, site: Site): Promise<Started> {
  const server = bench.launch(peer, site);
  try {
    const answeredMs = await bench.ready(server, POLL_MS);
    const { process } = server;
    return { wallMs: answeredMs - process.startedMs, cpuMs: process.cpuMs() };
  } finally {
    await bench.end(server);
  }
}

async function compareStarts(
  bench: Bench,
  plan: {
    readonly of: { readonly case: string; readonly work: string };
    readonly against: string;
    readonly limit: number;
    readonly start: (peer: Peer, zone: ZoneUnderTest) => Promise<Started>;
  },
): Promise<Row[]> {
  const { names, rounds } = bench.options;
  const zone = writeZone(bench.folder, names, "A");
  const [peer] = bench.peers([plan.against]);
  if (peer === undefined) return [];
  const series = { ours: [] as Started[], theirs: [] as Started[] };
  for (let round = 0; round < Math.min(rounds, STARTS_MAX); round++) {
    for (const [side, one] of [
      ["ours", bench.ours],
      ["theirs", peer],
    ] as const) {
      const started = await plan.start(one, zone);
      const { wallMs, cpuMs } = started;
      series[side].push(started);
      bench.say(`round ${round + 1} ${one.name}: ${Math.round(wallMs)} ms, CPU ${cpuMs} ms`);
    }
  }
  const wall = (started: Started): number => started.wallMs;
  const cpu = (started: Started): number => started.cpuMs;
  const inCpu = compareRounds(series.ours.map(cpu), series.theirs.map(cpu));
  const note = `in CPU ${Math.round(inCpu.ours)} to ${Math.round(inCpu.theirs)} ms, ratio ${inCpu.ratio.toFixed(2)}`;
  const compared = compareRounds(series.ours.map(wall), series.theirs.map(wall));
  const { against, limit } = plan;
  return [{ ...plan.of, against, unit: "ms", ...compared, limit, note }];
}

/** A copy of the zone for one server alone: the others are not to notice that it is saved. */
function ownFile(bench: Bench, peer: Peer, names: number): ZoneUnderTest {
  const { origin, file } = writeZone(bench.folder, names, "A");
  const own = join(bench.folder, `${peer.name}.zone`);
  copyFileSync(file, own);
  return { origin, file: own };
}

/** Changes one record in the server's zone file and returns how long the old answer was given. */
async function saveOnce(
  peer: Peer,
  server: RunningServer,
  change: { readonly names: number; readonly round: number },
): Promise<number> {
  const { names, round } = change;
  const { site } = server;
  const changed = Math.floor((names * (round + 1)) / 7);
  const written = `${site.zone.file}.new`;
  writeZoneFile(written, { names, shape: "A", serial: round + 2, changed });
  const asker = new Asker(site.port);
  await asker.open();
  try {
    const startedMs = performance.now();
    renameSync(written, site.zone.file);
    const told = peer.reload === undefined ? undefined : new RunningProcess(peer.reload(site));
    const question = { name: ownerOf(changed), type: "A" } as const;
    const isWanted = (message: Parameters<typeof answersAddress>[0]): boolean =>
      answersAddress(message, addressOf(names));
    const options = { limitMs: SAVE_LIMIT_MS, everyMs: POLL_MS };
    const seenMs = await asker.until(question, isWanted, options);
    await told?.exited;
    return seenMs - startedMs;
  } finally {
    asker.close();
  }
}

function mib(octets = Number.NaN): number {
  return octets / 2 ** 20;
}

function words(count: number): string {
  return count.toLocaleString("en");
}
