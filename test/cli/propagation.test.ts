// Swaps as the command line tells of them, through the API, from a simulated control stage.plane.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PlaneStage } from "./plane-stage.ts";
import { run } from "./world.ts";

let stage: PlaneStage;

beforeEach(async () => {
  stage = await PlaneStage.open();
});

afterEach(() => stage.close());

describe("propagation, swaps and wait", () => {
  it("say what is not known", async () => {
    expect(await stage.order("propagation 7")).toEqual([
      "status 1",
      'Cannot tell how far a swap has spread: nothing is known of swap 7; "livezone swaps" lists those there are',
    ]);
  });

  it("tell of a swap while it spreads, and when it has", async () => {
    await swap();
    await stage.plane.time.advance(1000);
    expect(await stage.order("propagation")).toMatchInlineSnapshot(`
      [
        "Swap 3  www.lab.example A  192.0.2.10 → 192.0.2.20, 00:00:10Z (1s)",
        "  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 % moved",
        "  2 resolvers, 2 answers: 2 holding, 0 confirmed, 0 expired, 0 overdue",
        "  an honest cache can hold it until 00:00:16Z (in 5s)",
        "  ████████████████▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▁  may hold it, over 6.4s",
        "  gone at the latest after: half 1.9s, 90 % 4.9s, 99 % 4.9s",
        "Holding",
        "  198.51.100.1     until 00:00:12Z (now)    1 answer    unproven",
        "  2001:db8:5:6::1  until 00:00:15Z (in 3s)  1 answer    unproven",
        "Beyond what can be known here, as an estimate",
        "  8.74 % of all resolvers lengthen TTLs, often to 1m, 5m, 1h",
        "  programs that keep addresses themselves: until 00:01:15Z (in 1m3s)",
      ]
    `);
    expect(await stage.order("wait last --drained --timeout 1s")).toMatchInlineSnapshot(`
      [
        "status 3",
        "Swap 3 is not drained: 1 resolver may hold the old answer until 00:00:16Z (in 4s)",
        "  2001:db8:5:6::1 until 00:00:15Z (in 2s)",
      ]
    `);
    const waited = stage.plane.time.nowMs();
    expect(await stage.order("wait 3 --drained --margin 5s")).toEqual(["Swap 3 is drained"]);
    expect(stage.plane.time.nowMs() - waited).toBeGreaterThan(5000);
    expect(await stage.order("propagation 3 --watch")).toMatchInlineSnapshot(`
      [
        "Swap 3  www.lab.example A  192.0.2.10 → 192.0.2.20, 00:00:10Z (11s)",
        "  ████████████████████████████████████████ 100 % moved",
        "  2 resolvers, 2 answers: 0 holding, 1 confirmed, 1 expired, 0 overdue",
        "  drained 00:00:16Z (5s)",
        "  ████████████████▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▅▁  may hold it, over 6.4s",
        "  gone at the latest after: half 1.9s, 90 % 4.9s, 99 % 4.9s",
        "Beyond what can be known here, as an estimate",
        "  8.74 % of all resolvers lengthen TTLs, often to 1m, 5m, 1h",
        "  programs that keep addresses themselves: until 00:01:15Z (in 53s)",
      ]
    `);
    expect(await stage.order("swaps")).toMatchInlineSnapshot(`
      [
        "SWAP  WHEN             POOL                  ANSWER                                     WHY           SURE   RTO    GIVEN  STORED  DRAINED",
        "   3  00:00:10Z (11s)  www.lab.example A     192.0.2.10 → 192.0.2.20                    primary-down  101ms  101ms  1.9s   0ms     6.4s",
        "   2  00:00:01Z (20s)  www.lab.example AAAA  2001:db8::10, 2001:db8::20 → 2001:db8::10  none-known    –      –      –      0ms     at once",
        "   1  00:00:01Z (20s)  www.lab.example A     192.0.2.10, 192.0.2.20 → 192.0.2.10        none-known    –      –      6s     0ms     at once",
      ]
    `);
  });

  it("refuse what is no number of a swap, and waiting for nothing", async () => {
    expect((await run(["propagation", "x"])).status).toBe(2);
    expect((await run(["wait", "1"])).status).toBe(2);
  });
});

/** Two resolvers ask, then the primary dies. */
async function swap(): Promise<void> {
  stage.plane.resolvers.begin("198.51.100.1", "www.lab.example", { everyMs: 1000, keepsMs: 0 });
  await stage.plane.time.advance(3000);
  stage.plane.resolvers.begin("2001:db8:5:6::1", "www.lab.example", {
    everyMs: 40_000,
    keepsMs: 0,
  });
  stage.plane.network.set("192.0.2.10", { kind: "refuses" });
  await stage.plane.time.advance(300);
}
