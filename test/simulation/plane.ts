// The whole control plane in simulated time: real zones, real health and failover, the real image,
// responder and store; a simulated clock, network, disk and file system. It can crash and start
// again.

import { createLedger, type LedgerMemory } from "../../src/answer/ledger-memory.ts";
import { type Random, seededRandom } from "../../src/base/random.ts";
import { type MainConfig, parseMainConfig } from "../../src/config/main.ts";
import { WATCH_DEFAULTS, type WatchConfig } from "../../src/config/watch.ts";
import { Controller, type ControllerPorts } from "../../src/control/controller.ts";
import { ENGINE_DEFAULTS } from "../../src/control/engine.ts";
import type { OperatorDesk } from "../../src/control/operator-desk.ts";
import type { ProbeReports } from "../../src/control/ports.ts";
import type { SessionAsk, SessionReply } from "../../src/control/ports-sessions.ts";
import type { QuestionsPort } from "../../src/control/ports-watch.ts";
import type { RecordDesk } from "../../src/control/record-desk.ts";
import type { SwapDesk } from "../../src/control/swap-desk.ts";
import type { ZoneSource } from "../../src/control/zones.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { createImageMemory, type ImageMemory } from "../../src/image/memory.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { Network } from "../../src/rehearsal/network.ts";
import type { StatusReport } from "../../src/view/status.ts";
import { SimulatedTime, settle } from "../support/simulated-time.ts";
import { Client } from "./client.ts";
import { SimulatedDisk } from "./disk.ts";
import { SimulatedHooks } from "./hook-runner.ts";
import { Life } from "./life.ts";
import { MemoryFiles } from "./memory-files.ts";
import { Parent } from "./parent.ts";
import { Resolvers } from "./resolvers.ts";

export const ZONE = "lab.zone";
export const POOLS = "lab.pools.yaml";

/** The master file of the simulated zone: www has two addresses each, in A and AAAA. */
export const ZONE_TEXT = `$TTL 300
@    SOA ns admin 100 3600 600 86400 60
@    NS  ns
ns   A   192.0.2.53
www  A   192.0.2.10
www  A   192.0.2.20
www  AAAA 2001:db8::10
www  AAAA 2001:db8::20
txt  TXT "hello"
`;

/** The pools file of the simulated zone: defaults, but for what a test replaces. */
export const POOLS_TEXT = `checks:
  web: { kind: http, port: 8080, path: /healthz }
pools:
  www.lab.example:
    policy: priority
    checks: [web]
`;

/** Enough for every target to be probed and believed after a start. */
export const PLANE_SETTLES_MS = 6000;

const STOP_MAX_MS = 10_000;
/** A resolver answers a question after this. */
const ASKED_MS = 10;

/** The lab zone, beside its pools file. */
const LAB: ZoneSource = {
  origin: nameFromText("lab.example."),
  file: ZONE,
  pools: POOLS,
  isPoolsRequired: false,
  source: "file",
};

/** What may differ from one plane to the next. */
export interface PlaneOptions {
  readonly zone?: string;
  readonly pools?: string;
  readonly seed?: number;
  /** Addresses that tell the prober whether it is cut off; by default it cannot tell. */
  readonly anchors?: readonly string[];
  /** Who owns the records; the file by default. */
  readonly source?: ZoneSource["source"];
  /** The time that one operation of the disk takes; 0 by default. */
  readonly diskMs?: (random: Random) => number;
  /** Who is asked what it answers; by default nobody is. */
  readonly watch?: WatchConfig;
  /** Other servers of the zone; by default it has none. */
  readonly neighbours?: ControllerPorts["neighbours"];
}

/** Who looks on. `changed` says that an answer or a belief may be another one. */
export interface Onlooker {
  event?(happened: LivezoneEvent): void;
  probe?(reports: ProbeReports): ProbeReports;
  changed?(): void;
}

