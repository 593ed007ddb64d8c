// The promises that must hold under crashes and load, in small; `npm run endurance` runs them long.

import { describe, expect, it } from "vitest";
import { crashLoop } from "./crash-loop.ts";
import { packetStorm } from "./packet-storm.ts";
import { steadyStream } from "./steady-stream.ts";

describe("endurance", () => {
  it("loses no serial, no journal row and no belief to kill -9, during starts too", {
    timeout: 120_000,
  }, async () => {
    const report = await crashLoop(6, 1);
    expect(report.broken).toEqual([]);
    expect(report.journalRows).toBeGreaterThan(4);
    expect(report.remembered).toBeGreaterThan(0);
  });

  it("answers good questions between broken packets", { timeout: 60_000 }, async () => {
    const report = await packetStorm(20_000, 1);
    expect(report).toMatchObject({ isAlive: true, deaths: 0, goodAnswered: report.goodAsked });
    expect(report.responses).toBeGreaterThan(1000);
  });

  it("answers every question while edits and crashes go on", { timeout: 60_000 }, async () => {
    const report = await steadyStream(1000, 5);
    expect(report.swaps).toBeGreaterThan(1);
    expect(report).toMatchObject({ servfail: 0, mixed: 0, answered: report.asked });
  });
});
