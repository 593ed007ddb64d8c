// What a swap's recovery was made of: each moment from the first fault to the last old copy, in the
// store, in the log and in the report, also where hooks run in between and over a restart.

import { describe, expect, it } from "vitest";
import type { SwapChain, SwapReport } from "../../src/view/propagation.ts";
import { PLANE_SETTLES_MS, Plane, POOLS_TEXT } from "../simulation/plane.ts";

const PROMOTE = "    promote: { command: [/hooks/promote], timeout: 20s }\n";

async function started(pools: string): Promise<Plane> {
  const plane = new Plane({ pools });
  await plane.start();
  await plane.time.advance(PLANE_SETTLES_MS);
  plane.takeEvents();
  return plane;
}

async function newest(plane: Plane): Promise<SwapReport> {
  const [swap] = await plane.swaps.swaps(1);
  if (swap === undefined) throw new Error("there is no swap");
  return swap;
}

/** The chain in milliseconds after its first fault, in its order. */
function steps(chain: SwapChain): string {
  const from = chain.firstFaultWallMs ?? chain.decidedWallMs;
  const { detectedWallMs, decidedWallMs, publishedWallMs, firstGivenWallMs, ...after } = chain;
  const { storedWallMs, drainedWallMs } = after;
  return Object.entries({
    ...{ detectedWallMs, decidedWallMs, publishedWallMs },
    ...{ storedWallMs, firstGivenWallMs, drainedWallMs },
  })
    .filter(([, at]) => at !== undefined)
    .map(([key, at]) => `${key.replace("WallMs", "")} ${Math.round((at ?? 0) - from)}`)
    .join(", ");
}

describe("a swap's chain", () => {
  it("goes from the first fault to the last old copy", async () => {
    const plane = await started(POOLS_TEXT);
    plane.client.ask("www.lab.example.", "A");
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(6000);
    plane.client.ask("www.lab.example.", "A");
    await plane.time.advance(30_000);
    expect(steps((await newest(plane)).chain)).toMatchInlineSnapshot(
      `"detected 101, decided 101, published 101, stored 101, firstGiven 6000, drained 6500"`,
    );
  });

  it("tells its hooks' time apart: it was decided before them, and answered after", async () => {
    const plane = await started(POOLS_TEXT + PROMOTE);
    plane.hooks.set("promote", { kind: "good", afterMs: 3000 });
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(10_000);
    const swap = await newest(plane);
    expect(steps(swap.chain)).toMatchInlineSnapshot(
      `"detected 101, decided 101, published 3101, stored 3101, drained 3101"`,
    );
    const said = plane.events.findLast((event) => event.event === "pool.swapped");
    expect(said).toMatchObject({ hooksMs: 3000, durable: true });
    expect(swap.rtoMs).toBeGreaterThan(3000);
  });

  it("is known after a restart", async () => {
    const plane = await started(POOLS_TEXT);
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(6000);
    plane.client.ask("www.lab.example.", "A");
    await plane.time.advance(3000);
    const before = steps((await newest(plane)).chain);
    plane.kill();
    await plane.time.advance(1000);
    await plane.start();
    await plane.time.advance(1000);
    expect(steps((await newest(plane)).chain)).toBe(before);
    expect(before).toContain("firstGiven");
  });
});
