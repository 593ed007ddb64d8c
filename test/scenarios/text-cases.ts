// Text tables: cases of input lines, "----", and the lines expected. A comment stands above each.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";

/** One case of a text table. */
export interface TextCase {
  /** The comment lines above the case, without their "# ". */
  readonly title: string;
  readonly input: readonly string[];
  readonly expected: readonly string[];
}

/**
 * Declares one test for each case of `test/data/FILE`. With UPDATE_EXPECTED=1 the expected lines are
 * written anew; read that difference like code.
 */
export function testTextCases(file: string, run: (input: readonly string[]) => readonly string[]) {
  const url = new URL(`../data/${file}`, import.meta.url);
  const blocks = readFileSync(url, "utf8")
    .trimEnd()
    .split(/\n{2,}/);
  const written: string[] = [];
  for (const block of blocks) {
    const lines = block.split("\n");
    if (lines.every((line) => line.startsWith("#"))) {
      written.push(block);
      continue;
    }
    const textCase = readCase(lines);
    it(textCase.title, () => {
      const actual = run(textCase.input);
      if (process.env["UPDATE_EXPECTED"] === "1") {
        written.push([...head(lines), "----", ...actual].join("\n"));
        if (written.length === blocks.length) writeFileSync(url, `${written.join("\n\n")}\n`);
        return;
      }
      expect(actual).toEqual(textCase.expected);
    });
  }
}

function readCase(lines: readonly string[]): TextCase {
  const comments = lines.filter((line) => line.startsWith("#"));
  const end = lines.indexOf("----");
  return {
    title: comments.map((line) => line.slice(1).trim()).join(" "),
    input: head(lines).filter((line) => !line.startsWith("#")),
    expected: end < 0 ? ["(no expected lines)"] : lines.slice(end + 1),
  };
}

function head(lines: readonly string[]): readonly string[] {
  const end = lines.indexOf("----");
  return end < 0 ? lines : lines.slice(0, end);
}
