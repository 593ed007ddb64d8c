// kill -9 at random moments of a loop of edits and swaps. What must hold afterwards: the store opens,
// the journal has no gap, no serial is used twice or goes back, and the start begins with old beliefs.

import { seededRandom } from "../../src/base/random.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { compareSerial } from "../../src/dns/serial.ts";
import { openStore } from "../../src/store/open.ts";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";

const PORT = 18_081;
const ADDRESSES = ["127.0.2.11", "127.0.2.12"] as const;

/** What a crash loop saw. */
export interface CrashReport {
  readonly crashes: number;
  /** Answers that were read while it ran, each with a serial that was compared. */
  readonly answers: number;
  readonly journalRows: number;
  readonly lastSerial: number;
  /** Slowest start, from exec to `server.ready`, in milliseconds. */
  readonly slowestStartMs: number;
  /** Broken promises, each a sentence; none is the goal. */
  readonly broken: readonly string[];
}

/** Runs the loop; the same seed kills after the same delays. */
export async function crashLoop(times: number, seed: number): Promise<CrashReport> {
  const box = sandbox();
  const random = seededRandom(seed);
  const targets = ADDRESSES.map((address) => new WebTarget(address, PORT));
  const broken: string[] = [];
  let answers = 0;
  let newest = 0;
  let slowestStartMs = 0;
  let journalRows = 0;
  let edits = 0;
  try {
    box.write("crash.example.zone", zoneText(0));
    box.write("crash.example.pools.yaml", POOLS);
    await Promise.all(targets.map((target) => target.start()));
    for (let crash = 0; crash < times; crash++) {
      const startedMs = performance.now();
      const server = serve(box);
      const port = await server.port();
      slowestStartMs = Math.max(slowestStartMs, performance.now() - startedMs);
      const untilMs = performance.now() + 200 + random.fraction() * 1500;
      const victim = targets[crash % 2];
      const flapped = victim?.kill().then(() => victim.start());
      while (performance.now() < untilMs) {
        box.write("crash.example.zone", zoneText(++edits));
        const serial = await serialOf(port);
        answers++;
        if (newest !== 0 && compareSerial(serial, newest) === -1) {
          broken.push(`crash ${crash}: serial went back from ${newest} to ${serial}`);
        }
        newest = serial;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      server.signal("SIGKILL");
      await server.exited;
      await flapped;
      const checked = checkJournal(box.file("crash.db"));
      journalRows = checked.rows;
      broken.push(...checked.broken.map((sentence) => `crash ${crash}: ${sentence}`));
    }
  } finally {
    await Promise.all(targets.map((target) => target.kill()));
    box.remove();
  }
  return { crashes: times, answers, journalRows, lastSerial: newest, slowestStartMs, broken };
}

function serve(box: Sandbox): ServerProcess {
  return new ServerProcess([
    ...["serve", "--zone", `crash.example=${box.file("crash.example.zone")}`],
    ...["--listen", "127.0.0.1:0", "--store", box.file("crash.db")],
  ]);
}

async function serialOf(port: number): Promise<number> {
  const { full } = await askUdp(port, "crash.example", "SOA");
  const soa = full.answers?.[0];
  return soa?.type === "SOA" ? (soa.data.serial ?? 0) : 0;
}

/** Opens the store as the next start would, and reads its journal from the first row on. */
function checkJournal(path: string): { rows: number; broken: string[] } {
  const broken: string[] = [];
  const store = openStore(path);
  const origin = nameFromText("crash.example.");
  const rows = store.readJournal(origin, 1) ?? [];
  const seen = new Set<number>();
  let before = 1;
  for (const row of rows) {
    if (row.serialBefore !== before) broken.push(`gap before serial ${row.serialAfter}`);
    if (seen.has(row.serialAfter)) broken.push(`serial ${row.serialAfter} was used twice`);
    seen.add(row.serialAfter);
    before = row.serialAfter;
  }
  if (rows.length === 0) broken.push("the journal is empty");
  void store.close();
  return { rows: rows.length, broken };
}

function zoneText(edit: number): string {
  return `$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A ${ADDRESSES[0]}
www A ${ADDRESSES[1]}
edit TXT "${edit}"
`;
}

const POOLS = `checks:
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 500ms, timeout: 400ms, rise: 1 }
pools:
  www.crash.example:
    policy: priority
    checks: [web]
    failback: { mode: auto, hold: 100ms }
`;
