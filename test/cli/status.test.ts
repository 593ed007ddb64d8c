import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAdmin } from "../../src/admin/server.ts";
import { paintFor } from "../../src/cli/paint.ts";
import { formatAgo, statusText } from "../../src/cli/status-text.ts";
import { formatTable } from "../../src/cli/table.ts";
import { runTable } from "../config/tables.ts";
import { REFUSING } from "../support/admin.ts";
import { SAMPLE } from "./sample-report.ts";
import { run } from "./world.ts";

describe("statusText()", () => {
  runTable(new URL("../data/cli-status.txt", import.meta.url), (input) => {
    const { brake: _off, anchors: _none, fault: _well, ...calm } = SAMPLE;
    const empty = { ...calm, listen: [], threads: [], zones: [], pools: [], targets: [] };
    return statusText(input.includes("nothing") ? empty : SAMPLE, paintFor(false));
  });

  it("looks the same with colours, but for the colours", () => {
    const plain = statusText(SAMPLE, paintFor(false));
    const painted = statusText(SAMPLE, paintFor(true));
    const esc = String.fromCharCode(27);
    const bare = painted.map((line) => line.split(new RegExp(`${esc}\\[\\d+m`)).join(""));
    expect(bare.map((line) => line.trimEnd())).toEqual(plain);
    expect(painted.join("")).toContain(`${esc}[31mdown${esc}[39m`);
  });
});

describe("formatAgo()", () => {
  it("shows the two largest units", () => {
    const shown = [999, 1000, 59_999, 60_000, 190_000, 3_600_000, 8_000_000, 90_061_000];
    expect(shown.map(formatAgo)).toEqual([
      "now",
      "1s",
      "59s",
      "1m",
      "3m10s",
      "1h",
      "2h13m",
      "1d1h",
    ]);
    expect(formatAgo(-5000)).toBe("now");
  });
});

describe("formatTable()", () => {
  it("aligns columns and leaves no blanks at the end", () => {
    const rows = [
      ["a", "1", "x"],
      ["bbb", "22", ""],
    ];
    expect(formatTable(rows, { right: [1], indent: "> " })).toEqual(["> a     1  x", "> bbb  22"]);
  });
});

describe("status", () => {
  let folder = "";
  let socket = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lz-"));
    socket = join(folder, "x.sock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("asks the server's API and prints its report", async () => {
    const admin = await openAdmin({ ...REFUSING, socket, status: () => SAMPLE });
    const { status, out, err } = await run(["status", "--socket", socket]);
    await admin.close();
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toBe(`${statusText(SAMPLE, paintFor(false)).join("\n")}\n`);
  });

  it("finds the socket through the configuration, and prints JSON when asked", async () => {
    const admin = await openAdmin({ ...REFUSING, socket, status: () => SAMPLE });
    const text = `listen: [127.0.0.1:53]\nstore: { path: x }\nzones: []\nadmin: { socket: ${socket} }\n`;
    const { out } = await run(["status", "main.yaml", "--json"], new Map([["main.yaml", text]]));
    await admin.close();
    expect(JSON.parse(out)).toEqual(SAMPLE);
  });

  it("passes on what the server refuses", async () => {
    const refusal = (): never => {
      throw new Error("Cannot say: still starting");
    };
    const admin = await openAdmin({ ...REFUSING, socket, status: refusal });
    const { status, err } = await run(["status", "--socket", socket]);
    await admin.close();
    expect({ status, err }).toEqual({ status: 1, err: "Cannot say: still starting\n" });
  });

  it("does not take another server's answer for a report", async () => {
    const other = await listenAt(socket);
    const { status, err } = await run(["status", "--socket", socket]);
    other.close();
    expect(status).toBe(1);
    const state = "its answer is no JSON; is it livezone's API?";
    expect(err).toBe(`Cannot understand the server at "${socket}": ${state}\n`);
  });
});

function listenAt(path: string): Promise<Server> {
  const server = createServer((_request, response) => response.end("<html>"));
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}
