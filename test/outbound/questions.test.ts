// Questions to a name server on loopback that answers, or misbehaves, as each test says.

import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, it } from "vitest";
import { ipToBytes } from "../../src/base/ip.ts";
import type { AskedPlace, Said } from "../../src/control/ports-watch.ts";
import { decodeMessage, encodeMessage, type MessageRecord } from "../../src/dns/message.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { CLASS, RCODE, TYPE } from "../../src/dns/types.ts";
import { Questions } from "../../src/outbound/questions.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const WWW = { name: "www.example.org", type: TYPE.A, isRecursive: true };
const owner = nameFromText("www.example.org.");

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** A server that sends what `answers` makes of each packet. */
async function serve(answers: (packet: Uint8Array) => readonly Uint8Array[]): Promise<AskedPlace> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.on("message", (packet, from) => {
    for (const answer of answers(packet)) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { name: "one", address: "127.0.0.1", port: socket.address().port };
}

function reply(packet: Uint8Array, more: object, id?: number): Uint8Array {
  const { questions, ...asked } = decodeMessage(packet);
  return encodeMessage({ id: id ?? asked.id, isResponse: true, questions, ...more });
}

function a(address: string, ttl: number): MessageRecord {
  return {
    owner,
    type: TYPE.A,
    class: CLASS.IN,
    ttl,
    rdata: ipToBytes(address) ?? new Uint8Array(),
  };
}

function ask(place: AskedPlace): Promise<Said> {
  return new Questions(new SimulatedTime()).ask(place, WWW);
}

describe("Questions", () => {
  it("tells the records of a reply, with what is left of them", async () => {
    const place = await serve((packet) => [
      reply(packet, { answers: [a("192.0.2.10", 17), a("192.0.2.20", 17)] }),
    ]);
    expect(await ask(place)).toMatchObject({
      kind: "reply",
      rcode: RCODE.NOERROR,
      answers: [
        { name: "www.example.org.", type: TYPE.A, ttlSeconds: 17, text: "192.0.2.10" },
        { text: "192.0.2.20" },
      ],
    });
  });

  it("asks for recursion only where it is wanted", async () => {
    const asked: boolean[] = [];
    const place = await serve((packet) => {
      asked.push(decodeMessage(packet).isRecursionDesired);
      return [reply(packet, {})];
    });
    await ask(place);
    await new Questions(new SimulatedTime()).ask(place, { ...WWW, isRecursive: false });
    expect(asked).toEqual([true, false]);
  });

  it("passes over what is no reply to it, and takes the one that is", async () => {
    const place = await serve((packet) => [
      new Uint8Array([1, 2, 3]),
      reply(packet, { answers: [a("192.0.2.66", 5)] }, (decodeMessage(packet).id + 1) & 0xffff),
      packet,
      reply(packet, { answers: [a("192.0.2.10", 5)] }),
    ]);
    expect(await ask(place)).toMatchObject({ answers: [{ text: "192.0.2.10" }] });
  });

  it("tells what the server refuses", async () => {
    const place = await serve((packet) => [reply(packet, { rcode: RCODE.SERVFAIL })]);
    expect(await ask(place)).toMatchObject({ kind: "reply", rcode: RCODE.SERVFAIL, answers: [] });
  });

  it("gives up at its deadline, and when it is closed", async () => {
    const place = await serve(() => []);
    const time = new SimulatedTime();
    const questions = new Questions(time);
    const late = questions.ask(place, WWW);
    await time.advance(2000);
    expect(await late).toEqual({ kind: "failed", detail: "no reply" });
    const closed = questions.ask(place, WWW);
    questions.close();
    expect(await closed).toEqual({ kind: "failed", detail: "no reply" });
  });

  it("tells at once that nobody is there", async () => {
    const place = await serve(() => []);
    sockets.pop()?.close();
    expect(await ask(place)).toMatchObject({ kind: "failed" });
  });
});
