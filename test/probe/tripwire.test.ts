// The tripwire and each of its safeguards, against real servers.

import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import { httpAsk, tcpAsk } from "./asks.ts";
import { startChild } from "./child-server.ts";
import { eventually, Recorder } from "./recorder.ts";
import { answering, type Conduct, OK, serve } from "./servers.ts";

let recorder: Recorder;
const closers: (() => Promise<void>)[] = [];

beforeEach(() => {
  recorder = new Recorder();
});

afterEach(async () => {
  recorder.prober.close();
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function running(behave: (socket: Socket) => void): Promise<Conduct> {
  const server = await serve(behave, { address: "127.0.0.23" });
  closers.push(server.close);
  return server;
}

/** Watches `at` with a tripwire, and probes once; resolves when the trial has its verdict. */
async function arm(at: { address: string; port: number }, targetId = "t"): Promise<void> {
  recorder.prober.watch(targetId, httpAsk(at, { tripwire: true }), "idle");
  await recorder.observe(targetId);
  await recorder.until(() => recorder.states.includes("armed"));
}

/** Answers one request after the other, the next only when the one before has hung up. */
function oneAtATime(): (socket: Socket) => void {
  const waiting: Socket[] = [];
  let isBusy = false;
  const next = (): void => {
    const socket = waiting.shift();
    isBusy = socket !== undefined;
    if (socket === undefined) return;
    socket.on("close", next);
    socket.on("data", () => socket.write(OK));
    socket.resume();
  };
  return (socket) => {
    socket.pause();
    waiting.push(socket);
    if (!isBusy) next();
  };
}

const AT_ONCE_MS = 500;

describe("a tripwire", () => {
  it("is armed after one probe and one beside it, and holds one connection", async () => {
    const server = await running(answering(OK));
    await arm(server);
    expect(server.accepted()).toBe(2);
    await eventually(() => server.connections.size === 1);
    expect(recorder.of("observed")).toHaveLength(1);
  });

  it("follows the last probe: each one's connection replaces the one before", async () => {
    const server = await running(answering(OK));
    await arm(server);
    for (let probe = 0; probe < 5; probe++) await recorder.observe("t");
    expect(server.accepted()).toBe(7);
    await eventually(() => server.connections.size === 1);
    expect(recorder.of("tripped")).toEqual([]);
  });

  it("tells at once that the target's process was killed", async () => {
    // The best of several, and generous: how soon a busy machine lets anybody run is not what is
    // tested, but that no probe had to come first, the next of which is seconds away.
    let bestMs = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 5 && bestMs >= AT_ONCE_MS; tries++) {
      recorder.prober.close();
      recorder = new Recorder();
      const server = await startChild("127.0.0.23");
      closers.push(server.kill);
      await arm(server);
      const killedMs = realTime.nowMs();
      server.child.kill("SIGKILL");
      await recorder.until(() => recorder.of("tripped").length > 0);
      bestMs = Math.min(bestMs, (recorder.of("tripped")[0]?.nowMs ?? 0) - killedMs);
      // The kernel closes a dead process's sockets one after the other, the listening one last maybe.
      await server.kill();
      expect(await recorder.observe("t")).toMatchObject({ code: "connect-refused" });
      expect(recorder.of("tripped")).toHaveLength(1);
      expect(recorder.states).toEqual(["armed", "idle"]);
    }
    expect(bestMs).toBeLessThan(AT_ONCE_MS);
  });

  it("tells every target that watches the same address and port", async () => {
    const server = await running(answering(OK));
    await arm(server);
    const other = httpAsk(server, { tripwire: true, path: "/ready" });
    recorder.prober.watch("u", other, undefined);
    recorder.prober.watch("plain", httpAsk(server), undefined);
    await recorder.observe("u");
    expect(server.accepted()).toBe(3);
    for (const socket of server.connections) socket.resetAndDestroy();
    await recorder.until(() => recorder.of("tripped").length === 2);
    expect(recorder.of("tripped").map((report) => report.targetId)).toEqual(["t", "u"]);
  });

  it("is closed as soon as a probe is late, before that is reported", async () => {
    let isStuck = false;
    const server = await running((socket) => {
      socket.on("data", () => isStuck || socket.write(OK));
    });
    await arm(server);
    isStuck = true;
    recorder.ask("t", { lateAfterMs: 50, timeoutMs: 5000 });
    await recorder.until(() => recorder.of("late").length > 0);
    expect(recorder.reports.slice(-2).map((report) => report.kind)).toEqual(["learned", "late"]);
    expect(recorder.states).toEqual(["armed", "idle"]);
    await eventually(() => server.connections.size === 1);
    expect(recorder.of("tripped")).toEqual([]);
  });

  it("is closed when its target is watched no more", async () => {
    const server = await running(answering(OK));
    await arm(server);
    recorder.prober.unwatch("t");
    await eventually(() => server.connections.size === 0);
    expect(recorder.of("tripped")).toEqual([]);
  });

  it("is not armed where the server keeps no connection", async () => {
    const server = await running((socket) =>
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"),
      ),
    );
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    for (let probe = 0; probe < 3; probe++) await recorder.observe("t");
    expect(server.accepted()).toBe(3);
    expect(recorder.of("tripped")).toEqual([]);
    expect(recorder.states).toEqual(["idle"]);
  });

  it("is not armed beyond the cap", async () => {
    recorder = new Recorder({ tripwiresMax: 1 });
    const server = await running(answering(OK));
    const second = await running(answering(OK));
    await arm(server);
    recorder.prober.watch("u", httpAsk(second, { tripwire: true }), undefined);
    await recorder.observe("u");
    await eventually(() => second.connections.size === 0);
    expect(second.accepted()).toBe(1);
  });

  it("is not armed while other probes wait for their turn, but later", async () => {
    recorder = new Recorder({ startsPerSecond: 20 });
    const server = await running(answering(OK));
    const second = await running(answering(OK));
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    recorder.prober.watch("first", httpAsk(second), undefined);
    recorder.prober.watch("last", httpAsk(second), undefined);
    for (const targetId of ["first", "t", "last"]) recorder.ask(targetId);
    await recorder.until(() => recorder.of("observed").length === 3);
    await eventually(() => server.connections.size === 0);
    expect(server.accepted()).toBe(1);
    await recorder.observe("t");
    await recorder.until(() => recorder.states.includes("armed"));
  });

  it("serves kind tcp too, where asked for", async () => {
    const server = await running(() => {});
    recorder.prober.watch("t", tcpAsk(server, { tripwire: true }), undefined);
    await recorder.observe("t");
    await recorder.until(() => recorder.states.includes("armed"));
    for (const socket of server.connections) socket.end();
    await recorder.until(() => recorder.of("tripped").length > 0);
  });
});

