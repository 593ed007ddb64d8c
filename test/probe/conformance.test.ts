// Every kind of check against the same conducts of real servers: what each is observed as.

import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Ask } from "../../src/config/ask.ts";
import type { ObservationCode } from "../../src/health/observation.ts";
import { tcp } from "../../src/probe/kinds/tcp.ts";
import {
  type At,
  dnsAsk,
  httpAsk,
  httpsAsk,
  icmpAsk,
  postgresAsk,
  redisAsk,
  tcpAsk,
  tlsAsk,
} from "./asks.ts";
import { startChild } from "./child-server.ts";
import { eventually, Recorder } from "./recorder.ts";
import { type Conduct, freePort, OK, serve } from "./servers.ts";

const recorder = new Recorder();
/** Checks that only connect go another way where koffi is missing: that of all other kinds. */
const portable = new Recorder({}, 1, { tcp });
const running: Conduct[] = [];

afterEach(async () => {
  for (const { prober } of [recorder, portable]) prober.unwatch("t");
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** A kind over TCP: what it asks for in this suite, and the answer that it likes. */
interface StreamKind {
  readonly ask: (at: At) => Ask;
  readonly good: Buffer;
  /** What garbage is to it. */
  readonly garbage: ObservationCode;
  readonly isSecure?: boolean;
}

const phrases = { send: "hello\r\n", expect: "ok" };
/** AuthenticationOk, ReadyForQuery. */
const SESSION = Buffer.from("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", "latin1");

const STREAMS: Readonly<Record<string, StreamKind>> = {
  http: {
    ask: (at) => httpAsk(at, { body: "ok" }),
    good: Buffer.from(OK),
    garbage: "response-malformed",
  },
  https: {
    ask: (at) => httpsAsk(at, { body: "ok" }),
    good: Buffer.from(OK),
    garbage: "response-malformed",
    isSecure: true,
  },
  tcp: { ask: (at) => tcpAsk(at, phrases), good: Buffer.from(OK), garbage: "body-mismatch" },
  tls: {
    ask: (at) => tlsAsk(at, phrases),
    good: Buffer.from(OK),
    garbage: "body-mismatch",
    isSecure: true,
  },
  redis: { ask: redisAsk, good: Buffer.from("+PONG\r\n"), garbage: "response-malformed" },
  postgres: { ask: postgresAsk, good: SESSION, garbage: "response-malformed" },
};

interface Row {
  readonly conduct: string;
  readonly behave: (socket: Socket, good: Buffer, tcp: Socket) => void;
  readonly halfOpen?: boolean;
  /** "garbage": whatever the kind calls it. */
  readonly code: ObservationCode | "garbage";
  readonly isHard?: boolean;
}

const ROWS: readonly Row[] = [
  {
    conduct: "well",
    behave: (socket, good) => socket.on("data", () => socket.write(good)),
    code: "ok",
  },
  {
    conduct: "well, one octet at a time",
    behave: (socket, good) =>
      socket.once("data", async () => {
        for (const octet of good) {
          socket.write(Buffer.of(octet));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
    code: "ok",
  },
  {
    conduct: "answers and closes",
    behave: (socket, good) => socket.once("data", () => socket.end(good)),
    code: "ok",
  },
  {
    conduct: "closes its half first, then answers nothing",
    behave: (socket) => socket.end(),
    halfOpen: true,
    code: "response-closed",
  },
  {
    conduct: "resets after the request",
    behave: (socket, _good, tcp) => socket.once("data", () => tcp.resetAndDestroy()),
    code: "connect-reset",
    isHard: true,
  },
  { conduct: "never answers", behave: () => {}, code: "response-timeout" },
  {
    conduct: "stops within its answer",
    behave: (socket, good) => socket.once("data", () => socket.write(good.subarray(0, -1))),
    code: "response-timeout",
  },
  {
    conduct: "closes within its answer",
    behave: (socket, good) => socket.once("data", () => socket.end(good.subarray(0, -1))),
    code: "response-closed",
  },
  {
    conduct: "sends garbage without end",
    behave: (socket) => socket.write(Buffer.alloc(100_000, 0xfe)),
    code: "garbage",
  },
];

/** Before TLS is there: what else may stand behind a port. */
const INSECURE_ROWS: readonly Row[] = [
  {
    conduct: "speaks no TLS",
    behave: (socket) => socket.once("data", () => socket.write("220 mail.example.org ESMTP\r\n")),
    code: "tls-handshake",
  },
  { conduct: "never shakes hands", behave: () => {}, code: "tls-timeout" },
  {
    conduct: "closes within the handshake",
    behave: (socket) => socket.once("data", () => socket.end()),
    code: "tls-handshake",
  },
  {
    conduct: "resets within the handshake",
    behave: (socket) => socket.once("data", () => socket.resetAndDestroy()),
    code: "connect-reset",
    isHard: true,
  },
];

for (const [name, kind] of Object.entries(STREAMS)) {
  describe(`kind ${name}, against a server that`, () => {
    const certificate = kind.isSecure === true ? ({ certificate: "good" } as const) : {};
    const rows = ROWS.map((row) => ({ ...row, options: certificate }));
    const insecure = INSECURE_ROWS.map((row) => ({ ...row, options: {} }));
    for (const row of kind.isSecure === true ? [...rows, ...insecure] : rows) {
      const code = row.code === "garbage" ? kind.garbage : row.code;
      it(`${row.conduct}: ${code}`, async () => {
        const server = await serve((socket, tcp) => row.behave(socket, kind.good, tcp), {
          ...row.options,
          halfOpen: row.halfOpen ?? false,
        });
        running.push(server);
        recorder.prober.watch("t", kind.ask(server), undefined);
        const observation = await recorder.observe("t", { timeoutMs: 250 });
        expect(observation).toMatchObject({ code, isHard: row.isHard ?? false });
        expect(observation.detail === "").toBe(code === "ok");
        expect(observation.endedMs).toBeGreaterThanOrEqual(observation.startedMs);
      });
    }

    cannotReach(recorder, kind.ask);
  });
}

/** Nobody is reached: the same for every kind over TCP. */
function cannotReach(by: Recorder, ask: (at: At) => Ask): void {
  it("does not listen: connect-refused, hard", async () => {
    const port = await freePort("127.0.0.21");
    by.prober.watch("t", ask({ address: "127.0.0.21", port }), undefined);
    expect(await by.observe("t")).toMatchObject({ code: "connect-refused", isHard: true });
  });

  it("takes no connections any more: connect-timeout", async () => {
    const server = await startChild("127.0.0.22");
    server.child.kill("SIGSTOP");
    // Its queue of one is full after two; the kernel drops what comes then, like a black hole.
    const fillers = Array.from({ length: 3 }, () => connect(server.port, server.address));
    await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, "connect")));
    by.prober.watch("t", ask(server), undefined);
    const observation = await by.observe("t", { timeoutMs: 150 });
    for (const filler of fillers) filler.destroy();
    await server.kill();
    expect(observation).toMatchObject({ code: "connect-timeout", isHard: false });
  });
}

interface PlainRow {
  readonly conduct: string;
  readonly behave: (socket: Socket) => void;
  readonly code: ObservationCode;
}

/** What a target does with a connection on which nothing is said is not waited for. */
const PLAIN_ROWS: readonly PlainRow[] = [
  { conduct: "accepts", behave: () => {}, code: "ok" },
  { conduct: "accepts and closes at once", behave: (socket) => socket.end(), code: "ok" },
  { conduct: "speaks first", behave: (socket) => socket.write("220 ready\r\n"), code: "ok" },
];
const PLAIN = { "in batches": recorder, "through node:net": portable };

for (const [way, by] of Object.entries(PLAIN)) {
  describe(`kind tcp without a phrase, ${way}, against a server that`, () => {
    for (const { conduct, behave, code } of PLAIN_ROWS) {
      it(`${conduct}: ${code}`, async () => {
        const server = await serve(behave);
        running.push(server);
        by.prober.watch("t", tcpAsk(server), undefined);
        const observation = await by.observe("t", { timeoutMs: 2000 });
        expect(observation).toMatchObject({ code, isHard: false, detail: "" });
        expect(observation.phases.connectMs).toBeGreaterThanOrEqual(0);
        expect(observation.endedMs).toBeGreaterThanOrEqual(observation.startedMs);
      });
    }

    it("listens on IPv6: ok", async () => {
      const server = await serve(() => {}, { address: "::1" });
      running.push(server);
      by.prober.watch("t", tcpAsk(server), undefined);
      expect(await by.observe("t")).toMatchObject({ code: "ok" });
    });

    it("notes who asks: the source address, if one is given", async () => {
      const askers: (string | undefined)[] = [];
      const server = await serve((socket) => askers.push(socket.remoteAddress));
      running.push(server);
      by.prober.watch("t", { ...tcpAsk(server), source: "127.0.0.23" }, undefined);
      expect(await by.observe("t")).toMatchObject({ code: "ok" });
      await eventually(() => askers.length === 1);
      expect(askers).toEqual(["127.0.0.23"]);
    });

    it("notes how it ends: by a clean close, and no reset", async () => {
      const ends: string[] = [];
      const server = await serve((socket) => {
        socket.on("error", () => ends.push("error")).on("end", () => ends.push("end"));
        socket.resume();
      });
      running.push(server);
      by.prober.watch("t", tcpAsk(server), undefined);
      await by.observe("t");
      await eventually(() => ends.length > 0);
      expect(ends).toEqual(["end"]);
    });

    cannotReach(by, tcpAsk);
  });
}

const ALL: readonly (readonly [name: string, ask: (at: At) => Ask, by: Recorder])[] = [
  ...Object.entries(STREAMS).map(([name, { ask }]) => [name, ask, recorder] as const),
  ...Object.entries(PLAIN).map(([way, by]) => [`tcp ${way}`, (at: At) => tcpAsk(at), by] as const),
  ["dns", dnsAsk, recorder],
  ["icmp", ({ address }) => icmpAsk(address), recorder],
];

/** The descriptors of sockets that this process holds. */
function openSockets(): number {
  return readdirSync("/proc/self/fd").length;
}

for (const [name, ask, by] of ALL) {
  describe(`kind ${name}`, () => {
    it("from a source address that is not ours: prober-config", async () => {
      const from = { ...ask({ address: "127.0.0.21", port: 1 }), source: "203.0.113.1" };
      by.prober.watch("t", from, undefined);
      expect(await by.observe("t")).toMatchObject({ code: "prober-config", isHard: false });
    });

    it("to an address that no socket takes: prober-network", async () => {
      // A local refusal to send, before any packet: broadcast is not allowed.
      by.prober.watch("t", ask({ address: "255.255.255.255", port: 9 }), undefined);
      expect(await by.observe("t")).toMatchObject({ code: "prober-network", isHard: false });
    });

    // An address of this host answers at once, so that an echo request cannot be caught under way.
    if (name === "icmp") return;
    it("leaves no socket open, however it ends", async () => {
      const server = await serve((socket) => socket.resume());
      running.push(server);
      const before = openSockets();
      for (let round = 0; round < 3; round++) {
        by.prober.watch("t", ask(server), undefined);
        await by.observe("t", { timeoutMs: 40 });
        by.ask("t", { timeoutMs: 10_000 });
        const started = by.of("started").length;
        await by.until(() => by.of("started").length > started);
        by.prober.unwatch("t");
      }
      await eventually(() => openSockets() - server.connections.size <= before);
      await eventually(() => server.connections.size === 0);
    });
  });
}
