// The whole control plane in simulated time: real zones, real health and failover, the real image;
// a simulated clock, network, disk and file system. It can crash and start again.

import { seededRandom } from "../../src/base/random.ts";
import { Controller } from "../../src/control/controller.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { createImageMemory } from "../../src/image/memory.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import type { StatusReport } from "../../src/view/status.ts";
import { SimulatedTime } from "../support/simulated-time.ts";
import { MemoryFiles } from "./memory-files.ts";
import { MemoryStore, SimulatedDisk } from "./memory-store.ts";
import { Network } from "./network.ts";

export const ZONE = "lab.zone";
export const POOLS = "lab.pools.yaml";

/** The master file of the simulated zone: www and api have two addresses each, in A and AAAA. */
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

/** A control plane, its world, and what it has said. */
export class Plane {
  readonly time = new SimulatedTime();
  readonly files = new MemoryFiles();
  readonly disk = new SimulatedDisk();
  readonly memory = createImageMemory({ readers: 1, slotsMax: 64 });
  readonly events: LivezoneEvent[] = [];
  readonly #random = seededRandom(7);
  network: Network;
  #controller: Controller | undefined;

  constructor(texts: { readonly zone?: string; readonly pools?: string } = {}) {
    this.files.save(ZONE, texts.zone ?? ZONE_TEXT);
    this.files.save(POOLS, texts.pools ?? POOLS_TEXT);
    this.network = new Network(this.time, () => this.#random.fraction());
  }

  /** Starts control, as a new process or thread would, on what is on the disk. */
  async start(): Promise<void> {
    this.network = new Network(this.time, () => this.#random.fraction());
    this.#controller = new Controller({
      time: this.time,
      random: this.#random,
      emit: (event) => {
        if (event.event !== "probe.observed") this.events.push(event);
      },
      store: new MemoryStore(this.disk),
      files: this.files,
      image: new ImageWriter(this.memory),
      prober: (reports) => this.network.connect(reports),
      sendSet: () => undefined,
    });
    const origin = nameFromText("lab.example.");
    const source = "file" as const;
    const files = { file: ZONE, pools: POOLS, isPoolsRequired: false };
    const started = this.#controller.start([{ origin, ...files, source }]);
    await this.time.advance(0);
    await started;
  }

  /** Ends in order. */
  async stop(): Promise<void> {
    const stopped = this.#controller?.stop();
    await this.time.advance(3000);
    await stopped;
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

  /** Member ids that www answers in one family. */
  serving(type: "A" | "AAAA" = "A"): readonly string[] {
    return this.status().pools.find((pool) => pool.type === type)?.serving ?? [];
  }

  /** Names of events since the last call, those of `only` alone when given. */
  takeEvents(...only: readonly string[]): string[] {
    const names: string[] = this.events.splice(0).map((event) => event.event);
    return only.length === 0 ? names : names.filter((name) => only.includes(name));
  }
}
