import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminError } from "../../src/admin/errors.ts";
import { type AdminHandlers, createAdmin, openAdmin } from "../../src/admin/server.ts";
import type { StatusReport } from "../../src/view/status.ts";
import { REFUSING } from "../support/admin.ts";

const REPORT: StatusReport = {
  version: "0.1.0",
  startedWallMs: 1000,
  nowWallMs: 2000,
  transport: "portable",
  listen: [],
  threads: [],
  store: { path: ":memory:", state: "ok", waiting: 0 },
  zones: [],
  pools: [],
  targets: [],
};

const handlers: AdminHandlers = { ...REFUSING, status: () => REPORT, reload: () => {} };

describe("createAdmin()", () => {
  it("answers the status report", async () => {
    const response = await createAdmin(handlers).inject({ url: "/v1/status" });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual(REPORT);
  });

  it("accepts a reload after it was begun", async () => {
    let reloads = 0;
    const admin = createAdmin({ ...handlers, reload: () => void reloads++ });
    const response = await admin.inject({ method: "POST", url: "/v1/reload" });
    expect(response.statusCode).toBe(202);
    expect(reloads).toBe(1);
  });

  it("answers a problem document for an unknown route", async () => {
    const response = await createAdmin(handlers).inject({ url: "/v2" });
    expect(response.json()).toMatchObject({
      status: 404,
      code: "NO_ROUTE",
      detail: "Cannot GET /v2: there is no such route",
    });
  });

  it("answers a problem document when a handler fails", async () => {
    const failing = { ...handlers, status: () => Promise.reject(new Error("Cannot say: busy")) };
    const response = await createAdmin(failing).inject({ url: "/v1/status" });
    expect(response.headers["content-type"]).toContain("application/problem+json");
    expect(response.json()).toEqual({
      type: "about:blank",
      title: "Internal Server Error",
      status: 500,
      code: "INTERNAL",
      detail: "Cannot say: busy",
    });
  });

  it("answers a problem document for a body that is not JSON, or too large", async () => {
    const admin = createAdmin(handlers);
    const headers = { "content-type": "application/json" };
    const post = { method: "POST", url: "/v1/reload", headers } as const;
    const garbled = await admin.inject({ ...post, payload: "{" });
    expect(garbled.json()).toMatchObject({ status: 400 });
    const large = await admin.inject({ ...post, payload: `"${"x".repeat(1024 * 1024)}"` });
    expect(large.json()).toMatchObject({ status: 413, code: "FST_ERR_CTP_BODY_TOO_LARGE" });
  });
});

describe("openAdmin()", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lz-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("listens on a socket for owner and group, and removes it when closed", async () => {
    const socketPath = join(folder, "x.sock");
    const admin = await openAdmin({ socket: socketPath, ...handlers });
    expect(statSync(socketPath).mode & 0o777).toBe(0o660);
    expect(await get(socketPath, "/v1/status")).toEqual(REPORT);
    await admin.close();
    expect(existsSync(socketPath)).toBe(false);
  });

  it("refuses a socket on which a living server answers, and leaves it alone", async () => {
    const socketPath = join(folder, "x.sock");
    const first = await openAdmin({ socket: socketPath, ...handlers });
    const second = openAdmin({ socket: socketPath, ...handlers });
    await expect(second).rejects.toMatchObject({ code: "ADMIN_SOCKET_IN_USE" });
    expect(await get(socketPath, "/v1/status")).toEqual(REPORT);
    await first.close();
  });

  it("replaces the socket file of a dead server", async () => {
    const socketPath = join(folder, "x.sock");
    // A process that is killed cannot remove its socket file.
    const script = `require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", script, socketPath]);
    expect(statSync(socketPath).isSocket()).toBe(true);
    const admin = await openAdmin({ socket: socketPath, ...handlers });
    expect(await get(socketPath, "/v1/status")).toEqual(REPORT);
    await admin.close();
  });

  it("never removes a file that is no socket", async () => {
    const socketPath = join(folder, "x.sock");
    writeFileSync(socketPath, "precious");
    const started = openAdmin({ socket: socketPath, ...handlers });
    await expect(started).rejects.toMatchObject({ code: "ADMIN_SOCKET_NOT_A_SOCKET" });
    expect(existsSync(socketPath)).toBe(true);
  });

  it("says what is wrong with a path", async () => {
    const long = openAdmin({ socket: join(folder, "x".repeat(108)), ...handlers });
    await expect(long).rejects.toMatchObject({ code: "ADMIN_SOCKET_PATH_TOO_LONG" });
    const absent = openAdmin({ socket: join(folder, "none", "x.sock"), ...handlers });
    await expect(absent).rejects.toThrow(AdminError);
    await expect(absent).rejects.toThrow(/folder ".*none" does not exist; make it/);
  });
});

function get(socketPath: string, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve(JSON.parse(body)));
    });
    sent.once("error", reject);
    sent.end();
  });
}
