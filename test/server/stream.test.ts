import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { Exchange, TRANSPORT } from "../../src/answer/exchange.ts";
import { realTime } from "../../src/app/real-time.ts";
import type { Time } from "../../src/base/clock.ts";
import type { ListenAddress } from "../../src/server/listen.ts";
import { idleAllowedMs, STREAM_LIMITS, StreamServer } from "../../src/server/stream.ts";
import { SimulatedTime, settle } from "../support/simulated-time.ts";
import { framed, type StreamClient, tcpClient, tlsClient } from "./clients.ts";
import { echoed, packet } from "./conformance.ts";
import { ACT, echoContext } from "./entries/echo.mjs";
import { RENEWED_IDENTITY, TEST_IDENTITY } from "./identity.ts";

const LOOPBACK: ListenAddress = { address: "127.0.0.1", port: 0 };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

function server(limits: Partial<typeof STREAM_LIMITS> = {}, time: Time = realTime): StreamServer {
  const context = echoContext(new Exchange());
  const made = new StreamServer({ context, time, limits: { ...STREAM_LIMITS, ...limits } });
  closing.push(() => made.close());
  return made;
}

async function client(to: ListenAddress): Promise<StreamClient> {
  const made = await tcpClient(to);
  closing.push(() => made.close());
  return made;
}

/** Lets what is on its way over loopback arrive and be handled. */
async function untilTrue(claim: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5000;
  while (!claim()) {
    if (performance.now() > deadlineMs) throw new Error(`never true: ${claim}`);
    await settle();
  }
}

describe("framing", () => {
  it("finds the same questions however they are cut into pieces", async () => {
    const listen = await server().listenTcp(LOOPBACK);
    const queries = [13, 14, 300, 4096, 13, 511].map((octets, id) => packet(id, ACT.echo, octets));
    const octets = Buffer.concat(queries.map(framed));
    for (const piece of [1, 2, 3, 15, 16, 1000, octets.length]) {
      const asker = await client(listen);
      for (let at = 0; at < octets.length; at += piece) {
        asker.write(octets.subarray(at, at + piece));
        // Leaves the write to the system before the next one, so that it stays a piece.
        if (piece > 3 || at % 64 === 0) await settle();
      }
      const answers = await asker.take(queries.length);
      expect(answers).toEqual(
        queries.map((query) => echoed(query, TRANSPORT.tcp, "127.0.0.1", asker.port)),
      );
      asker.close();
    }
  });

  it("closes after the answers it owes when a message is longer than allowed", async () => {
    const listen = await server({ queryOctetsMax: 600 }).listenTcp(LOOPBACK);
    const asker = await client(listen);
    const good = [packet(1, ACT.echo, 600), packet(2)].map(framed);
    asker.write(Buffer.concat([...good, framed(packet(3, ACT.echo, 601)), framed(packet(4))]));
    expect((await asker.take(2)).map((answer) => answer.readUInt16BE())).toEqual([1, 2]);
    await asker.closed;
    expect(asker.untaken()).toBe(0);
  });

  it("closes at once on a length that no message can have", async () => {
    const listen = await server().listenTcp(LOOPBACK);
    for (const length of [0, 11]) {
      const asker = await client(listen);
      asker.write(framed(Buffer.alloc(length)));
      await asker.closed;
    }
  });

  it("refuses an overlong message by its length alone, before its octets come", async () => {
    const listen = await server({ queryOctetsMax: 600 }).listenTcp(LOOPBACK);
    const asker = await client(listen);
    asker.write(Buffer.from([0xff]));
    await settle();
    asker.write(Buffer.from([0xff]));
    await asker.closed;
  });

  it("still answers a peer that has ended its side", async () => {
    const listen = await server().listenTcp(LOOPBACK);
    const asker = await client(listen);
    asker.socket.end(
      Buffer.concat([framed(packet(1)), framed(packet(2)), Buffer.from([0, 17, 1])]),
    );
    expect((await asker.take(2)).map((answer) => answer.readUInt16BE())).toEqual([1, 2]);
    await asker.closed;
  });
});

describe("back pressure", () => {
  it("stops reading while the peer reads nothing, and loses no answer when it reads again", async () => {
    const streams = server();
    const listen = await streams.listenTcp(LOOPBACK);
    const asker = await client(listen);
    asker.socket.pause();
    const count = 2000;
    const questions = Buffer.concat(
      Array.from({ length: count }, (_, id) => framed(packet(id, ACT.large, 200))),
    );
    const before = process.memoryUsage().arrayBuffers;
    asker.write(questions);
    // 2000 answers of 64 KiB would be 125 MiB.
    for (let turn = 0; turn < 200; turn++) await settle();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    asker.socket.resume();
    const answers = await asker.take(count);
    expect(answers.map((answer) => answer.readUInt16BE())).toEqual(
      Array.from({ length: count }, (_, id) => id),
    );
    expect(answers.every((answer) => answer.length === 0xffff)).toBe(true);
  });

  it("closes a connection whose peer takes nothing for the idle time", async () => {
    const time = new SimulatedTime();
    const streams = server({}, time);
    const listen = await streams.listenTcp(LOOPBACK);
    const asker = await client(listen);
    asker.socket.pause();
    asker.write(Buffer.concat(Array.from({ length: 500 }, () => framed(packet(1, ACT.large)))));
    await untilTrue(() => streams.connectionCount === 1);
    for (let turn = 0; turn < 100; turn++) await settle();
    await time.advance(9000);
    expect(streams.connectionCount).toBe(1);
    await time.advance(2000);
    await untilTrue(() => streams.connectionCount === 0);
  });
});

