// The fleet with real threads and the real responder, over the image it will have in service.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createCounters } from "../../src/answer/counters.ts";
import { DEFAULT_ANSWER_SETTINGS } from "../../src/answer/settings.ts";
import { ThreadKeeper } from "../../src/app/keeper.ts";
import { realTime } from "../../src/app/real-time.ts";
import { present } from "../../src/base/assert.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { createImageMemory, type ImageMemory } from "../../src/image/memory.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { Fleet, type FleetOptions, fleetReaders } from "../../src/server/fleet.ts";
import type { ListenAddress } from "../../src/server/listen.ts";
import { ZoneBuilder } from "../../src/zone/build.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { parseZoneFile } from "../../src/zonefile/parse.ts";
import { type Client, tcpClient, tlsClient, udpClient } from "./clients.ts";
import { RENEWED_IDENTITY, TEST_IDENTITY } from "./identity.ts";
import { libcForTests } from "./transports.ts";

const WORKERS = 2;
const RCODE_REFUSED = 5;
const LOOPBACK: ListenAddress = { address: "127.0.0.1", port: 0 };

const ZONE_TEXT = `$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 192.0.2.53
www A 192.0.2.80
`;

interface Started {
  readonly fleet: Fleet;
  readonly memory: ImageMemory;
  readonly events: LivezoneEvent[];
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: Partial<FleetOptions> = {}): Promise<Started> {
  const events: LivezoneEvent[] = [];
  const memory = createImageMemory({ readers: fleetReaders(WORKERS) });
  const world = { time: realTime, events: (event: LivezoneEvent) => void events.push(event) };
  const fleet = await Fleet.start({
    keep: (thread) => new ThreadKeeper(thread, world),
    entries: {
      answer: new URL("./entries/answer.mjs", import.meta.url),
      stream: new URL("./entries/stream.mjs", import.meta.url),
    },
    listen: [LOOPBACK],
    workers: WORKERS,
    libc: await libcForTests(),
    memory,
    counters: createCounters(fleetReaders(WORKERS)),
    settings: DEFAULT_ANSWER_SETTINGS,
    ...options,
  });
  closing.push(() => fleet.stop());
  return { fleet, memory, events };
}

function zone(): Zone {
  const origin = nameFromText("example.org.");
  const builder = new ZoneBuilder(origin);
  const source = { path: "example.org.zone", bytes: Buffer.from(ZONE_TEXT) };
  parseZoneFile(source, { origin }, ({ owner, type, ttl, rdata, position }) => {
    builder.add(owner, type, ttl, rdata, position);
  });
  const built = builder.finish();
  if (built.kind === "bad") throw new Error(JSON.stringify(built.problems));
  return built.zone;
}

