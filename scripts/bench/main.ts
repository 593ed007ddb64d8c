// `npm run bench`: livezone beside its peers, one case after the other, on two cores.
//
// usage: npm run bench -- [--only CASE]... [--rounds N] [--seconds N] [--names N] [--json]
//                         [--server dist/app/main.js] [--write]
//
// All cases take some twenty minutes. `--write` puts their table into docs/performance.md and README.md;
// it is for a run on a machine that does nothing else.
//
//        npm run bench -- failover ...   see failover/main.ts

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Bench, type BenchCase, type Row } from "./bench.ts";
import { cookies, hits, million, missing, streams } from "./cases/hits.ts";
import { firstStart, memory, restart, save } from "./cases/large-zone.ts";
import { explain, growth, live } from "./cases/live.ts";
import { massSwap, probing } from "./cases/probing.ts";
import { edits, publish, swaps } from "./cases/publishing.ts";
import { transfer } from "./cases/transfer.ts";
import type { Peer } from "./peer.ts";
import { bind } from "./peers/bind.ts";
import { gdnsd } from "./peers/gdnsd.ts";
import { knot } from "./peers/knot.ts";
import { livezone } from "./peers/livezone.ts";
import { nsd } from "./peers/nsd.ts";
import { powerdns } from "./peers/powerdns.ts";
import { isReached, machineLine, markdown, summary, writeInto } from "./report.ts";

const CASES: readonly BenchCase[] = [
  ...[hits, cookies, million, missing, streams],
  ...[firstStart, restart, memory, save],
  ...[live, explain, growth, publish, swaps, massSwap, edits, probing, transfer],
];
const PEERS: readonly Peer[] = [gdnsd, nsd, knot, bind, powerdns];

/** Runs in a network namespace of its own, and so as a program of its own. */
const FAILOVER = new URL("./failover/main.ts", import.meta.url).pathname;

const { values, positionals } = parseArgs({
  // What follows "failover" is that program's to read.
  ...(process.argv[2] === "failover" ? { args: ["failover"] } : {}),
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    names: { type: "string", default: "1000000" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    server: { type: "string", default: "dist/app/main.js" },
  },
});

const unknown = (values.only ?? []).filter((name) => CASES.every((one) => one.name !== name));
const ours = livezone(values.server, versionOf());
if (positionals[0] === "failover") {
  const args = [...process.execArgv, FAILOVER, ...process.argv.slice(3)];
  const run = spawnSync("unshare", ["--net", process.execPath, ...args], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} else if (unknown.length > 0 || ours.version() === undefined) {
  const names = CASES.map((one) => one.name).join(", ");
  if (unknown.length > 0)
    console.error(`bench: no case "${unknown.join('", "')}"; there are ${names}`);
  else console.error(`bench: "${values.server}" is missing; build it first: npm run build`);
  process.exitCode = 2;
} else await run();

async function run(): Promise<void> {
  const options = {
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    names: Number(values.names),
  };
  const say = (line: string): void => console.error(line);
  const bench = new Bench(options, { peer: ours, server: values.server }, PEERS, say);
  const end = (): void => void bench.close().finally(() => process.exit(1));
  process.once("SIGINT", end).once("SIGTERM", end);
  const machine = machineLine([ours, ...PEERS]);
  const rows: Row[] = [];
  const failed: string[] = [];
  try {
    for (const one of CASES) {
      if (values.only !== undefined && !values.only.includes(one.name)) continue;
      say(`--- ${one.name}`);
      try {
        rows.push(...(await one.run(bench)));
      } catch (error) {
        // The rows of the others have cost many minutes.
        say(`${one.name} failed: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
        failed.push(one.name);
      }
    }
  } finally {
    await bench.close();
  }
  if (values.json) console.log(JSON.stringify({ machine, options, rows }, undefined, 2));
  else console.log(`${machine}\n\n${markdown(rows)}`);
  if (failed.length > 0) say(`no rows of ${failed.join(", ")}: see above`);
  else if (values.write) {
    writeInto("docs/performance.md", `${machine}.\n\n${markdown(rows)}`);
    writeInto("README.md", `${machine}.\n\n${summary(rows)}`);
  }
  if (rows.some((row) => isReached(row) === false)) process.exitCode = 1;
}

function versionOf(): string {
  const parsed: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  const isVersioned = typeof parsed === "object" && parsed !== null && "version" in parsed;
  return isVersioned ? String(parsed.version) : "0.0.0";
}
