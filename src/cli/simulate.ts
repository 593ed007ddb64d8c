// `livezone simulate`: the same faults under the present settings and under changed ones.

import { type Command, InvalidArgumentError } from "commander";
import { formatDuration, parseDurationMs } from "../base/duration.ts";
import type { MainConfig, ZoneConfig } from "../config/main.ts";
import { type PoolsReading, parsePools } from "../config/pools.ts";
import { loadZone } from "../control/load-zone.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import type { SimulationReport } from "../view/simulation.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./serve-config.ts";
import { simulationText } from "./simulate-text.ts";
import { DEFAULT_CONFIG, originArgument, printComplaints, type VerbContext } from "./verb.ts";

type GoodPools = Extract<PoolsReading, { readonly kind: "ok" }>;

/** What is to be simulated: pools of one zone under several settings, and what befalls them. */
export interface SimulationRequest {
  readonly seed: number;
  readonly settings: readonly {
    readonly name: string;
    readonly origin: Name;
    readonly pools: GoodPools["pools"];
    readonly targets: GoodPools["targets"];
    readonly damping: MainConfig["damping"];
  }[];
  /** Generated faults of so long; or what a server once logged. */
  readonly world:
    | { readonly kind: "generated"; readonly lengthMs: number }
    | {
        readonly kind: "recorded";
        readonly title: string;
        readonly probes: readonly LoggedProbe[];
      };
}

/** A probe's result, as the log of level debug tells it. */
export interface LoggedProbe {
  readonly target: string;
  readonly endedWallMs: number;
  readonly durationMs: number;
  readonly code: string;
}

/** Plays it; `progress` is told the share that is done, 0 to 1. */
export type SimulateHandler = (
  request: SimulationRequest,
  progress: (share: number) => void,
) => SimulationReport;

interface Flags {
  readonly with: readonly string[];
  readonly for: number;
  readonly seed: number;
  readonly trace?: string;
  readonly json?: true;
}

const FOR_DEFAULT_MS = 2 * 86_400_000;
const FOR_MAX_MS = 366 * 86_400_000;
/** A simulation that is over sooner needs no bar. */
const BAR_AFTER_MS = 1000;
const BAR_WIDTH = 30;