/** A question for www.example.org A. */
function question(id: number): Buffer {
  const header = Buffer.from([id >> 8, id & 255, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const name = Buffer.from("\x03www\x07example\x03org\0", "latin1");
  return Buffer.concat([header, name, Buffer.from([0, 1, 0, 1])]);
}

async function ask(open: (to: ListenAddress) => Promise<Client>, to?: ListenAddress) {
  const client = await open(present(to, "an address"));
  client.send(question(1));
  const [answer] = await client.take(1);
  client.close();
  return present(answer, "an answer");
}

function rcode(answer: Buffer): number {
  return (answer[3] ?? 0) & 15;
}

/** Waits until as many events of a name have come. */
async function untilEvents(events: readonly LivezoneEvent[], name: string, count: number) {
  const deadlineMs = performance.now() + 10_000;
  while (events.filter(({ event }) => event === name).length < count) {
    if (performance.now() > deadlineMs) throw new Error(`no ${count} ${name} in ${events.length}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("Fleet", () => {
  it("answers from a new base in every thread, and in every replacement", async () => {
    const { fleet, memory, events } = await start();
    const [to] = fleet.addresses;
    expect(fleet.transport).toBe("batched");
    expect(rcode(await ask(udpClient, to))).toBe(RCODE_REFUSED);
    expect(rcode(await ask(tcpClient, to))).toBe(RCODE_REFUSED);

    const writer = new ImageWriter(memory);
    fleet.adopt(writer.load([{ zone: zone(), live: [] }]));
    while (!writer.adopted()) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const open of [udpClient, tcpClient]) expect(rcode(await ask(open, to))).toBe(0);

    await Promise.all([fleet.kill("answer", 0), fleet.kill("answer", 1), fleet.kill("stream", 0)]);
    await untilEvents(events, "thread.replaced", 3);
    for (const open of [udpClient, tcpClient]) expect(rcode(await ask(open, to))).toBe(0);
    expect(fleet.status().map(({ deaths, isAlive }) => [deaths, isAlive])).toEqual(
      Array(WORKERS + 1).fill([1, true]),
    );
  });

  it("loses only what a killed answer thread had in hand, under load", async () => {
    const { fleet, events } = await start();
    const load = await Load.from(16, present(fleet.addresses[0], "an address"));
    closing.push(() => load.close());
    const sending = load.send({ count: 4000, perMs: 2 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await fleet.kill("answer", 0);
    await sending;
    await untilEvents(events, "thread.replaced", 1);
    await load.settle();
    // A batch is what a thread has in hand; the rest waits in the socket for the replacement.
    expect(load.lost).toBeLessThanOrEqual(64);
    expect(load.answered).toBe(4000 - load.lost);
    const after = load.answered;
    await load.send({ count: 500, perMs: 2 });
    await load.settle();
    expect(load.answered - after).toBe(500);
  });

  it("serves UDP in the stream thread where there is no C library, and keeps its port", async () => {
    const { fleet, events } = await start({ libc: undefined });
    const [to] = fleet.addresses;
    expect(fleet.transport).toBe("portable");
    expect(fleet.status()).toHaveLength(1);
    await fleet.kill("stream", 0);
    await untilEvents(events, "thread.replaced", 1);
    for (const open of [udpClient, tcpClient]) {
      expect(rcode(await ask(open, to))).toBe(RCODE_REFUSED);
    }
  });

  it("offers TLS, renews its certificate, and refuses one that cannot be used", async () => {
    const { fleet } = await start({ tls: { listen: [LOOPBACK], identity: TEST_IDENTITY } });
    const [to] = fleet.tlsAddresses;
    const with1 = (at: ListenAddress) => tlsClient(at, TEST_IDENTITY.certificatePem);
    const with2 = (at: ListenAddress) => tlsClient(at, RENEWED_IDENTITY.certificatePem);
    expect(rcode(await ask(with1, to))).toBe(RCODE_REFUSED);
    fleet.setIdentity(RENEWED_IDENTITY);
    await expect.poll(() => ask(with2, to).then(rcode, () => -1)).toBe(RCODE_REFUSED);
    const broken = { certificatePem: "no certificate", keyPem: "no key" };
    expect(() => fleet.setIdentity(broken)).toThrow("Cannot use the TLS certificate");
    expect(rcode(await ask(with2, to))).toBe(RCODE_REFUSED);
  });

  it("does not start where TCP finds its port taken, and leaves nothing behind", async () => {
    const occupant = createServer().listen(0, LOOPBACK.address);
    await once(occupant, "listening");
    const bound = occupant.address();
    const taken = { ...LOOPBACK, port: typeof bound === "object" ? (bound?.port ?? 0) : 0 };
    await expect(start({ listen: [taken] })).rejects.toMatchObject({
      code: "SERVER_ADDRESS_IN_USE",
      message: expect.stringContaining(`127.0.0.1:${taken.port} (TCP): another program uses it;`),
    });
    occupant.close();
    await once(occupant, "close");
    const { fleet } = await start({ listen: [taken] });
    expect(fleet.addresses).toEqual([taken]);
  });
});

/** Questions from several sockets at a given pace, counted. */
class Load {
  readonly #sockets: Socket[] = [];
  readonly #to: ListenAddress;
  #sent = 0;
  answered = 0;

  private constructor(to: ListenAddress) {
    this.#to = to;
  }

  /** Several sockets, because the kernel gives all questions of one to the same thread. */
  static async from(sockets: number, to: ListenAddress): Promise<Load> {
    const load = new Load(to);
    for (let i = 0; i < sockets; i++) {
      const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
      socket.on("message", () => load.answered++);
      socket.bind(0, "127.0.0.1");
      await once(socket, "listening");
      load.#sockets.push(socket);
    }
    return load;
  }

  get lost(): number {
    return this.#sent - this.answered;
  }

  async send({ count, perMs }: { count: number; perMs: number }): Promise<void> {
    const startMs = performance.now();
    for (let sent = 0; sent < count; ) {
      const due = Math.min(count, Math.ceil((performance.now() - startMs) * perMs));
      for (; sent < due; sent++) {
        const socket = this.#sockets[this.#sent++ % this.#sockets.length];
        socket?.send(question(this.#sent & 0xffff), this.#to.port, this.#to.address);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Waits until all are answered, or none has been for 300 ms. */
  async settle(): Promise<void> {
    for (let before = -1; this.lost > 0 && before !== this.answered; ) {
      before = this.answered;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}
