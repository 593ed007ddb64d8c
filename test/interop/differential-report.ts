// What a run has found, as text that can be pasted into a table.

import { ASPECTS, readingToText } from "./differential-answers.ts";
import { PEERS } from "./differential-peers.ts";
import { questionToText } from "./differential-questions.ts";
import { relatedLines } from "./differential-related.ts";
import type { Finding, RunReport } from "./differential-run.ts";

/** One finding: the zone lines that matter, the question, what the peers say and what we say. */
export function findingToText(finding: Finding): string {
  const { seed, zones, question, aspects, peers, ours } = finding;
  const expected = peers.get("knot");
  return [
    `# seed ${seed}: ${aspects.join(", ")}`,
    ...relatedLines(zones, question),
    questionToText(question),
    "---- peers (Knot's)",
    expected === undefined ? "" : readingToText(expected),
    "---- livezone",
    readingToText(ours),
  ].join("\n");
}

/** Sums as a few lines. */
export function reportToText(report: RunReport): string {
  const share = (count: number): string =>
    `${count} (${((100 * count) / Math.max(1, report.questions)).toFixed(1)} %)`;
  const aspects = new Map<string, number>();
  for (const { aspects: differing } of report.findings) {
    const key = differing.join("+");
    aspects.set(key, (aspects.get(key) ?? 0) + 1);
  }
  return [
    `questions ${report.questions}, peers agree on all of ${share(report.agreed)}`,
    `peers agree by aspect: ${ASPECTS.map((a) => `${a} ${share(report.agreedOn[a])}`).join(", ")}`,
    `one peer alone differs: ${PEERS.map((p) => `${p} ${report.alone[p]}`).join(", ")}`,
    `disagreements of livezone: ${report.findings.length}, and ${report.excepted} on the list`,
    ...[...aspects].map(([key, count]) => `  ${key}: ${count}`),
    `answers longer than Knot's: ${report.longer.length} of ${report.measured}`,
    ...report.longer.slice(0, 10).map(({ seed, question, octets, knotOctets }) => {
      return `  seed ${seed} ${questionToText(question)}: ${octets}, Knot's ${knotOctets}`;
    }),
  ].join("\n");
}
