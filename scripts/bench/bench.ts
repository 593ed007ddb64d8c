// What every case works with: options, a folder, peers, servers that are certain to be ended.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../../src/dns/message.ts";
import { Asker, essence, type Question } from "./ask.ts";
import type { Peer, Site, ZoneUnderTest } from "./peer.ts";
import { RunningProcess, SERVER_CPU } from "./process.ts";
import { ownerOf } from "./zones.ts";

/** One line of the table. */
export interface Row {
  readonly case: string;
  /** What was done, in words. */
  readonly work: string;
  /** Whom it is compared with; "itself" where a limit stands alone. */
  readonly against: string;
  readonly unit: string;
  readonly ours: number;
  /** Absent where a limit stands alone. */
  readonly theirs?: number;
  /** Ours to theirs; absent where a limit stands alone. */
  readonly ratio?: number;
  readonly ratioMin?: number;
  readonly ratioMax?: number;
  /** The greatest ratio, or value of ours, that is good; absent: only told. */
  readonly limit?: number;
  readonly note?: string;
}

/** What the command line chose. */
export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Names of the large zones: a million unless told otherwise. */
  readonly names: number;
}

/** A case: one or more rows of the table. */
export interface BenchCase {
  readonly name: string;
  run(bench: Bench): Promise<readonly Row[]>;
}

/** A server that answers. */
export interface RunningServer {
  readonly name: string;
  readonly site: Site;
  readonly process: RunningProcess;
}

/** What servers still do after their first answers (collecting, folding) is not a query's cost. */
const SETTLE_MS = 10_000;
/** How long any server may take until it answers. */
const READY_MS = 120_000;

/** The workshop of a run. Call `close` at its end, whatever happened. */
export class Bench {
  readonly options: BenchOptions;
  readonly folder = mkdtempSync(join(tmpdir(), "livezone-bench-"));
  readonly ours: Peer;
  /** The built program that `ours` runs. */
  readonly server: string;
  readonly #peers: ReadonlyMap<string, Peer>;
  readonly #running = new Set<RunningProcess>();
  readonly #say: (line: string) => void;
  #sites = 0;

  constructor(
    options: BenchOptions,
    ours: { readonly peer: Peer; readonly server: string },
    peers: readonly Peer[],
    say: (line: string) => void,
  ) {
    this.options = options;
    this.ours = ours.peer;
    this.server = ours.server;
    this.#peers = new Map(peers.map((peer) => [peer.name, peer]));
    this.#say = say;
  }

  /** Tells the watcher how far it is. */
  say(line: string): void {
    this.#say(line);
  }

  /** The installed ones of the peers named, in that order. */
  peers(names: readonly string[]): Peer[] {
    return names.flatMap((name) => {
      const peer = this.#peers.get(name);
      return peer?.version() === undefined ? [] : [peer];
    });
  }

  /** A new empty folder and a free port. */
  async site(zone: ZoneUnderTest): Promise<Site> {
    const folder = join(this.folder, `site-${++this.#sites}`);
    mkdirSync(folder);
    return { folder, port: await freePort(), zone };
  }

  /** Starts a server without waiting for it. */
  launch(peer: Peer, site: Site, cpu?: number): RunningServer {
    const process = new RunningProcess(peer.prepare(site), cpu);
    this.#running.add(process);
    return { name: peer.name, site, process };
  }

  /** Starts a server on the servers' core and waits until it answers the zone's first name. */
  async start(peer: Peer, zone: ZoneUnderTest): Promise<RunningServer> {
    const server = this.launch(peer, await this.site(zone), SERVER_CPU);
    await this.ready(server, 20);
    return server;
  }

  /** Waits until a server answers the zone's first name; returns the moment it did. */
  async ready(server: RunningServer, everyMs: number): Promise<number> {
    const asker = new Asker(server.site.port);
    await asker.open();
    try {
      const question: Question = { name: ownerOf(0), type: "A" };
      const isWanted = (message: Message): boolean =>
        message.rcode === 0 && message.answers.length > 0;
      const isOver = (): boolean => server.process.isGone;
      return await asker.until(question, isWanted, { limitMs: READY_MS, everyMs, isOver });
    } catch (error) {
      const { output } = server.process;
      throw new Error(`${server.name} does not answer; it said: ${output}`, { cause: error });
    } finally {
      asker.close();
    }
  }

  /** Ends a server; what it has stored stays for its next start. */
  async end(server: RunningServer): Promise<void> {
    await server.process.stop();
    this.#running.delete(server.process);
  }

  /** Ends a server for good. */
  async stop(server: RunningServer): Promise<void> {
    await this.end(server);
    rmSync(server.site.folder, { recursive: true, force: true });
  }

  /** Runs `work` with one server of each peer, all on the same zone, and ends them. */
  async withServers<T>(
    peers: readonly Peer[],
    zone: ZoneUnderTest,
    work: (servers: readonly RunningServer[]) => Promise<T>,
  ): Promise<T> {
    const servers: RunningServer[] = [];
    try {
      for (const peer of peers) {
        this.say(`starting ${peer.name}`);
        servers.push(await this.start(peer, zone));
      }
      this.say(`settling for ${SETTLE_MS / 1000} s`);
      await sleep(SETTLE_MS);
      return await work(servers);
    } finally {
      for (const server of servers) await this.stop(server);
    }
  }

  /** Ends whatever still runs and removes what was written. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((process) => process.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Asks every server the same questions and compares the answers.
 *
 * @throws Error naming the first that is answered differently.
 */
export async function checkAlike(
  servers: readonly RunningServer[],
  questions: readonly Question[],
  options: { readonly hasTtls: boolean } = { hasTtls: true },
): Promise<void> {
  const expected = new Map<Question, string>();
  for (const server of servers) {
    const asker = new Asker(server.site.port);
    await asker.open();
    for (const question of questions) {
      const message = await asker.ask(question);
      const said = message === undefined ? "nothing" : essence(message, options);
      const first = expected.get(question) ?? said;
      expected.set(question, first);
      if (said === first) continue;
      const { name } = question;
      asker.close();
      throw new Error(`${server.name} answers "${name}" with ${said}, others with ${first}`);
    }
    asker.close();
  }
}

/** Names spread over a zone of so many, to be asked of everyone. */
export function sampleOf(names: number, count = 20): Question[] {
  return Array.from({ length: count }, (_, i) => ({
    name: ownerOf(Math.floor((names * i) / count)),
    type: "A",
  }));
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
