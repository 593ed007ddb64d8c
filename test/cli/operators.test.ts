// Orders from the command line, through the API, to a simulated control stage.plane.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PlaneStage } from "./plane-stage.ts";

let stage: PlaneStage;

beforeEach(async () => {
  stage = await PlaneStage.open();
});

afterEach(() => stage.close());

describe("force and unforce", () => {
  it("take a member out and let it come back", async () => {
    expect(await stage.order("force 192.0.2.10 down --reason update --for 30m")).toEqual([
      "192.0.2.10 is forced down by ann until 00:30:07Z (in 30m): update",
      "www.lab.example A answers 192.0.2.20 (primary-down: 192.0.2.10 is forced down by ann: update; serving 192.0.2.20)",
    ]);
    expect(stage.plane.serving()).toEqual(["192.0.2.20"]);
    expect(await stage.order("unforce 192.0.2.10 --by ben")).toEqual([
      "Nothing is forced of 192.0.2.10 any more",
      "www.lab.example A answers 192.0.2.20 (failback-hold: 192.0.2.10 is up again, its hold has not passed; serving 192.0.2.20)",
    ]);
  });

  it("name an IPv6 address in any spelling", async () => {
    const [first] = await stage.order("force 2001:DB8:0::10 up --reason r --by ben");
    expect(first).toBe("2001:db8::10 is forced up by ben until unforce: r");
  });

  it("say what is refused, and why", async () => {
    stage.plane.network.set("192.0.2.20", { kind: "refuses" });
    await stage.plane.time.advance(1000);
    expect(await stage.order("force 192.0.2.10 down --reason update")).toEqual([
      "status 1",
      "Cannot force 192.0.2.10 down: www.lab.example A: it would leave 0 healthy of at least 1: 192.0.2.20 is down (3 failures in a row, connect-refused); force it if that is meant",
    ]);
    expect((await stage.order("force 192.0.2.10 down --reason update --force")).length).toBe(2);
    expect(await stage.order("unforce 192.0.2.20")).toEqual([
      "status 1",
      "Nothing is forced of 192.0.2.20; what is forced: 192.0.2.10",
    ]);
    expect(await stage.order("force 192.0.2.99 up --reason r")).toEqual([
      "status 1",
      "No pool answers 192.0.2.99: there are 192.0.2.10, 192.0.2.20, 2001:db8::10, 2001:db8::20",
    ]);
  });

  it("say that an order is in force though it could not be stored", async () => {
    stage.plane.disk.state = "full";
    const lines = await stage.order("force 192.0.2.10 down --reason update");
    expect(lines).toContain("It is in force, but not stored yet: a restart would not know of it");
    expect(stage.plane.serving()).toEqual(["192.0.2.20"]);
  });

  it("refuse what no order can be", async () => {
    for (const args of [
      "force 192.0.2.10 sideways --reason r",
      "force 192.0.2.300 down --reason r",
      "force 192.0.2.10 down",
      "force 192.0.2.10 down --reason r --for soon",
    ]) {
      expect((await stage.order(args))[0], args).toBe("status 2");
    }
  });
});

describe("failback", () => {
  it("says what it would do, brings the member back, and is refused where nobody is to come", async () => {
    expect(await stage.order("failback www.lab.example --reason r")).toEqual([
      "status 1",
      "Cannot fail www.lab.example back: it answers 192.0.2.10, its first member",
    ]);
    stage.plane.network.set("192.0.2.10", { kind: "refuses" });
    await stage.plane.time.advance(1000);
    expect(await stage.order("failback www.lab.example --reason r")).toEqual([
      "status 1",
      "Cannot fail www.lab.example back: 192.0.2.10 is down (3 failures in a row, connect-refused); it answers 192.0.2.20",
    ]);
    stage.plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await stage.plane.time.advance(30_000);
    expect(await stage.order("failback www.lab.example --reason r --dry-run")).toEqual([
      "www.lab.example A would answer 192.0.2.10 instead of 192.0.2.20 (failback: 192.0.2.10 is up again, and an operator brought it back)",
    ]);
    expect(stage.plane.serving()).toEqual(["192.0.2.20"]);
    expect(await stage.order("failback www.lab.example --reason r --by ben")).toEqual([
      "www.lab.example A answers 192.0.2.10 instead of 192.0.2.20 (failback: 192.0.2.10 is up again, and an operator brought it back)",
    ]);
    expect(stage.plane.serving()).toEqual(["192.0.2.10"]);
    expect((await stage.order("failback www.lab.example"))[0]).toBe("status 2");
  });
});

describe("retransfer", () => {
  it("is refused where a zone is no copy, or is not there, and wants a reason", async () => {
    expect(await stage.order("retransfer lab.example --reason r")).toEqual([
      "status 1",
      "Cannot retransfer zone lab.example: it is no copy, its records are those of its file",
    ]);
    expect(await stage.order("retransfer other.example --reason r")).toEqual([
      "status 1",
      "There is no zone other.example here",
    ]);
    expect((await stage.order("retransfer lab.example"))[0]).toBe("status 2");
  });

  it("says from where all of a copy is taken", async () => {
    const report = { zone: "lab.example", primaries: ["192.0.2.98", "192.0.2.99"], serial: 100 };
    stage.plane.records.retransfer = () => report;
    const [said] = await stage.order("retransfer lab.example --reason r");
    expect(said).toBe(
      "lab.example is taken whole from 192.0.2.98 or 192.0.2.99 now; serial 100 is answered until it has come",
    );
    stage.plane.records.retransfer = () => ({ zone: "lab.example", primaries: ["192.0.2.99"] });
    expect(await stage.order("retransfer lab.example --reason r")).toEqual([
      "lab.example is taken whole from 192.0.2.99 now; nothing of it is answered until it has come",
    ]);
    const json = await stage.order("retransfer lab.example --reason r --json");
    expect(JSON.parse(json.join("\n"))).toEqual({ zone: "lab.example", primaries: ["192.0.2.99"] });
  });
});

describe("approve", () => {
  it("says what there is where there is nothing to say yes to", async () => {
    expect(await stage.order("approve www.lab.example")).toEqual([
      "status 1",
      "Cannot approve a swap of www.lab.example: it waits for nothing",
    ]);
    expect(await stage.order("approve web.lab.example")).toEqual([
      "status 1",
      "There is no pool web.lab.example: there are www.lab.example",
    ]);
  });
});
