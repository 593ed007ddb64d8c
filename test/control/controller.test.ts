import { describe, expect, it } from "vitest";
import {
  PLANE_SETTLES_MS,
  Plane,
  POOLS,
  POOLS_TEXT,
  ZONE,
  ZONE_TEXT,
} from "../simulation/plane.ts";

async function started(texts: ConstructorParameters<typeof Plane>[0] = {}): Promise<Plane> {
  const plane = new Plane(texts);
  await plane.start();
  await plane.time.advance(PLANE_SETTLES_MS);
  return plane;
}

describe("Controller: a target that dies", () => {
  it("moves the answer within 0.3 s of a crash, and records the swap", async () => {
    const plane = await started();
    expect(plane.serving()).toEqual(["192.0.2.10"]);
    plane.takeEvents();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(300);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    const swapped = plane.events.find((event) => event.event === "pool.swapped");
    expect(swapped).toMatchObject({
      pool: "www.lab.example",
      type: "A",
      code: "primary-down",
      before: ["192.0.2.10"],
      after: ["192.0.2.20"],
      durable: true,
    });
    expect([...plane.disk.swaps.values()].at(-1)).toMatchObject({ after: ["192.0.2.20"] });
  });

  it("leaves the other family alone", async () => {
    const plane = await started();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(1000);
    expect(plane.serving("AAAA")).toEqual(["2001:db8::10"]);
  });

  it("notices a black hole within an interval and a timeout", async () => {
    const plane = await started();
    plane.network.set("192.0.2.10", { kind: "silent" });
    await plane.time.advance(7250);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
  });

  it("comes back after rise and hold, counted from recovery", async () => {
    const plane = await started();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(10_000);
    plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await plane.time.advance(60_000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    await plane.time.advance(30_000);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
  });

  it("fails open when all are down, once, and says when that is over", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    plane.network.set("192.0.2.20", { kind: "refuses" });
    await plane.time.advance(60_000);
    expect(plane.serving()).toHaveLength(1);
    plane.network.set("192.0.2.20", { kind: "answers", afterMs: 2 });
    await plane.time.advance(60_000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(plane.takeEvents("pool.failed-open", "pool.recovered")).toEqual([
      "pool.failed-open",
      "pool.recovered",
    ]);
  });

  it("blames no target while the prober itself is cut off", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.network.set("192.0.2.10", { kind: "prober-cut" });
    plane.network.set("192.0.2.20", { kind: "prober-cut" });
    await plane.time.advance(60_000);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
    expect(plane.takeEvents("target.down", "probe.faulted")).toEqual(["probe.faulted"]);
  });

  it("decides nothing while the clock cannot be trusted", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.time.stall(30_000);
    await plane.time.advance(2000);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
    expect(plane.takeEvents("clock.jumped", "target.down")).toEqual(["clock.jumped"]);
  });
});

describe("Controller: the store", () => {
  it("swaps while the disk is full, says so, and stores the swap when there is space", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.disk.state = "full";
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(2000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(plane.events.find((event) => event.event === "pool.swapped")).toMatchObject({
      durable: false,
    });
    plane.disk.mend();
    await plane.time.advance(3000);
    const told = plane.takeEvents("store.failing", "swap.durable", "store.recovered");
    expect(told.toSorted()).toEqual(["store.failing", "store.recovered", "swap.durable"]);
  });

  it("publishes a save that the full disk refused, said once, when there is space", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.disk.state = "full";
    plane.files.save(ZONE, ZONE_TEXT.replace('"hello"', '"world"'));
    await plane.time.advance(10_000);
    expect(plane.client.ask("txt.lab.example.", "TXT").data).toEqual(['"hello"']);
    const rejected = plane.events.find((event) => event.event === "zone.rejected");
    expect(rejected?.msg).toContain(
      'Cannot publish the edit of zone "lab.example" yet: the disk is full',
    );
    expect(plane.takeEvents("zone.rejected", "zone.published")).toEqual(["zone.rejected"]);
    plane.disk.mend();
    await plane.time.advance(2000);
    expect(plane.client.ask("txt.lab.example.", "TXT").data).toEqual(['"world"']);
    expect(plane.takeEvents("zone.rejected", "zone.published")).toEqual(["zone.published"]);
    expect(plane.status().zones[0]?.rejected).toEqual([]);
  });

  it("gives a name back that the full disk kept with its pool, when there is space", async () => {
    const plane = await started();
    plane.disk.state = "full";
    plane.files.save(POOLS, undefined);
    await plane.time.advance(5000);
    expect(plane.client.ask("www.lab.example.", "A").data).toEqual(["192.0.2.10"]);
    plane.disk.mend();
    await plane.time.advance(2000);
    expect(plane.client.ask("www.lab.example.", "A").data).toEqual(["192.0.2.10", "192.0.2.20"]);
  });

  it("swaps while the disk hangs", async () => {
    const plane = await started();
    plane.disk.state = "hangs";
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(1000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
  });

  it("starts from stored beliefs and servings after a crash, without a swap", async () => {
    const plane = await started();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(10_000);
    const swaps = plane.disk.swaps.size;
    plane.disk.forgetWaiting();
    await plane.start();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    await plane.time.advance(20_000);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(plane.disk.swaps.size).toBe(swaps);
  });

  it("never repeats a serial: after a crash it goes on above the reserved ones", async () => {
    const plane = await started();
    const before = plane.status().zones[0]?.serial ?? 0;
    await plane.start();
    expect(plane.status().zones[0]?.serial).toBeGreaterThan(before);
    const journal = [...plane.disk.zones.values()][0]?.journal ?? [];
    const serials = journal.map((entry) => entry.serialAfter);
    expect(new Set(serials).size).toBe(serials.length);
    for (const [i, entry] of journal.entries()) {
      if (i > 0) expect(entry.serialBefore).toBe(journal[i - 1]?.serialAfter);
    }
  });

  it("shows one content under one serial when a swap overtakes an edit on its way", async () => {
    const plane = await started();
    const before = plane.client.serial("lab.example.");
    plane.disk.state = "hangs";
    plane.files.save(ZONE, ZONE_TEXT.replace('"hello"', '"world"'));
    await plane.time.advance(500);
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(1000);
    expect(plane.client.ask("www.lab.example.", "A").data).toEqual(["192.0.2.20"]);
    expect(plane.client.ask("txt.lab.example.", "TXT").data).toEqual(['"hello"']);
    expect(plane.client.serial("lab.example.")).toBe(before);
    plane.disk.mend();
    await plane.time.advance(100);
    expect(plane.client.ask("txt.lab.example.", "TXT").data).toEqual(['"world"']);
    expect(plane.client.serial("lab.example.")).toBe((before ?? 0) + 2);
  });

  it("gives a swap at the very start a serial of its own, after a crash and a stop", async () => {
    const plane = new Plane({ diskMs: () => 20 });
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    for (const [end, targets] of [
      ["kill", "[192.0.2.20]"],
      ["stop", "[192.0.2.10]"],
    ] as const) {
      await plane[end]();
      plane.takeEvents();
      plane.files.save(POOLS, `${POOLS_TEXT}    targets: ${targets}\n`);
      await plane.start();
      await plane.time.advance(1000);
      expect(plane.takeEvents("pool.swapped")).toHaveLength(1);
    }
    const journal = [...plane.disk.zones.values()][0]?.journal ?? [];
    for (const { serialBefore, serialAfter } of journal.slice(1)) {
      expect(serialAfter).toBeGreaterThan(serialBefore);
    }
  });

  it("continues its serials without a gap after an orderly stop", async () => {
    const plane = await started();
    const before = plane.status().zones[0]?.serial;
    await plane.stop();
    await plane.start();
    expect(plane.status().zones[0]?.serial).toBe(before);
  });
});

