// The timeline from what was seen to what is drawn, without a lab: a made-up failover, its plain text.
// UPDATE_EXPECTED=1 writes it as it is now.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  drawEntry,
  drawLanes,
  drawMissing,
  drawResult,
  drawTallies,
  drawTitle,
} from "../../scripts/labs/draw.ts";
import { Judge } from "../../scripts/labs/judge.ts";
import { readScenario } from "../../scripts/labs/scenario.ts";
import type { Seen } from "../../scripts/labs/seen.ts";
import { type Entry, entryOfLog, Watch } from "../../scripts/labs/timeline.ts";
import { paintFor } from "../../src/cli/paint.ts";

const EXPECTED = "test/data/lab-timeline.txt";
const ZERO_MS = Date.parse("2026-01-01T00:00:00.000Z");

const SCENARIO = readScenario(
  "made-up",
  `# A made-up failover
#
# One sentence about it,
# on two lines.
#
# Another paragraph.
lanes: livezone bind
0s: kill web1
  within 0.3s: livezone pool.swapped, answers web2
  within 2s: bind answers web2
  within 0.5s: bind requests succeed
  never: livezone pool.failed-open
  never within 1s: any requests fail
9s: end
`,
);

const answer = (lane: string, atMs: number, address: string): Seen => {
  return { kind: "answer", lane, atMs: ZERO_MS + atMs, answer: address, ttl: 3 };
};
const request = (atMs: number, page?: string): Seen => {
  return { kind: "request", lane: "bind", atMs: ZERO_MS + atMs, page, why: "connection refused" };
};

const SEEN: readonly Seen[] = [
  answer("livezone", -500, "192.0.2.10"),
  answer("bind", -400, "192.0.2.10"),
  request(-200, "web1"),
  request(200),
  answer("livezone", 160, "192.0.2.20"),
  request(400),
  request(600),
  answer("bind", 1900, "192.0.2.20"),
  request(2000, "web2"),
  answer("bind", 8500, "192.0.2.10"),
  request(8600, "web1"),
  request(8800, "web1"),
];

const LOG = [
  `{"level":"warn","time":"2026-01-01T00:00:00.150Z","event":"pool.swapped","msg":"Swap 2: www.lab.example answers 192.0.2.20: 192.0.2.10 is down (3 failures in a row, connect-refused); serving 192.0.2.20"}`,
  `{"level":"debug","time":"2026-01-01T00:00:00.151Z","event":"probe.observed","msg":"of no interest"}`,
  "not a line of the log",
];

it("drawing a timeline tells entries, verdicts, lanes and sums, as plain text", () => {
  const paint = paintFor(false);
  const watch = new Watch(ZERO_MS - 1000);
  for (const seen of SEEN.slice(0, 3)) watch.take(seen);
  const begun = watch.from(ZERO_MS);
  const deed: Entry = { atMs: 0, source: "lab", tone: "deed", event: "", text: "web1 is killed" };
  const entries = [
    deed,
    ...SEEN.slice(3).flatMap((seen) => begun.take(seen)),
    ...LOG.flatMap((line) => entryOfLog(line, ZERO_MS) ?? []),
  ].sort((a, b) => a.atMs - b.atMs);
  const judge = new Judge();
  judge.expect(SCENARIO.steps[0]?.expected ?? [], 0);
  const lanes = SCENARIO.lanes.map((name) => ({ name, tally: begun.tally(name) }));
  const lines = [
    ...drawTitle(SCENARIO.title, SCENARIO.about, paint),
    ...entries.flatMap((entry) => drawEntry(entry, judge.take(entry), paint)),
    ...drawLanes({ durationMs: 9000, lanes, deeds: [deed] }, paint),
    ...drawTallies(lanes, paint),
    ...drawMissing(judge.verdicts, paint),
    drawResult(SCENARIO.name, judge.verdicts, paint),
  ];
  const text = `${lines.join("\n")}\n`;
  if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(EXPECTED, text);
  expect(text).toBe(readFileSync(EXPECTED, "utf8"));
});

it.each([
  { pages: ["web1", undefined, undefined, "web2"], told: "after 0.4 s, 2 failed: web2" },
  { pages: ["web1", "web1", "web2", "web2"], told: "none failed: web2" },
  {
    pages: ["web1", "web2", undefined, "web2"],
    told: "none failed: web2 | after 0.2 s, 1 failed: web2",
  },
  { pages: ["web1", "web1", "web1", "web1"], told: "" },
  // What failed before the scenario began is no success of the scenario.
  { pages: [undefined, "web1", "web1", "web1"], told: "" },
])("requests through a lane that bring $pages succeed: $told", ({ pages, told }) => {
  const [before, ...others] = pages.map((page, index) => request(index * 200, page));
  const beginning = new Watch(ZERO_MS - 1000);
  if (before !== undefined) beginning.take(before);
  const watch = beginning.from(ZERO_MS);
  const texts = others.flatMap((seen) => watch.take(seen)).map(({ text }) => text);
  const successes = texts.flatMap((text) => /^requests succeed,? (.*)$/.exec(text)?.[1] ?? []);
  expect(successes.join(" | ")).toBe(told);
});

it("the first request of a lane is no success, wherever its resolver led before", () => {
  const watch = new Watch(ZERO_MS);
  watch.take(answer("bind", 0, "192.0.2.20"));
  expect(watch.take(request(200, "web1"))).toEqual([]);
});

it("windows grow with patience, at their upper end, and not where nothing is to be seen", () => {
  const judge = new Judge(3);
  const late: Entry = { atMs: 0, source: "bind", tone: "plain", event: "", text: "requests fail" };
  const [, , , , never] = SCENARIO.steps[0]?.expected ?? [];
  judge.expect(never === undefined ? [] : [never], 0);
  // What the step was done upon.
  expect(judge.take(late)).toEqual([]);
  expect(judge.take({ ...late, atMs: 1001 })).toEqual([]);
  expect(judge.take({ ...late, atMs: 999 })).toHaveLength(1);
});
