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

const MOVED =
  "www.lab.example A answers 192.0.2.20 (primary-down: 192.0.2.10 is drained by ann: update; serving 192.0.2.20)";
const UNMOVED =
  "www.lab.example A answers 192.0.2.10 (primary-up: 192.0.2.10 is up (a probe succeeded))";

describe("drain and undrain", () => {
  it("print the plan with its times, and do nothing on a dry run", async () => {
    expect(await order("drain 192.0.2.10 --reason update --at 1h --dry-run")).toEqual([
      "192.0.2.10 would be drained by ann: update",
      "  lower    00:59:05Z (in 58m58s)  its pools answer with their least TTL",
      "  move     01:00:07Z (in 1h)  every longer copy has ended; the address is taken out",
      "  drained  01:00:13Z (in 1h)  no honest cache can hold it; the TTL is as before",
      UNMOVED,
    ]);
    expect(await order("drains")).toEqual(["Nothing is being drained."]);
    expect(plane.takeEvents("drain.planned")).toEqual([]);
  });

  it("begin a move, tell how far it has come, and take it back", async () => {
    expect(await order("drain 192.0.2.10 --reason update")).toEqual([
      "192.0.2.10 is being drained by ann: update",
      "  move     00:00:07Z (now)  every longer copy has ended; the address is taken out",
      "  drained  00:00:13Z (in 6s)  no honest cache can hold it; the TTL is as before",
      UNMOVED,
    ]);
    expect(await order("drain 192.0.2.10 --reason update")).toEqual([
      "status 1",
      'Cannot drain 192.0.2.10: it is being drained already (lowering) by ann; "livezone undrain 192.0.2.10" takes that back',
    ]);
    await plane.time.advance(1000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(await order("drains")).toEqual([
      "192.0.2.10 is being drained by ann: update",
      "  drained  00:00:08Z (now)  no honest cache can hold it; the TTL is as before",
      MOVED,
    ]);
    await plane.time.advance(10_000);
    expect(await order("drains")).toEqual(["192.0.2.10 is drained by ann: update", MOVED]);
    expect(await order("undrain 192.0.2.10 --by ben")).toEqual([
      "192.0.2.10 is drained no more",
      "www.lab.example A answers 192.0.2.20 (failback-hold: 192.0.2.10 is up again, its hold has not passed; serving 192.0.2.20)",
    ]);
    expect(await order("undrain 192.0.2.10")).toEqual([
      "status 1",
      "192.0.2.10 is not being drained",
    ]);
  });

  it("say what is refused, and why", async () => {
    plane.network.set("192.0.2.20", { kind: "refuses" });
    await plane.time.advance(1000);
    expect(await order("drain 192.0.2.10 --reason update")).toEqual([
      "status 1",
      "Cannot drain 192.0.2.10: www.lab.example A: it would leave 0 healthy of at least 1: 192.0.2.20 is down (3 failures in a row, connect-refused)",
    ]);
    expect(await order("drain 192.0.2.99 --reason update")).toEqual([
      "status 1",
      "No pool answers 192.0.2.99: there are 192.0.2.10, 192.0.2.20, 2001:db8::10, 2001:db8::20",
    ]);
    await order("force 192.0.2.20 up --reason r");
    expect(await order("drain 192.0.2.20 --reason update")).toEqual([
      "status 1",
      'Cannot drain 192.0.2.20: it is forced up by ann: r; "livezone unforce 192.0.2.20" ends that',
    ]);
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
