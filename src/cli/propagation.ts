// `livezone propagation`, `livezone swaps` and `livezone wait`: where swaps have spread to.

import { type Command, InvalidArgumentError } from "commander";
import type { PropagationReport, SwapReport } from "../view/propagation.ts";
import type { ApiAddress } from "./api-address.ts";
import { getJson } from "./api-client.ts";
import { timeArgument } from "./force.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { propagationText, stillHeldText, swapsText } from "./propagation-text.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface WatchFlags extends ServerFlags {
  readonly watch?: true;
  readonly json?: true;
}

interface WaitFlags extends ServerFlags {
  readonly drained: true;
  readonly margin: number;
  readonly timeout: number;
}

const WATCH_MS = 1000;
const WAIT_MS = 250;
const HOME_AND_CLEAR = "\x1b[H\x1b[J";
const TIMED_OUT = 3;

/** Adds the three verbs. */
export function addPropagation(program: Command, context: VerbContext): void {
  addSpread(program, context);
  addSwaps(program, context);
  addWait(program, context);
}

function addSpread(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("propagation")
    .summary("show who still holds the answer before a swap, and until when")
    .description(
      "Tells which resolvers were given the old answer of a swap (the newest one by default), who has\n" +
        "got the new one since, and when the last honest copy ends. With --watch it goes on until then.\n" +
        "Exit status: 0 told, 1 nothing is known of the swap or no server, 2 wrong usage.",
    )
    .argument("[swap]", "the swap's number", swapArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--watch", "go on until nobody honest can hold it")
    .option("--json", "print the report as JSON");
  addServerOptions(verb).action(
    async (swap: number | undefined, config: string, flags: WatchFlags) => {
      const status = await withServer(io, { config, flags }, (server) => {
        return flags.watch === true
          ? watch(io, server, swap)
          : showOnce(io, { server, swap, flags });
      });
      finish(status);
    },
  );
}

function addSwaps(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("swaps")
    .summary("list swaps with their measured recovery and drain times")
    .description(
      "SURE and RTO count from the first fault: to the belief that led to the swap, and to the new\n" +
        "answer, hooks included. GIVEN, STORED and DRAINED count from the new answer: to the first client\n" +
        "that got it, to the store, and until no honest cache\n" +
        "could hold the old one. Exit status: 0 listed, 1 no server, 2 wrong usage.",
    )
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--limit <N>", "how many, newest first", limitArgument, 50)
    .option("--json", "print the list as JSON");
  addServerOptions(verb).action(
    async (config: string, flags: ServerFlags & { limit: number; json?: true }) => {
      const status = await withServer(io, { config, flags }, async (server) => {
        const path = `/v1/swaps?limit=${flags.limit}`;
        const { swaps } = (await getJson(server, path)) as { swaps: readonly SwapReport[] };
        if (flags.json === true) io.out(`${JSON.stringify(swaps, null, 2)}\n`);
        else for (const line of swapsText(swaps, io.now())) io.out(`${line}\n`);
        return 0;
      });
      finish(status);
    },
  );
}

function addWait(program: Command, { io, finish }: VerbContext): void {
  const verb = program
    .command("wait")
    .summary("wait until the target before a swap can be switched off")
    .description(
      "Returns when no honest cache can hold the old answer any more, for scripts that deploy. Who is\n" +
        "known to keep answers longer than it may is named, and not waited for: see --margin.\n" +
        "Exit status: 0 drained, 1 nothing is known of the swap or no server, 2 wrong usage,\n" +
        "3 not drained in time, with who still holds it.",
    )
    .argument("<swap>", 'the swap\'s number, or "last"', swapArgument)
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .requiredOption("--drained", "until the old answer is gone")
    .option("--margin <TIME>", "wait so much longer", marginArgument, 0)
    .option("--timeout <TIME>", "wait no longer than this", timeArgument, 600_000);
  addServerOptions(verb).action(
    async (swap: number | undefined, config: string, flags: WaitFlags) => {
      finish(
        await withServer(io, { config, flags }, (server) => wait(io, { server, swap, flags })),
      );
    },
  );
}

async function showOnce(
  io: CliIo,
  asked: {
    readonly server: ApiAddress;
    readonly swap: number | undefined;
    readonly flags: WatchFlags;
  },
): Promise<ExitStatus> {
  const report = await ask(asked.server, asked.swap);
  if (asked.flags.json === true) io.out(`${JSON.stringify(report, null, 2)}\n`);
  else for (const line of propagationText(report, paintFor(io.outHasColours))) io.out(`${line}\n`);
  return 0;
}

/** On a terminal the picture is drawn anew in place; elsewhere a line a second tells how it goes. */
async function watch(io: CliIo, server: ApiAddress, swap: number | undefined): Promise<ExitStatus> {
  let report = await ask(server, swap);
  for (;;) {
    const text = propagationText(report, paintFor(io.outHasColours));
    const isOver = report.drainedWallMs !== undefined && report.counts.holding === 0;
    if (io.outHasColours) io.out(`${HOME_AND_CLEAR}${text.join("\n")}\n`);
    else if (isOver) io.out(`${text.join("\n")}\n`);
    else {
      const { movedPercent, counts } = report;
      const left = counts.holding + counts.overdue;
      io.out(`Swap ${report.swap}: ${movedPercent} % moved, ${left} left\n`);
    }
    if (isOver) return 0;
    await io.sleep(WATCH_MS);
    report = await ask(server, report.swap);
  }
}

async function wait(
  io: CliIo,
  asked: {
    readonly server: ApiAddress;
    readonly swap: number | undefined;
    readonly flags: WaitFlags;
  },
): Promise<ExitStatus> {
  const { margin, timeout } = asked.flags;
  const startedMs = io.now();
  let report = await ask(asked.server, asked.swap);
  for (;;) {
    const { drainedWallMs, nowWallMs, overdue } = report;
    if (drainedWallMs !== undefined && nowWallMs >= drainedWallMs + margin) {
      io.out(`Swap ${report.swap} is drained\n`);
      for (const { resolver } of overdue) {
        io.err(`${resolver} keeps answers longer than it may, and may still give the old one\n`);
      }
      return 0;
    }
    const leftMs = timeout - (io.now() - startedMs);
    if (leftMs <= 0) {
      for (const line of stillHeldText(report)) io.err(`${line}\n`);
      return TIMED_OUT;
    }
    await io.sleep(Math.min(WAIT_MS, Math.ceil(leftMs)));
    report = await ask(asked.server, report.swap);
  }
}

async function ask(server: ApiAddress, swap: number | undefined): Promise<PropagationReport> {
  const path = `/v1/swaps/${swap ?? "last"}/propagation`;
  return (await getJson(server, path)) as PropagationReport;
}

function swapArgument(value: string): number | undefined {
  if (value === "last") return undefined;
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
  throw new InvalidArgumentError(`"${value}" is no number of a swap; "livezone swaps" lists them.`);
}

function limitArgument(value: string): number {
  const limit = Number(value);
  if (/^\d+$/.test(value) && limit >= 1 && limit <= 1000) return limit;
  throw new InvalidArgumentError(`"${value}" is no whole number from 1 to 1000.`);
}

function marginArgument(value: string): number {
  return value === "0" || value === "0s" ? 0 : timeArgument(value);
}
