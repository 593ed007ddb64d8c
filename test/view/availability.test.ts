import { describe, expect, it } from "vitest";
import { availabilityOf } from "../../src/view/availability.ts";
import { fold } from "../../src/view/fold.ts";
import { EMPTY_VIEW } from "../../src/view/state.ts";
import { readEvents } from "./lines.ts";

const NOON = Date.UTC(2026, 0, 2, 12);
const POOL = `"pool":"www.example.org","type":"A"`;
const SWAP = `${POOL},"zone":"example.org","code":"c","reason":"r","before":["a"],"serial":1,"ttl":5,"durable":true`;

function availability(lines: string, toMs = NOON + 100_000): unknown {
  const state = fold(EMPTY_VIEW, readEvents(lines));
  const pool = state.pools.get("www.example.org A");
  if (pool === undefined) throw new Error("no such pool");
  const found = availabilityOf(pool, [...state.swaps.values()], { fromMs: NOON, toMs });
  const spans = found.bad.map(({ fromMs, toMs, why }) => `${fromMs - NOON}-${toMs - NOON} ${why}`);
  return { ...found, bad: spans };
}

describe("availabilityOf()", () => {
  it("knows nothing of a pool before it was first heard of", () => {
    const lines = `12:00:20 pool.swapped {"swap":1,${SWAP},"after":["b"],"publishMs":1}`;
    expect(availability(lines)).toEqual({ bad: [], knownMs: 80_000, badMs: 0, share: 1 });
    expect(availability(lines, NOON + 10_000)).toMatchObject({ knownMs: 0, share: undefined });
  });

  it("counts from the first failed probe to the new answer", () => {
    const lines = [
      `12:00:00 pool.swapped {"swap":1,${SWAP},"after":["b"],"publishMs":0}`,
      `12:00:50 pool.swapped {"swap":2,${SWAP},"after":["c"],"detectMs":1999,"publishMs":1}`,
    ].join("\n");
    expect(availability(lines)).toEqual({
      bad: ["48000-50000 fault"],
      knownMs: 100_000,
      badMs: 2000,
      share: 0.98,
    });
  });

  it("counts failing open until it is over, and what overlaps once", () => {
    const lines = [
      `12:00:00 pool.swapped {"swap":1,${SWAP},"after":["b"],"publishMs":0}`,
      `12:00:40 pool.failed-open {${POOL},"reason":"r","serving":["b"]}`,
      `12:00:45 pool.recovered {${POOL},"reason":"r"}`,
      `12:00:45 pool.swapped {"swap":2,${SWAP},"after":["c"],"detectMs":6000,"publishMs":0}`,
      `12:01:39 pool.failed-open {${POOL},"reason":"r","serving":["c"]}`,
    ].join("\n");
    expect(availability(lines)).toMatchObject({
      bad: ["39000-45000 fault", "40000-45000 fail-open", "99000-100000 fail-open"],
      badMs: 7000,
    });
  });
});
