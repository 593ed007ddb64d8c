// `npm run bench -- failover`: from a fault to the first changed answer, livezone beside gdnsd and
// PowerDNS, each at its own defaults and at settings of one second. Needs root: it works inside a
// network namespace that it makes for itself, and that is gone with it.
//
// usage: npm run bench -- failover [--only FAULT]... [--rounds N] [--watch SECONDS] [--json]
//                                  [--server dist/app/main.js]

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Asker, answersAddress } from "../ask.ts";
import { RunningProcess } from "../process.ts";
import { machineLine } from "../report.ts";
import { type Contender, contendersOf, NAME, ORIGIN } from "./contenders.ts";
import { type FailoverRow, failoverTable, isReached, type Outcome, rowsOf } from "./table.ts";
import { FAULTS, type Fault, PRIMARY, Targets } from "./targets.ts";

const QUESTION = { name: NAME, type: "A" } as const;
const READY_MS = 60_000;
const ASK_EVERY_MS = 5;
/** After everyone answers: probes go their way, tripwires are armed. The rest is drawn. */
const SETTLE_MS = 6000;
const PHASE_MS = 10_000;
const FIRST_PORT = 25_300;

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", multiple: true },
    rounds: { type: "string", default: "20" },
    watch: { type: "string" },
    json: { type: "boolean", default: false },
    server: { type: "string", default: "dist/app/main.js" },
  },
});

interface Running {
  readonly contender: Contender;
  readonly process: RunningProcess;
  readonly asker: Asker;
}

const unknown = (values.only ?? []).find((name) => FAULTS.every((fault) => fault.name !== name));
if (unknown !== undefined) {
  const names = FAULTS.map(({ name }) => name).join(", ");
  console.error(`bench: no fault "${unknown}"; there are ${names}`);
  process.exitCode = 2;
} else if (process.getuid?.() !== 0) {
  console.error("bench: failover needs root, for a network namespace of its own");
  process.exitCode = 2;
} else {
  up();
  await run();
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "livezone-failover-"));
  const rows: FailoverRow[] = [];
  const main = { path: values.server, version: versionOf() };
  const faults = FAULTS.filter(({ name }) => values.only?.includes(name) ?? true);
  try {
    for (const fault of faults) rows.push(...(await measure(fault, main, folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const peers = contendersOf(main, { hasGrace: false }).map(({ peer }) => peer);
  const machine = machineLine([...new Map(peers.map((peer) => [peer.name, peer])).values()]);
  if (values.json) console.log(JSON.stringify({ machine, rows }, undefined, 2));
  else console.log(`${machine}\n\n${failoverTable(rows, faults)}`);
  if (rows.some((row) => isReached(row) === false)) process.exitCode = 1;
}

/** One fault, all its rounds, every contender beside the others. */
async function measure(
  fault: Fault,
  main: { readonly path: string; readonly version: string },
  folder: string,
): Promise<readonly FailoverRow[]> {
  const contenders = contendersOf(main, { hasGrace: fault.name === "restart" });
  const outcomes: Outcome[] = [];
  const rounds = fault.name === "flapping" ? 1 : Number(values.rounds);
  for (let round = 1; round <= rounds; round++) {
    console.error(`--- ${fault.name}, round ${round} of ${rounds}`);
    const place = join(folder, `${fault.name}-${round}`);
    const found = await playRound(fault, contenders, place);
    for (const { server, pace, changedMs, swaps } of found) {
      const seconds = changedMs === undefined ? "never" : `${(changedMs / 1000).toFixed(2)} s`;
      console.error(`    ${server} (${pace}): ${seconds}, ${swaps} changes`);
    }
    outcomes.push(...found);
    rmSync(place, { recursive: true, force: true });
  }
  return rowsOf(fault, contenders, outcomes);
}

/** Starts everything anew, so that no round inherits a penalty or a hold from the one before. */
async function playRound(
  fault: Fault,
  contenders: readonly Contender[],
  place: string,
): Promise<readonly Outcome[]> {
  const targets = new Targets();
  const running: Running[] = [];
  try {
    await targets.start();
    for (const [i, contender] of contenders.entries()) {
      running.push(await launch(contender, join(place, String(i)), FIRST_PORT + i));
    }
    for (const one of running) await ready(one);
    await sleep(SETTLE_MS + Math.random() * PHASE_MS);
    const watchMs = values.watch === undefined ? fault.watchMs : Number(values.watch) * 1000;
    const startedMs = performance.now();
    await fault.begin(targets);
    const isCounted = fault.limits === undefined;
    return await Promise.all(
      running.map((one) => watch(one, { fault: fault.name, startedMs, watchMs, isCounted })),
    );
  } finally {
    for (const { asker } of running) asker.close();
    await Promise.all(running.map(({ process: server }) => server.stop()));
    await targets.stop();
  }
}

async function launch(contender: Contender, folder: string, port: number): Promise<Running> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${ORIGIN}.zone`);
  writeFileSync(file, contender.zone);
  const launched = contender.peer.prepare({ folder, port, zone: { origin: ORIGIN, file } });
  const asker = new Asker(port);
  await asker.open();
  return { contender, process: new RunningProcess(launched), asker };
}

async function ready({ contender, process: server, asker }: Running): Promise<void> {
  const options = { limitMs: READY_MS, everyMs: 50, isOver: () => server.isGone };
  try {
    await asker.until(QUESTION, (message) => answersAddress(message, PRIMARY), options);
  } catch (error) {
    const said = `${contender.server} does not answer; it said: ${server.output}`;
    throw new Error(said, { cause: error });
  }
}

/** Asks until the answer is another one, or, where changes are counted, as long as is watched. */
async function watch(
  { contender, asker }: Running,
  what: { fault: string; startedMs: number; watchMs: number; isCounted: boolean },
): Promise<Outcome> {
  const { fault, startedMs, watchMs, isCounted } = what;
  let changedMs: number | undefined;
  let swaps = 0;
  let isPrimary = true;
  while (performance.now() < startedMs + watchMs) {
    const message = await asker.ask(QUESTION, 200);
    if (message !== undefined && message.answers.length > 0) {
      const isNow = answersAddress(message, PRIMARY);
      if (isNow !== isPrimary) {
        swaps++;
        changedMs ??= performance.now() - startedMs;
      }
      isPrimary = isNow;
    }
    if (!isCounted && changedMs !== undefined) break;
    await sleep(ASK_EVERY_MS);
  }
  const { server, pace } = contender;
  return { fault, server, pace, changedMs, swaps };
}

/** A new namespace has only a loopback device, and that is down. */
function up(): void {
  const done = spawnSync("ip", ["link", "set", "lo", "up"], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`Cannot bring up the loopback device: ${done.stderr}`);
}

function versionOf(): string {
  const parsed: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  const isVersioned = typeof parsed === "object" && parsed !== null && "version" in parsed;
  return isVersioned ? String(parsed.version) : "0.0.0";
}
