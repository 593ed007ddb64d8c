// Many seeds as tests, a batch each. Two files share them, so that two cores play them side by side.

import { beforeAll, expect, it } from "vitest";
import { compiledSeeds } from "./compiled-seeds.ts";

/** So many seeds make a test: one that fails says soon which they were. */
const BATCH = 100;
/** Far more than a batch takes, for machines that are busy with something else. */
const TIMEOUT_MS = 300_000;

/** Declares the tests of `count` seeds, a multiple of 100, from `from` on. */
export function testSeeds(from: number, count: number): void {
  let seeds: Awaited<ReturnType<typeof compiledSeeds>>;
  beforeAll(async () => {
    seeds = await compiledSeeds();
  });
  for (let first = from; first < from + count; first += BATCH) {
    it(
      `holds its invariants from seed ${first} to ${first + BATCH - 1}`,
      async () => {
        for (let seed = first; seed < first + BATCH; seed++) {
          const broken = await seeds.playSeed(seed);
          // The story is a scenario: put it into test/scenarios before the defect is mended.
          if (broken !== undefined) expect.fail(broken.story);
        }
      },
      TIMEOUT_MS,
    );
  }
}
