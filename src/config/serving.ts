// How questions are answered: sizes, streams, TLS. Parts of the main configuration.

import type { z } from "zod";
import { count, duration, text } from "./fields.ts";
import { type ListenAddress, readListen } from "./listen.ts";
import { pathBeside } from "./paths.ts";
import { entryList, section, type YamlReader } from "./yaml.ts";

/** What an operator may choose about answers. */
export interface AnswerConfig {
  /** The largest answer over UDP, in octets, whatever a client offers: 512 to 4096. */
  readonly udpSizeMax: number;
}

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

export const ANSWER_DEFAULTS: AnswerConfig = { udpSizeMax: 1232 };
export const STREAM_DEFAULTS: StreamConfig = { connectionsMax: 1000, idleMs: 10_000 };

export const answerSection = section({ udpSize: count({ min: 512, max: 4096 }).optional() });

export const streamSection = section({
  connections: count({ min: 1, max: 100_000 }).optional(),
  idle: duration({ minMs: 100, maxMs: 3_600_000 }).optional(),
});

export const tlsSection = section({
  listen: entryList('write addresses below it, such as "- 127.0.0.1:853"'),
  certificate: text("a path"),
  key: text("a path"),
});

/** The `answer` section, defaults filled in. */
export function answerOf(raw: z.infer<typeof answerSection> | undefined): AnswerConfig {
  return { udpSizeMax: raw?.udpSize ?? ANSWER_DEFAULTS.udpSizeMax };
}

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
