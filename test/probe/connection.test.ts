import { EventEmitter } from "node:events";
import { expect, it, vi } from "vitest";
import { Connection } from "../../src/probe/connection.ts";

/** A socket of which only the failing can be seen. */
class FailingSocket extends EventEmitter {
  destroyed = false;

  fail(): void {
    this.destroyed = true;
    const error = Object.assign(new Error("connect EHOSTUNREACH"), { code: "EHOSTUNREACH" });
    process.nextTick(() => this.emit("error", error));
  }

  destroy(): void {
    this.destroyed = true;
  }
}

// No loopback address is unreachable, so the system's answer is played here.
const sockets: FailingSocket[] = [];
vi.mock("node:net", () => ({
  connect: (options: { port: number }) => {
    const socket = new FailingSocket();
    sockets.push(socket);
    // Port 1: the system call fails, which node:net makes in the next tick. Port 2: a router says so.
    if (options.port === 1) process.nextTick(() => socket.fail());
    if (options.port === 2) setImmediate(() => socket.fail());
    return socket;
  },
}));

it.each([
  ["by the system call itself", 1, "prober-network"],
  ["by a packet from the network", 2, "connect-unreachable"],
])("tells an unreachable target apart: %s", async (_title, port, code) => {
  const fault = await new Promise((resolve) => {
    const owner = { received: () => {}, ended: () => {}, failed: resolve };
    new Connection({ address: "192.0.2.1", port }, owner);
  });
  expect(fault).toMatchObject({ code, isHard: false });
});
