// `livezone force` and `livezone unforce`: what an operator says of an address, over its probes.

import { type Command, InvalidArgumentError } from "commander";
import { parseDurationMs } from "../base/duration.ts";
import { memberPlace } from "../config/fields.ts";
import type { ForceReport, PoolAnswer } from "../view/orders.ts";
import { askJson } from "./api-client.ts";
import type { CliIo } from "./io.ts";
import { paintFor } from "./paint.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { moment } from "./status-text.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface ForceFlags extends ServerFlags {
  readonly reason: string;
  readonly for?: number;
  readonly by?: string;
  readonly force?: true;
}

/** Adds both verbs. */
export function addForce(program: Command, context: VerbContext): void {
  const { io, finish } = context;
  const force = program
    .command("force")
    .summary("say that an address is up or down, whatever its probes say")
    .description(
      "Forces an address down (not answered while another one may be) or up (answered whatever its\n" +
        "probes say), at once and over restarts. It is refused where a pool would be left with too\n" +
        "few healthy members. Exit status: 0 done, 1 refused or no server, 2 wrong usage.",
    )
    .argument("<address>", "an address that a pool answers", addressArgument)
    .argument("<state>", "up or down", stateArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .requiredOption("--reason <TEXT>", "why: logs and status tell it")
    .option("--for <TIME>", "how long, such as 30m; without it until unforce", timeArgument)
    .option("--by <NAME>", "who says so; by default your user name")
    .option("--force", "even where too few healthy members are left");
  addServerOptions(force).action(
    async (address: string, state: "up" | "down", config: string, flags: ForceFlags) => {
      const status = await withServer(io, { config, flags }, async (server) => {
        const body = {
          ...{ state, reason: flags.reason, author: flags.by ?? io.userName() },
          ...(flags.for !== undefined && { forMs: flags.for }),
          ...(flags.force === true && { force: true }),
        };
        const path = `/v1/targets/${encodeURIComponent(address)}/forced`;
        tell(io, (await askJson(server, { method: "PUT", path, body })) as ForceReport);
        return 0;
      });
      finish(status);
    },
  );
  const unforce = program
    .command("unforce")
    .summary("end what is forced of an address")
    .description(
      "Lets the probes of an address decide again. A member that was forced down comes back when\n" +
        "the hold of its pool's failback has passed.\n" +
        "Exit status: 0 done, 1 nothing is forced or no server, 2 wrong usage.",
    )
    .argument("<address>", "an address that was forced", addressArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--reason <TEXT>", "why: the log tells it")
    .option("--by <NAME>", "who says so; by default your user name");
  addServerOptions(unforce).action(
    async (address: string, config: string, flags: ServerFlags & WhoFlags) => {
      const status = await withServer(io, { config, flags }, async (server) => {
        const path = `/v1/targets/${encodeURIComponent(address)}/forced?${whoQuery(io, flags)}`;
        tell(io, (await askJson(server, { method: "DELETE", path })) as ForceReport);
        return 0;
      });
      finish(status);
    },
  );
}

/** Who ends something, and why, for the audit. */
export interface WhoFlags {
  readonly by?: string;
  readonly reason?: string;
}

/** The same as the API takes it where a request has no body. */
export function whoQuery(io: CliIo, { by, reason }: WhoFlags): URLSearchParams {
  const author = by ?? io.userName();
  return new URLSearchParams({ author, ...(reason !== undefined && { reason }) });
}

/** `www.example.org A answers 192.0.2.20 (primary-down: …)`, a line for each. */
export function answerLines(pools: readonly PoolAnswer[]): readonly string[] {
  return pools.map(({ pool, type, serving, code, reason }) => {
    const answer = serving.join(", ") || "nothing";
    return `${pool} ${type} answers ${answer} (${code}: ${reason})`;
  });
}

/** Reads a TIME argument, 1 s and more. */
export function timeArgument(value: string): number {
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined && durationMs >= 1000) return durationMs;
  throw new InvalidArgumentError(`"${value}" is no time; write one such as 30m or 1h30m.`);
}

function tell(io: CliIo, report: ForceReport): void {
  const paint = paintFor(io.outHasColours);
  const { address, forced, pools, isDurable } = report;
  if (forced === undefined) io.out(`Nothing is forced of ${paint.bold(address)} any more\n`);
  else {
    const { state, author, reason, untilWallMs } = forced;
    const end =
      untilWallMs === undefined ? "until unforce" : `until ${moment(untilWallMs, report)}`;
    io.out(`${paint.bold(address)} is forced ${state} by ${author} ${end}: ${reason}\n`);
    if (forced.isAgainstProbes) io.out(`${paint.red("Its probes say down")}\n`);
  }
  for (const line of answerLines(pools)) io.out(`${line}\n`);
  if (isDurable) return;
  const state = "It is in force, but not stored yet: a restart would not know of it";
  io.err(`${paint.yellow(state)}\n`);
}

/** Reads an ADDRESS argument. */
export function addressArgument(value: string): string {
  const canonical = memberPlace.safeParse(value).data;
  if (canonical !== undefined) return canonical;
  throw new InvalidArgumentError(`"${value}" is no IP address.`);
}

function stateArgument(value: string): "up" | "down" {
  if (value === "up" || value === "down") return value;
  throw new InvalidArgumentError(`"${value}" is neither "up" nor "down".`);
}
