// Scenario files: blocks of a title, settings, and lines of a time and what happens. Indented below
// each is what is then said, until the next line.

import { readFileSync } from "node:fs";

/** One scenario as it is written. */
export interface Scenario {
  readonly title: string;
  readonly comments: readonly string[];
  readonly settings: readonly string[];
  /** What is expected before the first timed line; then timed lines, each followed by the same. */
  readonly expected: readonly (readonly string[])[];
}

/** A scenario, or a comment that stands alone. */
export type Block = Scenario | { readonly text: string };

/** Reads the blocks of a file, which empty lines part. */
export function readScenarios(url: URL): readonly Block[] {
  const blocks = readFileSync(url, "utf8")
    .trimEnd()
    .split(/\n{2,}/);
  return blocks.map(readBlock);
}

function readBlock(text: string): Block {
  const lines = text.split("\n");
  const comments = lines.filter((line) => line.startsWith("#"));
  if (comments.length === lines.length) return { text };
  const settings: string[] = [];
  const expected: string[][] = [[]];
  for (const line of lines.slice(comments.length)) {
    if (/^\d/.test(line)) expected.push([line]);
    else if (line.startsWith(" ")) expected.at(-1)?.push(line.trim());
    else settings.push(line);
  }
  const title = comments.map((line) => line.slice(1).trim()).join(" ");
  return { title, comments, settings, expected };
}

/** The script of a scenario. */
export function linesOf({ settings, expected }: Scenario): readonly string[] {
  return [...settings, ...expected.slice(1).map(([line = ""]) => line)];
}

/** A scenario's text with what was said in place of what was expected. */
export function withTold(scenario: Scenario, told: readonly (readonly string[])[]): string {
  const [first = [], ...rest] = told;
  return [
    ...scenario.comments,
    ...scenario.settings,
    ...first.map(indented),
    ...rest.flatMap(([line = "", ...said]) => [line, ...said.map(indented)]),
  ].join("\n");
}

function indented(line: string): string {
  return `  ${line}`;
}
