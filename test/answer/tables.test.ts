import { describe } from "vitest";
import type { AnswerSettings } from "../../src/answer/settings.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { askLine } from "./asking.ts";
import { readZones, secretsOf, World } from "./zones.ts";

const RFC_9018_SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";

const TABLES: Readonly<Record<string, Partial<AnswerSettings>>> = {
  basic: {},
  negative: {},
  wildcard: {},
  alias: {},
  referral: {},
  service: {},
  live: {},
  pickers: {},
  truncation: {},
  edns: {},
  door: {},
  chaos: { chaos: { version: "livezone test", identity: "lab" } },
  options: { nsid: new TextEncoder().encode("lab"), cookieSecrets: secretsOf(RFC_9018_SECRET) },
};

const RUNS = Object.entries(TABLES).flatMap(([table, settings]) =>
  [false, true].map((isInPlace) => ({ table, settings, isInPlace })),
);

for (const { table, settings, isInPlace } of RUNS) {
  describe(`answer-${table}.txt${isInPlace ? ", written over the packet" : ""}`, () => {
    const world = new World(settings);
    world.isInPlace = isInPlace;
    // What the vectors of RFC 9018 appendix A assume.
    world.exchange.source = Uint8Array.of(198, 51, 100, 100);
    world.exchange.nowSeconds = 1_559_731_985;
    world.exchange.keepaliveDeciseconds = 100;
    world.load(readZones("answer-zones.txt", world.writer));
    testTextCases(`answer-${table}.txt`, (input) => {
      return input.flatMap((line) => [
        ...(input.length > 1 ? [line] : []),
        ...askLine(world, line),
      ]);
    });
  });
}
