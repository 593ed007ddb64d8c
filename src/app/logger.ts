// Events as log lines: NDJSON for machines, colours for a terminal. The only place that prints.

import { createRequire } from "node:module";
import { type DestinationStream, pino } from "pino";
import type { LogLevel } from "../config/main.ts";
import { levelOf } from "../events/event.ts";
import type { Printer } from "./event-hub.ts";

/** Octets that may wait for a stuck reader of the log before lines are dropped (and counted). */
const BUFFER_OCTETS_MAX = 4 * 1024 * 1024;

/** How the log is written; `isPretty` is for people at a terminal. */
export interface LogOptions {
  readonly level: LogLevel;
  readonly isPretty: boolean;
}

/** Where events go, and how to empty the buffer before the process ends. */
export interface Log {
  readonly emit: Printer;
  /** Writes what waits; gives up after 500 ms, because the reader may be stuck. */
  flush(): Promise<void>;
}

/** Opens the log on standard output. A reader that stops reading costs lines, never a wait. */
export function openLog(options: LogOptions): Log {
  const destination = pino.destination({
    fd: 1,
    sync: false,
    minLength: 0,
    maxLength: BUFFER_OCTETS_MAX,
  });
  let dropped = 0;
  let stampMs = 0;
  destination.on("drop", () => {
    dropped++;
  });
  // A closed reader (EPIPE) must not end a name server.
  destination.on("error", () => undefined);
  const stream = options.isPretty ? prettyOver(destination) : destination;
  const logger = pino(
    {
      level: options.level,
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
  };
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
