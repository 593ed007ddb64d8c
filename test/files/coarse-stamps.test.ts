import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { Files } from "../../src/files/watch.ts";
import { SimulatedTime } from "./simulated-time.ts";

// A file system whose time stamps stand still for so long that two writes get the same one.
const STAMP_WALL_MS = Date.UTC(2030, 0, 1);
vi.mock("../../src/files/read.ts", async (original) => ({
  ...(await original<typeof import("../../src/files/read.ts")>()),
  lookAt: () => ({ signature: "as ever", writtenWallMs: STAMP_WALL_MS, octets: 3 }),
}));

const folder = mkdtempSync(join(tmpdir(), "livezone-files-"));
const path = join(folder, "a.zone");

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("looks twice at fresh files, and sees a second write within one time stamp", () => {
  const time = new SimulatedTime(STAMP_WALL_MS);
  const files = new Files({ time });
  writeFileSync(path, "one");
  files.read(path);
  writeFileSync(path, "two");
  const calls: (readonly string[])[] = [];
  files.watch([path], (paths) => calls.push(paths));
  time.run(5000);
  files.close();
  expect(calls).toEqual([[path]]);
});
