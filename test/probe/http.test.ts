// What the kinds http and https say, look at and follow.

import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpAsk } from "../../src/config/ask.ts";
import { type At, httpAsk, httpsAsk, TLS } from "./asks.ts";
import { Recorder } from "./recorder.ts";
import { type Conduct, OK, type ServeOptions, serve } from "./servers.ts";

const recorder = new Recorder();
const running: Conduct[] = [];

afterEach(async () => {
  recorder.prober.unwatch("t");
  await Promise.all(running.splice(0).map((server) => server.close()));
});

type Respond = string | ((request: string, socket: Socket) => void);

async function start(respond: Respond, options: ServeOptions = {}): Promise<Conduct> {
  const server = await serve((socket) => {
    socket.on("data", (chunk) => {
      if (typeof respond === "string") socket.write(respond);
      else respond(chunk.toString("latin1"), socket);
    });
  }, options);
  running.push(server);
  return server;
}

async function observe(respond: Respond, options: Partial<HttpAsk> = {}) {
  recorder.prober.watch("t", httpAsk(await start(respond), options), undefined);
  return recorder.observe("t");
}

function page(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

describe("kind http", () => {
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

  it("is not fooled by a reason phrase", async () => {
    const observation = await observe("HTTP/1.1 503 not ok\r\nContent-Length: 0\r\n\r\n");
    expect(observation).toMatchObject({ code: "http-status" });
  });

  it("finds a phrase in UTF-8, and only in the first 5120 octets", async () => {
    const answer = page(`${"x".repeat(5113)}grüße`);
    expect(await observe(answer, { body: "grüße" })).toMatchObject({ code: "ok" });
    const later = page(`${"x".repeat(5114)}grüße`);
    expect(await observe(later, { body: "grüße" })).toMatchObject({ code: "body-mismatch" });
    const endless = `HTTP/1.1 200 OK\r\n\r\nok ${"x".repeat(900_000)}`;
    expect(await observe(endless, { body: "ok" })).toMatchObject({ code: "ok" });
    expect(await observe(endless, { body: "grüße" })).toMatchObject({ code: "body-mismatch" });
  });

  it("matches patterns, in UTF-8 too, and cuts off those that never end", async () => {
    const pattern = { source: "^Status: grün$", flags: "m" };
    expect(await observe(page("Ok\nStatus: grün\n"), { pattern })).toMatchObject({ code: "ok" });
    const red = await observe(page("Status: rot"), { pattern });
    expect(red).toMatchObject({
      code: "body-mismatch",
      detail: "/^Status: grün$/m matches nothing in the first 11 octets of the body",
    });
    const evil = { source: "^(a+)+$", flags: "" };
    const startedMs = performance.now();
    const slow = await observe(page(`${"a".repeat(5000)}!`), { pattern: evil });
    expect(slow).toMatchObject({ code: "prober-config" });
    expect(slow.detail).toContain("took longer than 50 ms");
    expect(performance.now() - startedMs).toBeLessThan(1000);
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

describe("a JSON bound", () => {
  const path = ["replication", "lag_seconds"];
  const lag = (value: unknown): string =>
    page(JSON.stringify({ replication: { lag_seconds: value } }));

  it.each([
    ["below the most", 4.9, { path, max: 5 }, "ok", ""],
    ["at the most", 5, { path, max: 5 }, "ok", ""],
    [
      "above the most",
      5.1,
      { path, max: 5 },
      "json-bound",
      "replication.lag_seconds is 5.1, expected at most 5",
    ],
    [
      "below the least",
      -1,
      { path, min: 0 },
      "json-bound",
      "replication.lag_seconds is -1, expected at least 0",
    ],
    [
      "outside of both",
      9,
      { path, min: 0, max: 5 },
      "json-bound",
      "replication.lag_seconds is 9, expected 0 to 5",
    ],
    [
      "a number in quotes",
      "4",
      { path, max: 5 },
      "json-bound",
      'replication.lag_seconds is "4", expected at most 5',
    ],
    [
      "null",
      null,
      { path, max: 5 },
      "json-bound",
      "replication.lag_seconds is null, expected at most 5",
    ],
    ["equal text", "up", { path, equals: "up" }, "ok", ""],
    [
      "other text",
      "down",
      { path, equals: "up" },
      "json-bound",
      'replication.lag_seconds is "down", expected "up"',
    ],
    ["a list's entry", [1, 2], { path: [...path, "1"], equals: 2 }, "ok", ""],
    ["anything, without a bound", null, { path }, "ok", ""],
    [
      "not there",
      {},
      { path: [...path, "x"], max: 5 },
      "json-missing",
      "replication.lag_seconds.x is not there",
    ],
    [
      "what every object inherits",
      {},
      { path: [...path, "constructor"] },
      "json-missing",
      "replication.lag_seconds.constructor is not there",
    ],
  ])("%s", async (_title, value, json, code, detail) => {
    expect(await observe(lag(value), { json })).toMatchObject({ code, detail });
  });

  it("in a body that is no JSON", async () => {
    const json = { path: ["a"], max: 5 };
    expect(await observe(page("<html>"), { json })).toMatchObject({
      code: "json-missing",
      detail: 'a: no JSON: "<html>"',
    });
    expect(await observe(page(""), { json })).toMatchObject({ detail: "a: the body is empty" });
  });
});

describe("follow", () => {
  const moved = (location: string, status = 302): string =>
    `HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

  it("goes on at the same address, as often as it may", async () => {
    const asked: string[] = [];
    const respond: Respond = (request, socket) => {
      const [line = ""] = request.split("\r\n");
      asked.push(line);
      if (line.includes("/healthz")) socket.write(moved("/b", 301));
      else if (line.includes("/b")) socket.write(moved("c?d", 308));
      else socket.write(OK);
    };
    const { phases, ...rest } = await observe(respond, { follow: 2 });
    expect(rest).toMatchObject({ code: "ok", detail: "" });
    expect(phases.connectMs).toBeDefined();
    expect(asked).toEqual(["GET /healthz HTTP/1.1", "GET /b HTTP/1.1", "GET /c?d HTTP/1.1"]);
    expect(await observe(respond, { follow: 1 })).toMatchObject({
      code: "http-status",
      detail: 'status 308 (to "c?d"), expected 200-299',
    });
  });

  it("does not leave the site, nor HTTP, nor a status that is expected", async () => {
    const elsewhere = await observe(moved("https://login.example.net/"), { follow: 3 });
    expect(elsewhere).toMatchObject({
      code: "http-status",
      detail: 'status 302, to "https://login.example.net/": another host',
    });
    expect((await observe(moved("ftp://www.example.org/"), { follow: 3 })).detail).toBe(
      'status 302, to "ftp://www.example.org/": neither http nor https',
    );
    expect((await observe(moved("http://["), { follow: 3 })).detail).toBe(
      'status 302, to "http://[": that is no URL',
    );
    expect(await observe(moved("/x"), { follow: 3, status: [[302, 302]] })).toMatchObject({
      code: "ok",
    });
  });

  it("says which hop was silent, and where one cannot be reached", async () => {
    const silent: Respond = (request, socket) => {
      if (request.includes("/healthz")) socket.write(moved("/b"));
    };
    const server = await start(silent);
    recorder.prober.watch("t", httpAsk(server, { follow: 1 }), undefined);
    expect(await recorder.observe("t", { timeoutMs: 80 })).toMatchObject({
      code: "response-timeout",
    });
    expect(await observe(moved("http://www.example.org:9/"), { follow: 1 })).toMatchObject({
      code: "connect-refused",
    });
  });

  it("goes from http to https, under the name without www. too", async () => {
    const names: string[] = [];
    const secure = await start(
      (request, socket) => {
        names.push(/Host: (.*)/.exec(request)?.[1]?.trim() ?? "");
        socket.write(OK);
      },
      { certificate: "good" },
    );
    const to = moved(`https://www.example.org:${secure.port}/`);
    const plain = await start(to);
    const options = { follow: 1, host: "example.org" };
    const ask = { ...httpsAsk(plain), ...options, tls: TLS };
    const certain = await start(to, { certificate: "good" });
    recorder.prober.watch("t", { ...ask, port: certain.port, host: "www.example.org" }, undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    // Without a file of authorities of its own, http cannot trust the test's certificate.
    recorder.prober.watch("t", httpAsk(plain, options), undefined);
    expect(await recorder.observe("t")).toMatchObject({ code: "tls-untrusted" });
    expect(names).toEqual(["www.example.org"]);
  });
});

describe("kind https", () => {
  const ask = (at: At, options = {}) => httpsAsk(at, options);

  it("asks by name and offers HTTP/1.1, and arms its tripwire over TLS", async () => {
    const server = await start(OK, { certificate: "good" });
    recorder.prober.watch("t", ask(server, { tripwire: true }), "idle");
    const observation = await recorder.observe("t");
    expect(observation).toMatchObject({ code: "ok", detail: "" });
    expect(observation.phases.tlsMs).toBeGreaterThan(0);
    await recorder.until(() => recorder.states.includes("armed"));
    for (const connection of server.connections) connection.destroy();
    await recorder.until(() => recorder.of("tripped").length > 0);
  });

  it("holds no connection of a redirection as its tripwire", async () => {
    const moved = "HTTP/1.1 302 x\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
    const server = await start(
      (request, socket) => {
        socket.write(request.includes("/healthz") ? moved : OK);
      },
      { certificate: "good" },
    );
    recorder.prober.watch("t", ask(server, { tripwire: true, follow: 1 }), "idle");
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.connections.size).toBe(0);
  });
});