describe("a server of one connection at a time", () => {
  it("is learned after two trials, and never trip-wired again", async () => {
    const server = await running(oneAtATime());
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    await recorder.observe("t", { lateAfterMs: 50 });
    await recorder.until(() => recorder.states.includes("serial"));
    expect(server.accepted()).toBe(3);
    await eventually(() => server.connections.size === 0);
    expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
    await eventually(() => server.connections.size === 0);
    expect(server.accepted()).toBe(4);
    expect(recorder.of("tripped")).toEqual([]);
  });

  it("is left alone at once where that was learned in an earlier run", async () => {
    const server = await running(oneAtATime());
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), "serial");
    for (let probe = 0; probe < 2; probe++) {
      expect(await recorder.observe("t", { timeoutMs: 200 })).toMatchObject({ code: "ok" });
    }
    expect(server.accepted()).toBe(2);
  });

  it("is learned too where it turns a second connection away", async () => {
    const server = await running((socket) => {
      if (server.connections.size > 1) socket.resetAndDestroy();
      else socket.on("data", () => socket.write(OK));
    });
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    while (!recorder.states.includes("serial")) {
      expect(await recorder.observe("t")).toMatchObject({ code: "ok" });
      await eventually(() => server.connections.size === 0);
    }
    expect(recorder.of("observed")).toHaveLength(3);
    expect(recorder.of("tripped")).toEqual([]);
  });

  it("is not seen in a server that once was slow", async () => {
    let answers = 0;
    const server = await running((socket) =>
      socket.on("data", () => setTimeout(() => socket.write(OK), ++answers === 2 ? 90 : 0)),
    );
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    await recorder.observe("t", { lateAfterMs: 50 });
    await recorder.until(() => recorder.states.includes("armed"));
    expect(recorder.states).not.toContain("serial");
  });
});

