import { expect, it } from "vitest";
import { type ProgramFacts, programRefusal } from "../../src/base/program.ts";

const GOOD: ProgramFacts = { isFile: true, mode: 0o100755, ownerId: 0, folderMode: 0o40755 };

it.each([
  ["root's own", {}, undefined],
  ["ours", { ownerId: 1000 }, undefined],
  ["in a sticky folder", { folderMode: 0o41777 }, undefined],
  ["another user's", { ownerId: 7 }, "belongs to another user"],
  ["writable by its group", { mode: 0o100775 }, "can be rewritten by others"],
  ["writable by all", { mode: 0o100757 }, "can be rewritten by others"],
  ["no program", { mode: 0o100644 }, "cannot be executed"],
  ["a folder", { isFile: false, mode: 0o40755 }, "is not a file"],
  ["in an open folder", { folderMode: 0o40777 }, "the folder of"],
] as const)("programRefusal() of a program that is %s", (_title, facts, why) => {
  const refusal = programRefusal("/opt/check", { ...GOOD, ...facts }, 1000);
  if (why === undefined) expect(refusal).toBeUndefined();
  else expect(refusal).toMatch(new RegExp(`${why}.*; `));
});

it("programRefusal() of nothing names it", () => {
  expect(programRefusal("/opt/check", undefined, 0)).toBe(
    'there is no file "/opt/check"; write the program\'s full path',
  );
});
