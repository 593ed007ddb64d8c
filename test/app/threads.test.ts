// Each kind of thread is killed under load, through the handle that the supervisor returns: it is
// replaced, counted and logged, and the others go on answering.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Server } from "../../src/app/running-server.ts";
import { createSharedMemory } from "../../src/app/shared-memory.ts";
import { type MainConfig, parseMainConfig } from "../../src/config/main.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { askTcp, askUdp } from "../support/ask.ts";
import { type Sandbox, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";

const PORT = 18_083;
const ZONE = `$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 127.0.4.11
www A 127.0.4.12
`;
const POOLS = `checks:
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 500ms, timeout: 400ms, rise: 1 }
pools:
  www.threads.example:
    policy: priority
    checks: [web]
    failback: { mode: auto, hold: 100ms }
`;

/** Workers load built JavaScript only, so the supervisor is taken from built modules too. */
async function builtSupervisor(): Promise<typeof import("../../src/app/supervisor.ts")> {
  return await import(pathToFileURL("build/app/supervisor.js").href);
}

describe("startServer()", () => {
  let box: Sandbox;
  let server: Server;
  let config: MainConfig;
  let port = 0;
  const events: LivezoneEvent[] = [];
  const targets = [new WebTarget("127.0.4.11", PORT), new WebTarget("127.0.4.12", PORT)] as const;
  const seen = (
    name: string,
    fits: (event: LivezoneEvent) => boolean = () => true,
  ): Promise<void> =>
    until(() => events.some((event) => event.event === name && fits(event)), events);

  beforeAll(async () => {
    box = sandbox();
    box.write("threads.example.zone", ZONE);
    box.write("threads.example.pools.yaml", POOLS);
    const path = box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:65301]\nstore: { path: t.db }\nzones: [{ origin: threads.example }]\nworkers: 2\n`,
    );
    await Promise.all(targets.map((target) => target.start()));
    const reading = parseMainConfig(readFileSync(path, "utf8"), path);
    if (reading.kind === "bad") throw new Error(reading.errors.join("\n"));
    config = reading.config;
    const listen = [{ address: "127.0.0.1", port: 0, isOptional: false }];
    const { startServer } = await builtSupervisor();
    const emit = (event: LivezoneEvent): void => void events.push(event);
    server = await startServer({ ...config, listen }, { version: "test", emit });
    port = server.addresses[0]?.port ?? 0;
    await seen("target.up", (event) => "target" in event && event.target === "web@127.0.4.12");
  });

  afterAll(async () => {
    await Promise.all(targets.map((target) => target.kill()));
    await server.stop("the test is over");
    box.remove();
  });

  it("asks for large pages for the ledger and the slots, and for nothing else", () => {
    const { image, ledger } = createSharedMemory(config);
    const octets = [ledger.askers, ledger.rows, image.slots].map(({ byteLength }) => byteLength);
    const asked = advisedOctets();
    expect(asked.length).toBe(octets.length);
    // Whole pages only, and those of some processors have 64 KiB.
    for (const [i, one] of octets.sort(byNumber).entries()) {
      expect(asked[i]).toBeLessThanOrEqual(one);
      expect(asked[i]).toBeGreaterThan(one - 2 * 65_536);
    }
  });

  it.each([["answer"], ["stream"], ["control"], ["store"]] as const)(
    "replaces a dead %s thread while the others answer",
    async (kind) => {
      events.length = 0;
      const load = new Load(port);
      const killed = server.killThread(kind, 0);
      await killed;
      await seen("thread.replaced");
      await load.enough();
      const outcome = await load.end();
      expect(events.find((event) => event.event === "thread.died")).toMatchObject({
        thread: kind,
        index: 0,
      });
      // A dead answer thread takes the batch it was working on with it, and nothing else.
      expect(outcome.lost).toBeLessThanOrEqual(kind === "answer" ? 64 : 0);
      expect(outcome.wrong).toBe(0);
      expect(outcome.right).toBeGreaterThan(10);
      expect(server.threads().every((thread) => thread.isAlive)).toBe(true);
      expect((await askTcp(port, "www.threads.example")).data).toHaveLength(1);
    },
  );

  it("still fails over after all of that, and stores it", async () => {
    events.length = 0;
    const before = (await askUdp(port, "www.threads.example")).data[0];
    const victim = targets.find((target) => target.address === before);
    await victim?.kill();
    await seen("pool.swapped");
    expect((await askUdp(port, "www.threads.example")).data[0]).not.toBe(before);
    expect(events.find((event) => event.event === "pool.swapped")).toMatchObject({ durable: true });
  });
});

/** Questions one after the other, as fast as they are answered, on eight sockets. */
class Load {
  #isEnding = false;
  #right = 0;
  #wrong = 0;
  #lost = 0;
  readonly #askers: Promise<void>[];

  constructor(port: number) {
    this.#askers = Array.from({ length: 8 }, () => this.#ask(port));
  }

  /** Waits for some answers: on a busy machine a thread is replaced before many were asked for. */
  async enough(): Promise<void> {
    for (let tries = 0; this.#right <= 10 && tries < 600; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async end(): Promise<{ right: number; wrong: number; lost: number }> {
    this.#isEnding = true;
    await Promise.all(this.#askers);
    return { right: this.#right, wrong: this.#wrong, lost: this.#lost };
  }

  async #ask(port: number): Promise<void> {
    while (!this.#isEnding) {
      try {
        const reply = await askUdp(port, "ns.threads.example", "A", { withinMs: 1000 });
        if (reply.data[0] === "192.0.2.53") this.#right++;
        else this.#wrong++;
      } catch {
        this.#lost++;
      }
    }
  }
}

async function until(holds: () => boolean, events: readonly LivezoneEvent[]): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const told = events.filter((event) => event.event !== "probe.observed").map((event) => event.msg);
  throw new Error(`it did not come to pass within 15 s\n${told.join("\n")}`);
}

/** Of this process's memory for which large pages were asked for, how much lies together each time. */
function advisedOctets(): number[] {
  const regions = readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  return regions
    .filter((region) => /^VmFlags:.* hg\b/m.test(region))
    .map((region) => 1024 * Number(/^Size: +(\d+) kB/m.exec(region)?.[1]))
    .sort(byNumber);
}

function byNumber(one: number, other: number): number {
  return one - other;
}
