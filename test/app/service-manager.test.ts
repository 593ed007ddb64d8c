import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { afterEach, describe, expect, it } from "vitest";
import { findServiceManager, isAnswering, unixAddress } from "../../src/app/service-manager.ts";
import { ServerProcess } from "../support/server-process.ts";

const folder = mkdtempSync(join(tmpdir(), "livezone-notify-"));
const library = koffi.load(null);
const socket = library.func("int socket(int, int, int)");
const bind = library.func("int bind(int, void *, uint32_t)");
const recv = library.func("intptr_t recv(int, void *, size_t, int)");
const close = library.func("int close(int)");

/** A service manager's end of the socket. */
function listener(path: string) {
  const fd = Number(socket(1, 2, 0));
  const address = unixAddress(path) ?? new Uint8Array();
  if (bind(fd, address, address.length) !== 0) throw new Error(`errno ${koffi.errno()}`);
  const heard: string[] = [];
  const drain = (): readonly string[] => {
    const octets = new Uint8Array(4096);
    for (;;) {
      const length = Number(recv(fd, octets, octets.length, 0x40));
      if (length < 0) return heard;
      heard.push(...new TextDecoder().decode(octets.subarray(0, length)).split("\n"));
    }
  };
  return { drain, close: () => close(fd) };
}

describe("findServiceManager()", () => {
  it("finds nobody without a socket", async () => {
    expect(await findServiceManager({ WATCHDOG_USEC: "1000000" })).toEqual({ kind: "none" });
  });

  it("takes its variables out of the environment", async () => {
    const env = { NOTIFY_SOCKET: "@lz-env", WATCHDOG_USEC: "30000000", PATH: "/bin" };
    expect(await findServiceManager(env)).toMatchObject({
      kind: "found",
      manager: { watchdogMs: 15_000 },
    });
    expect(env).toEqual({ PATH: "/bin" });
  });

  it("leaves another process's watchdog alone", async () => {
    const env = { NOTIFY_SOCKET: "@lz-env", WATCHDOG_USEC: "30000000", WATCHDOG_PID: "1" };
    const search = await findServiceManager(env);
    expect(search).toMatchObject({ kind: "found", manager: { watchdogMs: undefined } });
  });

  it.each(["relative.sock", "@", `/${"a".repeat(120)}`, "vsock:2:99"])(
    "says of %s that it cannot be one",
    async (path) => {
      const search = await findServiceManager({ NOTIFY_SOCKET: path });
      expect(search).toEqual({ kind: "unreachable", why: `"${path}" is no socket's path` });
    },
  );

  it.each(["@livezone-abstract", join(folder, "direct.sock")])("is heard at %s", async (path) => {
    const manager = listener(path);
    const search = await findServiceManager({ NOTIFY_SOCKET: path });
    if (search.kind === "found") search.manager.tell("READY=1", "STATUS=x");
    expect(manager.drain()).toEqual(["READY=1", "STATUS=x"]);
    manager.close();
  });
});

describe("isAnswering()", () => {
  const thread = (kind: "answer" | "stream" | "control", isAlive: boolean) => ({ kind, isAlive });

  it("goes by the answer threads, one of which is enough", () => {
    expect(isAnswering([thread("answer", false), thread("answer", true)])).toBe(true);
    expect(isAnswering([thread("answer", false), thread("stream", true)])).toBe(false);
  });

  it("goes by the stream thread where there are no answer threads", () => {
    expect(isAnswering([thread("stream", true), thread("control", false)])).toBe(true);
    expect(isAnswering([thread("control", true)])).toBe(false);
  });
});

describe("serve under a service manager", () => {
  let server: ServerProcess | undefined;
  afterEach(async () => {
    delete process.env["NOTIFY_SOCKET"];
    delete process.env["WATCHDOG_USEC"];
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("says that it is ready, that all is well, and that it stops", async () => {
    const path = "@livezone-served";
    const manager = listener(path);
    process.env["NOTIFY_SOCKET"] = path;
    process.env["WATCHDOG_USEC"] = "200000";
    server = new ServerProcess([
      ...["serve", "--zone", "lab.example=zones/lab.example.zone"],
      ...["--listen", "127.0.0.1:0", "--store", ":memory:"],
    ]);
    await server.waitFor("server.ready");
    await expect
      .poll(() => manager.drain().filter((line) => line === "WATCHDOG=1").length, { timeout: 5000 })
      .toBeGreaterThan(2);
    expect(manager.drain().slice(0, 2)).toEqual(["READY=1", "STATUS=Answering 1 zone"]);
    expect(await server.stop()).toBe(0);
    expect(manager.drain().slice(-2)).toEqual(["STOPPING=1", "STATUS=Stopping: SIGTERM"]);
    manager.close();
  });
});
