// Hooks: what every runner must do, against the real one and the simulated one; then what only real
// programs can show.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import type { HookEnd, HookPort, HookRun } from "../../src/control/ports-hooks.ts";
import { Hooks } from "../../src/outbound/hooks.ts";
import { SimulatedHooks } from "../simulation/hook-runner.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const folder = mkdtempSync(join(tmpdir(), "hooks-"));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A runner, what makes its programs behave, and how its time is waited for. */
interface Subject {
  readonly hooks: HookPort;
  readonly run: (behaviour: "good" | "fails" | "hangs", timeoutMs: number) => HookRun;
  readonly wait: (forMs: number) => Promise<void>;
}

const BODIES = { good: "echo fine; exit 0", fails: "echo oops >&2; exit 1", hangs: "sleep 600" };

function realSubject(): Subject {
  return {
    hooks: new Hooks(realTime),
    run: (behaviour, timeoutMs) => runOf(program(behaviour, BODIES[behaviour]), timeoutMs),
    wait: (forMs) => new Promise((resolve) => setTimeout(resolve, forMs)),
  };
}

function simulatedSubject(): Subject {
  const time = new SimulatedTime();
  const world = new SimulatedHooks(time);
  return {
    hooks: world.port(time),
    run: (behaviour, timeoutMs) => {
      world.set(
        "fence",
        behaviour === "hangs" ? { kind: "hangs" } : { kind: behaviour, afterMs: 5 },
      );
      return runOf("/hooks/fence", timeoutMs);
    },
    wait: (forMs) => time.advance(forMs),
  };
}

describe.each([
  ["Hooks", realSubject],
  ["SimulatedHooks", simulatedSubject],
])("%s", (_name, make) => {
  it.each([
    ["good", 30_000, { outcome: "succeeded", detail: "", isCut: false }],
    ["fails", 30_000, { outcome: "failed", detail: "exit status 1", isCut: false }],
    ["hangs", 300, { outcome: "timed-out", detail: "killed at its timeout" }],
  ] as const)("tells once how a program that is %s has ended", async (behaviour, limitMs, end) => {
    const { hooks, run, wait } = make();
    const ends: HookEnd[] = [];
    hooks.start(run(behaviour, limitMs), (ended) => ends.push(ended));
    expect(ends).toEqual([]);
    for (let i = 0; i < 200 && ends.length === 0; i++) await wait(50);
    expect(ends).toMatchObject([end]);
    await wait(20);
    expect(ends).toHaveLength(1);
  });

  it("says nothing of a program that was cancelled", async () => {
    const { hooks, run, wait } = make();
    const ends: HookEnd[] = [];
    const cancel = hooks.start(run("good", 1000), (ended) => ends.push(ended));
    cancel();
    cancel();
    await wait(300);
    expect(ends).toEqual([]);
  });
});

describe("Hooks", () => {
  it("tells a program what it is for, and nothing of the server's own surroundings", async () => {
    const path = program("env", "env");
    const { output } = await ended({ ...runOf(path, 30_000), environment: { LIVEZONE_TO: "b c" } });
    expect(output).toContain("LIVEZONE_TO=b c\n");
    expect(output).not.toContain("HOME=");
  });

  it("keeps the first 4096 octets of what is printed", async () => {
    const path = program("chatty", "head -c 100000 /dev/zero | tr '\\0' x");
    const { output, isCut } = await ended(runOf(path, 30_000));
    expect([output.length, isCut]).toEqual([4096, true]);
  });

  it("finds a program by a path that is relative to the server's folder", async () => {
    const path = relative(process.cwd(), program("beside", "pwd"));
    expect(await ended(runOf(path, 30_000))).toMatchObject({ outcome: "succeeded", output: "/\n" });
  });

  it("kills what a program has started when its time is over", async () => {
    const mark = join(folder, "pid");
    const path = program("parent", `sleep 600 & echo $! > ${mark}; wait`);
    const { outcome } = await ended(runOf(path, 1500));
    expect(outcome).toBe("timed-out");
    const pid = Number(readFileSync(mark, "utf8"));
    for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((go) => setTimeout(go, 20));
    expect(isAlive(pid)).toBe(false);
  });

  it("starts nothing that is not there or that others may rewrite", async () => {
    const open = program("open", "exit 0");
    chmodSync(open, 0o777);
    expect(await ended(runOf(join(folder, "none"), 1000))).toMatchObject({
      outcome: "not-started",
      detail: `there is no file "${join(folder, "none")}"; write the program's full path`,
    });
    expect(await ended(runOf(open, 1000))).toMatchObject({
      outcome: "not-started",
      detail: `"${open}" can be rewritten by others; chmod go-w it`,
    });
  });
});

function program(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function runOf(path: string, timeoutMs: number): HookRun {
  const environment = { LIVEZONE_POOL: "db", LIVEZONE_HOOK: "fence", LIVEZONE_FROM: "a" };
  return { command: [path], environment, timeoutMs };
}

function ended(run: HookRun): Promise<HookEnd> {
  return new Promise((resolve) => new Hooks(realTime).start(run, resolve));
}

/** A process that has ended but was not waited for by its parent counts as gone. */
function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}
