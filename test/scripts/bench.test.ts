import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSummary } from "../../scripts/bench/load.ts";
import { compareRounds, median, quantile } from "../../scripts/bench/numbers.ts";
import { markdown } from "../../scripts/bench/report.ts";
import { writeQueries, writeZone } from "../../scripts/bench/zones.ts";
import { loadZone } from "../../src/control/load-zone.ts";
import { nameFromText } from "../../src/dns/name.ts";

const SUMMARY = `Statistics:

  Queries sent:         90012
  Queries completed:    90000 (99.99%)
  Queries lost:         12 (0.01%)

  Response codes:       NOERROR 89998 (100.00%), SERVFAIL 2 (0.00%)
  Average packet size:  request 38, response 59
  Run time (s):         2.001215
  Queries per second:   44972.679097
`;

describe("readSummary()", () => {
  it("reads dnsperf's counts", () => {
    expect(readSummary(SUMMARY)).toEqual({
      answered: 90_000,
      lost: 12,
      perSecond: 44972.679097,
      rcodes: new Map([
        ["NOERROR", 89_998],
        ["SERVFAIL", 2],
      ]),
    });
  });

  it("gives no number where dnsperf printed none", () => {
    expect(readSummary("").answered).toBeNaN();
  });
});

describe("numbers", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])("median() of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it("quantile() is the least value that the share does not exceed", () => {
    const sorted = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1)]).toEqual([
      50, 99, 100,
    ]);
  });

  it("compareRounds() compares what was measured side by side, not the medians", () => {
    // A slow second round slows both: the ratio is 0.5 throughout.
    expect(compareRounds([1, 10, 2], [2, 20, 4])).toEqual({
      ours: 2,
      theirs: 4,
      ratio: 0.5,
      ratioMin: 0.5,
      ratioMax: 0.5,
    });
  });
});

describe("markdown()", () => {
  it("names what misses", () => {
    const row = { case: "hits", work: "A hits", unit: "us", ours: 5, theirs: 4 } as const;
    const table = markdown([
      { ...row, against: "gdnsd", ratio: 1.25, ratioMin: 1.2, ratioMax: 1.3, limit: 1.05 },
      { ...row, against: "BIND", ratio: 0.6, ratioMin: 0.5, ratioMax: 0.7, limit: 0.65 },
    ]);
    expect(table).toContain(
      "| A hits | gdnsd | 5.00 us | 4.00 | 1.25 (1.20–1.30) | <= 1.05 | MISSES |",
    );
    expect(table).toContain("| <= 0.65 | reached |");
  });
});

describe("zones and questions", () => {
  const folder = mkdtempSync(join(tmpdir(), "livezone-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("writeZone() writes what our own loader takes without a warning", () => {
    const { origin, file } = writeZone(folder, 70, "A and AAAA");
    const loaded = loadZone(nameFromText(`${origin}.`), file, (path) => ({
      kind: "read",
      bytes: readFileSync(path),
    }));
    expect(loaded).toMatchObject({ kind: "good", warnings: [] });
    expect(loaded.kind === "good" && loaded.zone.recordCount).toBe(145);
  });

  it("writeQueries() asks for names of the zone, the same ones for a seed", () => {
    const asked = { kind: "A", names: 50, lines: 200, seed: 1 } as const;
    const first = readFileSync(writeQueries(folder, asked), "utf8");
    const lines = first.trimEnd().split("\n");
    expect(lines).toHaveLength(200);
    for (const line of lines) expect(line).toMatch(/^h[1-4]?\d\.bench\.example A$/);
    rmSync(writeQueries(folder, asked));
    expect(readFileSync(writeQueries(folder, asked), "utf8")).toBe(first);
  });
});
