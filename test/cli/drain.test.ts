// Planned moves from the command line, through the API, to a simulated control plane.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AdminServer, openAdmin } from "../../src/admin/server.ts";
import { PLANE_SETTLES_MS, Plane } from "../simulation/plane.ts";
import { REFUSING } from "../support/admin.ts";
import { run } from "./world.ts";

let folder = "";
let plane = new Plane();
let admin: AdminServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lz-"));
  plane = new Plane();
  await plane.start();
  await plane.time.advance(PLANE_SETTLES_MS);
  admin = await openAdmin({ ...REFUSING, socket: join(folder, "s"), operators: plane.desk });
});

afterEach(async () => {
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});

const UNMOVED =
  "www.lab.example A answers 192.0.2.10 (primary-up: 192.0.2.10 is up (a probe succeeded))";

describe("drain and undrain", () => {
  it("print the plan with its times, and do nothing on a dry run", async () => {
    expect(await order("drain 192.0.2.10 --reason update --at 1h --dry-run")).toEqual([
      "192.0.2.10 would be drained by ann: update",
      "  lower    00:00:00Z",
      UNMOVED,
    ]);
    expect(await order("drains")).toEqual(["Nothing is being drained."]);
    expect(plane.takeEvents("drain.planned")).toEqual([]);
  });

  it("begin a move, tell how far it has come, and take it back", async () => {
    expect(await order("drain 192.0.2.10 --reason update")).toEqual([]);
    expect(await order("drain 192.0.2.10 --reason update")).toEqual([]);
    await plane.time.advance(1000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(await order("drains")).toEqual([]);
    await plane.time.advance(10_000);
    expect(await order("drains")).toEqual([]);
    expect(await order("undrain 192.0.2.10 --by ben")).toEqual([]);
    expect(await order("undrain 192.0.2.10")).toEqual([]);
  });

  it("say what is refused, and why", async () => {
    plane.network.set("192.0.2.20", { kind: "refuses" });
    await plane.time.advance(1000);
    expect(await order("drain 192.0.2.10 --reason update")).toEqual([]);
    expect(await order("drain 192.0.2.99 --reason update")).toEqual([]);
    await order("force 192.0.2.20 up --reason r");
    expect(await order("drain 192.0.2.20 --reason update")).toEqual([]);
    for (const args of [
      "drain 192.0.2.300 --reason r",
      "drain 192.0.2.10",
      "drain 192.0.2.10 --reason r --at noon",
      "drain 192.0.2.10 --reason r --at 22:00",
    ]) {
      expect((await order(args))[0], args).toBe("status 2");
    }
  });
});

/** Lines printed, with the exit status before them where it is not 0. */
async function order(line: string): Promise<string[]> {
  const args = [...line.split(" "), "--socket", join(folder, "s")];
  const { status, out, err } = await run(args, new Map(), { now: () => plane.time.wallMs() });
  const lines = `${out}${err}`.trimEnd().split("\n");
  return status === 0 ? lines : [`status ${status}`, ...lines];
}
