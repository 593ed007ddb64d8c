// `livezone drill`: rehearses a failover on the running server, and tells how it goes; `livezone
// drills` tells how the last ones went.

import { setTimeout as sleep } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import { formatDuration } from "../base/duration.ts";
import type { DrillMoment, DrillReport } from "../view/drills.ts";
import type { ApiAddress } from "./api-address.ts";
import { askJson, getJson } from "./api-client.ts";
import { timeArgument } from "./force.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { type Paint, paintFor } from "./paint.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { moment } from "./status-text.ts";
import { formatTable } from "./table.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly member?: string;
  readonly for: number;
  readonly by?: string;
  readonly json?: true;
}

const FOR_DEFAULT_MS = 60_000;
const FOR_MAX_MS = 3_600_000;
const LOOK_MS = 200;
const SECONDS_WIDTH = 7;

/** Adds both verbs. */
export function addDrill(program: Command, { io, finish }: VerbContext): void {
  const drill = program
    .command("drill")
    .summary("rehearse a failover: take a member out, see the answer move and come back")
    .description(
      "Forces a member that is answered down for a while, and watches its pool. Refused while the\n" +
        "standby is not ready. The member is free again after that time whatever happens, also to\n" +
        "this terminal or to the server; damping counts nothing. Unforce ends it early.\n" +
        "Exit status: 0 passed, 1 failed, refused or no server, 2 wrong usage.",
    )
    .argument("<pool>", "name of the pool")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--member <ADDRESS>", "who is taken out; by default the member that is answered")
    .option("--for <TIME>", "for how long, 1s to 1h", drillTime, FOR_DEFAULT_MS)
    .option("--by <NAME>", "who says so; by default your user name")
    .option("--json", "print the finished drill as JSON");
  addServerOptions(drill).action(async (pool: string, config: string, flags: Flags) => {
    finish(await withServer(io, { config, flags }, (server) => run(io, server, pool, flags)));
  });
  const drills = program
    .command("drills")
    .summary("show how the last drills went")
    .description("Exit status: 0 the server answered, 1 it did not, 2 wrong usage.")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--json", "print them as JSON");
  addServerOptions(drills).action(async (config: string, flags: Flags) => {
    const status = await withServer(io, { config, flags }, async (server) => {
      const report = (await getJson(server, "/v1/drills")) as {
        readonly drills: readonly DrillReport[];
      };
      if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
      else for (const line of listText(io, report.drills)) io.out(`${line}\n`);
      return 0;
    });
    finish(status);
  });
}

/** Begins the drill and prints each moment of it when it comes. */
async function run(io: CliIo, server: ApiAddress, pool: string, flags: Flags): Promise<ExitStatus> {
  const paint = paintFor(io.outHasColours);
  const body = {
    ...{ pool, author: flags.by ?? io.userName(), forMs: flags.for },
    ...(flags.member !== undefined && { member: flags.member }),
  };
  const begun = await askJson(server, { method: "POST", path: "/v1/drills", body });
  let report = begun as DrillReport;
  const isTold = flags.json !== true;
  if (isTold) {
    const title = `Drill ${report.drill} of ${report.pool}`;
    io.out(`${paint.bold(title)}: ${report.member} out for ${formatDuration(report.forMs)}\n`);
  }
  let told = 0;
  for (;;) {
    const fresh = report.timeline.slice(told);
    told = report.timeline.length;
    if (isTold) for (const one of fresh) io.out(`${momentText(one, paint)}\n`);
    if (report.outcome !== "running") break;
    await sleep(LOOK_MS);
    report = (await getJson(server, `/v1/drills/${report.drill}`)) as DrillReport;
  }
  if (!isTold) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else io.out(`${verdictText(report, paint)}\n`);
  return report.outcome === "passed" ? 0 : 1;
}

function momentText({ atMs, what }: DrillMoment, paint: Paint): string {
  return `  ${paint.dim(`${(atMs / 1000).toFixed(3).padStart(SECONDS_WIDTH)} s`)}  ${what}`;
}

function verdictText(report: DrillReport, paint: Paint): string {
  const { outcome, movedMs, backMs } = report;
  const times = timesOf(movedMs, backMs);
  const word = outcome === "passed" ? paint.green("PASSED") : paint.red("FAILED");
  return times === "" ? word : `${word}: ${times}`;
}

/** "moved after 3ms, back 1m after its return was possible". */
function timesOf(movedMs: number | undefined, backMs: number | undefined): string {
  return [
    ...(movedMs === undefined ? [] : [`moved after ${formatDuration(movedMs)}`]),
    ...(backMs === undefined ? [] : [`answered again ${formatDuration(backMs)} after its release`]),
  ].join(", ");
}

function listText(io: CliIo, drills: readonly DrillReport[]): readonly string[] {
  if (drills.length === 0) return ["There was no drill yet."];
  const paint = paintFor(io.outHasColours);
  const nowWallMs = io.now();
  const head = ["DRILL", "POOL", "MEMBER", "STARTED", "BY", "FOR", "OUTCOME", "WHY"];
  const rows = drills.map((drill) => [
    String(drill.drill),
    drill.pool,
    drill.member,
    moment(drill.startedWallMs, { nowWallMs }),
    drill.author,
    formatDuration(drill.forMs),
    outcomeText(drill.outcome, paint),
    [drill.reason, timesOf(drill.movedMs, drill.backMs)].filter((word) => word !== "").join("; "),
  ]);
  return formatTable([head.map((word) => paint.dim(word)), ...rows], { right: [0] });
}

function outcomeText(outcome: DrillReport["outcome"], paint: Paint): string {
  if (outcome === "passed") return paint.green(outcome);
  return outcome === "failed" ? paint.red(outcome) : paint.yellow(outcome);
}

function drillTime(value: string): number {
  const forMs = timeArgument(value);
  if (forMs <= FOR_MAX_MS) return forMs;
  throw new InvalidArgumentError(`"${value}" is more than 1h; force an address for longer.`);
}
