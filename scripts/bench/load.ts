// The load: dnsperf on a core of its own, for a bounded time, and what it has counted.

import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "./peer.ts";
import { LOAD_CPU } from "./process.ts";

/** What is asked, how, and for how long. */
export interface Load {
  readonly port: number;
  /** A file of `name type` lines. */
  readonly queries: string;
  readonly seconds: number;
  /** Queries a second; absent: as many as are answered. */
  readonly rate?: number;
  readonly transport?: "udp" | "tcp";
  /** Sockets it asks from; default 4. */
  readonly clients?: number;
  /** Addresses of this host that ask, each with a dnsperf of its own; default 1, 127.0.0.1. */
  readonly askers?: number;
  /** More for dnsperf: EDNS, cookies, connections. */
  readonly more?: readonly string[];
  /** Notes every answer's latency: costs dnsperf a line of output each. */
  readonly isTimed?: boolean;
}

/** What came of it. */
export interface LoadResult {
  readonly answered: number;
  readonly lost: number;
  readonly perSecond: number;
  /** Answers by rcode, "NOERROR" and so on. */
  readonly rcodes: ReadonlyMap<string, number>;
  /** Milliseconds, sorted; empty where the load was not timed. */
  readonly latenciesMs: Float64Array;
}

const CLIENTS = 4;
/** Queries on their way at any time, over all sockets. */
const IN_FLIGHT = 128;
const LOST_AFTER_SECONDS = 1;
/** No single load runs longer, whatever was asked for. */
const SECONDS_MAX = 60;

/**
 * Runs one load to its end.
 *
 * @throws Error with dnsperf's own words when it fails.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const { askers = 1 } = load;
  if (askers === 1) return await runOne(load, { inFlight: IN_FLIGHT, from: [] });
  const inFlight = Math.ceil(IN_FLIGHT / askers);
  const all = await Promise.all(
    Array.from({ length: askers }, (_, i) => {
      return runOne({ ...load, clients: 1 }, { inFlight, from: ["-a", `127.2.0.${i + 1}`] });
    }),
  );
  return {
    answered: all.reduce((sum, one) => sum + one.answered, 0),
    lost: all.reduce((sum, one) => sum + one.lost, 0),
    perSecond: all.reduce((sum, one) => sum + one.perSecond, 0),
    rcodes: new Map(),
    latenciesMs: Float64Array.from(all.flatMap((one) => [...one.latenciesMs])).sort(),
  };
}

function runOne(
  load: Load,
  { inFlight, from }: { readonly inFlight: number; readonly from: readonly string[] },
): Promise<LoadResult> {
  const seconds = Math.min(load.seconds, SECONDS_MAX);
  const args = [
    ...["-c", String(LOAD_CPU), program("dnsperf"), "-s", "127.0.0.1", "-p", String(load.port)],
    ...["-d", load.queries, "-l", String(seconds), "-t", String(LOST_AFTER_SECONDS)],
    ...[
      "-c",
      String(load.clients ?? CLIENTS),
      "-q",
      String(inFlight),
      "-m",
      load.transport ?? "udp",
    ],
    ...(load.rate === undefined ? [] : ["-Q", String(load.rate)]),
    ...(load.isTimed === true ? ["-v"] : []),
    ...from,
    ...(load.more ?? []),
  ];
  // Read at the end: a pipe would have this process at work on the cores that are measured.
  const folder = mkdtempSync(join(tmpdir(), "livezone-load-"));
  const path = join(folder, "out");
  const out = openSync(path, "w");
  const child = spawn("taskset", args, { stdio: ["ignore", out, "pipe"] });
  closeSync(out);
  let complaints = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  return new Promise<LoadResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      if (status === 0) resolve(readOutput(readFileSync(path, "utf8")));
      else reject(new Error(`dnsperf ended with status ${status}: ${complaints.trim()}`));
    });
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
}

/** Latencies stand in lines of their own, seconds behind name and type; what is left is the summary. */
function readOutput(text: string): LoadResult {
  const latencies: number[] = [];
  const summary: string[] = [];
  for (const line of text.split("\n")) {
    const timed = /^> \S+ \S+ \S+ (\d+\.\d+)$/.exec(line);
    if (timed === null) summary.push(line);
    else latencies.push(Number(timed[1]) * 1000);
  }
  const latenciesMs = Float64Array.from(latencies).sort();
  return { ...readSummary(summary.join("\n")), latenciesMs };
}

/** Reads the statistics that dnsperf prints at its end. */
export function readSummary(text: string): Omit<LoadResult, "latenciesMs"> {
  const number = (label: string): number => {
    const found = new RegExp(`^\\s*${label}:\\s+([\\d.]+)`, "m").exec(text);
    return Number(found?.[1] ?? Number.NaN);
  };
  const codes = /^\s*Response codes:\s+(.*)$/m.exec(text)?.[1] ?? "";
  const rcodes = new Map(
    [...codes.matchAll(/(\w+) (\d+) \(/g)].map((code) => [code[1] ?? "", Number(code[2])]),
  );
  return {
    answered: number("Queries completed"),
    lost: number("Queries lost"),
    perSecond: number("Queries per second"),
    rcodes,
  };
}
