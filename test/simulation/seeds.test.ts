import { describe, expect, it } from "vitest";
import { playSeed } from "./seeds.ts";

const SEEDS = 1000;
/** So many seeds make a test: one that fails says soon which they were. */
const BATCH = 100;
/** Far more than a batch takes, for machines that are busy with something else. */
const TIMEOUT_MS = 300_000;

describe("the control plane in simulated time", () => {
  for (let first = 1; first <= SEEDS; first += BATCH) {
    it(
      `holds its invariants from seed ${first} to ${first + BATCH - 1}`,
      async () => {
        for (let seed = first; seed < first + BATCH; seed++) {
          const broken = await playSeed(seed);
          // The story is a scenario: put it into test/scenarios before the defect is mended.
          if (broken !== undefined) expect.fail(broken.story);
        }
      },
      TIMEOUT_MS,
    );
  }
});
