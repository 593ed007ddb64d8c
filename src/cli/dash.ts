// `livezone dash`: what is served, believed and swapped, in a terminal; live, or from a log.

import { type Command, InvalidArgumentError } from "commander";
import { fold } from "../view/fold.ts";
import { EMPTY_VIEW } from "../view/state.ts";
import type { ApiAddress } from "./api-address.ts";
import { frameOf } from "./dash/frame.ts";
import { Live } from "./dash/live.ts";
import { Replay } from "./dash/replay.ts";
import { runDash, type Source } from "./dash/run.ts";
import { FIRST_SCREEN } from "./dash/screen.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly log?: string;
  readonly speed: number;
}

/** How long a picture for a pipe waits for the server's events. */
const ONCE_MS = 300;
const ONCE_SIZE = { columns: 100, rows: 24 };

/** Adds the verb. */
export function addDash(program: Command, context: VerbContext): void {
  const verb = program
    .command("dash")
    .summary("watch a running server, or see what a log tells, in the terminal")
    .description(
      "Shows pools, targets, swaps, zones and the log, and follows them. With --log it shows what a\n" +
        "log tells, at any speed: an incident can be seen again. Where the output is no terminal, one\n" +
        'picture is printed. "?" shows the keys; NO_COLOR turns colours off.\n' +
        "Exit status: 0 you quit, 1 no server or no log, 2 wrong usage.",
    )
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--log <FILE>", 'read this log instead of asking a server; "-" is standard input')
    .option("--speed <N>", "times as fast as it happened; 0: all at once", speedArgument, 0);
  addServerOptions(verb).action(async (config: string, flags: Flags) => {
    const { io } = context;
    context.finish(
      flags.log === undefined
        ? await withServer(io, { config, flags }, (server) => watch(io, server))
        : await replay(io, flags.log, flags.speed),
    );
  });
}

async function watch(io: CliIo, server: ApiAddress): Promise<ExitStatus> {
  const live = new Live(server, () => io.now());
  await live.start();
  const terminal = io.terminal();
  if (terminal !== undefined) await runDash(live, terminal, paintFor(io.outHasColours));
  else {
    await new Promise((resolve) => setTimeout(resolve, ONCE_MS));
    printOnce(io, live);
  }
  return 0;
}

async function replay(io: CliIo, path: string, speed: number): Promise<ExitStatus> {
  const terminal = io.terminal();
  // Without a terminal nobody can watch: the end is what is wanted.
  const source = new Replay(terminal === undefined ? 0 : speed, () => performance.now());
  const reading = source.read(io.lines(path));
  if (terminal !== undefined) {
    await runDash(source, terminal, paintFor(io.outHasColours));
    return 0;
  }
  await reading;
  if (source.failure !== "" || source.count === 0) {
    io.err(`${source.failure || `"${path}" holds no event of livezone`}\n`);
    return 1;
  }
  printOnce(io, source);
  return 0;
}

/** One picture, for a pipe. */
function printOnce(io: CliIo, source: Source): void {
  let state = EMPTY_VIEW;
  let nowMs = 0;
  for (;;) {
    const taken = source.take();
    nowMs = taken.nowMs;
    if (taken.events.length === 0) break;
    state = fold(state, taken.events);
  }
  const { text, isWell } = source.state;
  source.close();
  const shown = { ...ONCE_SIZE, state, screen: FIRST_SCREEN, nowMs, source: text };
  const lines = frameOf({ ...shown, isSourceWell: isWell }, paintFor(io.outHasColours));
  io.out(lines.map((line) => `${line.trimEnd()}\n`).join(""));
}

function speedArgument(value: string): number {
  const speed = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && speed <= 100_000) return speed;
  throw new InvalidArgumentError(`"${value}" is no speed; write one such as 1, 60 or 0.5.`);
}
