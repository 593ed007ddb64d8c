// One ask of every kind, to be varied by tests.

import { fileURLToPath } from "node:url";
import type {
  DnsAsk,
  ExecAsk,
  HttpAsk,
  HttpsAsk,
  IcmpAsk,
  PostgresAsk,
  PushAsk,
  RedisAsk,
  TcpAsk,
  TlsAsk,
  TlsTerms,
} from "../../src/config/ask.ts";

/** Where something listens. */
export interface At {
  readonly address: string;
  readonly port: number;
}

const base = { tripwire: false } as const;
const httpTerms = {
  ...base,
  method: "GET",
  path: "/healthz",
  host: "www.example.org",
  headers: {},
  status: [[200, 299]],
} as const;

/** The file of a certificate, a key or the authority that the tests' servers use. */
export function pki(name: "ca" | "key" | "good" | "other" | "expired" | "future"): string {
  return fileURLToPath(new URL(`../data/probe-tls-${name}.pem`, import.meta.url));
}

/** Terms by which the servers' "good" certificate is good. */
export const TLS: TlsTerms = {
  name: "www.example.org",
  warnDays: 14,
  isInsecure: false,
  caFile: pki("ca"),
};

/** A plain HTTP check of what listens at `at`. */
export function httpAsk({ address, port }: At, options: Partial<HttpAsk> = {}): HttpAsk {
  return { kind: "http", ...httpTerms, address, port, ...options };
}

export function httpsAsk({ address, port }: At, options: Partial<HttpsAsk> = {}): HttpsAsk {
  return { kind: "https", ...httpTerms, address, port, tls: TLS, ...options };
}

/** A plain TCP check of what listens at `at`. */
export function tcpAsk({ address, port }: At, options: Partial<TcpAsk> = {}): TcpAsk {
  return { kind: "tcp", ...base, address, port, ...options };
}

export function tlsAsk({ address, port }: At, options: Partial<TlsAsk> = {}): TlsAsk {
  return { kind: "tls", ...base, address, port, tls: TLS, ...options };
}

export function dnsAsk({ address, port }: At, options: Partial<DnsAsk> = {}): DnsAsk {
  const question = { name: "www.example.org", type: "A", isRecursive: false } as const;
  return { kind: "dns", ...base, address, port, ...question, rcode: "NOERROR", ...options };
}

export function icmpAsk(address: string, options: Partial<IcmpAsk> = {}): IcmpAsk {
  return { kind: "icmp", ...base, address, port: 0, packets: 3, ...options };
}

export function redisAsk({ address, port }: At, options: Partial<RedisAsk> = {}): RedisAsk {
  return { kind: "redis", ...base, address, port, ...options };
}

export function postgresAsk({ address, port }: At, options: Partial<PostgresAsk> = {}) {
  const login = { user: "livezone", database: "postgres" };
  return { kind: "postgres", ...base, address, port, ...login, ...options } as const;
}

export function execAsk(command: ExecAsk["command"], address = "192.0.2.1"): ExecAsk {
  return { kind: "exec", ...base, address, port: 0, command };
}

export function pushAsk(ttlMs: number, address = "192.0.2.1"): PushAsk {
  return { kind: "push", ...base, address, port: 0, name: "app", ttlMs };
}
