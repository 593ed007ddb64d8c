// Plain connections through sockets of our own: the real kernel, with single calls in its place.

import { afterEach, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import type { Fault } from "../../src/probe/fault.ts";
import { type ConnectCalls, loadConnectCalls } from "../../src/probe/kinds/connect-calls.ts";
import { type ConnectAsk, Connects } from "../../src/probe/kinds/connects.ts";
import { writeSocketAddress } from "../../src/probe/kinds/system-call.ts";
import { eventually } from "./recorder.ts";
import { type Conduct, freePort, serve } from "./servers.ts";

const EPERM = 1;
const EMFILE = 24;
const ENOSPC = 28;
const ECONNREFUSED = 111;

const kernel = loadConnectCalls();
/** Nothing is found by the first look, so that all is left to epoll. */
const far: Partial<ConnectCalls> = { poll: () => 0 };

const running: Conduct[] = [];
const open: Connects[] = [];

afterEach(async () => {
  for (const connects of open.splice(0)) connects.close();
  await Promise.all(running.splice(0).map((server) => server.close()));
});

function connectsOver(calls: Partial<ConnectCalls> = {}): Connects {
  const connects = new Connects({ ...kernel, ...calls }, realTime);
  open.push(connects);
  return connects;
}

async function listening(address = "127.0.0.24"): Promise<ConnectAsk> {
  const server = await serve((socket) => socket.resume(), { address });
  running.push(server);
  return server;
}

function outcome(connects: Connects, ask: ConnectAsk): Promise<Fault | undefined> {
  return new Promise((resolve) => {
    let hasReturned = false;
    connects.begin(ask, (fault) => {
      expect(hasReturned).toBe(true);
      resolve(fault);
    });
    hasReturned = true;
  });
}

/** Calls whose `name` fails with `errno`. */
function failing(name: "socket" | "connect" | "epollControl", errno: number) {
  const counts = { closed: 0 };
  const close = (fd: number): number => {
    counts.closed++;
    return kernel.close(fd);
  };
  return { calls: { [name]: () => -1, errno: () => errno, close }, counts };
}

for (const [where, calls] of Object.entries({ near: {}, far })) {
  describe(`connections to what is ${where}`, () => {
    it("are made", async () => {
      expect(await outcome(connectsOver(calls), await listening())).toBeUndefined();
      expect(await outcome(connectsOver(calls), await listening("::1"))).toBeUndefined();
    });

    it("are refused as node:net would say it", async () => {
      const port = await freePort("127.0.0.24");
      const fault = await outcome(connectsOver(calls), { address: "127.0.0.24", port });
      const detail = `connect ECONNREFUSED 127.0.0.24:${port}`;
      expect(fault).toEqual({ code: "connect-refused", isHard: true, detail });
    });

    it("are told of once each, however many begin at once", async () => {
      const ask = await listening();
      const connects = connectsOver(calls);
      const all = Array.from({ length: 700 }, () => outcome(connects, ask));
      expect(await Promise.all(all)).toEqual(all.map(() => undefined));
    });

    it("are not told of when they were given up", async () => {
      const ask = await listening();
      const connects = connectsOver(calls);
      const told: string[] = [];
      const others = [1, 2].map(() => {
        return connects.begin(ask, () => {
          told.push("first");
          for (const other of others) other.giveUp();
        });
      });
      connects.begin(ask, () => told.push("never")).giveUp();
      await outcome(connects, ask);
      expect(told).toEqual(["first"]);
      await eventually(() => running[0]?.connections.size === 0);
    });

    it("are all closed in the end, also those that nobody waits for any more", async () => {
      const ask = await listening();
      const connects = connectsOver({ ...calls, poll: () => 0, epollWait: () => 0 });
      for (let i = 0; i < 3; i++) connects.begin(ask, () => undefined);
      await eventually(() => running[0]?.connections.size === 3);
      connects.close();
      await eventually(() => running[0]?.connections.size === 0);
    });
  });
}

describe("connections that this host cannot even begin", () => {
  it("are its own fault where descriptors are short", async () => {
    const { calls, counts } = failing("socket", EMFILE);
    const fault = await outcome(connectsOver(calls), await listening());
    expect(fault).toEqual({ code: "prober-resources", isHard: false, detail: "socket EMFILE" });
    expect(counts.closed).toBe(0);
  });

  it("are its own fault where a firewall of its own forbids them, and leave nothing open", async () => {
    const { calls, counts } = failing("connect", EPERM);
    const fault = await outcome(connectsOver(calls), await listening());
    expect(fault).toMatchObject({ code: "prober-network", isHard: false });
    expect(counts.closed).toBe(1);
  });

  it("are the target's where the call itself brings its refusal", async () => {
    const { calls } = failing("connect", ECONNREFUSED);
    const fault = await outcome(connectsOver(calls), await listening());
    expect(fault).toMatchObject({ code: "connect-refused", isHard: true });
  });

  it("are its own fault where they cannot be waited for", async () => {
    const { calls, counts } = failing("epollControl", ENOSPC);
    const fault = await outcome(connectsOver({ ...far, ...calls }), await listening());
    expect(fault).toMatchObject({ code: "prober-config", isHard: false });
    expect(counts.closed).toBe(1);
  });

  it("are its own fault where the address is none", async () => {
    const ask = { address: "www.example.org", port: 80 };
    expect(await outcome(connectsOver(), ask)).toMatchObject({ code: "prober-config" });
  });
});

describe("an event of a descriptor that somebody else had", () => {
  it("is passed over", async () => {
    const ask = await listening();
    let isStale = true;
    const epollWait: ConnectCalls["epollWait"] = (...options) => {
      const count = kernel.epollWait(...options);
      if (!isStale || count === 0) return count;
      isStale = false;
      // Asked for once, as the closed descriptor's; the next event is the open one's.
      const event = Buffer.from(memory ?? new ArrayBuffer(0));
      event.writeUInt32LE(0xdead, kernel.event.data + 4);
      told.push("stale");
      return count;
    };
    let memory: ArrayBuffer | undefined;
    const told: string[] = [];
    const addressOf = (of: ArrayBuffer): bigint => {
      memory = of;
      return kernel.addressOf(of);
    };
    const connects = connectsOver({ ...far, epollWait, addressOf });
    const connecting = connects.begin(ask, () => told.push("told"));
    await eventually(() => told.length > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(["stale"]);
    connecting.giveUp();
  });
});

describe("writeSocketAddress()", () => {
  it("writes what the kernel reads", () => {
    const written = (address: string, port: number): string | undefined => {
      const memory = new Uint8Array(28).fill(0xff);
      const octets = writeSocketAddress(memory, address, port);
      return octets === undefined ? undefined : Buffer.from(memory.subarray(0, 8)).toString("hex");
    };
    expect(written("192.0.2.10", 8080)).toBe("02001f90c000020a");
    expect(written("2001:db8::1", 53)).toBe("0a00003500000000");
    for (const none of ["192.0.2", "192.0.2.1.1", "192.0.2.256", "example", "", "2001:db8"]) {
      expect(written(none, 1), none).toBeUndefined();
    }
  });
});
