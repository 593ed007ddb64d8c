// Every command in the documents is run, as a reader would who follows them from top to bottom.

import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { type Command, type Fence, readFences } from "./fences.ts";
import { type Outcome, ReaderShell } from "./reader-shell.ts";

const DOCUMENTS = [
  ...["README.md", "CONTRIBUTING.md"],
  ...readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
/** How long an answer may take to become what the document says. */
const HOLDS_WITHIN_MS = 15_000;
const LOOK_MS = 200;
/** Commands that no test can run: each has its reason beside it, and there are to be few. */
const NOT_RUN_MAX = 30;
const DOCUMENT_WITHIN_MS = 300_000;

const fencesOf = new Map(DOCUMENTS.map((path) => [path, readFences(path)]));

const followed = DOCUMENTS.filter((path) => fencesOf.get(path)?.some(isRun));

describe.each(followed)("%s", (path) => {
  const fences = (fencesOf.get(path) ?? []).filter((fence) => isRun(fence) || isWritten(fence));
  const reader = new ReaderShell();
  let hasSample = false;
  afterAll(() => reader.close());

  it.each(fences)(
    "$place",
    async (fence) => {
      if (fence.file !== undefined) reader.write(fence.file, fence.text);
      if (fence.with === "sample" && !hasSample) {
        hasSample = true;
        const { status, output } = await reader.start("scripts/start");
        expect(status, output).toBe(0);
      }
      for (const [i, command] of fence.commands.entries()) {
        const isLast = i === fence.commands.length - 1;
        const { status, output } = await follow(reader, fence, command);
        expect(status, `${command.text}\n${output}`).toBe(isLast ? fence.exits : 0);
        if (command.holds !== undefined) expect(output, command.text).toContain(command.holds);
      }
    },
    DOCUMENT_WITHIN_MS,
  );
});

it("says why what is not run is not, and that is little", () => {
  const left = [...fencesOf.values()].flat().filter(({ notRun }) => notRun !== undefined);
  const commands = left.flatMap((fence) => fence.commands);
  expect(commands.length).toBeLessThanOrEqual(NOT_RUN_MAX);
});

function isRun({ commands, notRun }: Fence): boolean {
  return commands.length > 0 && notRun === undefined;
}

function isWritten({ file }: Fence): boolean {
  return file !== undefined;
}

/** Runs a command; one whose output is to become something is tried again until it is. */
async function follow(reader: ReaderShell, fence: Fence, command: Command): Promise<Outcome> {
  if (fence.isBackground) return await reader.start(command.text);
  for (let waited = 0; ; waited += LOOK_MS) {
    const outcome = await reader.run(command.text);
    const isSo = command.holds === undefined || outcome.output.includes(command.holds);
    if (isSo || waited >= HOLDS_WITHIN_MS) return outcome;
    await sleep(LOOK_MS);
  }
}