/** A control plane, its world, and what it has said. */
export class Plane {
  readonly time = new SimulatedTime();
  readonly files = new MemoryFiles();
  readonly disk: SimulatedDisk;
  readonly network: Network;
  readonly hooks: SimulatedHooks;
  readonly events: LivezoneEvent[] = [];
  /** The apex of the zone that is served. */
  readonly origin = LAB.origin;
  onlooker: Onlooker = {};
  readonly #random: Random;
  readonly #neighbours: ControllerPorts["neighbours"];
  readonly #anchors: MainConfig["anchors"];
  readonly #watch: WatchConfig;
  readonly #source: ZoneSource;
  #memory: ImageMemory;
  #ledger: LedgerMemory = newLedger();
  /** The zone above. */
  readonly parent = new Parent();
  /** Caches of others, with their clients. */
  readonly resolvers: Resolvers;
  #client: Client;
  #life: Life | undefined;
  #controller: Controller | undefined;
  #readyMs: number | undefined;
  #failure: unknown;

  constructor(options: PlaneOptions = {}) {
    const seed = options.seed ?? 7;
    this.#random = seededRandom(seed);
    this.#neighbours = options.neighbours;
    this.#anchors = anchorsAt(options.anchors ?? []);
    this.#watch = options.watch ?? WATCH_DEFAULTS;
    this.#source = { ...LAB, source: options.source ?? "file" };
    const diskRandom = seededRandom(seed + 1_000_000);
    this.disk = new SimulatedDisk(this.time, () => options.diskMs?.(diskRandom) ?? 0);
    this.network = new Network(this.time, seededRandom(seed + 2_000_000));
    this.hooks = new SimulatedHooks(this.time);
    this.files.save(ZONE, options.zone ?? ZONE_TEXT);
    this.files.save(POOLS, options.pools ?? POOLS_TEXT);
    this.#memory = newImage();
    this.#client = this.#newClient();
    this.resolvers = new Resolvers(this.time, (name, from) =>
      this.#client.ask(`${name}.`, "A", from),
    );
  }

  /** The one who asks; another one after the process died. */
  get client(): Client {
    return this.#client;
  }

  /** The monotonic moment at which the start of this life ended well, if it has. */
  get readyMs(): number | undefined {
    return this.#readyMs;
  }

