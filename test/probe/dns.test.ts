// The kind dns against a name server that says what it is told to.

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type Answer, decode, encode, type Packet as OraclePacket } from "dns-packet";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DnsAsk } from "../../src/config/ask.ts";
import { type At, dnsAsk } from "./asks.ts";
import { Recorder } from "./recorder.ts";

const recorder = new Recorder();
let server: Socket;
let at: At;
let respond: (query: OraclePacket) => Buffer | undefined;

beforeEach(async () => {
  server = createSocket("udp4");
  server.bind(0, "127.0.0.24");
  await once(server, "listening");
  at = { address: "127.0.0.24", port: server.address().port };
  server.on("message", (message, from) => {
    const reply = respond(decode(message));
    if (reply !== undefined) server.send(reply, from.port, from.address);
  });
});

afterEach(() => {
  recorder.prober.unwatch("t");
  server.close();
});

async function observe(options: Partial<DnsAsk> = {}, timeoutMs = 1000) {
  recorder.prober.watch("t", dnsAsk(at, options), undefined);
  return recorder.observe("t", { timeoutMs });
}

/** A server that answers every question with these records. */
function answers(records: Partial<Answer>[], rcode = 0, flags = 0) {
  return (query: OraclePacket): Buffer =>
    encode({
      type: "response",
      id: query.id ?? 0,
      flags: rcode | flags,
      questions: query.questions ?? [],
      answers: records.map((record) => ({ name: "www.example.org", ttl: 5, ...record }) as Answer),
    });
}

const ADDRESSES = answers([
  { type: "A", data: "192.0.2.10" },
  { type: "A", data: "192.0.2.20" },
]);

describe("kind dns", () => {
  it("asks one question, without recursion unless told", async () => {
    const asked: OraclePacket[] = [];
    respond = (query) => {
      asked.push(query);
      return ADDRESSES(query);
    };
    expect(await observe()).toMatchObject({ code: "ok", detail: "" });
    await observe({ isRecursive: true, name: ".", type: "NS" });
    expect(asked.map((query) => query.questions)).toEqual([
      [{ name: "www.example.org", type: "A", class: "IN" }],
      [{ name: ".", type: "NS", class: "IN" }],
    ]);
    expect(asked.map((query) => (query.flags ?? 0) & 0x100)).toEqual([0, 0x100]);
  });

  it("expects an rcode", async () => {
    respond = answers([], 3);
    expect(await observe()).toMatchObject({
      code: "dns-rcode",
      detail: "NXDOMAIN, expected NOERROR",
    });
    expect(await observe({ rcode: "NXDOMAIN" })).toMatchObject({ code: "ok" });
    respond = answers([], 5);
    expect(await observe()).toMatchObject({ detail: "REFUSED, expected NOERROR" });
  });

  it("expects an answer, and says what there was instead", async () => {
    respond = ADDRESSES;
    expect(await observe({ answer: "192.0.2.20" })).toMatchObject({ code: "ok" });
    expect(await observe({ answer: "192.0.2.30" })).toMatchObject({
      code: "dns-answer",
      detail: "192.0.2.10, 192.0.2.20, expected 192.0.2.30",
    });
    respond = answers([], 0, 0x200);
    expect(await observe({ answer: "192.0.2.30" })).toMatchObject({
      code: "dns-answer",
      detail: "no A record, expected 192.0.2.30, and the reply is truncated",
    });
  });

  it.each([
    ["AAAA", "2001:db8::10", "2001:DB8:0::10"],
    ["CNAME", "web.example.org", "WEB.example.org."],
    ["MX", { preference: 10, exchange: "mail.example.org" }, "10 mail.example.org."],
    ["NS", "ns1.example.org", "ns1.example.org."],
    ["PTR", "a.example.org", "a.example.org"],
    [
      "SRV",
      { priority: 1, weight: 2, port: 53, target: "a.example.org" },
      "1 2  53 a.example.org.",
    ],
    ["TXT", "v=spf1 -all", '"v=spf1 -all"'],
    [
      "SOA",
      {
        mname: "ns1.example.org",
        rname: "admin.example.org",
        serial: 7,
        refresh: 1,
        retry: 2,
        expire: 3,
        minimum: 4,
      },
      "ns1.example.org. admin.example.org. 7 1 2 3 4",
    ],
  ] as const)("compares the data of %s records as DNS does", async (type, data, answer) => {
    respond = answers([{ type, data } as Partial<Answer>]);
    expect(await observe({ type, answer })).toMatchObject({ code: "ok", detail: "" });
    expect(await observe({ type, answer: "other" })).toMatchObject({ code: "dns-answer" });
  });

  it("waits past what is no reply to its question", async () => {
    respond = (query) => {
      const stray = ADDRESSES({ ...query, id: ((query.id ?? 0) + 1) % 65_536 });
      server.once("message", () => {});
      return stray;
    };
    expect(await observe({}, 60)).toMatchObject({
      code: "response-timeout",
      detail: "no reply, but a message that is no reply to this question",
    });
    respond = () => Buffer.from("nonsense");
    expect(await observe({}, 60)).toMatchObject({
      code: "response-timeout",
      detail: "no reply, but 8 octets that are no DNS message",
    });
    respond = () => undefined;
    expect(await observe({}, 60)).toMatchObject({ code: "response-timeout", detail: "no reply" });
  });

  it("is told about replies that nobody can read", async () => {
    respond = (query) => {
      const reply = ADDRESSES(query);
      return reply.subarray(0, reply.length - 6);
    };
    expect(await observe()).toMatchObject({ code: "response-malformed" });
    respond = (query) =>
      ADDRESSES({ ...query, questions: [{ name: "else.example.org", type: "A", class: "IN" }] });
    expect(await observe()).toMatchObject({
      code: "response-malformed",
      detail: 'a reply about "else.example.org"',
    });
  });

  it("hears of a port that nobody listens on: connect-refused, hard", async () => {
    const free = createSocket("udp4").bind(0, "127.0.0.24");
    await once(free, "listening");
    const { port } = free.address();
    free.close();
    recorder.prober.watch("t", dnsAsk({ ...at, port }), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "connect-refused", isHard: true });
  });

  it("asks from the source address that it was given, over IPv6 too", async () => {
    let from = "";
    server.on("message", (_message, rinfo) => {
      from = rinfo.address;
    });
    respond = ADDRESSES;
    expect(await observe({ source: "127.0.0.25" })).toMatchObject({ code: "ok" });
    expect(from).toBe("127.0.0.25");
  });
});
