// `livezone drain` and `livezone undrain`: a planned move of an address's clients, with its times.

import { type Command, InvalidArgumentError } from "commander";
import { parseDurationMs } from "../base/duration.ts";
import type { DrainReport } from "../view/drains.ts";
import { askJson, getJson } from "./api-client.ts";
import { addressArgument, answerLines, type WhoFlags, whoQuery } from "./force.ts";
import type { CliIo } from "./io.ts";
import { type Paint, paintFor } from "./paint.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { moment } from "./status-text.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface DrainFlags extends ServerFlags {
  readonly at: string;
  readonly reason: string;
  readonly by?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** A date and time of day with its zone, as RFC 3339 section 5.6 writes it; seconds may be left out. */
const INSTANT = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Adds the verbs. */
export function addDrain(program: Command, { io, finish }: VerbContext): void {
  const drain = program
    .command("drain")
    .summary("plan a move: clients leave an address, and no request fails")
    .description(
      "Lowers the TTL of the address's pools to their least, waits until the last copy that was given\n" +
        "for longer has ended, takes the address out, and follows the old answer until no honest cache\n" +
        "can hold it. Goes on over restarts. It is refused where a pool would be left with too few\n" +
        "healthy members, and held back while that is so.\n" +
        "Exit status: 0 begun, 1 refused or no server, 2 wrong usage.",
    )
    .argument("<address>", "an address that a pool answers", addressArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--at <TIME>", "when: now, 30m (from now), or 2030-01-31T22:00Z", timeOption, "now")
    .requiredOption("--reason <TEXT>", "why: logs and status tell it")
    .option("--by <NAME>", "who says so; by default your user name")
    .option("--dry-run", "print the plan with its times; nothing is done")
    .option("--json", "print it as JSON");
  addServerOptions(drain).action(async (address: string, config: string, flags: DrainFlags) => {
    const status = await withServer(io, { config, flags }, async (server) => {
      const atWallMs = wallMsOf(flags.at, io.now());
      const body = {
        ...{ reason: flags.reason, author: flags.by ?? io.userName() },
        ...(atWallMs !== undefined && { atWallMs }),
        ...(flags.dryRun === true && { dryRun: true }),
      };
      const path = `/v1/targets/${encodeURIComponent(address)}/drain`;
      const report = (await askJson(server, { method: "PUT", path, body })) as DrainReport;
      const verb = flags.dryRun === true ? "would be drained" : "is being drained";
      if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
      else tell(io, report, verb);
      return 0;
    });
    finish(status);
  });
  addUndrain(program, { io, finish });
  const drains = program
    .command("drains")
    .summary("show how far planned moves have come")
    .description("Exit status: 0 the server answered, 1 it did not, 2 wrong usage.")
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--json", "print them as JSON");
  addServerOptions(drains).action(async (config: string, flags: ServerFlags & { json?: true }) => {
    const status = await withServer(io, { config, flags }, async (server) => {
      const report = (await getJson(server, "/v1/drains")) as {
        readonly drains: readonly DrainReport[];
      };
      if (flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
      else if (report.drains.length === 0) io.out("Nothing is being drained.\n");
      else for (const one of report.drains) tell(io, one, "is being drained");
      return 0;
    });
    finish(status);
  });
}

function addUndrain(program: Command, { io, finish }: VerbContext): void {
  const undrain = program
    .command("undrain")
    .summary("take a planned move back, at any stage")
    .description(
      "Before the address was taken out, nothing but the TTL has changed, and that is as before. After\n" +
        "it, the member comes back when the hold of its pool's failback has passed.\n" +
        "Exit status: 0 done, 1 it is not being drained or no server, 2 wrong usage.",
    )
    .argument("<address>", "an address that is being drained", addressArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--reason <TEXT>", "why: the log tells it")
    .option("--by <NAME>", "who says so; by default your user name");
  addServerOptions(undrain).action(
    async (address: string, config: string, flags: ServerFlags & WhoFlags) => {
      const status = await withServer(io, { config, flags }, async (server) => {
        const path = `/v1/targets/${encodeURIComponent(address)}/drain?${whoQuery(io, flags)}`;
        const report = (await askJson(server, { method: "DELETE", path })) as DrainReport;
        io.out(`${paintFor(io.outHasColours).bold(address)} is drained no more\n`);
        for (const line of answerLines(report.pools)) io.out(`${line}\n`);
        return 0;
      });
      finish(status);
    },
  );
}

function tell(io: CliIo, report: DrainReport, verb: string): void {
  const paint = paintFor(io.outHasColours);
  const { address, author, reason, stage, held, isDurable } = report;
  const said = stage === "drained" ? paint.green("is drained") : verb;
  io.out(`${paint.bold(address)} ${said} by ${author}: ${reason}\n`);
  for (const line of planLines(report, paint)) io.out(`  ${line}\n`);
  if (held !== undefined) io.out(`  ${paint.yellow(`held back: ${held}`)}\n`);
  for (const line of answerLines(report.pools)) io.out(`${line}\n`);
  if (isDurable) return;
  const state = "It is in force, but not stored yet: a restart would not know of it";
  io.err(`${paint.yellow(state)}\n`);
}

/** What is still ahead, a line for each stage. */
function planLines(report: DrainReport, paint: Paint): readonly string[] {
  const { lowerWallMs, moveWallMs, drainedWallMs } = report.plan;
  const ahead: readonly (readonly [string, number | undefined, string])[] = [
    ["lower", lowerWallMs, "its pools answer with their least TTL"],
    ["move", moveWallMs, "every longer copy has ended; the address is taken out"],
    ["drained", drainedWallMs, "no honest cache can hold it; the TTL is as before"],
  ];
  return ahead.flatMap(([word, wallMs, what]) => {
    if (wallMs === undefined) return [];
    return [`${paint.dim(word.padEnd(7))}  ${moment(wallMs, report)}  ${what}`];
  });
}

function timeOption(value: string): string {
  if (value === "now" || INSTANT.test(value) || parseDurationMs(inDuration(value)) !== undefined) {
    return value;
  }
  const mend = "write now, 30m (from now), or a moment such as 2030-01-31T22:00Z";
  throw new InvalidArgumentError(`"${value}" is no time; ${mend}.`);
}

/** The moment that is meant; undefined: as soon as it can be. */
function wallMsOf(at: string, nowWallMs: number): number | undefined {
  if (at === "now") return undefined;
  const durationMs = parseDurationMs(inDuration(at));
  return durationMs === undefined ? Date.parse(at) : nowWallMs + durationMs;
}

function inDuration(value: string): string {
  return value.replace(/^(?:in |\+)/, "");
}
