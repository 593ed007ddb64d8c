// Events as log lines: NDJSON for machines, colours for a terminal. The only place that prints.

import { createRequire } from "node:module";
import { type DestinationStream, pino } from "pino";
import { AppError, messageOf } from "../base/errors.ts";
import type { LogConfig } from "../config/running.ts";
import { levelOf } from "../events/level.ts";
import type { Printer } from "./event-hub.ts";

/** Octets that may wait for a stuck reader of the log before lines are dropped (and counted). */
const BUFFER_OCTETS_MAX = 4 * 1024 * 1024;

/** The log's file cannot be written; the message names it. */
class LogError extends AppError {
  override readonly code = "LOG_UNWRITABLE";

  constructor(file: string, cause: unknown) {
    super(`Cannot write log "${file}": ${messageOf(cause)}`, { cause });
  }
}

/** Where events go, and how to empty the buffer before the process ends. */
export interface Log {
  readonly emit: Printer;
  /** Writes what waits; gives up after 500 ms, because the reader may be stuck. */
  flush(): Promise<void>;
  /** Opens its file anew, for whoever has moved it away; a log that rotates by itself needs no such word. */
  reopen(): void;
}

type Destination = ReturnType<typeof pino.destination>;
type Roll = (options: object) => Promise<Destination>;

/**
 * Opens the log: standard output, or its file. A reader that stops reading, and a disk that is full,
 * cost lines, never a wait.
 *
 * @throws LogError when its file cannot be written.
 */
export async function openLog(config: LogConfig, isTerminal: boolean): Promise<Log> {
  const destination = await openDestination(config);
  const isPretty = config.pretty ?? (isTerminal && config.file === undefined);
  let dropped = 0;
  let stampMs = 0;
  destination.on("drop", () => {
    dropped++;
  });
  // A closed reader (EPIPE) must not end a name server.
  destination.on("error", () => undefined);
  const stream = isPretty ? prettyOver(destination) : destination;
  const logger = pino(
    {
      level: config.level,
      // No pid and host name on each line: the reader of the log adds its own.
      base: null,
      // The moment of the event, not of its printing: the feed of the API says the same.
      timestamp: () => `,"time":"${new Date(stampMs).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    emit: (event, wallMs) => {
      stampMs = wallMs;
      const { msg, ...fields } = event;
      if (dropped > 0) {
        const lost = dropped;
        dropped = 0;
        logger.warn({ lost }, `${lost} log lines were dropped: the reader does not keep up`);
      }
      logger[levelOf(event.event)](fields, msg);
    },
    flush: () =>
      new Promise((resolve) => {
        const limit = setTimeout(resolve, 500);
        destination.flush(() => {
          clearTimeout(limit);
          resolve();
        });
      }),
    reopen: () => {
      if (config.file !== undefined && config.rotation === undefined) destination.reopen();
    },
  };
}

async function openDestination({ file, rotation }: LogConfig): Promise<Destination> {
  // A least length of 0 means the same to it, but for a flush: that would wait for nothing.
  const options = { sync: false, minLength: 1, maxLength: BUFFER_OCTETS_MAX };
  if (file === undefined) return pino.destination({ ...options, fd: 1 });
  if (rotation === undefined) {
    return await opened(file, pino.destination({ ...options, dest: file, mkdir: true }));
  }
  const { octetsMax, every, keep } = rotation;
  // It has no types of its own.
  const roll = createRequire(import.meta.url)("pino-roll") as Roll;
  const rolling = await roll({
    ...{ ...options, file, mkdir: true },
    ...(octetsMax !== undefined && { size: `${octetsMax}b` }),
    ...(every !== undefined && { frequency: every }),
    // It counts the file that is written too; just begun, that may not be there to be counted.
    limit: { count: keep + 1, removeOtherLogFiles: true },
  });
  return await opened(file, rolling);
}

/** Waits until the file is open, so that one that cannot be is found at the start. */
function opened(file: string, destination: Destination): Promise<Destination> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => reject(new LogError(file, error));
    destination.once("error", refused);
    destination.once("ready", () => {
      destination.off("error", refused);
      resolve(destination);
    });
  });
}

function prettyOver(destination: DestinationStream): DestinationStream {
  // Loaded only where somebody looks: it is slow to load and of no use to a machine.
  const pretty = createRequire(import.meta.url)("pino-pretty") as (
    options: object,
  ) => DestinationStream;
  return pretty({
    destination,
    colorize: process.env["NO_COLOR"] === undefined,
    translateTime: "SYS:HH:MM:ss.l",
    ignore: "event",
    messageFormat: "{msg}",
    hideObject: true,
  });
}
