// Ten thousand targets probed once a second, and ten thousand pools that lose one at the same moment.

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Asker, answersAddress } from "../ask.ts";
import type { Bench, BenchCase, Row, RunningServer } from "../bench.ts";
import { runLoad } from "../load.ts";
import { inOwnNetwork } from "../network.ts";
import { compareRounds, median, quantile } from "../numbers.ts";
import type { FromProbed, ToProbed } from "../probed.ts";
import { LOAD_CPU } from "../process.ts";
import { many } from "../rounds.ts";
import { ownPools, sharedPools, Target, withPools } from "../targets.ts";
import { ownerOf, writeQueries, writeZone } from "../zones.ts";

const POOLS = 10_000;
const FIRST = "127.0.0.1";
const SECOND = "127.0.0.2";
const PROBED = new URL("../probed.ts", import.meta.url).pathname;
/** Queries a second while targets are probed. */
const RATE = 20_000;
/** All targets are known and their cadence is even after so long: two servers start on one core. */
const PROBING_MS = 35_000;
/**
 * A server that stood still decides nothing for 3 s; its cadence is even again soon after, but the p99
 * of queries is a sixth higher until then than 15 s after.
 */
const RESUMED_MS = 15_000;
/** Not counted, before the loads of a round and side: who has not asked for long asks unevenly at first. */
const SETTLE_SECONDS = 1;
/** Loads of a round and side that count: two rounds of one server differ by a half. */
const LOADS = 3;
const SWAP_LIMIT_MS = 30_000;

type Seen = Extract<FromProbed, { readonly kind: "seen" }>;

export const massSwap: BenchCase = {
  name: "mass-swap",
  async run(bench) {
    const zone = writeZone(bench.folder, POOLS, "loopback");
    const tookMs: number[] = [];
    for (let round = 0; round < Math.min(3, bench.options.rounds); round++) {
      const target = await Target.open([FIRST, SECOND]);
      const ours = withPools(bench.ours, sharedPools(POOLS, target.port, "1s"), "livezone");
      try {
        await bench.withServers([ours], zone, async ([server]) => {
          if (server === undefined) return;
          const ms = await loseFirst(server, target);
          bench.say(`round ${round + 1}: ${ms.toFixed(1)} ms`);
          tookMs.push(ms);
        });
      } finally {
        await target.close();
      }
    }
    const work = `${POOLS.toLocaleString("en")} pools that lose a target at once, first swap to last`;
    const note = `rounds: ${tookMs.map((ms) => Math.round(ms)).join(", ")} ms`;
    const of = { case: "mass-swap", work, against: "itself", unit: "ms", limit: 250 };
    return [{ ...of, ours: median(tookMs), note }];
  },
};

export const probing: BenchCase = {
  name: "probing",
  async run(bench) {
    const probe = (): Promise<Row[]> => probeAll(bench);
    return await inOwnNetwork(probe, (line) => bench.say(line));
  },
};

async function probeAll(bench: Bench): Promise<Row[]> {
  const zone = writeZone(bench.folder, POOLS, "loopback");
  const questions = { kind: "A", names: POOLS, lines: 200_000, seed: 6 } as const;
  const queries = writeQueries(bench.folder, questions);
  const target = await Probed.open();
  const ours = withPools(bench.ours, ownPools(POOLS, target.port, "1s"), "probing");
  try {
    return await bench.withServers([ours, bench.ours], zone, async ([busy, quiet]) => {
      if (busy === undefined || quiet === undefined) return [];
      await sleep(PROBING_MS);
      return await measure(bench, { busy, quiet, queries, target });
    });
  } finally {
    target.close();
  }
}

/** The target of all probes: behind whoever asks, on the asker's core, so that it holds up nobody. */
class Probed {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async open(): Promise<Probed> {
    const program = [process.execPath, ...process.execArgv, PROBED];
    const child = spawn("taskset", ["-c", String(LOAD_CPU), "chrt", "--idle", "0", ...program], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const told = await heard(child);
    if (told.kind !== "listening") throw new Error("the target does not listen");
    return new Probed(child, told.port);
  }

  /** What it sees from now on counts. */
  begin(): void {
    this.#child.send("begin" satisfies ToProbed);
  }

