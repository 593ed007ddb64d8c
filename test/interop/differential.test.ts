// livezone's built program and Debian's name servers, asked the same about the same zones. More
// seeds: `npm run differential -- --seeds 300`.

import { describe, expect, it } from "vitest";
import { missingPeers } from "./differential-peers.ts";
import { findingToText } from "./differential-report.ts";
import { runSeeds } from "./differential-run.ts";

const MAIN = "dist/app/main.js";
const SEEDS = Array.from({ length: 40 }, (_, i) => 1001 + i);
const QUESTIONS_PER_SEED = 150;

const MISSING = missingPeers();
const WITHOUT = MISSING.length === 0 ? "" : ` (not installed: ${MISSING.join(", ")})`;

describe.skipIf(MISSING.length > 0)(`livezone, NSD, Knot, BIND and PowerDNS${WITHOUT}`, () => {
  it("answer alike, whenever the other four do", { timeout: 60_000 }, async () => {
    const report = await runSeeds({
      seeds: SEEDS,
      questionsPerSeed: QUESTIONS_PER_SEED,
      main: MAIN,
    });
    expect(report.findings.map(findingToText)).toEqual([]);
    expect(report.longer).toEqual([]);
    // Peers that agree on little would prove little.
    expect(report.questions).toBe(SEEDS.length * QUESTIONS_PER_SEED);
    expect(report.agreed / report.questions).toBeGreaterThan(0.9);
  });
});
