// The tables of docs/how-failover-decides.md are those of the code's own comments.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ROOT = new URL("../../", import.meta.url);
const DOC = new URL("docs/how-failover-decides.md", ROOT);
const BLOCK = /<!-- table: (\S+) (\S+) -->\n(?:```text\n([\s\S]*?)```\n)?<!-- end -->/g;

/** The indented lines of the doc comment above an export: its truth tables, blocks apart. */
function tablesOf(file: string, name: string): string {
  const source = readFileSync(new URL(file, ROOT), "utf8");
  const at = source.search(new RegExp(`^export (?:function|type) ${name}\\b`, "m"));
  const start = source.lastIndexOf("/**", at);
  if (at < 0 || start < 0) throw new Error(`${file} exports no ${name} with a comment`);
  const lines = source
    .slice(start, at)
    .split("\n")
    .map((line) => line.replace(/^ \* ?/, ""));
  const blocks: string[] = [];
  let isInside = false;
  for (const line of lines) {
    const isTable = line.startsWith("  ");
    if (isTable && !isInside && blocks.length > 0) blocks.push("");
    if (isTable) blocks.push(line.slice(2));
    isInside = isTable;
  }
  return blocks.map((line) => `${line}\n`).join("");
}

describe("docs/how-failover-decides.md", () => {
  it("shows the tables that the code obeys", () => {
    const doc = readFileSync(DOC, "utf8");
    const current = doc.replace(BLOCK, (_, file: string, name: string) => {
      const tables = tablesOf(file, name);
      expect(tables.split("\n").length, `${name} has a table`).toBeGreaterThan(2);
      return `<!-- table: ${file} ${name} -->\n\`\`\`text\n${tables}\`\`\`\n<!-- end -->`;
    });
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(DOC, current);
    expect(doc.match(BLOCK)?.length).toBeGreaterThan(10);
    expect(readFileSync(DOC, "utf8")).toBe(current);
  });
});
