// The same files, read by BIND's own parser and by ours.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printZone } from "../../src/zonefile/print.ts";
import { filesOf, parseBytes, readerOf } from "../zonefile/parsing.ts";

const NAMED_CHECKZONE = ["/usr/bin/named-checkzone", "/usr/sbin/named-checkzone"].find(existsSync);

describe.skipIf(NAMED_CHECKZONE === undefined)("printZone() agrees with named-checkzone on", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "livezone-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(zones())("$title", ({ lines }) => {
    const files = filesOf(lines);
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const { parsed, records } = parseBytes(files.get("zone") ?? new Uint8Array(), readerOf(files));
    expect(parsed.problems.filter((problem) => problem.severity === "error")).toEqual([]);
    expect([...printZone(records)]).toEqual(dumped(folder));
  });
});

function zones(): { title: string; lines: string[] }[] {
  const text = readFileSync(new URL("../data/zonefile-named.txt", import.meta.url), "utf8");
  const [, ...blocks] = text.trimEnd().split("\n\n");
  return blocks.map((block) => {
    const [title = "", ...lines] = block.split("\n");
    return { title: title.replace(/^# /, ""), lines };
  });
}

/** BIND's dump of the file "zone", its columns parted as ours are. */
function dumped(folder: string): string[] {
  // Integrity checks are another room's; here it is the text alone.
  const options = ["-D", "-q", "-i", "none", "-k", "ignore", "-o", "dump", "example.org", "zone"];
  const run = spawnSync(NAMED_CHECKZONE ?? "", options, { cwd: folder, encoding: "utf8" });
  expect([run.status, run.stderr]).toEqual([0, ""]);
  const lines = readFileSync(join(folder, "dump"), "latin1").trimEnd().split("\n");
  return lines.map((line) => line.replace(/^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+/, "$1\t$2\tIN\t$3\t"));
}
