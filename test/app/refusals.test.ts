// What livezone refuses to start with: one clear sentence, exit status 1, nothing lost.

import { createSocket } from "node:dgram";
import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askUdp } from "../support/ask.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const ZONE = "$TTL 60\n@ SOA ns admin 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\n";

let box: Sandbox;
let running: ServerProcess[] = [];

function serve(...args: readonly string[]): ServerProcess {
  const server = new ServerProcess(["serve", ...args]);
  running.push(server);
  return server;
}

beforeEach(() => {
  box = sandbox();
  box.write("a.example.zone", ZONE);
});

afterEach(async () => {
  for (const server of running) server.signal("SIGKILL");
  await Promise.all(running.map((server) => server.exited));
  running = [];
  box.remove();
});

const zone = (): string[] => ["--zone", `a.example=${box.file("a.example.zone")}`];
const memory = ["--store", ":memory:"];

describe("livezone serve refuses", () => {
  it("a port in use", async () => {
    const other = createSocket("udp4");
    await new Promise<void>((resolve) => other.bind(0, "127.0.0.1", resolve));
    const { port } = other.address();
    const server = serve(...zone(), ...memory, "--listen", `127.0.0.1:${port}`);
    expect(await server.exited).toBe(1);
    expect(server.stderr).toContain(
      `Cannot listen on 127.0.0.1:${port} (UDP): another program uses it`,
    );
    other.close();
  });

  it("a store that another server uses, which goes on", async () => {
    const store = ["--store", box.file("one.db")];
    const first = serve(...zone(), ...store, "--listen", "127.0.0.1:0");
    const port = await first.port();
    const second = serve(...zone(), ...store, "--listen", "127.0.0.1:0");
    expect(await second.exited).toBe(1);
    expect(second.stderr).toMatch(
      /Cannot open store ".*one\.db": process \d+ has it open; stop that/,
    );
    expect((await askUdp(port, "ns.a.example")).data).toEqual(["192.0.2.53"]);
  });

  it("a file that is no database, without touching it", async () => {
    writeFileSync(box.file("no.db"), "this is a letter, not a database\n".repeat(50));
    const server = serve(...zone(), "--store", box.file("no.db"), "--listen", "127.0.0.1:0");
    expect(await server.exited).toBe(1);
    expect(server.stderr).toMatch(/Cannot open store ".*no\.db": /);
  });

  it("to serve when no zone can be loaded, naming file and line", async () => {
    box.write("a.example.zone", `${ZONE}www A 192.0.2.999\n`);
    const server = serve(...zone(), ...memory, "--listen", "127.0.0.1:0");
    expect(await server.exited).toBe(1);
    const rejected = server.lines.find((line) => line.event === "zone.rejected");
    expect(rejected?.msg).toContain("a.example.zone:5:7:");
  });

  it("wrong usage, with exit status 2", async () => {
    expect(await serve("--listen", "nowhere").exited).toBe(2);
    expect(await serve("--no-such-option").exited).toBe(2);
  });
});

describe("livezone serve goes on", () => {
  it("with the good zones when one of them is bad", async () => {
    box.write("b.example.zone", "this is no zone\n");
    const server = serve("--zones", box.path, ...memory, "--listen", "127.0.0.1:0");
    const port = await server.port();
    expect((await askUdp(port, "ns.a.example")).rcode).toBe("NOERROR");
    expect((await askUdp(port, "ns.b.example")).rcode).toBe("REFUSED");
  });

  it("when its zone file is gone at the next start, from the store", async () => {
    const args = [...zone(), "--store", box.file("one.db"), "--listen", "127.0.0.1:0"];
    const first = serve(...args);
    await first.port();
    expect(await first.stop()).toBe(0);
    rmSync(box.file("a.example.zone"));
    const port = await serve(...args).port();
    expect((await askUdp(port, "ns.a.example")).data).toEqual(["192.0.2.53"]);
  });
});