describe("a server that closes idle connections", () => {
  const closeAll = (server: Conduct): void => {
    for (const socket of server.connections) socket.end();
  };

  it("is learned after three closes, and only re-armed from then on", async () => {
    const server = await running(answering(OK));
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    for (let close = 1; close <= 3; close++) {
      await recorder.observe("t");
      await recorder.until(() => recorder.states.at(-1) === "armed");
      closeAll(server);
      await recorder.until(() => recorder.of("tripped").length === close);
    }
    await recorder.observe("t");
    await recorder.until(() => recorder.states.at(-1) === "closes-idle");
    // A probe beside it again, then the close, and one replacement of our own without a word.
    await eventually(() => server.accepted() === 8 && server.connections.size === 1);
    closeAll(server);
    await eventually(() => server.accepted() === 9 && server.connections.size === 1);
    // The next close comes before another planned probe: it is not answered at all.
    closeAll(server);
    await eventually(() => server.connections.size === 0);
    await recorder.observe("t");
    expect(server.accepted()).toBeLessThanOrEqual(11);
    expect(recorder.of("tripped")).toHaveLength(3);
  });

  it("is not learned where a quiet time lies between the closes", async () => {
    recorder = new Recorder({}, 100);
    const patient = { lateAfterMs: 100_000, timeoutMs: 200_000 };
    const server = await running(answering(OK));
    recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
    for (let close = 1; close <= 4; close++) {
      await recorder.observe("t", patient);
      await recorder.until(() => recorder.states.at(-1) === "armed");
      // Ten replacements, each of a connection that was quiet for more than a second.
      for (let quiet = 0; close === 3 && quiet < 10; quiet++) {
        await new Promise((resolve) => setTimeout(resolve, 15));
        await recorder.observe("t", patient);
      }
      await eventually(() => server.connections.size === 1);
      closeAll(server);
      await recorder.until(() => recorder.of("tripped").length === close);
    }
    await recorder.observe("t", patient);
    expect(recorder.states).not.toContain("closes-idle");
  });

  it("is not learned where the confirming probes fail", async () => {
    const server = await running(answering(OK));
    for (let restart = 0; restart < 4; restart++) {
      recorder.prober.watch("t", httpAsk(server, { tripwire: true }), undefined);
      await recorder.observe("t");
      await eventually(() => server.connections.size === 1);
      closeAll(server);
      await recorder.until(() => recorder.of("tripped").length === restart + 1);
      recorder.prober.watch(
        "t",
        httpAsk(server, { tripwire: true, status: [[500, 500]] }),
        undefined,
      );
      await recorder.observe("t");
    }
    expect(recorder.states).not.toContain("closes-idle");
  });

  const ANNOUNCING = OK.replace("\r\n", "\r\nKeep-Alive: timeout=1\r\n");

  it("is believed where it announces how long it keeps them", async () => {
    const server = await running(answering(ANNOUNCING));
    await arm(server);
    closeAll(server);
    await eventually(() => server.accepted() === 3);
    await eventually(() => server.connections.size === 1);
    expect(recorder.of("tripped")).toEqual([]);
  });

  it("is missed at once where nobody answers the replacement", async () => {
    const server = await running(answering(ANNOUNCING));
    await arm(server);
    await server.close();
    await recorder.until(() => recorder.of("tripped").length > 0);
  });
});

describe("a target behind a proxy that accepts for it", () => {
  it("gives no sign, and no false one; probes go on finding what is wrong", async () => {
    const backend = await running(answering(OK));
    const proxy = await running((socket) => {
      socket.on("data", (request) => {
        const upstream = connect(backend.port, backend.address, () => upstream.write(request));
        upstream.on("data", (answer) => socket.write(answer));
        upstream.on("error", () => socket.write("HTTP/1.1 502 Bad\r\nContent-Length: 0\r\n\r\n"));
      });
    });
    await arm(proxy);
    await backend.close();
    expect(await recorder.observe("t")).toMatchObject({ code: "http-status", isHard: false });
    expect(recorder.of("tripped")).toEqual([]);
  });
});
