import { describe } from "vitest";
import { testTextCases } from "../scenarios/text-cases.ts";
import { askLine } from "./asking.ts";
import { readZones, World } from "./zones.ts";

const TABLES = [
  ...["basic", "negative", "wildcard", "alias", "referral", "live"],
  ...["truncation", "edns", "door"],
];

for (const table of TABLES) {
  describe(`answer-${table}.txt`, () => {
    const world = new World();
    world.load(readZones("answer-zones.txt", world.writer));
    testTextCases(`answer-${table}.txt`, (input) => {
      return input.flatMap((line) => [
        ...(input.length > 1 ? [line] : []),
        ...askLine(world, line),
      ]);
    });
  });
}
