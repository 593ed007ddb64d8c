// Asking for addresses, against resolvers that say what they are told to.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type Answer, decode, encode, type Packet } from "dns-packet";
import { afterEach, describe, expect, it } from "vitest";
import type { Resolution } from "../../src/probe/hosts.ts";
import { askerOf, type ResolverPlace } from "../../src/probe/resolver.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const NXDOMAIN = 3;
const SERVFAIL = 2;
const TC = 1 << 9;
const V4: Answer = { type: "A", name: "web.example.net", ttl: 60, data: "192.0.2.20" };
const V4_FIRST: Answer = { ...V4, data: "192.0.2.10" };
const V6: Answer = { type: "AAAA", name: "web.example.net", ttl: 30, data: "2001:db8::10" };
const ALIAS: Answer = { type: "CNAME", name: "web.example.net", ttl: 7, data: "w.example.net" };

type Respond = (query: Packet, isA: boolean) => Buffer | undefined;

const sockets: Socket[] = [];
const time = new SimulatedTime();
let asked = 0;

afterEach(() => {
  asked = 0;
  for (const socket of sockets.splice(0)) socket.close();
});

describe("askerOf()", () => {
  it("gathers the addresses of both types, sorted, with the least TTL", async () => {
    const resolution = await ask(both([V4, V4_FIRST], [V6]));
    const addresses = ["192.0.2.10", "192.0.2.20", "2001:db8::10"];
    expect(resolution).toEqual({ kind: "addresses", addresses, ttlSeconds: 30 });
  });

  it("counts the aliases on the way for the TTL", async () => {
    const resolution = await ask(both([ALIAS, { ...V4, name: "w.example.net" }], []));
    expect(resolution).toEqual({ kind: "addresses", addresses: ["192.0.2.20"], ttlSeconds: 7 });
  });

  it("tells a name that is gone from one that has no address", async () => {
    expect(await ask((query) => reply(query, [], NXDOMAIN))).toEqual({
      kind: "missing",
      detail: "there is no such name",
    });
    expect(await ask(both([], []))).toEqual({ kind: "missing", detail: "it has no address" });
  });

  it("takes the addresses of one type when the other's question fails", async () => {
    const half: Respond = (query, isA) => reply(query, isA ? [V4] : [], isA ? 0 : SERVFAIL);
    expect(await ask(half)).toMatchObject({ kind: "addresses", addresses: ["192.0.2.20"] });
  });

  it("knows nothing where one type is empty and the other's question fails", async () => {
    const half: Respond = (query, isA) => reply(query, [], isA ? 0 : SERVFAIL);
    expect(await ask(half)).toMatchObject({ kind: "failed" });
  });

  it("asks the next resolver after one that fails, and says where all do", async () => {
    const fails: Respond = (query) => reply(query, [], SERVFAIL);
    expect(await ask(fails, both([V4], []))).toMatchObject({ kind: "addresses" });
    const [first, second] = [await place(fails), await place(fails)];
    const detail = "127.0.0.25: rcode 2";
    expect(await askAt([first, second])).toEqual({ kind: "failed", detail });
  });

  it("asks the next resolver after one that is silent for two seconds", async () => {
    const resolution = ask(() => undefined, both([V4], []));
    while (asked < 2) await turn();
    await time.advance(1999);
    expect(asked).toBe(2);
    await time.advance(1);
    expect(await resolution).toMatchObject({ kind: "addresses" });
  });

  it("does not take an empty reply that was cut short for a missing address", async () => {
    const cut: Respond = (query) => reply(query, [], TC);
    const detail = "127.0.0.25: the reply is truncated";
    expect(await ask(cut)).toEqual({ kind: "failed", detail });
  });

  it("takes no reply with another id, name or type", async () => {
    const forged: Respond = (query, isA) => {
      const id = ((query.id ?? 0) + 1) % 65_536;
      const [question] = query.questions ?? [];
      if (question === undefined) return undefined;
      const wrong = [
        { ...query, id },
        { ...query, questions: [{ ...question, name: "other.example.net" }] },
        { ...query, questions: [{ ...question, type: "TXT" as const }] },
      ];
      for (const each of wrong) answerWith(reply(each, [{ ...V4, data: "198.51.100.1" }]));
      return reply(query, isA ? [V4] : []);
    };
    expect(await ask(forged)).toMatchObject({ addresses: ["192.0.2.20"] });
  });
});

/** Sends one more datagram to whoever asked last. */
let answerWith: (message: Buffer) => void = () => undefined;

async function ask(...resolvers: readonly Respond[]): Promise<Resolution> {
  return askAt(await Promise.all(resolvers.map(place)));
}

function askAt(places: readonly ResolverPlace[]): Promise<Resolution> {
  return new Promise((resolve) => askerOf(time, places)("web.example.net", resolve));
}

/** Begins a resolver. */
async function place(respond: Respond): Promise<ResolverPlace> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.bind(0, "127.0.0.25");
  await once(socket, "listening");
  socket.on("message", (message, from) => {
    asked++;
    answerWith = (each) => socket.send(each, from.port, from.address);
    const query = decode(message);
    const answer = respond(query, query.questions?.[0]?.type === "A");
    if (answer !== undefined) answerWith(answer);
  });
  return { address: "127.0.0.25", port: socket.address().port };
}

function both(v4: readonly Answer[], v6: readonly Answer[]): Respond {
  return (query, isA) => reply(query, isA ? v4 : v6);
}

function reply(query: Packet, answers: readonly Answer[], flags = 0): Buffer {
  const { id = 0, questions = [] } = query;
  return encode({ type: "response", id, flags, questions, answers: [...answers] });
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