  /** What this life's start failed with, if it has. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Starts control, as a new process or thread would, on what is on the disk, and waits for it. */
  async start(): Promise<void> {
    this.begin();
    await this.time.advance(0);
    while (this.#readyMs === undefined && this.#failure === undefined) {
      await this.time.advance(10);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Begins a start; a life that still goes on ends as by a crash. */
  begin(): void {
    this.crash();
    const life = new Life(this.time);
    this.#life = life;
    const changed = (): void => life.run(() => this.onlooker.changed?.());
    const controller = new Controller({
      time: life.time,
      random: this.#random,
      emit: (event) => life.run(() => this.#hear(event)),
      store: life.store(this.disk.port()),
      files: this.files,
      ledger: { memory: this.#ledger, addresses: "full" },
      hooks: this.hooks.port(life.time),
      image: new NotingWriter(this.#memory, changed),
      prober: (reports) => {
        return this.network.connect(life.time, this.onlooker.probe?.(reports) ?? reports);
      },
      sendSet: (set) => {
        this.#client.adopt(set);
        changed();
      },
      watch: { questions: this.#questions(life), settings: this.#watch },
      settings: { ...ENGINE_DEFAULTS, anchors: this.#anchors },
      ...(this.#neighbours !== undefined && { neighbours: this.#neighbours }),
    });
    this.#controller = controller;
    controller.start([this.#source]).then(
      () =>
        life.run(() => {
          this.#readyMs = this.time.nowMs();
          controller.answering();
          this.onlooker.changed?.();
        }),
      (error: unknown) => life.run(() => this.#fail(error)),
    );
  }

  /** Control dies as by a defect: its store thread and its answer threads go on. */
  crash(): void {
    this.#life?.end();
    this.#life = undefined;
    this.#controller = undefined;
    this.#readyMs = undefined;
    this.#failure = undefined;
    this.files.close();
    this.network.disconnect();
  }

  /** The whole process dies: its image is gone, and so is what the disk had not written. */
  kill(): void {
    this.crash();
    this.disk.forgetWaiting();
    this.#memory = newImage();
    this.#ledger = newLedger();
    this.#client = this.#newClient();
  }

  /** Ends in order, and waits for it. */
  async stop(): Promise<void> {
    const stopped = this.#controller?.stop();
    let isStopped = false;
    void stopped?.then(() => {
      isStopped = true;
    });
    await settle();
    for (let ms = 0; !isStopped && ms < STOP_MAX_MS; ms += 10) await this.time.advance(10);
    this.kill();
  }

  /** Begins an orderly end; `done` is called when it has ended. */
  endOrderly(done: () => void): void {
    const life = this.#life;
    this.#readyMs = undefined;
    void this.#controller?.stop().then(() => life?.run(done));
  }

  /** What is told of swaps. */
  get swaps(): SwapDesk {
    if (this.#controller === undefined) throw new Error("the plane is not started");
    return this.#controller.swaps;
  }

  /** Where operators give orders. */
  get desk(): OperatorDesk {
    if (this.#controller === undefined) throw new Error("the plane is not started");
    return this.#controller.desk;
  }

  /** Where records are edited. */
  get records(): RecordDesk {
    if (this.#controller === undefined) throw new Error("the plane is not started");
    return this.#controller.records;
  }

  /** What `livezone status` would say. */
  status(): StatusReport {
    if (this.#controller === undefined) throw new Error("the plane is not started");
    return this.#controller.status({
      version: "test",
      startedWallMs: 0,
      transport: "portable",
      listen: [],
      threads: [],
      storePath: "memory",
    });
  }

  /** What a session with another server asks. */
  async session(ask: SessionAsk): Promise<SessionReply> {
    return (await this.#controller?.session(ask)) ?? { kind: "unready" };
  }

  /** Member ids that www answers in one family. */
  serving(type: "A" | "AAAA" = "A"): readonly string[] {
    return this.status().pools.find((pool) => pool.type === type)?.serving ?? [];
  }

  /** Looks at every file, as SIGHUP asks. */
  rescan(): void {
    this.#controller?.rescan();
  }

  /** Names of events since the last call, those of `only` alone when given. */
  takeEvents(...only: readonly string[]): string[] {
    const names: string[] = this.events.splice(0).map((event) => event.event);
    return only.length === 0 ? names : names.filter((name) => only.includes(name));
  }

  /** A resolver's answer takes a moment; when this life is over by then, nobody hears it. */
  #questions(life: Life): QuestionsPort {
    return {
      ask: (place, question) =>
        new Promise((resolve) => {
          life.time.after(ASKED_MS, () => {
            resolve(this.parent.said(place, question) ?? this.resolvers.said(place, question));
          });
        }),
      close: () => undefined,
    };
  }

  #hear(event: LivezoneEvent): void {
    if (event.event !== "probe.observed") this.events.push(event);
    this.onlooker.event?.(event);
  }

  #newClient(): Client {
    return new Client(this.#memory, this.#ledger, () => this.time.nowMs());
  }

  #fail(error: unknown): void {
    this.crash();
    this.#failure = error;
  }
}

/** Every plane that has one has the same: read once, it is a hundredth of a thousand seeds' time. */
const readAnchors = new Map<string, MainConfig["anchors"]>();

function anchorsAt(addresses: readonly string[]): MainConfig["anchors"] {
  const known = readAnchors.get(addresses.join());
  if (known !== undefined) return known;
  const entries = addresses.map((address) => `{ address: "${address}", kind: tcp, port: 53 }`);
  const lines = ["listen: [127.0.0.1:53]", 'store: { path: ":memory:" }', "zones: []"];
  const text = [...lines, `anchors: [${entries.join(", ")}]`].join("\n");
  const reading = parseMainConfig(text, "livezone.yaml");
  if (reading.kind === "bad") throw new Error(reading.errors.join("\n"));
  readAnchors.set(addresses.join(), reading.config.anchors);
  return reading.config.anchors;
}

/** Small enough that bases are compiled anew now and then. */
function newImage(): ImageMemory {
  return createImageMemory({ readers: 1, slotsMax: 64, overlayNamesMax: 32 });
}

function newLedger(): LedgerMemory {
  return createLedger({ threads: 1, slots: 64, places: 1024, seed: 5 });
}

/** Says when it has written. */
class NotingWriter extends ImageWriter {
  readonly #changed: () => void;

  constructor(memory: ImageMemory, changed: () => void) {
    super(memory);
    this.#changed = changed;
  }

  override publishSlot(...args: Parameters<ImageWriter["publishSlot"]>): void {
    super.publishSlot(...args);
    this.#changed();
  }

  override edit(...args: Parameters<ImageWriter["edit"]>): ReturnType<ImageWriter["edit"]> {
    this.#changed();
    return super.edit(...args);
  }
}
