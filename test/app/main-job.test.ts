// The main job on real input: a zone file, SQLite, real sockets, real targets, a real crash.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askTcp, askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";

const ZONE = `$TTL 300
@     SOA ns admin 2026010101 3600 600 86400 60
@     NS  ns
@     MX  10 mail
ns    A   192.0.2.53
mail  A   192.0.2.25
www   A   127.0.1.11
www   A   127.0.1.12
www   AAAA 2001:db8::1
txt   TXT "hello world"
alias CNAME www
`;
const PORT = 18_080;
const POOLS = `checks:
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 1s, timeout: 500ms, rise: 2 }
pools:
  www.lab.example:
    policy: priority
    targets: [127.0.1.11, 127.0.1.12]
    checks: [web]
    failback: { mode: auto, hold: 1s }
`;

describe("livezone serve", () => {
  let box: Sandbox;
  let server: ServerProcess;
  let port = 0;
  const first = new WebTarget("127.0.1.11", PORT);
  const second = new WebTarget("127.0.1.12", PORT);
  const start = (): ServerProcess =>
    new ServerProcess([
      ...["serve", "--zone", `lab.example=${box.file("lab.example.zone")}`],
      ...["--listen", "127.0.0.1:0", "--store", box.file("livezone.db")],
    ]);

  beforeAll(async () => {
    box = sandbox();
    box.write("lab.example.zone", ZONE);
    box.write("lab.example.pools.yaml", POOLS);
    await Promise.all([first.start(), second.start()]);
    server = start();
    port = await server.port();
    await server.waitFor("target.up", (line) => line["target"] === "web@127.0.1.12");
  });

  afterAll(async () => {
    server.signal("SIGKILL");
    await server.exited;
    await Promise.all([first.kill(), second.kill()]);
    box.remove();
  });

  it("answers over UDP and TCP, with authority", async () => {
    expect(await askUdp(port, "txt.lab.example", "TXT")).toMatchObject({
      rcode: "NOERROR",
      aa: true,
    });
    expect((await askTcp(port, "mail.lab.example")).data).toEqual(["192.0.2.25"]);
    expect((await askUdp(port, "www.lab.example", "AAAA")).data).toEqual(["2001:db8::1"]);
  });

  it("says what is not there, and what is not ours", async () => {
    expect((await askUdp(port, "nothing.lab.example")).rcode).toBe("NXDOMAIN");
    expect((await askUdp(port, "mail.lab.example", "TXT")).rcode).toBe("NOERROR");
    expect((await askUdp(port, "example.org")).rcode).toBe("REFUSED");
  });

  it("answers a CNAME that leads to a pool with the pool's answer", async () => {
    expect((await askUdp(port, "alias.lab.example")).data).toEqual(["127.0.1.11"]);
  });

  it("moves the answer within 0.3 s of a crash, and back after the hold", async () => {
    expect((await askUdp(port, "www.lab.example")).data).toEqual(["127.0.1.11"]);
    const killedMs = performance.now();
    await first.kill();
    while ((await askUdp(port, "www.lab.example")).data[0] !== "127.0.1.12") {
      if (performance.now() - killedMs > 5000) throw new Error("the answer did not move");
    }
    // The product's bound is 300 ms; a test machine under load gets three times as much.
    expect(performance.now() - killedMs).toBeLessThan(900);
    const swapped = await server.waitFor("pool.swapped", (line) => line["code"] === "primary-down");
    expect(swapped).toMatchObject({ after: ["127.0.1.12"], durable: true });
    await first.start();
    await server.waitFor("pool.swapped", (line) => line["code"] === "failback");
    expect((await askUdp(port, "www.lab.example")).data).toEqual(["127.0.1.11"]);
  });

  it("publishes a saved zone file within 3 s, and refuses a bad one by name and line", async () => {
    box.write("lab.example.zone", `${ZONE}new A 192.0.2.77\n`);
    await server.waitFor("zone.published", (line) => line["cause"] === "file", 3000);
    expect((await askUdp(port, "new.lab.example")).data).toEqual(["192.0.2.77"]);
    box.write("lab.example.zone", `${ZONE}new A 192.0.2.777\n`);
    const rejected = await server.waitFor("zone.rejected", undefined, 3000);
    expect(rejected.msg).toContain("lab.example.zone:12:7:");
    expect((await askUdp(port, "new.lab.example")).data).toEqual(["192.0.2.77"]);
  });

  it("goes on after kill -9 with what it believed, above every serial it had shown", async () => {
    const serial = async (): Promise<number> => {
      const { full } = await askUdp(port, "lab.example", "SOA");
      const soa = full.answers?.[0];
      return soa?.type === "SOA" ? (soa.data.serial ?? 0) : 0;
    };
    const known = server.lines.filter((line) => line.event === "pool.swapped").length;
    await first.kill();
    await server.waitFor("pool.swapped", (line) => Number(line["swap"]) > known);
    const before = await serial();
    server.signal("SIGKILL");
    await server.exited;
    server = start();
    port = await server.port();
    expect((await askUdp(port, "www.lab.example")).data).toEqual(["127.0.1.12"]);
    expect(await serial()).toBeGreaterThan(before);
    const swaps = server.lines.filter((line) => line.event === "pool.swapped");
    expect(swaps.map((line) => line.msg)).toEqual([]);
  });

  it("stops in order on SIGTERM, with exit status 0", async () => {
    expect(await server.stop()).toBe(0);
    expect(server.lines.at(-1)?.event).toBe("server.stopped");
    expect(readFileSync(box.file("livezone.db")).subarray(0, 6).toString()).toBe("SQLite");
  });
});
