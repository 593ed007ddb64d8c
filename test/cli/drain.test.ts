// Planned moves from the command line, through the API, to a simulated control stage.plane.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PlaneStage } from "./plane-stage.ts";

let stage: PlaneStage;

beforeEach(async () => {
  stage = await PlaneStage.open();
});

afterEach(() => stage.close());

const MOVED =
  "www.lab.example A answers 192.0.2.20 (primary-down: 192.0.2.10 is drained by ann: update; serving 192.0.2.20)";
const UNMOVED =
  "www.lab.example A answers 192.0.2.10 (primary-up: 192.0.2.10 is up (a probe succeeded))";

describe("drain and undrain", () => {
  it("print the plan with its times, and do nothing on a dry run", async () => {
    expect(await stage.order("drain 192.0.2.10 --reason update --at 1h --dry-run")).toEqual([
      "192.0.2.10 would be drained by ann: update",
      "  lower    00:59:05Z (in 58m58s)  its pools answer with their least TTL",
      "  move     01:00:07Z (in 1h)  every longer copy has ended; the address is taken out",
      "  drained  01:00:13Z (in 1h)  no honest cache can hold it; the TTL is as before",
      UNMOVED,
    ]);
    expect(await stage.order("drains")).toEqual(["Nothing is being drained."]);
    expect(stage.plane.takeEvents("drain.planned")).toEqual([]);
  });

  it("begin a move, tell how far it has come, and take it back", async () => {
    expect(await stage.order("drain 192.0.2.10 --reason update")).toEqual([
      "192.0.2.10 is being drained by ann: update",
      "  move     00:00:07Z (now)  every longer copy has ended; the address is taken out",
      "  drained  00:00:13Z (in 6s)  no honest cache can hold it; the TTL is as before",
      UNMOVED,
    ]);
    expect(await stage.order("drain 192.0.2.10 --reason update")).toEqual([
      "status 1",
      'Cannot drain 192.0.2.10: it is being drained already (lowering) by ann; "livezone undrain 192.0.2.10" takes that back',
    ]);
    await stage.plane.time.advance(1000);
    expect(stage.plane.serving()).toEqual(["192.0.2.20"]);
    expect(await stage.order("drains")).toEqual([
      "192.0.2.10 is being drained by ann: update",
      "  drained  00:00:08Z (now)  no honest cache can hold it; the TTL is as before",
      MOVED,
    ]);
    await stage.plane.time.advance(10_000);
    expect(await stage.order("drains")).toEqual(["192.0.2.10 is drained by ann: update", MOVED]);
    expect(await stage.order("undrain 192.0.2.10 --by ben")).toEqual([
      "192.0.2.10 is drained no more",
      "www.lab.example A answers 192.0.2.20 (failback-hold: 192.0.2.10 is up again, its hold has not passed; serving 192.0.2.20)",
    ]);
    expect(await stage.order("undrain 192.0.2.10")).toEqual([
      "status 1",
      "192.0.2.10 is not being drained",
    ]);
  });

  it("say what is refused, and why", async () => {
    stage.plane.network.set("192.0.2.20", { kind: "refuses" });
    await stage.plane.time.advance(1000);
    expect(await stage.order("drain 192.0.2.10 --reason update")).toEqual([
      "status 1",
      "Cannot drain 192.0.2.10: www.lab.example A: it would leave 0 healthy of at least 1: 192.0.2.20 is down (3 failures in a row, connect-refused)",
    ]);
    expect(await stage.order("drain 192.0.2.99 --reason update")).toEqual([
      "status 1",
      "No pool answers 192.0.2.99: there are 192.0.2.10, 192.0.2.20, 2001:db8::10, 2001:db8::20",
    ]);
    await stage.order("force 192.0.2.20 up --reason r");
    expect(await stage.order("drain 192.0.2.20 --reason update")).toEqual([
      "status 1",
      'Cannot drain 192.0.2.20: it is forced up by ann: r; "livezone unforce 192.0.2.20" ends that',
    ]);
    for (const args of [
      "drain 192.0.2.300 --reason r",
      "drain 192.0.2.10",
      "drain 192.0.2.10 --reason r --at noon",
      "drain 192.0.2.10 --reason r --at 22:00",
    ]) {
      expect((await stage.order(args))[0], args).toBe("status 2");
    }
  });
});

/** Lines printed, with the exit status before them where it is not 0. */
