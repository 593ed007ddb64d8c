// Every kind of check against the same real servers: what each conduct is observed as.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import type { Ask, HttpAsk } from "../../src/config/ask.ts";
import type { ObservationCode } from "../../src/health/observation.ts";
import { startChild } from "./child-server.ts";
import { httpAsk, Recorder, tcpAsk } from "./recorder.ts";
import { answering, type Conduct, freePort, OK, serve } from "./servers.ts";

const recorder = new Recorder();
const running: Conduct[] = [];

afterEach(async () => {
  recorder.prober.unwatch("t");
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** What each kind asks for in this suite: an answer that says "ok". */
const KINDS: Readonly<Record<Ask["kind"], (at: { address: string; port: number }) => Ask>> = {
  http: (at) => httpAsk(at, { body: "ok" }),
  tcp: (at) => tcpAsk(at, { send: "hello\r\n", expect: "ok" }),
};

interface Row {
  readonly conduct: string;
  readonly behave: (socket: Socket) => void;
  readonly halfOpen?: boolean;
  readonly http: ObservationCode;
  readonly tcp: ObservationCode;
  readonly isHard?: boolean;
}

const silent = (): void => {};

const ROWS: readonly Row[] = [
  { conduct: "well", behave: answering(OK), http: "ok", tcp: "ok" },
  {
    conduct: "well, one octet at a time",
    behave: (socket) =>
      socket.once("data", async () => {
        for (const octet of OK) {
          socket.write(octet);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
    http: "ok",
    tcp: "ok",
  },
  {
    conduct: "answers and closes",
    behave: (socket) => socket.once("data", () => socket.end(OK)),
    http: "ok",
    tcp: "ok",
  },
  {
    conduct: "closes its half first, then answers nothing",
    behave: (socket) => socket.end(),
    halfOpen: true,
    http: "response-closed",
    tcp: "response-closed",
  },
  {
    conduct: "resets after the request",
    behave: (socket) => socket.once("data", () => socket.resetAndDestroy()),
    http: "connect-reset",
    tcp: "connect-reset",
    isHard: true,
  },
  { conduct: "never answers", behave: silent, http: "response-timeout", tcp: "response-timeout" },
  {
    conduct: "stops within its answer",
    behave: answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\no"),
    http: "response-timeout",
    tcp: "response-timeout",
  },
  {
    conduct: "closes within its answer",
    behave: (socket) =>
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\no")),
    http: "response-closed",
    tcp: "response-closed",
  },
  {
    conduct: "sends garbage without end",
    behave: (socket) => socket.write(Buffer.alloc(100_000, 0xfe)),
    http: "response-malformed",
    tcp: "body-mismatch",
  },
  {
    conduct: "has a giant body without the phrase",
    behave: answering(`HTTP/1.1 200 Fine\r\nContent-Length: 900000\r\n\r\n${"x".repeat(900_000)}`),
    http: "body-mismatch",
    tcp: "body-mismatch",
  },
  {
    conduct: "has a giant body that begins with the phrase",
    behave: answering(`HTTP/1.1 200 Fine\r\n\r\nok ${"x".repeat(900_000)}`),
    http: "ok",
    tcp: "ok",
  },
  {
    conduct: "fails with a sentence that says ok",
    behave: answering("HTTP/1.1 503 not ok\r\nContent-Length: 0\r\n\r\n"),
    http: "http-status",
    tcp: "ok",
  },
];

for (const kind of ["http", "tcp"] as const) {
  describe(`kind ${kind}, against a server that`, () => {
    for (const row of ROWS) {
      it(`${row.conduct}: ${row[kind]}`, async () => {
        const server = await serve(row.behave, { halfOpen: row.halfOpen ?? false });
        running.push(server);
        recorder.prober.watch("t", KINDS[kind](server), undefined);
        const observation = await recorder.observe("t", { timeoutMs: 150 });
        expect(observation).toMatchObject({ code: row[kind], isHard: row.isHard ?? false });
        expect(observation.detail === "").toBe(row[kind] === "ok");
        expect(observation.endedMs).toBeGreaterThanOrEqual(observation.startedMs);
      });
    }

    it("does not listen: connect-refused, hard", async () => {
      const port = await freePort("127.0.0.21");
      recorder.prober.watch("t", KINDS[kind]({ address: "127.0.0.21", port }), undefined);
      expect(await recorder.observe("t")).toMatchObject({ code: "connect-refused", isHard: true });
    });

    it("is not reached from a source address that is not ours: prober-config", async () => {
      const ask = { ...KINDS[kind]({ address: "127.0.0.21", port: 1 }), source: "203.0.113.1" };
      recorder.prober.watch("t", ask, undefined);
      expect(await recorder.observe("t")).toMatchObject({ code: "prober-config", isHard: false });
    });

    it("has an address that no socket takes: prober-network", async () => {
      // A local refusal to send, before any packet: broadcast is not allowed to TCP.
      recorder.prober.watch("t", KINDS[kind]({ address: "255.255.255.255", port: 9 }), undefined);
      expect(await recorder.observe("t")).toMatchObject({ code: "prober-network", isHard: false });
    });

    it("takes no connections any more: connect-timeout", async () => {
      const server = await startChild("127.0.0.22");
      server.child.kill("SIGSTOP");
      // Its queue of one is full after two; the kernel drops what comes then, like a black hole.
      const fillers = Array.from({ length: 3 }, () => connect(server.port, server.address));
      await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, "connect")));
      recorder.prober.watch("t", KINDS[kind](server), undefined);
      const observation = await recorder.observe("t", { timeoutMs: 150 });
      for (const filler of fillers) filler.destroy();
      await server.kill();
      expect(observation).toMatchObject({
        code: "connect-timeout",
        isHard: false,
      });
    });
  });
}

describe("kind http", () => {
  const observe = async (
    respond: string | ((request: string, socket: Socket) => void),
    options: Partial<HttpAsk> = {},
  ) => {
    const server = await serve((socket) => {
      socket.on("data", (chunk) => {
        if (typeof respond === "string") socket.write(respond);
        else respond(chunk.toString("latin1"), socket);
      });
    });
    running.push(server);
    recorder.prober.watch("t", httpAsk(server, options), undefined);
    return recorder.observe("t");
  };

  it("asks with our name, the host, and the operator's headers in place of ours", async () => {
    let asked = "";
    await observe(
      (request, socket) => {
        asked = request;
        socket.end(OK);
      },
      { method: "HEAD", path: "/x?y", headers: { "X-Probe": "1", accept: "text/plain" } },
    );
    expect(asked.split("\r\n")).toEqual([
      "HEAD /x?y HTTP/1.1",
      "Host: www.example.org",
      "User-Agent: livezone/0.0.0 (+health check)",
      "accept: text/plain",
      "X-Probe: 1",
      "Connection: close",
      "",
      "",
    ]);
  });

  it("says what it saw and what it expected", async () => {
    const status = [[200, 200] as const, [204, 206] as const];
    const gone = await observe("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", { status });
    expect(gone.detail).toBe("status 410, expected 200, 204-206");
    const moved =
      "HTTP/1.1 302 Found\r\nLocation: https://example.org/\r\nContent-Length: 0\r\n\r\n";
    expect((await observe(moved)).detail).toBe(
      'status 302 (to "https://example.org/"), expected 200-299',
    );
    const phrase = await observe(OK, { body: "grüße" });
    expect(phrase.detail).toBe('"grüße" is not in the first 2 octets of the body');
    const ssh = await observe("SSH-2.0-OpenSSH_9.2\r\n");
    expect(ssh.detail).toBe('the answer is not HTTP/1: "SSH-2.0-OpenSSH_9.2\\x0d\\x0a"');
  });

  it("finds a phrase in UTF-8, and only in the first 5120 octets", async () => {
    const body = Buffer.from(`${"x".repeat(5113)}grüße`);
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = Buffer.concat([Buffer.from(head), body]);
    const respond = (_: string, socket: Socket): void => void socket.write(answer);
    expect(await observe(respond, { body: "grüße" })).toMatchObject({ code: "ok" });
    const later = Buffer.from(
      answer.toString("latin1").replace(": 5120", ": 5121").replace("x", "xx"),
      "latin1",
    );
    const respondLater = (_: string, socket: Socket): void => void socket.write(later);
    expect(await observe(respondLater, { body: "grüße" })).toMatchObject({ code: "body-mismatch" });
  });

  it("measures its phases", async () => {
    const { phases } = await observe((_request, socket) => setTimeout(() => socket.write(OK), 40));
    expect(phases.connectMs).toBeLessThan(39);
    expect(phases.firstByteMs).toBeGreaterThan(39);
  });

  it("refuses to send a header with a line break: prober-config", async () => {
    const observation = await observe(OK, { headers: { "X-Probe": "1\r\nX-More: 2" } });
    expect(observation).toMatchObject({
      code: "prober-config",
      detail: 'Cannot ask "www.example.org": a header or the path holds a line break',
    });
  });
});

const HAS_IPV6 = Object.values(networkInterfaces())
  .flat()
  .some((entry) => entry?.address === "::1");

describe("kind tcp", () => {
  it.skipIf(!HAS_IPV6)("asks over IPv6, from the source address it was given", async () => {
    let from: string | undefined;
    const server = await serve(
      (socket) => {
        from = socket.remoteAddress;
      },
      { address: "::1" },
    );
    running.push(server);
    recorder.prober.watch("t", tcpAsk(server, { source: "::1" }), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    expect(from).toBe("::1");
  });

  it("is satisfied with a connection where nothing is expected", async () => {
    const server = await serve(silent);
    running.push(server);
    recorder.prober.watch("t", tcpAsk(server), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok", detail: "" });
  });

  it("waits for a banner without sending anything", async () => {
    const server = await serve((socket) => socket.write("220 mail.example.org ESMTP\r\n"));
    running.push(server);
    recorder.prober.watch("t", tcpAsk(server, { expect: "220 " }), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    recorder.prober.watch("t", tcpAsk(server, { expect: "250 " }), undefined);
    expect((await recorder.observe("t", { timeoutMs: 60 })).detail).toBe(
      'connected, then sent "220 mail.example.org ESMTP\\x0d\\x0a", expected "250 "',
    );
  });
});
