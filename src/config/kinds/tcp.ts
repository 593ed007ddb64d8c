// Checks of kind tcp and tls: their settings, and what of them tells targets apart.

import type { TcpAsk, TlsAsk } from "../ask.ts";
import { flag, port, text } from "../fields.ts";
import { section } from "../yaml.ts";
import {
  addressKey,
  type CheckReading,
  healthKeys,
  hostKey,
  identifyTls,
  type KindReading,
  kindKey,
  readTlsTerms,
  sourceFor,
  sourceKey,
  tlsKeys,
} from "./common.ts";

const tcpKeys = {
  kind: kindKey,
  send: text("a text").optional(),
  expect: text("a text").optional(),
  tripwire: flag.optional(),
  ...healthKeys,
  port: port.optional(),
  address: addressKey,
  source: sourceKey,
};

export const tcpCheck = section(tcpKeys);
export const tlsCheck = section({ ...tcpKeys, host: hostKey.optional(), ...tlsKeys });

interface RawTcp {
  readonly port?: number | undefined;
  readonly source?: string | undefined;
  readonly tripwire?: boolean | undefined;
  readonly send?: string | undefined;
  readonly expect?: string | undefined;
}

/** Reads a check of kind tcp. */
export function readTcp(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, tcpCheck);
  const terms = raw && readTerms(reading, raw);
  if (raw === undefined || terms === undefined) return undefined;
  return { raw, ask: (to): TcpAsk => ({ kind: "tcp", ...terms(to) }) };
}

/** Reads a check of kind tls. */
export function readTls(reading: CheckReading): KindReading | undefined {
  const raw = reading.reader.read(reading.at, reading.value, tlsCheck);
  const terms = raw && readTerms(reading, raw);
  const tls = raw && readTlsTerms(reading, raw);
  if (raw === undefined || terms === undefined || tls === undefined) return undefined;
  return { raw, ask: (to): TlsAsk => ({ kind: "tls", ...terms(to), tls: tls(to) }) };
}

/** What of a tcp or tls ask is not default. */
export function identifyTcp(ask: TcpAsk | TlsAsk): { path: string; rest: object } {
  const rest = {
    ...(ask.kind === "tcp" ? {} : { host: ask.tls.name.toLowerCase(), ...identifyTls(ask.tls) }),
    ...(ask.send === undefined ? {} : { send: ask.send }),
    ...(ask.expect === undefined ? {} : { expect: ask.expect }),
  };
  return { path: "", rest };
}

function readTerms(
  { reader, at }: CheckReading,
  raw: RawTcp,
): ((to: string) => Omit<TcpAsk, "kind">) | undefined {
  const { port: checked, source, tripwire = false, send, expect } = raw;
  if (checked === undefined) {
    reader.complainOfKey([...at, "port"], "it is missing; write the port to connect to");
    return undefined;
  }
  return (to) => ({
    address: to,
    port: checked,
    ...sourceFor(source, to),
    tripwire,
    ...(send === undefined ? {} : { send }),
    ...(expect === undefined ? {} : { expect }),
  });
}
