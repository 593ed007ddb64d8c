// `livezone drill` and `drills`, through the API, against a simulated control plane.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
  admin = await openAdmin({ ...REFUSING, socket: socket(), operators: plane.desk });
});

afterEach(async () => {
  await admin.close();
  rmSync(folder, { recursive: true, force: true });
});

function socket(): string {
  return join(folder, "x.sock");
}

async function order(args: string): Promise<readonly string[]> {
  const { status, out, err } = await run([...args.split(" "), "--socket", socket()]);
  const lines = `${out}${err}`.split("\n").filter((line) => line !== "");
  return status === 0 ? lines : [`status ${status}`, ...lines];
}

describe("drill", () => {
  it("prints the timeline while it goes, and is listed afterwards", async () => {
    expect(await order("drills")).toEqual(["There was no drill yet."]);
    let isOver = false;
    const told = order("drill www.lab.example --for 30s").finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await plane.time.advance(5000);
      await sleep(10);
    }
    const [title, first, ...rest] = await told;
    expect(title).toBe("Drill 1 of www.lab.example: 192.0.2.10 out for 30s");
    expect(first).toMatch(/^ +\d\.\d{3} s {2}192\.0\.2\.10 forced down for 30s$/);
    expect(rest.at(-1)).toMatch(/^PASSED: moved after 0s, answered again 1m(\d+ms)? after its/);
    const [head, listed] = await order("drills");
    expect(head).toMatch(/^DRILL +POOL +MEMBER +STARTED +BY +FOR +OUTCOME +WHY$/);
    expect(listed).toMatch(
      /^ +1 +www\.lab\.example +192\.0\.2\.10 .* ann +30s +passed +the answer/,
    );
  });

  it("says why it does not begin", async () => {
    expect(await order("drill www.lab.example --member 192.0.2.20")).toEqual([
      "status 1",
      "Cannot drill www.lab.example: 192.0.2.20 is not answered, 192.0.2.10 is",
    ]);
    expect((await order("drill www.lab.example --for 2h"))[0]).toBe("status 2");
    expect((await order("drill www.lab.example --for soon"))[0]).toBe("status 2");
    expect(await order("drills --json")).toEqual(["{", '  "drills": []', "}"]);
  });
});
