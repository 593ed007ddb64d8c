// Every scenario of test/scenarios/*.txt, against the whole simulated control plane. With
// UPDATE_EXPECTED=1 the expected lines are written anew; read that difference like code.

import { readdirSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readScript } from "../simulation/script.ts";
import { play } from "../simulation/stage.ts";
import { type Block, linesOf, readScenarios, type Scenario, withTold } from "./read-scenarios.ts";

const FOLDER = new URL("./", import.meta.url);
/** Hours of simulated flapping take seconds on a busy machine. */
const TIMEOUT_MS = 60_000;
const UPDATES = process.env["UPDATE_EXPECTED"] === "1";

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".txt"))) {
  describe(file, () => {
    const url = new URL(file, FOLDER);
    const blocks = readScenarios(url);
    const written = new Map<Block, string>();
    for (const block of blocks) {
      if ("text" in block) written.set(block, block.text);
      else it(block.title, () => test(block, written), TIMEOUT_MS);
    }
    if (UPDATES) {
      it("is written anew", () => {
        const texts = blocks.map((block) => written.get(block));
        expect(texts).not.toContain(undefined);
        writeFileSync(url, `${texts.join("\n\n")}\n`);
      });
    }
  });
}

async function test(scenario: Scenario, written: Map<Block, string>): Promise<void> {
  const { told, broken } = await play(readScript(linesOf(scenario)));
  expect(broken).toBeUndefined();
  const text = withTold(scenario, told);
  written.set(scenario, text);
  if (!UPDATES) expect(text).toBe(withTold(scenario, scenario.expected));
}
