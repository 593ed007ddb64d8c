// Faults as they really come: targets on loopback addresses that are stopped, cut off by the kernel,
// slowed down, broken or out of date. Each moves its pool, and the log says by which layer it failed.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, createServer as createRelay, type Server as Relay } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const PORT = 18_081;
const TLS_PORT = 18_443;
const BACKUP = "127.0.2.10";
const TABLE = "livezone_real_faults";
/** The most a fault may take here, on a busy machine; how long it takes is the bench's business. */
const FOUND_WITHIN_MS = 15_000;
/** How long a service that restarts in place is gone. */
const RESTART_MS = 300;
const GRACE_OVER_MS = 3500;
/** Loss is drawn: a probe that gets through in between is no fault of anybody. */
const LOSS_FOUND_WITHIN_MS = 60_000;

const FAULTS = [
  ...(["killed", "stopped", "dropped", "lossy", "slow", "status", "expired"] as const),
  "restarted",
] as const;
type Fault = (typeof FAULTS)[number];
const addressOf = (fault: Fault): string => `127.0.2.${20 + FAULTS.indexOf(fault)}`;

const CHECKS: Readonly<Partial<Record<Fault, string>>> = { expired: "site", restarted: "calm" };
const checkOf = (fault: Fault): string => CHECKS[fault] ?? "web";

const hasNft = process.getuid?.() === 0 && spawnSync("nft", ["--version"]).status === 0;

const ZONE = `$TTL 300
@     SOA ns admin 1 3600 600 86400 60
@     NS  ns
ns    A   192.0.2.53
${FAULTS.map((fault) => `${fault} A ${addressOf(fault)}\n${fault} A ${BACKUP}`).join("\n")}
`;
const POOLS = `checks:
  web: { kind: http, port: ${PORT}, interval: 1s, timeout: 500ms }
  site: { kind: https, port: ${TLS_PORT}, host: www.example.org, ca: ${pem("ca")}, interval: 1s, timeout: 900ms }
  calm: { kind: http, port: ${PORT}, interval: 1s, timeout: 500ms, restartGrace: 2s }
pools:
${FAULTS.map((fault) => {
  const check = checkOf(fault);
  return `  ${fault}.lab.example: { targets: [${addressOf(fault)}, ${BACKUP}], checks: [${check}] }`;
}).join("\n")}
`;

function pem(name: string): string {
  return fileURLToPath(new URL(`../data/probe-tls-${name}.pem`, import.meta.url));
}

function certificate(name: string): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(pem(name)), key: readFileSync(pem("key")) };
}

const healthy: RequestListener = (_request, response) => void response.end("ok");

/** A target as a process of its own, so that signals can befall it. */
async function startProcess(address: string): Promise<ChildProcess> {
  const child = await prepareProcess(address);
  await listen(child);
  return child;
}

/** The same, before it listens: on a busy machine a start takes long. */
async function prepareProcess(address: string): Promise<ChildProcess> {
  const script = `const server = require("http").createServer((q, r) => r.end("ok"));
    process.stdin.once("data", () => {
      server.listen(${PORT}, "${address}", () => console.log("listening"));
    });
    console.log("prepared")`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "ignore"] });
  if (child.stdout !== null) await once(child.stdout, "data");
  return child;
}

async function listen(child: ChildProcess): Promise<void> {
  child.stdin?.write("now");
  if (child.stdout !== null) await once(child.stdout, "data");
}

async function listening<S extends Server | Relay>(server: S, at: string, port = PORT): Promise<S> {
  server.listen(port, at);
  await once(server, "listening");
  return server;
}

