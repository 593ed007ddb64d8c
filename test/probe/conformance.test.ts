// Every kind of check against the same conducts of real servers: what each is observed as.

import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Ask } from "../../src/config/ask.ts";
import type { ObservationCode } from "../../src/health/observation.ts";
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
const running: Conduct[] = [];

afterEach(async () => {
  recorder.prober.unwatch("t");
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

    it("does not listen: connect-refused, hard", async () => {
      const port = await freePort("127.0.0.21");
      recorder.prober.watch("t", kind.ask({ address: "127.0.0.21", port }), undefined);
      expect(await recorder.observe("t")).toMatchObject({ code: "connect-refused", isHard: true });
    });

    it("takes no connections any more: connect-timeout", async () => {
      const server = await startChild("127.0.0.22");
      server.child.kill("SIGSTOP");
      // Its queue of one is full after two; the kernel drops what comes then, like a black hole.
      const fillers = Array.from({ length: 3 }, () => connect(server.port, server.address));
      await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, "connect")));
      recorder.prober.watch("t", kind.ask(server), undefined);
      const observation = await recorder.observe("t", { timeoutMs: 150 });
      for (const filler of fillers) filler.destroy();
      await server.kill();
      expect(observation).toMatchObject({ code: "connect-timeout", isHard: false });
    });
  });
}

const ALL: Readonly<Record<string, (at: At) => Ask>> = {
  ...Object.fromEntries(Object.entries(STREAMS).map(([name, { ask }]) => [name, ask])),
  dns: dnsAsk,
  icmp: ({ address }) => icmpAsk(address),
};

/** The descriptors of sockets that this process holds. */
function openSockets(): number {
  return readdirSync("/proc/self/fd").length;
}

for (const [name, ask] of Object.entries(ALL)) {
  describe(`kind ${name}`, () => {
    it("from a source address that is not ours: prober-config", async () => {
      const from = { ...ask({ address: "127.0.0.21", port: 1 }), source: "203.0.113.1" };
      recorder.prober.watch("t", from, undefined);
      expect(await recorder.observe("t")).toMatchObject({ code: "prober-config", isHard: false });
    });

    it("to an address that no socket takes: prober-network", async () => {
      // A local refusal to send, before any packet: broadcast is not allowed.
      recorder.prober.watch("t", ask({ address: "255.255.255.255", port: 9 }), undefined);
      expect(await recorder.observe("t")).toMatchObject({ code: "prober-network", isHard: false });
    });

    // An address of this host answers at once, so that an echo request cannot be caught under way.
    if (name === "icmp") return;
    it("leaves no socket open, however it ends", async () => {
      const server = await serve((socket) => socket.resume());
      running.push(server);
      const before = openSockets();
      for (let round = 0; round < 3; round++) {
        recorder.prober.watch("t", ask(server), undefined);
        await recorder.observe("t", { timeoutMs: 40 });
        recorder.ask("t", { timeoutMs: 10_000 });
        const started = recorder.of("started").length;
        await recorder.until(() => recorder.of("started").length > started);
        recorder.prober.unwatch("t");
      }
      await eventually(() => openSockets() - server.connections.size <= before);
      await eventually(() => server.connections.size === 0);
    });
  });
}
