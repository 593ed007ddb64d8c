// Transfers over real connections, from primaries that keep to nothing.

import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import type { TransferOutcome } from "../../src/control/ports-primaries.ts";
import { decodeMessage, encodeMessage } from "../../src/dns/message.ts";
import type { TsigKey } from "../../src/dns/tsig-key.ts";
import { TYPE } from "../../src/dns/types.ts";
import { Transfers } from "../../src/outbound/transfers.ts";
import { signAnswer, verifyRequest } from "../../src/transfer/tsig.ts";
import { BASE, ORIGIN, recordOf } from "../zone/records.ts";

const KEY: TsigKey = {
  name: ORIGIN,
  algorithm: "hmac-sha256",
  secret: new Uint8Array(32).fill(7),
};
const BOUNDS = { octetsMax: 100_000, silenceMaxMs: 300, transferMaxMs: 2000 };
const SOA = recordOf(BASE[0] ?? "");
const HOST = recordOf("www 300 A 192.0.2.10");

let servers: Server[] = [];
let sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  servers = [];
  sockets = [];
});

/** A primary that does `serve` with each connection once the question is there. */
async function primary(serve: (socket: Socket, question: Buffer) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.once("data", (question) => serve(socket, question.subarray(2)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(message.length >> 8, message.length & 255), message]);
}

function answer(question: Buffer, ...records: readonly ReturnType<typeof recordOf>[]): Uint8Array {
  const answers = records.map((record) => ({ ...record, class: 1 }));
  const id = question.readUInt16BE(0);
  return encodeMessage({ id, isResponse: true, isAuthoritative: true, answers });
}

async function fetched(port: number, key?: TsigKey): Promise<string> {
  const transfers = new Transfers(realTime, { bounds: BOUNDS });
  const server = { address: "127.0.0.1", port, key };
  const outcome = await transfers.fetch(server, { id: 7, origin: ORIGIN, since: undefined });
  transfers.close();
  return told(outcome);
}

function told(outcome: TransferOutcome): string {
  if (outcome.kind === "failed") return outcome.why;
  return outcome.kind === "done" ? `${outcome.transfer.records} records` : "current";
}

describe("a transfer over TCP", () => {
  it("comes in pieces of any size", async () => {
    const port = await primary((socket, question) => {
      const octets = Buffer.concat([
        framed(answer(question, SOA, HOST)),
        framed(answer(question, SOA)),
      ]);
      let at = 0;
      const next = (): void => {
        socket.write(octets.subarray(at, at + 7));
        at += 7;
        if (at < octets.length) setImmediate(next);
      };
      next();
    });
    expect(await fetched(port)).toBe("3 records");
  });

  it("asks as RFC 5936 has it, under a key where there is one", async () => {
    const port = await primary((socket, question) => {
      const nowSeconds = Math.floor(Date.now() / 1000);
      const verified = verifyRequest(new Uint8Array(question), [KEY], nowSeconds);
      if (verified.kind !== "signed") throw new Error(verified.kind);
      expect(decodeMessage(verified.message).questions).toEqual([
        { name: ORIGIN, type: TYPE.AXFR, class: 1 },
      ]);
      const message = answer(question, SOA, HOST, SOA);
      socket.write(framed(signAnswer(message, verified.chain, nowSeconds).octets));
    });
    expect(await fetched(port, KEY)).toBe("3 records");
  });

  it("is not taken unsigned where there is a key", async () => {
    const port = await primary((socket, question) => {
      socket.write(framed(answer(question, SOA, HOST, SOA)));
    });
    expect(await fetched(port, KEY)).toBe("message 1: it is not signed");
  });

  it("ends when it goes on for ever, by its octets", async () => {
    const port = await primary((socket, question) => {
      socket.write(framed(answer(question, SOA)));
      const more = framed(answer(question, ...Array.from({ length: 500 }, () => HOST)));
      const pour = (): void => {
        if (!socket.destroyed && socket.write(more)) setImmediate(pour);
      };
      socket.on("drain", pour);
      pour();
    });
    expect(await fetched(port)).toBe("it is longer than 100000 octets");
  });

  it("ends when it goes on for ever, by its time", async () => {
    const port = await primary((socket, question) => {
      socket.write(framed(answer(question, SOA)));
      const timer = setInterval(() => socket.write(framed(answer(question, HOST))), 50);
      socket.on("close", () => clearInterval(timer));
    });
    expect(await fetched(port)).toBe("it takes longer than 2 s");
  });

  it("ends when nothing comes any more, in the midst of a message too", async () => {
    const port = await primary((socket, question) => {
      socket.write(framed(answer(question, SOA, HOST)).subarray(0, -4));
    });
    expect(await fetched(port)).toBe("nothing has come for 0.3 s");
  });

  it("ends with its connection", async () => {
    const port = await primary((socket, question) => {
      socket.end(framed(answer(question, SOA, HOST)));
    });
    expect(await fetched(port)).toBe("the connection ended before the transfer did");
    servers[0]?.close();
    expect(await fetched(1)).toBe("the connection failed: ECONNREFUSED");
  });

  it("waits for its turn, and is given up when the server stops", async () => {
    const port = await primary(() => undefined);
    const transfers = new Transfers(realTime, { bounds: { ...BOUNDS, silenceMaxMs: 60_000 } });
    const server = { address: "127.0.0.1", port, key: undefined };
    const all = Array.from({ length: 20 }, (_, id) => {
      return transfers.fetch(server, { id, origin: ORIGIN, since: undefined });
    });
    while (sockets.length < 16) await new Promise((resolve) => setImmediate(resolve));
    transfers.close();
    const outcomes = await Promise.all(all);
    expect(outcomes.map(told)).toEqual(Array(20).fill("this server stops"));
    expect(sockets).toHaveLength(16);
  });
});
