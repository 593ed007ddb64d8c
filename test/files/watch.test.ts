import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import { lookAt, lookOf, readWhole } from "../../src/files/read.ts";
import { Files } from "../../src/files/watch.ts";
import { SimulatedTime } from "./simulated-time.ts";

let folder: string;
let files: Files;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "livezone-files-"));
});

afterEach(() => {
  files.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Watches `names` with real watchers, and hands out the calls of `changed` one by one. */
function watched(names: readonly string[], options: { pollMs?: number; quietMs?: number } = {}) {
  const { pollMs = 60_000, quietMs = 20 } = options;
  files = new Files({ time: realTime, pollMs, quietMs });
  const paths = names.map((name) => join(folder, name));
  const calls: (readonly string[])[] = [];
  let wake = (): void => {};
  files.watch(paths, (changed) => {
    calls.push(changed.map((path) => path.slice(folder.length + 1)).sort());
    wake();
  });
  const next = async (): Promise<readonly string[]> => {
    if (calls.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return calls.shift() ?? [];
  };
  return { calls, next };
}

describe("Files.read", () => {
  beforeEach(() => {
    files = new Files({ time: realTime });
  });

  it("returns octets and hash", () => {
    const path = join(folder, "a.zone");
    writeFileSync(path, "abc");
    const read = files.read(path);
    expect(read.kind === "read" && [Buffer.from(read.bytes).toString(), read.sha256]).toEqual([
      "abc",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ]);
  });

  it("says in one sentence why a file cannot be read", () => {
    const absent = join(folder, "a.zone");
    expect(files.read(absent)).toEqual({
      kind: "failed",
      code: "ENOENT",
      message: `Cannot read zone file "${absent}": it does not exist`,
    });
    const inFile = join(folder, "b.yaml", "c.yaml");
    writeFileSync(join(folder, "b.yaml"), "");
    expect(files.read(inFile)).toMatchObject({
      code: "ENOTDIR",
      message: `Cannot read configuration file "${inFile}": it does not exist`,
    });
    expect(files.read(folder)).toMatchObject({
      code: "EISDIR",
      message: `Cannot read zone file "${folder}": it is a folder`,
    });
    expect(files.read("/dev/zero")).toMatchObject({
      code: "NOT_A_FILE",
      message: 'Cannot read zone file "/dev/zero": it is not a regular file',
    });
    symlinkSync("loop", join(folder, "loop"));
    expect(files.read(join(folder, "loop"))).toMatchObject({ code: "ELOOP" });
  });

  it("names a lack of permission", () => {
    const path = join(folder, "a.zone");
    writeFileSync(path, "abc");
    chmodSync(path, 0);
    const isRoot = process.geteuid?.() === 0;
    // Root may read everything, so the test becomes somebody else for a moment.
    if (isRoot) process.seteuid?.(65_534);
    const read = files.read(path);
    if (isRoot) process.seteuid?.(0);
    expect(read).toEqual({
      kind: "failed",
      code: "EACCES",
      message: `Cannot read zone file "${path}": permission denied`,
    });
  });
});

describe("Files.watch, by the system's hints", () => {
  it("reports an in-place save", async () => {
    writeFileSync(join(folder, "a.zone"), "one");
    const { next } = watched(["a.zone"]);
    writeFileSync(join(folder, "a.zone"), "two");
    expect(await next()).toEqual(["a.zone"]);
  });

  it("reports an atomic rename, again and again", async () => {
    writeFileSync(join(folder, "a.zone"), "0");
    const { next } = watched(["a.zone"]);
    for (const content of ["1", "2", "3"]) {
      writeFileSync(join(folder, ".a.zone.swp"), content);
      renameSync(join(folder, ".a.zone.swp"), join(folder, "a.zone"));
      expect(await next()).toEqual(["a.zone"]);
    }
  });

  it("reports that a file went and came back", async () => {
    writeFileSync(join(folder, "a.zone"), "one");
    const { next } = watched(["a.zone"]);
    rmSync(join(folder, "a.zone"));
    expect(await next()).toEqual(["a.zone"]);
    writeFileSync(join(folder, "a.zone"), "one");
    expect(await next()).toEqual(["a.zone"]);
  });

  it("reports files saved together in one call, and no others", async () => {
    for (const name of ["a.zone", "a.pools.yaml", "b.zone"]) writeFileSync(join(folder, name), "1");
    // The default's patience: a busy machine may let some time pass between two hints.
    const { next } = watched(["a.zone", "a.pools.yaml", "b.zone"], { quietMs: 100 });
    writeFileSync(join(folder, "a.zone"), "2");
    writeFileSync(join(folder, "a.pools.yaml"), "2");
    expect(await next()).toEqual(["a.pools.yaml", "a.zone"]);
  });

  it("reports a link whose way was turned, as a mounted ConfigMap does", async () => {
    for (const version of ["v1", "v2"]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, "a.zone"), version);
    }
    symlinkSync("v1", join(folder, "..data"));
    symlinkSync("..data/a.zone", join(folder, "a.zone"));
    const { next } = watched(["a.zone"]);
    symlinkSync("v2", join(folder, "..data.new"));
    renameSync(join(folder, "..data.new"), join(folder, "..data"));
    expect(await next()).toEqual(["a.zone"]);
  });

  it("finds a folder that did not exist, and one that was replaced", async () => {
    const { next } = watched(["sub/a.zone"], { pollMs: 50 });
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub", "a.zone"), "1");
    expect(await next()).toEqual(["sub/a.zone"]);
    renameSync(join(folder, "sub"), join(folder, "old"));
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub", "a.zone"), "2");
    expect(await next()).toEqual(["sub/a.zone"]);
  });
});

describe("Files.watch, on a simulated clock", () => {
  let time: SimulatedTime;
  let calls: (readonly string[])[];
  const write = (content: string): void => writeFileSync(join(folder, "a.zone"), content);

  beforeEach(() => {
    time = new SimulatedTime();
    calls = [];
    files = new Files({ time, restlessMaxMs: 1000 });
    write("one");
    files.watch([join(folder, "a.zone")], (paths) => calls.push(paths));
    time.run(5000);
  });

  it("sees a change at the next poll where the system gives no hint", () => {
    write("two");
    // Polls are 2 s apart, and 5 s have gone by.
    time.run(1099);
    expect(calls).toEqual([]);
    time.run(1);
    expect(calls).toHaveLength(1);
    time.run(60_000);
    expect(calls).toHaveLength(1);
  });

  it("waits until a save in progress is quiet for 100 ms", () => {
    write("");
    files.rescan();
    for (let part = 1; part <= 8; part++) {
      time.run(60);
      write("x".repeat(part));
    }
    expect(calls).toEqual([]);
    time.run(199);
    expect(calls).toHaveLength(1);
    expect(files.read(join(folder, "a.zone"))).toMatchObject({ bytes: Buffer.from("xxxxxxxx") });
  });

  // Both are saved at 0 ms and looked at then, and b.zone again at the times given. Nobody hints.
  it.each([
    { again: [60], told: ["200 a.zone b.zone"], why: "waits for one that stirred a moment later" },
    { again: [60, 150], told: ["200 a.zone", "300 b.zone"], why: "waits another 100 ms at most" },
    { again: [150], told: ["100 a.zone b.zone", "2100 b.zone"], why: "not for what stirs later" },
  ])("tells files saved together in one call, and $why", ({ again, told }) => {
    const other = join(folder, "b.zone");
    const paths = [join(folder, "a.zone"), other];
    writeFileSync(other, "one");
    files.watch(paths, () => {});
    time.run(5000);
    const startedMs = time.nowMs();
    const heard: string[] = [];
    for (const path of paths) writeFileSync(path, "two");
    files.watch(paths, (changed) => {
      const names = changed.map((path) => path.slice(folder.length + 1)).sort();
      heard.push([time.nowMs() - startedMs, ...names].join(" "));
    });
    for (const atMs of again) {
      time.run(startedMs + atMs - time.nowMs());
      writeFileSync(other, `two, and more at ${atMs} ms`);
    }
    time.run(2500);
    expect(heard).toEqual(told);
  });

  it("looks at files that stirred one after the other all at once", () => {
    const names = Array.from({ length: 100 }, (_, i) => join(folder, `${i}.zone`));
    for (const name of names) writeFileSync(name, "one");
    files.watch(names, (paths) => calls.push(paths));
    time.run(5000);
    for (const name of names) writeFileSync(name, "two");
    const before = time.ran;
    // Each look takes half a millisecond, so that the last of them is suspected 50 ms after the first.
    time.stepMs = 0.5;
    files.rescan();
    time.run(400);
    expect(calls).toEqual([names]);
    expect(time.ran - before).toBe(2);
  });

  it("does not wait for ever for a file that never is quiet", () => {
    const startedMs = time.nowMs();
    files.rescan();
    for (let part = 0; calls.length === 0 && part < 1000; part++) {
      write("y".repeat(part));
      time.run(10);
    }
    const tookMs = time.nowMs() - startedMs;
    expect(tookMs).toBeGreaterThanOrEqual(1000);
    expect(tookMs).toBeLessThanOrEqual(1100);
  });

  it("says nothing of a file that was touched, or written with the same content", () => {
    utimesSync(join(folder, "a.zone"), 1, 1);
    time.run(5000);
    write("one");
    time.run(5000);
    files.rescan();
    time.run(5000);
    expect(calls).toEqual([]);
  });

  it("says nothing of what read has returned meanwhile", () => {
    write("two");
    files.read(join(folder, "a.zone"));
    time.run(5000);
    expect(calls).toEqual([]);
  });

  it("sees what was written between the first reading and the watch", () => {
    const other = join(folder, "b.zone");
    writeFileSync(other, "one");
    files.read(other);
    writeFileSync(other, "two!");
    files.watch([other], (paths) => calls.push(paths));
    expect(calls).toEqual([]);
    time.run(200);
    expect(calls).toEqual([[other]]);
  });

  it("calls neither for a file that is watched no more, nor after close", () => {
    write("two");
    files.rescan();
    files.watch([], (paths) => calls.push(paths));
    time.run(5000);
    files.watch([join(folder, "a.zone")], (paths) => calls.push(paths));
    write("three");
    files.rescan();
    files.close();
    time.run(5000);
    expect(calls).toEqual([]);
  });

  it("looks at every one of many files within a poll interval", () => {
    const names = Array.from({ length: 1000 }, (_, i) => join(folder, `${i}.zone`));
    for (const name of names) writeFileSync(name, "1");
    files.watch(names, (paths) => calls.push(paths));
    time.run(5000);
    for (const name of names) writeFileSync(name, "22");
    time.run(2100);
    expect(calls.flat().sort()).toEqual([...names].sort());
  });

  it("never reads large files: it tells that they look different, and is told what they held", () => {
    const large = join(folder, "large.zone");
    const save = (letter: string): void => writeFileSync(large, letter.repeat(2 ** 21));
    save("1");
    files.watch([large], (paths) => calls.push(paths));
    time.run(5000);
    expect(calls.splice(0)).toEqual([]);
    save("2");
    time.run(5000);
    expect(calls.splice(0)).toEqual([[large]]);
    const look = lookOf(large, lookAt(large), readWhole(large), time.wallMs());
    files.noted([look]);
    files.rescan();
    time.run(5000);
    expect(calls.splice(0)).toEqual([]);
    // Written and read within one stamp: what was read may not be the last that was written.
    files.noted([{ ...look, isFresh: true }]);
    time.run(5000);
    expect(calls.splice(0)).toEqual([[large]]);
    time.run(5000);
    expect(calls).toEqual([]);
  });
});