/** Adds the verb. */
export function addSimulate(
  program: Command,
  { io, finish }: VerbContext,
  simulate: SimulateHandler,
): void {
  program
    .command("simulate")
    .summary("show what changed settings would make of faults, beside the present ones")
    .description(
      "Plays faults against the pools of a zone, through the same code that decides in the server,\n" +
        "on simulated time. The faults are generated from a seed, or are those that a server saw: its\n" +
        'log of level "debug" holds them. Nothing is asked of a server and no packet is sent.\n' +
        "Exit status: 0 simulated, 1 something is bad, 2 wrong usage.",
    )
    .argument("<origin>", "name of the zone", originArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option(
      "--with <FILE>",
      "a pools file to try in place of the present one; may be repeated",
      collect,
      [],
    )
    .option("--for <TIME>", "how long generated faults go on", lengthArgument, FOR_DEFAULT_MS)
    .option("--seed <N>", "of generated faults, and of chance", seedArgument, 1)
    .option("--trace <FILE>", "a log whose probe.observed lines are replayed")
    .option("--json", "print the result as JSON")
    .action((origin: Name, config: string, flags: Flags) => {
      finish(run(io, { origin, config, flags }, simulate));
    });
}

function run(
  io: CliIo,
  asked: { readonly origin: Name; readonly config: string; readonly flags: Flags },
  simulate: SimulateHandler,
): ExitStatus {
  const { origin, config, flags } = asked;
  const complain = (...errors: readonly string[]): ExitStatus => {
    printComplaints(io, { errors, warnings: [] });
    return 1;
  };
  const reading = readConfig(io, config);
  if (reading.kind === "bad") return complain(...reading.errors);
  const zone = reading.config.zones.find((one) => nameKey(one.origin) === nameKey(origin));
  if (zone === undefined) {
    return complain(`"${config}" has no zone ${nameToDisplay(origin)}; name one of its zones`);
  }
  const present = zone.pools ?? zone.poolsDefault;
  const settings: SimulationRequest["settings"][number][] = [];
  for (const file of [present, ...flags.with]) {
    const found = readSettings(io, { zone, file, config: reading.config });
    if (typeof found === "string") return complain(...found.split("\n"));
    settings.push(found);
  }
  const world = readWorld(io, flags);
  if (typeof world === "string") return complain(world);
  const bar = progressBar(io);
  const report = simulate({ seed: flags.seed, settings, world }, bar.show);
  bar.clear();
  if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else for (const line of simulationText(report, paintFor(io.outHasColours))) io.out(`${line}\n`);
  return 0;
}

/** The pools of a file, or all that is wrong with it, a line each. */
function readSettings(
  io: CliIo,
  from: { readonly zone: ZoneConfig; readonly file: string; readonly config: MainConfig },
): SimulationRequest["settings"][number] | string {
  const { zone, file, config } = from;
  const read = io.readFile(file);
  if (read.kind === "failed") return read.message;
  const loaded = loadZone(zone.origin, zone.file, (path) => io.readFile(path));
  if (loaded.kind === "bad") return loaded.errors.join("\n");
  const reading = parsePools(new TextDecoder().decode(read.bytes), file, {
    origin: zone.origin,
    zone: loaded.zone,
    hasAnchors: config.anchors.length > 0,
  });
  if (reading.kind === "bad") return reading.errors.join("\n");
  const { pools, targets } = reading;
  return { name: file, origin: zone.origin, pools, targets, damping: config.damping };
}

function readWorld(
  io: CliIo,
  { trace, for: lengthMs }: Flags,
): SimulationRequest["world"] | string {
  if (trace === undefined) return { kind: "generated", lengthMs };
  const read = io.readFile(trace);
  if (read.kind === "failed") return read.message;
  const probes = readProbes(new TextDecoder().decode(read.bytes));
  if (probes.length > 0) return { kind: "recorded", title: `what ${trace} saw`, probes };
  return `Cannot replay "${trace}": it holds no probe.observed line; log with level "debug"`;
}

/** The probe.observed lines of a log; every other line is passed over. */
export function readProbes(log: string): readonly LoggedProbe[] {
  const probes: LoggedProbe[] = [];
  for (const line of log.split("\n")) {
    if (!line.includes('"probe.observed"')) continue;
    try {
      const { event, time, target, durationMs, code } = JSON.parse(line) as Record<string, unknown>;
      const endedWallMs = Date.parse(String(time));
      const isGood = event === "probe.observed" && Number.isFinite(endedWallMs);
      if (!isGood || typeof target !== "string" || typeof durationMs !== "number") continue;
      probes.push({ target, endedWallMs, durationMs, code: String(code) });
    } catch {
      // The last line of a log that is still written may be cut off.
    }
  }
  return probes;
}

/** A bar on the terminal for what takes longer than a second. */
function progressBar(io: CliIo): { show(share: number): void; clear(): void } {
  const startedMs = io.now();
  let isShown = false;
  return {
    show: (share) => {
      if (!io.errHasColours || io.now() - startedMs < BAR_AFTER_MS) return;
      isShown = true;
      const full = Math.round(share * BAR_WIDTH);
      const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
      io.err(`\r${bar} ${String(Math.round(share * 100)).padStart(3)} %`);
    },
    clear: () => {
      if (isShown) io.err(`\r${" ".repeat(BAR_WIDTH + 6)}\r`);
    },
  };
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function lengthArgument(value: string): number {
  const lengthMs = parseDurationMs(value);
  if (lengthMs !== undefined && lengthMs >= 60_000 && lengthMs <= FOR_MAX_MS) return lengthMs;
  throw new InvalidArgumentError(`"${value}" is no time from 1m to ${formatDuration(FOR_MAX_MS)}.`);
}

function seedArgument(value: string): number {
  const seed = Number(value);
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new InvalidArgumentError(`"${value}" is no whole number.`);
}
