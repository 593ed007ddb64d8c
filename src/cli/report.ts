// `livezone report`: what happened, as one HTML file to keep, to send and to read without a server.

import { type Command, InvalidArgumentError } from "commander";
import { parseDurationMs } from "../base/duration.ts";
import { type LoggedEvent, logged, readLine } from "../events/line.ts";
import type { Span } from "../view/availability.ts";
import { fold } from "../view/fold.ts";
import { snapshotEvents } from "../view/snapshot.ts";
import { EMPTY_VIEW, type ViewState } from "../view/state.ts";
import type { StatusReport } from "../view/status.ts";
import type { ApiAddress } from "./api-address.ts";
import { getJson } from "./api-client.ts";
import { followEvents } from "./event-stream.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { reportPage } from "./report/page.ts";
import { addServerOptions, type ServerFlags, withServer } from "./running-server.ts";
import { DEFAULT_CONFIG, type VerbContext } from "./verb.ts";

interface Flags extends ServerFlags {
  readonly log?: string;
  readonly since: number;
}

const DAY_MS = 86_400_000;
/** Events are folded so many at a time. */
const BATCH = 5000;
/** A server that has said nothing for this long has said what it remembers. */
const QUIET_MS = 300;

/** Adds the verb. */
export function addReport(program: Command, context: VerbContext): void {
  const verb = program
    .command("report")
    .summary("print an HTML report of what happened")
    .description(
      "Prints one HTML file that needs nothing else: swaps, beliefs as bars, recovery against its\n" +
        "goal, availability of each pool. It is made of a log, or of what a running server\n" +
        'remembers: its newest 2,048 events. "livezone report --log FILE > report.html"\n' +
        "Exit status: 0 printed, 1 no server or no log, 2 wrong usage.",
    )
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .option("--log <FILE>", 'read this log instead of asking a server; "-" is standard input')
    .option("--since <TIME>", "how far back from the last event", sinceArgument, DAY_MS);
  addServerOptions(verb).action(async (config: string, flags: Flags) => {
    const { io } = context;
    context.finish(
      flags.log === undefined
        ? await withServer(io, { config, flags }, (server) => fromServer(io, server, flags.since))
        : await fromLog(io, flags.log, flags.since),
    );
  });
}

async function fromLog(io: CliIo, path: string, sinceMs: number): Promise<ExitStatus> {
  let state: ViewState = EMPTY_VIEW;
  let batch: LoggedEvent[] = [];
  let firstMs: number | undefined;
  try {
    for await (const line of io.lines(path)) {
      const read = readLine(line);
      if (read !== undefined) batch.push(read);
      firstMs ??= read?.atMs;
      if (batch.length < BATCH) continue;
      state = fold(state, batch);
      batch = [];
    }
  } catch (error) {
    io.err(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  state = fold(state, batch);
  if (state.atMs === 0) {
    io.err(`"${path}" holds no event of livezone\n`);
    return 1;
  }
  const window = windowOf({ firstMs, toMs: state.atMs, sinceMs });
  io.out(reportPage({ state, window, source: path === "-" ? "a log" : `the log ${path}` }));
  return 0;
}

async function fromServer(io: CliIo, server: ApiAddress, sinceMs: number): Promise<ExitStatus> {
  const events = await remembered(server);
  const report = (await getJson(server, "/v1/status")) as StatusReport;
  const toMs = report.nowWallMs;
  const now = snapshotEvents(report).map((event) => logged(toMs, event));
  const state = fold(fold(EMPTY_VIEW, events), now);
  const window = windowOf({ firstMs: events[0]?.atMs, toMs, sinceMs });
  io.out(reportPage({ state, window, source: "what the running server remembers" }));
  return 0;
}

/** As far back as was asked for, or as anything is known: what was before that is no drawing's business. */
function windowOf(known: {
  readonly firstMs: number | undefined;
  readonly toMs: number;
  readonly sinceMs: number;
}): Span {
  const { firstMs, toMs, sinceMs } = known;
  return { fromMs: Math.max(toMs - sinceMs, firstMs ?? 0), toMs };
}

/** What a server tells of the past. */
function remembered(server: ApiAddress): Promise<LoggedEvent[]> {
  return new Promise((resolve) => {
    const events: LoggedEvent[] = [];
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      leave();
      resolve(events);
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(end, QUIET_MS);
    };
    const leave = followEvents(server, "", {
      opened: wait,
      happened: (event) => {
        // Single probes never cease; they are nothing that is remembered.
        if (event.event.event === "probe.observed") return;
        events.push(event);
        wait();
      },
      ended: end,
    });
  });
}

function sinceArgument(value: string): number {
  const sinceMs = parseDurationMs(value);
  if (sinceMs !== undefined && sinceMs >= 1000) return sinceMs;
  throw new InvalidArgumentError(`"${value}" is no time; write one such as 24h or 30m.`);
}
