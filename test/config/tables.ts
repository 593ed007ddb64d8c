// Text tables of configuration files and what is said about them. A case is
//   === title / the file / >>> / the expected lines
// UPDATE_EXPECTED=1 writes the lines as they are now.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";

interface Case {
  readonly title: string;
  readonly input: string;
  readonly expected: string;
}

const SHOULD_UPDATE = process.env["UPDATE_EXPECTED"] === "1";

/** Runs every case of a table through `describe`, which says in lines what came of the input. */
export function runTable(
  url: URL,
  describe: (input: string) => readonly string[] | Promise<readonly string[]>,
): void {
  const [head = "", ...blocks] = readFileSync(url, "utf8").split(/^=== /m);
  const actual: string[] = [];
  for (const block of blocks) {
    const { title, input, expected } = readCase(block);
    it(title, async () => {
      const said = (await describe(input)).join("\n");
      actual.push(`=== ${title}\n${input}>>>\n${said}\n\n`);
      if (!SHOULD_UPDATE) expect(said).toBe(expected);
    });
  }
  afterAll(() => {
    if (SHOULD_UPDATE) writeFileSync(url, head + actual.join("").replace(/\n\n$/, "\n"));
  });
}

function readCase(block: string): Case {
  const titleEnd = block.indexOf("\n");
  const [input = "", expected = ""] = block.slice(titleEnd + 1).split(/^>>>\n/m);
  return { title: block.slice(0, titleEnd), input, expected: expected.replace(/\n+$/, "") };
}
