// The one list of questions that livezone may answer unlike its peers, with the RFCs' reasons.

import { readFileSync } from "node:fs";
import { readingToText } from "./differential-answers.ts";
import { questionToText } from "./differential-questions.ts";
import type { Finding } from "./differential-run.ts";

/** The longest that the list may get. */
export const EXCEPTIONS_MAX = 10;

/** One entry: what has to fit for a finding to be an exception. */
export interface Exception {
  readonly reason: string;
  readonly aspects: RegExp;
  readonly question: RegExp;
  readonly peers: RegExp;
  readonly livezone: RegExp;
  /** Only where livezone gives whole what the peers truncate. */
  readonly isWhole: boolean;
}

/** Reads the list. */
export function readExceptions(): readonly Exception[] {
  const url = new URL("../data/differential-exceptions.txt", import.meta.url);
  const [, ...blocks] = readFileSync(url, "utf8").trimEnd().split("\n\n");
  return blocks.map((block) => {
    const lines = block.split("\n");
    const value = (key: string): string =>
      lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1) ?? "";
    return {
      reason: lines
        .filter((line) => line.startsWith("# "))
        .map((line) => line.slice(2))
        .join(" "),
      aspects: new RegExp(`^(?:${value("aspects")})$`),
      question: new RegExp(value("question")),
      peers: new RegExp(value("peers")),
      livezone: new RegExp(value("livezone")),
      isWhole: lines.includes("whole"),
    };
  });
}

/** Whether a finding is one that the list allows. */
export function isExcepted(exceptions: readonly Exception[], finding: Finding): boolean {
  const { aspects, question, peers, ours } = finding;
  const expected = peers.get("knot");
  return exceptions.some(
    (exception) =>
      exception.aspects.test(aspects.join(" ")) &&
      exception.question.test(questionToText(question)) &&
      exception.peers.test(expected === undefined ? "" : readingToText(expected)) &&
      exception.livezone.test(readingToText(ours)) &&
      (!exception.isWhole || finding.isWhole),
  );
}