describe("Controller: edits while running", () => {
  it("publishes the difference of a saved zone file under a new serial", async () => {
    const plane = await started();
    const before = plane.status().zones[0]?.serial ?? 0;
    plane.takeEvents();
    plane.files.save(ZONE, ZONE_TEXT.replace('"hello"', '"world"'));
    await plane.time.advance(100);
    const published = plane.events.find((event) => event.event === "zone.published");
    expect(published).toMatchObject({ serial: before + 1, added: 1, removed: 1, cause: "file" });
  });

  it("takes the file's serial where it grew past the published one", async () => {
    const plane = await started();
    plane.files.save(ZONE, ZONE_TEXT.replace(" 100 ", " 2026010100 "));
    await plane.time.advance(100);
    expect(plane.status().zones[0]?.serial).toBe(2026010100);
  });

  it("says nothing of a file whose serial alone went back", async () => {
    const plane = await started();
    plane.takeEvents();
    const before = plane.status().zones[0]?.serial;
    plane.files.save(ZONE, ZONE_TEXT.replace(" 100 ", " 90 "));
    await plane.time.advance(100);
    expect(plane.takeEvents()).toEqual([]);
    expect(plane.status().zones[0]?.serial).toBe(before);
  });

  it("changes nothing after a bad save, and says why once", async () => {
    const plane = await started();
    plane.takeEvents();
    const broken = ZONE_TEXT.replace("192.0.2.53", "192.0.2.530");
    plane.files.save(ZONE, broken);
    await plane.time.advance(100);
    plane.files.save(ZONE, broken);
    await plane.time.advance(100);
    expect(plane.takeEvents()).toEqual(["zone.rejected"]);
    expect(plane.status().zones[0]?.rejected[0]).toContain("lab.zone:4:");
    plane.files.save(ZONE, ZONE_TEXT);
    await plane.time.advance(100);
    expect(plane.status().zones[0]?.rejected).toEqual([]);
  });

  it("refuses a zone file that would leave its pools without an owner", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.files.save(ZONE, ZONE_TEXT.replace(/^www.*\n/gm, ""));
    await plane.time.advance(100);
    expect(plane.takeEvents()).toEqual(["zone.rejected"]);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
  });

  it("keeps a changed pool's history, and stops probing what left it", async () => {
    const plane = await started();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(5000);
    plane.takeEvents();
    const targets = "    targets: [192.0.2.10, 192.0.2.20]\n";
    plane.files.save(POOLS, `${POOLS_TEXT}${targets}    ttl: { min: 7s, max: 30s }\n`);
    await plane.time.advance(100);
    expect(plane.takeEvents()).toEqual(["pools.loaded"]);
    expect(plane.serving()).toEqual(["192.0.2.20"]);
    expect(plane.network.watched).toHaveLength(2);
  });

  it("gives the name back to the zone file when its pool goes", async () => {
    const plane = await started();
    plane.files.save(POOLS, undefined);
    await plane.time.advance(100);
    expect(plane.status().pools).toEqual([]);
    expect(plane.network.watched).toEqual([]);
  });

  it("keeps the pools that run when the pools file goes bad", async () => {
    const plane = await started();
    plane.takeEvents();
    plane.files.save(POOLS, POOLS_TEXT.replace("checks: [web]", "checks: [wib]"));
    await plane.time.advance(100);
    expect(plane.takeEvents()).toEqual(["pools.rejected"]);
    expect(plane.serving()).toEqual(["192.0.2.10"]);
  });
});
