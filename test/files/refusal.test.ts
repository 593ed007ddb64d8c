import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fileRefusal } from "../../src/files/refusal.ts";

const folder = mkdtempSync(join(tmpdir(), "livezone-refusal-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  chmodSync(path, mode);
  return path;
}

it("lets files be what they are named for", () => {
  expect(fileRefusal(file("program", 0o755), "program")).toBeUndefined();
  expect(fileRefusal(file("text", 0o644), "text")).toBeUndefined();
  expect(fileRefusal(file("secret", 0o640), "secret")).toBeUndefined();
});

it("says what they are not, and the mend", () => {
  const none = join(folder, "none");
  for (const use of ["program", "text", "secret"] as const) {
    expect(fileRefusal(none, use)).toBe(`there is no file "${none}"; write the path of one`);
    expect(fileRefusal(folder, use)).toContain("is not a file; ");
  }
  expect(fileRefusal(file("open", 0o757), "program")).toContain("chmod go-w it");
  expect(fileRefusal(file("plain", 0o644), "program")).toContain("chmod +x it");
  expect(fileRefusal(file("told", 0o644), "secret")).toContain("chmod o-r it");
});