describe("bounds", () => {
  it("closes a connection that asks nothing for ten seconds, and no other", async () => {
    const time = new SimulatedTime();
    const streams = server({}, time);
    const listen = await streams.listenTcp(LOOPBACK);
    const [idle, busy] = [await client(listen), await client(listen)];
    await untilTrue(() => streams.connectionCount === 2);
    await time.advance(6000);
    busy.send(packet(1));
    await busy.take(1);
    await time.advance(5000);
    await idle.closed;
    await untilTrue(() => streams.connectionCount === 1);
    busy.send(packet(2));
    await busy.take(1);
  });

  it("gives octets that complete no question no time", async () => {
    const time = new SimulatedTime();
    const streams = server({}, time);
    const listen = await streams.listenTcp(LOOPBACK);
    const loris = await client(listen);
    const question = framed(packet(1, ACT.echo, 100));
    for (let at = 0; at < 11 && !loris.socket.destroyed; at++) {
      loris.write(question.subarray(at, at + 1));
      await settle();
      await time.advance(1000);
    }
    await loris.closed;
  });

  it("grants less idleness the more connections there are", () => {
    const allowed = [0, 1, 500, 750, 999, 1000, 2000].map((count) =>
      Math.round(idleAllowedMs(STREAM_LIMITS, count)),
    );
    expect(allowed).toEqual([10_000, 10_000, 10_000, 5500, 1018, 1000, 1000]);
  });

  it("takes no more connections than allowed, and takes one again when one has gone", async () => {
    const streams = server({ connectionsMax: 3 });
    const listen = await streams.listenTcp(LOOPBACK);
    const guests = [await client(listen), await client(listen), await client(listen)];
    const refused = await client(listen);
    await refused.closed;
    guests[0]?.close();
    await untilTrue(() => streams.connectionCount === 2);
    const welcome = await client(listen);
    welcome.send(packet(1));
    expect(await welcome.take(1)).toHaveLength(1);
  });

  it("takes no more connections of one client than allowed, on all listeners together", async () => {
    const streams = server({ clientConnectionsMax: 2 });
    const listens = [await streams.listenTcp(LOOPBACK), await streams.listenTcp(LOOPBACK)];
    const guests = await Promise.all(listens.map(client));
    const [first = LOOPBACK] = listens;
    const refused = await client(first);
    await refused.closed;
    for (const guest of guests) {
      guest.send(packet(1));
      expect(await guest.take(1)).toHaveLength(1);
    }
  });

  it("forgets a client whose connections have gone", async () => {
    const streams = server({ clientConnectionsMax: 1 });
    const listen = await streams.listenTcp(LOOPBACK);
    for (let round = 0; round < 20; round++) {
      const guest = await client(listen);
      guest.send(packet(round));
      expect(await guest.take(1)).toHaveLength(1);
      guest.close();
      await untilTrue(() => streams.connectionCount === 0);
    }
  });
});

describe("TLS", () => {
  async function ask(listen: ListenAddress, ca: string): Promise<StreamClient> {
    const made = await tlsClient(listen, ca);
    closing.push(() => made.close());
    return made;
  }

  it("uses a renewed certificate for new connections and keeps the open ones", async () => {
    const streams = server();
    streams.setIdentity(TEST_IDENTITY);
    const listen = await streams.listenTls(LOOPBACK);
    const before = await ask(listen, TEST_IDENTITY.certificatePem);
    streams.setIdentity(RENEWED_IDENTITY);
    const after = await ask(listen, RENEWED_IDENTITY.certificatePem);
    for (const asker of [before, after]) {
      asker.send(packet(1));
      expect(await asker.take(1)).toHaveLength(1);
    }
    await expect(ask(listen, TEST_IDENTITY.certificatePem)).rejects.toThrow("self-signed");
  });

  it("refuses a certificate that does not fit its key, and keeps the one in use", async () => {
    const streams = server();
    streams.setIdentity(TEST_IDENTITY);
    const mixed = { ...TEST_IDENTITY, keyPem: RENEWED_IDENTITY.keyPem };
    expect(() => streams.setIdentity(mixed)).toThrow("Cannot use the TLS certificate: ");
    const listen = await streams.listenTls(LOOPBACK);
    const asker = await ask(listen, TEST_IDENTITY.certificatePem);
    asker.send(packet(1));
    expect(await asker.take(1)).toHaveLength(1);
  });

  it("survives those who speak no TLS, or break off in the handshake", async () => {
    const time = new SimulatedTime();
    const streams = server({}, time);
    streams.setIdentity(TEST_IDENTITY);
    const listen = await streams.listenTls(LOOPBACK);
    const plain = await client(listen);
    plain.send(packet(1));
    await plain.closed;
    const silent = await client(listen);
    await untilTrue(() => streams.connectionCount === 1);
    await time.advance(11_000);
    await silent.closed;
    const gone = await client(listen);
    gone.socket.resetAndDestroy();
    await once(gone.socket, "close");
    await untilTrue(() => streams.connectionCount === 0);
    const asker = await ask(listen, TEST_IDENTITY.certificatePem);
    asker.send(packet(2));
    expect(await asker.take(1)).toHaveLength(1);
  });
});
