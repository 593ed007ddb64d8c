// kill -9 at random moments of a loop of edits and swaps. What must hold afterwards: the store opens,
// the journal has no gap, no serial is used twice or goes back, and the start begins with old beliefs.

import { type Random, seededRandom } from "../../src/base/random.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { compareSerial } from "../../src/dns/serial.ts";
import { openStore } from "../../src/store/open.ts";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";

const PORT = 18_081;
const ADDRESSES = ["127.0.2.11", "127.0.2.12"] as const;

/** Beliefs count for 3 intervals and a time-out, 9.4 s; a start may take some of it. */
const FRESH_MS = 7000;

/** What a crash loop saw. */
export interface CrashReport {
  readonly crashes: number;
  /** Answers that were read while it ran, each with a serial that was compared. */
  readonly answers: number;
  readonly journalRows: number;
  readonly lastSerial: number;
  /** Fresh beliefs that starts were held against. */
  readonly remembered: number;
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
  const loop = new CrashLoop(box, random);
  try {
    box.write("crash.example.zone", zoneText(0));
    box.write("crash.example.pools.yaml", POOLS);
    await Promise.all(targets.map((target) => target.start()));
    for (let crash = 0; crash < times; crash++) {
      // One in three is killed on its way up, wherever that is.
      if (crash % 3 === 2) await loop.killWhileStarting(crash);
      else await loop.killWhileServing(crash, targets[crash % 2]);
    }
    return loop.report(times);
  } finally {
    await Promise.all(targets.map((target) => target.kill()));
    box.remove();
  }
}

class CrashLoop {
  readonly #box: Sandbox;
  readonly #random: Random;
  readonly #broken: string[] = [];
  #answers = 0;
  #newest = 0;
  #slowestStartMs = 0;
  #usualStartMs = 1000;
  #edits = 0;
  #remembered = 0;
  #stored: Stored = { rows: 0, broken: [], serving: undefined, beliefs: new Map() };

  constructor(box: Sandbox, random: Random) {
    this.#box = box;
    this.#random = random;
  }

  async killWhileStarting(crash: number): Promise<void> {
    this.#edit();
    const server = serve(this.#box);
    const delayMs = this.#random.fraction() * this.#usualStartMs;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await this.#kill(server, crash);
  }

  async killWhileServing(crash: number, victim: WebTarget | undefined): Promise<void> {
    const startedMs = performance.now();
    const server = serve(this.#box);
    const port = await server.port();
    this.#usualStartMs = performance.now() - startedMs;
    this.#slowestStartMs = Math.max(this.#slowestStartMs, this.#usualStartMs);
    await this.#compareStart(server, crash, port);
    const untilMs = performance.now() + 200 + this.#random.fraction() * 1500;
    const flapped = victim?.kill().then(() => victim.start());
    while (performance.now() < untilMs) {
      this.#edit();
      const serial = await serialOf(port);
      this.#answers++;
      if (this.#newest !== 0 && compareSerial(serial, this.#newest) === -1) {
        this.#broken.push(`crash ${crash}: serial went back from ${this.#newest} to ${serial}`);
      }
      this.#newest = serial;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.#kill(server, crash);
    await flapped;
  }

  report(crashes: number): CrashReport {
    return {
      crashes,
      answers: this.#answers,
      journalRows: this.#stored.rows,
      lastSerial: this.#newest,
      slowestStartMs: this.#slowestStartMs,
      remembered: this.#remembered,
      broken: this.#broken,
    };
  }

  #edit(): void {
    this.#box.write("crash.example.zone", zoneText(++this.#edits));
  }

  async #kill(server: ServerProcess, crash: number): Promise<void> {
    server.signal("SIGKILL");
    await server.exited;
    this.#stored = readStored(this.#box.file("crash.db"));
    this.#broken.push(...this.#stored.broken.map((sentence) => `crash ${crash}: ${sentence}`));
  }

  /** The first answer is the one that was stored, and no belief is forgotten, unless a swap says so. */
  async #compareStart(server: ServerProcess, crash: number, port: number): Promise<void> {
    const { serving, beliefs } = this.#stored;
    if (serving === undefined) return;
    const { data } = await askUdp(port, "www.crash.example", "A");
    const swaps = server.lines.filter((line) => line.event === "pool.swapped");
    const isServed = data.join(" ") === serving;
    if (!isServed && swaps.length === 0) {
      this.#broken.push(`crash ${crash}: stored was ${serving}, answered is ${data.join(" ")}`);
    }
    // A stored belief that is fresh counts: its target is not said to have been unknown before.
    const isFresh = (target: unknown): boolean => {
      return Date.now() - (beliefs.get(String(target)) ?? 0) < FRESH_MS;
    };
    this.#remembered += [...beliefs.keys()].filter(isFresh).length;
    const changes = server.lines.filter(({ event }) => /^target\.(?:up|down)$/.test(event));
    for (const { event, target, before } of changes) {
      if (before === "unknown" && isFresh(target)) {
        this.#broken.push(`crash ${crash}: ${event} of ${target} begins from nothing`);
      }
    }
  }
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

/** What the next start will find. */
interface Stored {
  readonly rows: number;
  readonly broken: readonly string[];
  /** What www answered last. */
  readonly serving: string | undefined;
  /** When what is believed of a target was last observed, by its name in the log. */
  readonly beliefs: ReadonlyMap<string, number>;
}

/** Opens the store as the next start would, and reads its journal from the first row on. */
function readStored(path: string): Stored {
  const broken: string[] = [];
  const store = openStore(path);
  const state = store.readState();
  const origin = nameFromText("crash.example.");
  // A start that was killed before its first import leaves an empty store, which is whole as well.
  const rows = state.zones.length === 0 ? [] : (store.readJournal(origin, 1) ?? []);
  const seen = new Set<number>();
  let before = 1;
  for (const row of rows) {
    if (row.serialBefore !== before) broken.push(`gap before serial ${row.serialAfter}`);
    if (seen.has(row.serialAfter)) broken.push(`serial ${row.serialAfter} was used twice`);
    seen.add(row.serialAfter);
    before = row.serialAfter;
  }
  if (state.zones.length > 0 && rows.length === 0) broken.push("the journal is empty");
  const serving = state.servings[0]?.memberIds.join(" ");
  const beliefs = new Map<string, number>();
  for (const { targetId, belief, observedWallMs } of state.beliefs) {
    const address = ADDRESSES.find((one) => targetId.includes(one));
    if (address !== undefined && belief !== "unknown")
      beliefs.set(`web@${address}`, observedWallMs);
  }
  void store.close();
  return { rows: rows.length, broken, serving, beliefs };
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
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 3s, timeout: 400ms, rise: 1 }
pools:
  www.crash.example:
    policy: priority
    checks: [web]
    failback: { mode: auto, hold: 100ms }
`;
