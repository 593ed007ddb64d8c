// What it costs to hand a large zone to a secondary: AXFR over TCP to a client that only counts. And how
// soon secondaries answer what was swapped.

import { connect } from "node:net";
import { encodeQuery } from "../../../src/dns/message.ts";
import { nameFromText } from "../../../src/dns/name.ts";
import { TYPE } from "../../../src/dns/types.ts";
import type { Bench, BenchCase, Row, RunningServer } from "../bench.ts";
import { compareRounds } from "../numbers.ts";
import { ORIGIN, writeZone } from "../zones.ts";
import { followers } from "./followers.ts";

/** SOA twice, two NS and their addresses, beside the names. */
const RECORDS_BESIDE = 6;
const LIMIT_MS = 120_000;

interface Transfer {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly octets: number;
}

export const transfer: BenchCase = {
  name: "transfer",
  async run(bench) {
    const { names, rounds } = bench.options;
    const zone = writeZone(bench.folder, names, "A");
    const peers = [bench.ours, ...bench.peers(["NSD", "Knot"])];
    const rows = await bench.withServers(peers, zone, async (servers) => {
      const series = new Map<string, Transfer[]>(servers.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round++) {
        for (const server of servers) {
          const one = await transferOnce(server, names + RECORDS_BESIDE);
          const mib = (one.octets / 2 ** 20).toFixed(1);
          bench.say(`round ${round + 1} ${server.name}: ${Math.round(one.wallMs)} ms, ${mib} MiB`);
          series.get(server.name)?.push(one);
        }
      }
      return rowsOf(bench, series);
    });
    return [...rows, ...(await followers(bench))];
  },
};

function rowsOf(bench: Bench, series: ReadonlyMap<string, readonly Transfer[]>): Row[] {
  const ours = series.get(bench.ours.name) ?? [];
  const work = `AXFR of ${bench.options.names.toLocaleString("en")} records`;
  return [...series].flatMap(([against, theirs]) => {
    if (against === bench.ours.name) return [];
    return (["cpuMs", "wallMs"] as const).map((field) => {
      const of = (one: Transfer): number => one[field];
      const compared = compareRounds(ours.map(of), theirs.map(of));
      const what = field === "cpuMs" ? "CPU of the server" : "time";
      return {
        case: "transfer",
        work: `${work}, ${what}`,
        against,
        unit: "ms",
        ...compared,
        limit: 2,
      };
    });
  });
}

/** Asks for the zone and reads until every record has come. */
function transferOnce({ site, process, name }: RunningServer, records: number): Promise<Transfer> {
  const query = encodeQuery({ id: 1, name: nameFromText(`${ORIGIN}.`), type: TYPE.AXFR });
  const cpuBeforeMs = process.cpuMs();
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(site.port, "127.0.0.1");
    const frames = new FrameCounter();
    const timer = setTimeout(() => socket.destroy(), LIMIT_MS);
    let isWhole = false;
    socket.on("connect", () => socket.write(Buffer.concat([Buffer.of(0, query.length), query])));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      frames.take(chunk);
      isWhole = frames.records >= records;
      if (isWhole) socket.destroy();
    });
    socket.on("close", () => {
      clearTimeout(timer);
      const wallMs = performance.now() - startedMs;
      const { octets } = frames;
      if (isWhole) resolve({ wallMs, cpuMs: process.cpuMs() - cpuBeforeMs, octets });
      else reject(new Error(`Cannot measure ${name}: ${frames.records} records came`));
    });
  });
}

/** Counts the answers of framed messages, whatever pieces they come in. */
class FrameCounter {
  records = 0;
  octets = 0;
  /** Of the frame under way: its first octets, and how many are still to come. */
  #head: number[] = [];
  #left = 0;

  take(chunk: Uint8Array): void {
    this.octets += chunk.length;
    for (let at = 0; at < chunk.length; ) {
      // Length, id, flags, questions, answers: ten octets tell all that is wanted.
      if (this.#head.length < 10) {
        this.#head.push(chunk[at++] ?? 0);
        if (this.#head.length < 10) continue;
        const [high = 0, low = 0] = this.#head;
        this.#left = high * 256 + low - 8;
        this.records += (this.#head[8] ?? 0) * 256 + (this.#head[9] ?? 0);
        continue;
      }
      const taken = Math.min(this.#left, chunk.length - at);
      this.#left -= taken;
      at += taken;
      if (this.#left === 0) this.#head = [];
    }
  }
}