describe("livezone and real faults", () => {
  const closing: (() => void)[] = [];
  let box: Sandbox;
  let server: ServerProcess;
  let port = 0;
  let killed: ChildProcess;
  let stopped: ChildProcess;
  let restarted: ChildProcess;
  let status = 200;
  let delayMs = 0;
  const site = createSecureServer(certificate("good"), healthy);

  beforeAll(async () => {
    box = sandbox();
    box.write("lab.example.zone", ZONE);
    box.write("lab.example.pools.yaml", POOLS);
    killed = await startProcess(addressOf("killed"));
    stopped = await startProcess(addressOf("stopped"));
    restarted = await startProcess(addressOf("restarted"));
    closing.push(() => restarted.kill("SIGKILL"));
    closing.push(() => killed.kill("SIGKILL"));
    closing.push(() => stopped.kill("SIGKILL"));
    const broken = createServer((_request, response) => {
      response.statusCode = status;
      response.end();
    });
    // What comes back through the relay is held for a while.
    const relay = createRelay((near) => {
      const far = connect(PORT, BACKUP);
      near.pipe(far);
      far.on("data", (chunk: Buffer) => setTimeout(() => near.write(chunk), delayMs));
      for (const side of [near, far]) side.on("error", () => undefined);
      near.on("close", () => far.destroy());
    });
    const servers = [
      await listening(createServer(healthy), BACKUP),
      await listening(createServer(healthy), addressOf("dropped")),
      await listening(createServer(healthy), addressOf("lossy")),
      await listening(broken, addressOf("status")),
      await listening(relay, addressOf("slow")),
      await listening(site, addressOf("expired"), TLS_PORT),
      await listening(createSecureServer(certificate("good"), healthy), BACKUP, TLS_PORT),
    ];
    closing.push(() => {
      for (const one of servers) one.close();
    });
    server = new ServerProcess([
      ...["serve", "--zone", `lab.example=${box.file("lab.example.zone")}`],
      ...["--listen", "127.0.0.1:0", "--store", ":memory:"],
    ]);
    port = await server.port();
    for (const fault of FAULTS) {
      const target = `${checkOf(fault)}@${addressOf(fault)}`;
      await server.waitFor("target.up", (line) => line["target"] === target, FOUND_WITHIN_MS);
    }
  }, 60_000);

  afterAll(async () => {
    for (const close of closing) close();
    for (const fault of hasNft ? ["dropped", "lossy"] : []) {
      spawnSync("nft", ["delete", "table", "ip", `${TABLE}_${fault}`]);
    }
    server.signal("SIGKILL");
    await server.exited;
    box.remove();
  });

  /** Waits for the pool to move, and tells by which code its target failed. */
  async function moved(fault: Fault, withinMs = FOUND_WITHIN_MS): Promise<unknown> {
    const pool = `${fault}.lab.example`;
    const isMoved = (line: Readonly<Record<string, unknown>>): boolean =>
      line["pool"] === pool && String(line["after"]) === BACKUP;
    await server.waitFor("pool.swapped", isMoved, withinMs);
    expect((await askUdp(port, pool)).data).toEqual([BACKUP]);
    const isOurs = (line: Readonly<Record<string, unknown>>): boolean =>
      String(line["target"]).endsWith(`@${addressOf(fault)}`);
    return (await server.waitFor("target.down", isOurs))["code"];
  }

  it("finds a process that was killed (SIGKILL): its own host says so", async () => {
    killed.kill("SIGKILL");
    expect(["connect-refused", "connect-reset", "response-closed"]).toContain(
      await moved("killed"),
    );
  });

  it("finds a process that stands still (SIGSTOP): the kernel accepts, nobody answers", async () => {
    stopped.kill("SIGSTOP");
    expect(await moved("stopped")).toBe("response-timeout");
  });

  it("finds an answer of status 500", async () => {
    status = 500;
    expect(await moved("status")).toBe("http-status");
  });

  it("finds answers that come after the timeout", async () => {
    delayMs = 2000;
    expect(await moved("slow")).toBe("response-timeout");
  });

  it("finds a certificate that has expired", async () => {
    site.setSecureContext(certificate("expired"));
    expect(await moved("expired")).toBe("tls-expired");
  });

  it("does not mind a restart in place of 300 ms with a grace of 2 s, and finds the end", async () => {
    const pool = "restarted.lab.example";
    for (let times = 0; times < 2; times++) {
      const next = await prepareProcess(addressOf("restarted"));
      restarted.kill("SIGKILL");
      await once(restarted, "exit");
      restarted = next;
      await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      await listen(restarted);
      // The grace has passed, and the next probes have been.
      await new Promise((resolve) => setTimeout(resolve, GRACE_OVER_MS));
      const swaps = server.lines.filter(({ event }) => event === "pool.swapped");
      expect(
        swaps.filter((line) => line["pool"] === pool && line["code"] !== "none-known"),
      ).toEqual([]);
      expect((await askUdp(port, pool)).data).toEqual([addressOf("restarted")]);
    }
    const killedMs = performance.now();
    restarted.kill("SIGKILL");
    expect(["connect-refused", "connect-reset"]).toContain(await moved("restarted"));
    // It was the grace that had kept it.
    expect(performance.now() - killedMs).toBeGreaterThan(1900);
  }, 60_000);

  it.skipIf(!hasNft)("finds a black hole (packets dropped by nft: root only)", async () => {
    drop("dropped", "daddr", "");
    expect(["connect-timeout", "response-timeout"]).toContain(await moved("dropped"));
  });

  it.skipIf(!hasNft)(
    "finds a path that loses 40 % of the packets each way (root only)",
    async () => {
      const some = "numgen random mod 100 < 40";
      drop("lossy", "daddr", some);
      drop("lossy", "saddr", some);
      expect(["connect-timeout", "response-timeout"]).toContain(
        await moved("lossy", LOSS_FOUND_WITHIN_MS),
      );
    },
    90_000,
  );
});

/** Has the kernel drop packets to (`daddr`) or from (`saddr`) a target, all or some of them. */
function drop(fault: Fault, side: "daddr" | "saddr", some: string): void {
  const table = `${TABLE}_${fault}`;
  const rules = [
    `add table ip ${table}`,
    `add chain ip ${table} out { type filter hook output priority 0; }`,
    `add rule ip ${table} out ip ${side} ${addressOf(fault)} ${some} drop`,
  ].join("\n");
  const done = spawnSync("nft", ["-f", "-"], { input: `${rules}\n`, encoding: "utf8" });
  expect(done.stderr).toBe("");
}
