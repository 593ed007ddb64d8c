// What a restart answers from: the image on disk at once, and whatever has changed soon after.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";
import { WebTarget } from "../support/web-target.ts";

const PORT = 18_084;
const ADDRESSES = ["127.0.5.11", "127.0.5.12"] as const;
const ZONE = `$TTL 60
@ SOA ns admin 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
plain A 192.0.2.1
www A ${ADDRESSES[0]}
www A ${ADDRESSES[1]}
`;
const POOLS = `checks:
  web: { kind: http, port: ${PORT}, path: /healthz, interval: 500ms, timeout: 400ms, rise: 1 }
pools:
  www.restart.example:
    policy: priority
    checks: [web]
    failback: { mode: auto, hold: 100ms }
`;

describe("a restart", () => {
  let box: Sandbox;
  let server: ServerProcess | undefined;
  const target = new WebTarget(ADDRESSES[1], PORT);

  beforeEach(async () => {
    box = sandbox();
    box.write("restart.example.zone", ZONE);
    box.write("restart.example.pools.yaml", POOLS);
    await target.start();
  });
  afterEach(async () => {
    await server?.stop();
    await target.kill();
    box.remove();
  });

  function start(): ServerProcess {
    server = new ServerProcess([
      ...["serve", "--zone", `restart.example=${box.file("restart.example.zone")}`],
      ...["--listen", "127.0.0.1:0", "--store", box.file("livezone.db")],
    ]);
    return server;
  }

  /** Starts, waits until the second address is served, and stops in order. */
  async function served(): Promise<number> {
    const first = start();
    const port = await first.port();
    await first.waitFor("pool.swapped", (line) => line["after"]?.toString() === ADDRESSES[1]);
    const serial = await serialAt(port);
    await first.stop();
    return serial;
  }

  it("answers from the disk as before, pools and serial included", async () => {
    const serial = await served();
    const again = start();
    await again.waitFor("image.restored");
    const port = await again.port();
    expect((await askUdp(port, "plain.restart.example")).data).toEqual(["192.0.2.1"]);
    expect((await askUdp(port, "www.restart.example")).data).toEqual([ADDRESSES[1]]);
    expect(await serialAt(port)).toBe(serial);
  });

  it("takes up what was saved while it was down", async () => {
    const serial = await served();
    box.write("restart.example.zone", ZONE.replace("192.0.2.1\n", "192.0.2.2\n"));
    const again = start();
    await again.waitFor("image.restored");
    const port = await again.port();
    expect((await askUdp(port, "plain.restart.example")).data).toEqual(["192.0.2.2"]);
    expect(await serialAt(port)).toBe(serial + 1);
  });

  it("gives a name back whose pool is gone", async () => {
    await served();
    box.write("restart.example.pools.yaml", "pools: {}\n");
    const port = await start().port();
    expect([...(await askUdp(port, "www.restart.example")).data].sort()).toEqual([...ADDRESSES]);
  });

  it("shows no lower serial than a killed server may have shown", async () => {
    await served();
    const killed = start();
    await killed.waitFor("image.restored");
    const before = await serialAt(await killed.port());
    killed.signal("SIGKILL");
    await killed.exited;
    const again = start();
    await again.waitFor("image.restored");
    expect(await serialAt(await again.port())).toBeGreaterThan(before);
  });

  it("answers a crashed server's edits from the disk, a moment after they were made", async () => {
    await served();
    const killed = start();
    const port = await killed.port();
    box.write(
      "restart.example.zone",
      `${ZONE.replace("192.0.2.1\n", "192.0.2.3\n")}new A 192.0.2.7\n`,
    );
    await killed.waitFor("zone.published");
    const serial = await serialAt(port);
    await keptWith(box.file("livezone.db.live"), serial);
    killed.signal("SIGKILL");
    await killed.exited;
    const again = start();
    await again.waitFor("image.restored");
    const answering = await again.port();
    expect((await askUdp(answering, "plain.restart.example")).data).toEqual(["192.0.2.3"]);
    expect((await askUdp(answering, "new.restart.example")).data).toEqual(["192.0.2.7"]);
    expect((await askUdp(answering, "www.restart.example")).data).toEqual([ADDRESSES[1]]);
    expect(await serialAt(answering)).toBeGreaterThan(serial);
  });

  it("does without the disk's image where the store knows better", async () => {
    await served();
    const killed = start();
    const port = await killed.port();
    box.write("restart.example.zone", ZONE.replace("192.0.2.1\n", "192.0.2.3\n"));
    await killed.waitFor("zone.published");
    expect((await askUdp(port, "plain.restart.example")).data).toEqual(["192.0.2.3"]);
    killed.signal("SIGKILL");
    await killed.exited;
    const again = start();
    expect((await askUdp(await again.port(), "plain.restart.example")).data).toEqual(["192.0.2.3"]);
    expect(again.lines.some((line) => line.event === "image.restored")).toBe(false);
  });
});

async function serialAt(port: number): Promise<number> {
  const { full } = await askUdp(port, "restart.example", "SOA");
  const [soa] = full.answers ?? [];
  return (soa as { data: { serial: number } }).data.serial;
}

/** Waits until the live answers on disk are those of a serial. */
async function keptWith(path: string, serial: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    const head = readFileSync(path, "latin1").slice(0, 4096);
    if (head.includes(`"serial":${serial}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`serial ${serial} was not kept`);
}
