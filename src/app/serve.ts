// `livezone serve`: from the command line's options to a server that runs until a signal ends it.

import { counted } from "../base/count.ts";
import { AppError } from "../base/errors.ts";
import type { CliIo, ExitStatus } from "../cli/io.ts";
import type { ServeOptions } from "../cli/serve.ts";
import { readServeConfig } from "../cli/serve-config.ts";
import type { MainConfig } from "../config/main.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import { keepLargeBlocksApart } from "./allocator.ts";
import { beginYoung } from "./collect.ts";
import { type Log, openLog } from "./logger.ts";
import { becomeUser } from "./privileges.ts";
import { realTime } from "./real-time.ts";
import type { Server } from "./running-server.ts";
import { findServiceManager, isAnswering, type ServiceManager } from "./service-manager.ts";
import { helpersStandBack } from "./standing.ts";
import { startServer } from "./supervisor.ts";

/** Becomes the user that is to run the server, and opens the log as that user. */
async function openOutput(
  config: MainConfig,
  io: CliIo,
): Promise<{ readonly log: Log; readonly userWarning: string | undefined } | undefined> {
  const { user, log, store } = config;
  const isInMemory = store.path === ":memory:";
  const files = { store: isInMemory ? undefined : store.path, log: log.file };
  try {
    const userWarning = user === undefined ? undefined : await becomeUser(user, files);
    return { log: await openLog(log, process.stdout.isTTY === true), userWarning };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    io.err(`${error.message}\n`);
    return undefined;
  }
}

/** Starts a server and resolves, with the exit status, when it has ended. */
export async function serve(options: ServeOptions, io: CliIo): Promise<ExitStatus> {
  const reading = readServeConfig(io, options);
  if (reading.kind === "bad") {
    io.err(reading.errors.map((error) => `${error}\n`).join(""));
    return 1;
  }
  const { config } = reading;
  const opened = await openOutput(config, io);
  if (opened === undefined) return 1;
  const { log, userWarning } = opened;
  const { version } = io;
  const say = (happened: LivezoneEvent): void => log.emit(happened, realTime.wallMs());
  const node = process.versions.node;
  const { pid } = process;
  say(event("server.starting", `livezone ${version} starts`, { version, node, pid }));
  const file = options.config ?? "the command line";
  const warnings = [...reading.warnings, ...(userWarning === undefined ? [] : [userWarning])];
  if (warnings.length > 0) {
    say(event("config.warned", warnings[0] ?? "", { file, warnings }));
  }
  say(event("config.loaded", `Configuration: ${file}`, { file }));
  const signalled = firstSignal();
  const manager = await serviceManager(say);
  try {
    await keepLargeBlocksApart();
    helpersStandBack();
    beginYoung();
    const server = await startServer(config, { version, emit: log.emit });
    const onHangUp = (): void => {
      log.reopen();
      server.rescan();
    };
    process.on("SIGHUP", onHangUp);
    const quiet = manager && keepTelling(manager, server);
    const signal = await signalled;
    quiet?.();
    manager?.tell("STOPPING=1", `STATUS=Stopping: ${signal}`);
    await server.stop(signal);
    process.off("SIGHUP", onHangUp);
    await log.flush();
    return 0;
  } catch (error) {
    await log.flush();
    if (!(error instanceof Error)) throw error;
    // Errors of other threads arrive as copies: they have a code, and no class of ours any more.
    const isRefusal = error instanceof AppError || "code" in error;
    if (!isRefusal) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
}

async function serviceManager(
  say: (happened: LivezoneEvent) => void,
): Promise<ServiceManager | undefined> {
  const search = await findServiceManager(process.env);
  if (search.kind === "found") return search.manager;
  if (search.kind === "none") return undefined;
  const [missing, instead] = ["the service manager", "silence: use Type=exec without WatchdogSec"];
  const msg = `Cannot tell the service manager: ${search.why}; ${instead}`;
  say(event("server.degraded", msg, { missing, instead }));
  return undefined;
}

/** Says that questions are answered, and from then on at every turn that they still are. */
function keepTelling(manager: ServiceManager, server: Server): () => void {
  manager.tell("READY=1", `STATUS=Answering ${counted(server.zones, "zone")}`);
  const { watchdogMs } = manager;
  if (watchdogMs === undefined) return () => undefined;
  let cancel: () => void = () => undefined;
  const turn = (): void => {
    if (isAnswering(server.threads())) manager.tell("WATCHDOG=1");
    cancel = realTime.after(watchdogMs, turn);
  };
  turn();
  return () => cancel();
}

/** The first signal that asks for the end; a second one ends the process at once. */
function firstSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(1));
      });
    }
  });
}
