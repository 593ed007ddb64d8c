// Paired rounds: the servers are driven in turn, A B C A B C, so that whatever else the machine does
// falls on all of them alike; the figure of a round is the server's own CPU for one answer.

import type { Bench, Row, RunningServer } from "./bench.ts";
import { type Load, runLoad } from "./load.ts";
import { compareRounds, median } from "./numbers.ts";

/** What all rounds of one server came to. */
export interface Series {
  readonly name: string;
  /** Microseconds of CPU, user and system, for one answer; a value each round. */
  readonly cpuUs: readonly number[];
  readonly perSecond: number;
  readonly lost: number;
  readonly answered: number;
}

/** What is asked in a round; `seconds` and `port` are filled in here. */
export type RoundLoad = Omit<Load, "port" | "seconds">;

/** A round before the first, which nobody counts: caches and compilers warm up. */
const WARM_UP_SECONDS = 1;

/**
 * Rounds for servers that differ by a twentieth or less, where two rounds of one server differ by a
 * tenth.
 *
 * @param times for each that the command line chose; even, so that the median is one of them.
 */
export function many(bench: Bench, times = 2): number {
  return times * bench.options.rounds + 1;
}

/**
 * Drives each server in turn, `rounds` times. `loadOf` may choose other questions each round.
 *
 * @param rounds as many as the command line chose, or more where a small difference is looked for.
 */
export async function runRounds(
  bench: Bench,
  servers: readonly RunningServer[],
  loadOf: (round: number, server: RunningServer) => RoundLoad,
  rounds = bench.options.rounds,
): Promise<Series[]> {
  const { seconds } = bench.options;
  const cpuUs = new Map<RunningServer, number[]>(servers.map((server) => [server, []]));
  const totals = new Map(servers.map((server) => [server, { lost: 0, answered: 0 }]));
  const rates = new Map<RunningServer, number[]>(servers.map((server) => [server, []]));
  for (const server of servers) {
    await runLoad({ ...loadOf(0, server), port: server.site.port, seconds: WARM_UP_SECONDS });
  }
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      const before = server.process.cpuMs();
      const result = await runLoad({ ...loadOf(round, server), port: server.site.port, seconds });
      const us = ((server.process.cpuMs() - before) * 1000) / result.answered;
      cpuUs.get(server)?.push(us);
      rates.get(server)?.push(result.perSecond);
      const total = totals.get(server);
      if (total !== undefined) {
        total.lost += result.lost;
        total.answered += result.answered;
      }
      const lost = result.lost > 0 ? `, ${result.lost} lost` : "";
      const rate = Math.round(result.perSecond);
      bench.say(`round ${round + 1} ${server.name}: ${us.toFixed(2)} us, ${rate} q/s${lost}`);
    }
  }
  return servers.map((server) => ({
    name: server.name,
    cpuUs: cpuUs.get(server) ?? [],
    perSecond: median(rates.get(server) ?? []),
    ...(totals.get(server) ?? { lost: 0, answered: 0 }),
  }));
}

/** A row for each peer that the first series, ours, is compared with. */
export function rowsOf(
  of: { readonly case: string; readonly work: string },
  series: readonly Series[],
  limits: ReadonlyMap<string, number>,
): Row[] {
  const [ours, ...others] = series;
  if (ours === undefined) return [];
  return others.map((theirs) => {
    const limit = limits.get(theirs.name);
    const lost = series.filter((one) => one.lost > 0).map((one) => `${one.name} ${one.lost}`);
    return {
      ...of,
      against: theirs.name,
      unit: "us CPU/query",
      ...compareRounds(ours.cpuUs, theirs.cpuUs),
      ...(limit === undefined ? {} : { limit }),
      ...(lost.length === 0 ? {} : { note: `lost: ${lost.join(", ")}` }),
    };
  });
}
