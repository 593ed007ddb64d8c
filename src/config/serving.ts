// How streams are served: the `stream` and `tls` sections of the main configuration.

import type { z } from "zod";
import { count, duration, text } from "./fields.ts";
import { type ListenAddress, listenShape, readListen } from "./listen.ts";
import { pathBeside } from "./paths.ts";
import { entryList, section, type YamlReader } from "./yaml.ts";

/** Limits of TCP and TLS. */
export interface StreamConfig {
  readonly connectionsMax: number;
  readonly idleMs: number;
}

/** DNS over TLS (RFC 7858): where it is offered, and with what certificate. */
export interface TlsConfig {
  readonly listen: readonly ListenAddress[];
  /** PEM files; read again when they change. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

export const STREAM_DEFAULTS: StreamConfig = { connectionsMax: 1000, idleMs: 10_000 };

export const streamSection = section({
  connections: count({ min: 1, max: 100_000 }).optional(),
  idle: duration({ minMs: 100, maxMs: 3_600_000 }).optional(),
});

export const tlsSection = section({
  listen: entryList('write addresses below it, such as "- 127.0.0.1:853"', listenShape),
  certificate: text("a path"),
  key: text("a path"),
});

/** The `stream` section, defaults filled in. */
export function streamOf(raw: z.infer<typeof streamSection> | undefined): StreamConfig {
  return {
    connectionsMax: raw?.connections ?? STREAM_DEFAULTS.connectionsMax,
    idleMs: raw?.idle ?? STREAM_DEFAULTS.idleMs,
  };
}

/** The `tls` section; paths are taken from the folder of `file`. */
export function readTls(
  reader: YamlReader,
  raw: z.infer<typeof tlsSection>,
  file: string,
): TlsConfig {
  return {
    listen: readListen(reader, ["tls", "listen"], raw.listen),
    certificateFile: pathBeside(file, raw.certificate),
    keyFile: pathBeside(file, raw.key),
  };
}
