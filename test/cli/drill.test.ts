// `livezone drill` and `drills`, through the API, against a simulated control stage.plane.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PlaneStage } from "./plane-stage.ts";

let stage: PlaneStage;

beforeEach(async () => {
  stage = await PlaneStage.open();
});

afterEach(() => stage.close());

describe("drill", () => {
  it("prints the timeline while it goes, and is listed afterwards", async () => {
    expect(await stage.order("drills")).toEqual(["There was no drill yet."]);
    let isOver = false;
    const told = stage.order("drill www.lab.example --for 30s").finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await stage.plane.time.advance(5000);
      await sleep(10);
    }
    const [title, first, ...rest] = await told;
    expect(title).toBe("Drill 1 of www.lab.example: 192.0.2.10 out for 30s");
    expect(first).toMatch(/^ +\d\.\d{3} s {2}192\.0\.2\.10 forced down for 30s$/);
    expect(rest.at(-1)).toMatch(/^PASSED: moved after 0s, answered again 1m(\d+ms)? after its/);
    const [head, listed] = await stage.order("drills");
    expect(head).toMatch(/^DRILL +POOL +MEMBER +STARTED +BY +FOR +OUTCOME +WHY$/);
    expect(listed).toMatch(
      /^ +1 +www\.lab\.example +192\.0\.2\.10 .* ann +30s +passed +the answer/,
    );
  });

  it("says why it does not begin", async () => {
    expect(await stage.order("drill www.lab.example --member 192.0.2.20")).toEqual([
      "status 1",
      "Cannot drill www.lab.example: 192.0.2.20 is not answered, 192.0.2.10 is",
    ]);
    expect((await stage.order("drill www.lab.example --for 2h"))[0]).toBe("status 2");
    expect((await stage.order("drill www.lab.example --for soon"))[0]).toBe("status 2");
    expect(await stage.order("drills --json")).toEqual(["{", '  "drills": []', "}"]);
  });
});