  async end(): Promise<Seen> {
    this.#child.send("end" satisfies ToProbed);
    const told = await heard(this.#child);
    if (told.kind !== "seen") throw new Error("the target does not say what it saw");
    return told;
  }

  close(): void {
    this.#child.kill();
  }
}

/** The next thing it tells. */
function heard(child: ChildProcess): Promise<FromProbed> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error("the target has ended"));
    child.once("exit", fail).once("error", reject);
    child.once("message", (told) => {
      child.off("exit", fail).off("error", reject);
      resolve(told as FromProbed);
    });
  });
}

async function measure(
  bench: Bench,
  of: {
    readonly busy: RunningServer;
    readonly quiet: RunningServer;
    readonly queries: string;
    readonly target: Probed;
  },
): Promise<Row[]> {
  const { seconds } = bench.options;
  const p99 = { busy: [] as number[], quiet: [] as number[] };
  const { lateMs, asked } = await lateness(bench, of.target);
  for (let round = 0; round < many(bench); round++) {
    for (const side of ["quiet", "busy"] as const) {
      // On one core with it, the probing server would be measured as part of the quiet one.
      if (side === "quiet") of.busy.process.standStill();
      else {
        of.busy.process.goOn();
        await sleep(RESUMED_MS);
      }
      const load = { queries: of.queries, rate: RATE, isTimed: true, port: of[side].site.port };
      await runLoad({ ...load, seconds: SETTLE_SECONDS });
      for (let i = 1; i <= LOADS; i++) {
        const result = await runLoad({ ...load, seconds });
        const ms = quantile(result.latenciesMs, 0.99);
        p99[side].push(ms);
        bench.say(`round ${round + 1} ${side}, load ${i}: query p99 ${ms.toFixed(3)} ms`);
      }
    }
  }
  const each = lateMs.map((ms) => Math.round(ms)).join(", ");
  const perSecond = Math.round(asked.count / seconds);
  const note = `${asked.targets} targets, ${perSecond} probes a second; rounds: ${each} ms`;
  const late = `lateness p99 of ${POOLS.toLocaleString("en")} targets probed by TCP once a second`;
  const query = "query p99 at 20,000 q/s while they are probed";
  const compared = compareRounds(p99.busy, p99.quiet);
  return [
    {
      case: "probing",
      work: late,
      against: "itself",
      unit: "ms",
      ours: median(lateMs),
      limit: 100,
      note,
    },
    {
      case: "probing",
      work: query,
      against: "without probing",
      unit: "ms",
      ...compared,
      limit: 1.2,
    },
  ];
}

/** Before anything else: a prober that was made to stand still has everything to catch up with. */
async function lateness(
  bench: Bench,
  target: Probed,
): Promise<{ readonly lateMs: readonly number[]; readonly asked: Seen }> {
  const { seconds } = bench.options;
  const lateMs: number[] = [];
  for (let round = 1; ; round++) {
    target.begin();
    await sleep(seconds * 1000);
    const seen = await target.end();
    const rate = `${Math.round(seen.count / seconds)} probes/s`;
    bench.say(`round ${round}: ${rate}, late p99 ${seen.lateP99Ms.toFixed(1)} ms`);
    lateMs.push(seen.lateP99Ms);
    if (round >= many(bench)) return { lateMs, asked: seen };
  }
}

/** Lets the first target die and returns the time from the first pool's new answer to the last's. */
async function loseFirst(server: RunningServer, target: Target): Promise<number> {
  const askers = [new Asker(server.site.port), new Asker(server.site.port)];
  const [first = 0, last = 0] = await Promise.all(
    askers.map(async (asker, i) => {
      await asker.open();
      const question = { name: ownerOf(i === 0 ? 0 : POOLS - 1), type: "A" } as const;
      if (i === 0) await target.close(FIRST);
      const options = { limitMs: SWAP_LIMIT_MS, everyMs: 0 };
      const isSwapped = (message: Parameters<typeof answersAddress>[0]): boolean =>
        answersAddress(message, SECOND);
      return await asker.until(question, isSwapped, options);
    }),
  );
  for (const asker of askers) asker.close();
  return Math.abs(last - first);
}
