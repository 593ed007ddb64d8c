// Drills in the simulated control plane: what they do to the answer, what they refuse, and that they
// leave nothing behind.

import { describe, expect, it } from "vitest";
import type { DrillReport } from "../../src/view/drills.ts";
import { PLANE_SETTLES_MS, Plane, POOLS_TEXT } from "../simulation/plane.ts";

const POOL = "www.lab.example";
const ORDER = { pool: POOL, author: "ann", forMs: 30_000 };

async function started(extra = ""): Promise<Plane> {
  const plane = new Plane({ pools: POOLS_TEXT + extra });
  await plane.start();
  await plane.time.advance(PLANE_SETTLES_MS);
  plane.takeEvents();
  return plane;
}

function lines(report: DrillReport): string[] {
  return report.timeline.map(({ atMs, what }) => `${atMs} ${what}`);
}

function refusal(plane: Plane, order: Parameters<Plane["desk"]["drill"]>[0] = ORDER): string {
  try {
    plane.desk.drill(order);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "begun";
}

describe("Drills", () => {
  it("pass when the answer moves and comes back, and tell each moment", async () => {
    const plane = await started();
    const { drill } = plane.desk.drill(ORDER);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(plane.serving("AAAA")).toEqual(["2001:db8::10"]);
    await plane.time.advance(95_000);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
    const report = plane.desk.drills.report(drill);
    expect(report).toMatchObject({ outcome: "passed", movedMs: 0 });
    expect(lines(report)).toEqual([
      "0 192.0.2.10 forced down for 30s",
      "0 A answers 192.0.2.20 (primary-down)",
      "30000 A answers 192.0.2.20 (failback-hold)",
      "30000 192.0.2.10 is free again",
      "90000 A answers 192.0.2.10 (failback)",
      "90000 passed: the answer moved and came back",
    ]);
    expect(plane.takeEvents("drill.started", "drill.finished", "target.damped")).toEqual([
      "drill.started",
      "drill.finished",
    ]);
    expect(plane.status().pools[0]?.members[0]?.damping).toBeUndefined();
    expect(await plane.disk.port().readDrills(9)).toMatchObject([{ outcome: "passed" }]);
  });

  it("are refused where they would show nothing or do harm", async () => {
    const plane = await started();
    expect(refusal(plane, { ...ORDER, member: "192.0.2.20" })).toBe(
      `Cannot drill ${POOL}: 192.0.2.20 is not answered, 192.0.2.10 is`,
    );
    expect(refusal(plane, { ...ORDER, member: "192.0.2.99" })).toContain("no member 192.0.2.99");
    expect(refusal(plane, { ...ORDER, pool: "web.lab.example" })).toContain("There is no pool");
    plane.desk.drill(ORDER);
    expect(refusal(plane)).toBe(`Cannot drill ${POOL}: drill 1 is under way`);
    await plane.time.advance(40_000);
    expect(refusal(plane)).toContain("drill 1 is under way");
    await plane.time.advance(60_000);
    plane.network.set("192.0.2.20", { kind: "refuses" });
    await plane.time.advance(10_000);
    expect(refusal(plane)).toMatch(/the standby is not ready: 192.0.2.20 is down/);
    plane.network.set("192.0.2.20", { kind: "answers", afterMs: 2 });
    await plane.time.advance(60_000);
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(10_000);
    plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await plane.time.advance(20_000);
    expect(refusal(plane)).toBe(
      `Cannot drill ${POOL}: 192.0.2.20 only stands in: 192.0.2.10 would be answered after it`,
    );
  });

  it("fail, and give the member back, when the standby dies", async () => {
    const plane = await started();
    const { drill } = plane.desk.drill(ORDER);
    await plane.time.advance(5000);
    plane.network.set("192.0.2.20", { kind: "refuses" });
    await plane.time.advance(6000);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
    const report = plane.desk.drills.report(drill);
    expect(report.outcome).toBe("failed");
    expect(report.reason).toMatch(/^no standby was healthy|moved/);
    expect(plane.status().pools[0]?.members[0]?.forced).toBeUndefined();
  });

  it("end early when an operator ends what they forced", async () => {
    const plane = await started();
    const { drill } = plane.desk.drill(ORDER);
    await plane.time.advance(5000);
    await plane.desk.unforce("192.0.2.10", "ben");
    await plane.time.advance(70_000);
    expect(plane.desk.drills.report(drill)).toMatchObject({ outcome: "passed" });
  });

  it("bring a member back themselves where an operator would have to", async () => {
    const plane = await started("    failback: { mode: manual }\n");
    const { drill } = plane.desk.drill(ORDER);
    await plane.time.advance(31_000);
    expect(plane.desk.drills.report(drill)).toMatchObject({ outcome: "passed" });
    expect(plane.serving()).toEqual(["192.0.2.10"]);
  });

  it("are over after the process dies: nothing stays forced, and the store says failed", async () => {
    const plane = await started();
    plane.desk.drill(ORDER);
    await plane.time.advance(5000);
    plane.kill();
    await plane.time.advance(1000);
    await plane.start();
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(plane.desk.drills.report(1)).toMatchObject({ outcome: "failed" });
    expect(plane.takeEvents("drill.finished")).toEqual(["drill.finished"]);
    await plane.time.advance(100_000);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
    expect(await plane.disk.port().readDrills(9)).toMatchObject([{ id: 1, outcome: "failed" }]);
    expect(plane.desk.drill(ORDER).drill).toBe(2);
  });

  it("begin by the calendar, and tell when they do not", async () => {
    const plane = await started('    drill: { cron: "0 4 * * 1", for: 10s }\n');
    const [planned] = plane.desk.drills.planned();
    expect(planned).toEqual({ pool: POOL, cron: "0 4 * * 1", forMs: 10_000 });
    if (planned === undefined) return;
    plane.desk.drills.startPlanned(planned);
    plane.desk.drills.startPlanned(planned);
    expect(plane.takeEvents("drill.started", "drill.refused")).toEqual([
      "drill.started",
      "drill.refused",
    ]);
  });
});
