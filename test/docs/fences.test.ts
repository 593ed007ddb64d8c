import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readFences } from "./fences.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "livezone-fences-"));
const PAGE = join(FOLDER, "page.md");
const FENCE = "```";

function read(info: string, ...lines: readonly string[]): ReturnType<typeof readFences> {
  writeFileSync(PAGE, ["# Page", "", FENCE + info, ...lines, FENCE, "end"].join("\n"));
  return readFences(PAGE);
}

describe("readFences()", () => {
  afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

  it("reads commands, comments and what output is to hold", () => {
    const [fence] = read(
      "sh",
      "dig a  # 192.0.2.1, soon",
      "# only words",
      "",
      "b \\",
      "  --c  # d",
    );
    expect(fence?.place).toBe(`${PAGE}:3`);
    expect(fence?.commands).toEqual([{ text: "dig a", holds: "192.0.2.1" }, { text: "b   --c" }]);
  });

  it.each([
    ["sh background", { isBackground: true, exits: 0 }],
    ["sh exits=3", { isBackground: false, exits: 3 }],
    ["sh with=sample", { with: "sample" }],
    ["sh not run: it costs a day", { notRun: "it costs a day" }],
    ["yaml file=a/b.yaml", { file: "a/b.yaml", commands: [], text: "x\n" }],
    ["sh file=hook", { file: "hook", commands: [] }],
    ["text", { commands: [] }],
  ])("reads %s", (info, expected) => {
    expect(read(info, "x")).toEqual([expect.objectContaining(expected)]);
  });

  it.each(["sh backgruond", "sh not run:", "sh exits=bad", "yaml fil=x"])("refuses %s", (info) => {
    expect(() => read(info, "x")).toThrow(/page\.md:3: "/);
  });

  it("refuses a fence without an end", () => {
    writeFileSync(PAGE, `${FENCE}sh\nx`);
    expect(() => readFences(PAGE)).toThrow("the fence has no end");
  });
});
