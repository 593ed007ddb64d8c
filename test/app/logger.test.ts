import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Log, openLog } from "../../src/app/logger.ts";
import { LOG_DEFAULTS } from "../../src/config/running.ts";
import { event } from "../../src/events/event.ts";

const AT = Date.UTC(2026, 0, 1);
const LINES_MAX = 2000;

describe("openLog()", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "livezone-log-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function tell(log: Log, number: number): void {
    log.emit(event("config.loaded", `line ${number}`, { file: "x".repeat(100) }), AT);
  }

  function told(file: string): string[] {
    const lines = readFileSync(join(folder, file), "utf8").split("\n");
    return lines
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
  }

  it("writes a file, in folders that it makes", async () => {
    const log = await openLog({ ...LOG_DEFAULTS, file: join(folder, "a/b/log") }, true);
    tell(log, 1);
    await log.flush();
    expect(told("a/b/log")).toEqual(["line 1"]);
  });

  it("goes on in a new file when its own was moved away", async () => {
    const file = join(folder, "log");
    const log = await openLog({ ...LOG_DEFAULTS, file }, false);
    tell(log, 1);
    await log.flush();
    renameSync(file, join(folder, "log.old"));
    log.reopen();
    tell(log, 2);
    await log.flush();
    await expect.poll(() => readdirSync(folder)).toEqual(["log", "log.old"]);
    await expect.poll(() => told("log")).toEqual(["line 2"]);
    expect(told("log.old")).toEqual(["line 1"]);
  });

  it("begins another file when one is full, and keeps so many", async () => {
    const rotation = { octetsMax: 2048, every: undefined, keep: 2 };
    const log = await openLog({ ...LOG_DEFAULTS, file: join(folder, "z.log"), rotation }, false);
    let last = 0;
    // A file is put aside when all that was said is written: not in the midst of it.
    while (last < LINES_MAX && !readdirSync(folder).includes("z.6.log")) {
      for (let i = 0; i < 20; i++) tell(log, ++last);
      await expect.poll(() => readdirSync(folder).flatMap(told)).toContain(`line ${last}`);
    }
    await expect.poll(() => readdirSync(folder).length).toBeLessThanOrEqual(4);
    expect(readdirSync(folder).length).toBeGreaterThanOrEqual(3);
    const files = readdirSync(folder).sort(
      (a, b) => Number(a.split(".")[1]) - Number(b.split(".")[1]),
    );
    const lines = files.flatMap(told);
    expect(files.every((file) => /^z\.\d+\.log$/.test(file))).toBe(true);
    // The newest lines, without a gap.
    expect(lines).toEqual(lines.map((_, i) => `line ${last - lines.length + 1 + i}`));
    expect(lines.length).toBeGreaterThan(10);
  });

  it("refuses a file that cannot be written", async () => {
    const file = join(folder, "is-a-folder");
    mkdirSync(file);
    const opening = openLog({ ...LOG_DEFAULTS, file }, false);
    await expect(opening).rejects.toThrow(`Cannot write log "${file}": EISDIR`);
  });
});
