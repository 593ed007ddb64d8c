// The kind exec: programs that end well, badly, too late, or may not be started at all.

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ExecAsk } from "../../src/config/ask.ts";
import { execAsk } from "./asks.ts";
import { freshFolder } from "./daemon.ts";
import { eventually, Recorder } from "./recorder.ts";

const recorder = new Recorder();
let folder: string;

beforeAll(async () => {
  folder = await freshFolder("exec");
});
afterEach(() => recorder.prober.unwatch("t"));
afterAll(() => rm(folder, { recursive: true }));

/** Writes a shell script and returns its path. */
function script(name: string, lines: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, mode);
  return path;
}

async function observe(command: ExecAsk["command"], timeoutMs = 5000) {
  recorder.prober.watch("t", execAsk(command), undefined);
  return recorder.observe("t", { timeoutMs });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has waited for yet answers too.
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}

describe("kind exec", () => {
  it("takes the exit status for its verdict, and the first line for its word", async () => {
    expect(await observe([script("good", "echo all well")])).toMatchObject({
      code: "ok",
      detail: "",
    });
    expect(await observe([script("bad", "echo full; echo more; exit 2")])).toMatchObject({
      code: "exec-status",
      isHard: false,
      detail: 'exit status 2, said "full"',
    });
    expect(await observe([script("mute", "exit 1")])).toMatchObject({ detail: "exit status 1" });
    expect(await observe([script("loud", "echo no >&2; exit 1")])).toMatchObject({
      detail: 'exit status 1, said "no"',
    });
    expect(await observe([script("dead", "kill -SEGV $$")])).toMatchObject({
      code: "exec-status",
      detail: "killed by SIGSEGV",
    });
  });

  it("gives it its arguments as they are, and next to no environment", async () => {
    const out = join(folder, "seen");
    const show = script("show", `printf '%s|' "$@" > ${out}; env | sort >> ${out}; pwd >> ${out}`);
    process.env["LIVEZONE_TEST_SECRET"] = "x";
    await observe([show, "a b", "$(id)", ""]);
    delete process.env["LIVEZONE_TEST_SECRET"];
    const lines = readFileSync(out, "utf8").split("\n");
    expect(lines[0]).toMatch(/^a b\|\$\(id\)\|\|/);
    expect(lines.join("\n")).toContain("LIVEZONE_ADDRESS=192.0.2.1");
    expect(lines.join("\n")).not.toContain("SECRET");
    expect(lines.at(-2)).toBe("/");
  });

  it("is not stopped by output without end", async () => {
    const busy = script("busy", "yes | head -c 3000000; exit 3");
    expect(await observe([busy])).toMatchObject({ detail: 'exit status 3, said "y"' });
  });

  it("kills its whole group at the deadline", async () => {
    const pids = join(folder, "pids");
    const slow = script("slow", `sleep 60 & echo $$ $! > ${pids}; echo started; wait`);
    const observation = await observe([slow], 400);
    expect(observation).toMatchObject({
      code: "exec-timeout",
      isHard: false,
      detail: 'killed at its deadline, said "started"',
    });
    const [own = 0, child = 0] = readFileSync(pids, "utf8").split(" ").map(Number);
    await eventually(() => !isAlive(own) && !isAlive(child));
  });

  it("leaves nothing behind when it ends or its target is forgotten", async () => {
    const pid = join(folder, "pid");
    const leaving = script("leaving", `sleep 60 & echo $! > ${pid}`);
    expect(await observe([leaving])).toMatchObject({ code: "ok" });
    await eventually(() => !isAlive(Number(readFileSync(pid, "utf8"))));
    const waiting = join(folder, "waiting");
    const stay = script("stay", `echo $$ > ${waiting}; exec sleep 60`);
    recorder.prober.watch("t", execAsk([stay]), undefined);
    recorder.ask("t", { timeoutMs: 60_000 });
    await eventually(() => existsSync(waiting) && readFileSync(waiting, "utf8") !== "");
    recorder.prober.unwatch("t");
    await eventually(() => !isAlive(Number(readFileSync(waiting, "utf8"))));
  });

  it("never starts what others may have rewritten: prober-config", async () => {
    const open = join(folder, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    const inside = join(open, "program");
    writeFileSync(inside, "#!/bin/sh\n");
    chmodSync(inside, 0o755);
    const refusals: [string, string][] = [
      [join(folder, "none"), "there is no file"],
      [folder, "is not a file"],
      [script("plain", "", 0o644), "cannot be executed"],
      [script("world", "", 0o757), "can be rewritten by others"],
      [script("group", "", 0o775), "can be rewritten by others"],
      [inside, "the folder of"],
    ];
    for (const [program, why] of refusals) {
      const observation = await observe([program]);
      expect(observation).toMatchObject({ code: "prober-config", isHard: false });
      expect(observation.detail).toContain(`Cannot start a program: `);
      expect(observation.detail).toContain(why);
    }
    const odd = join(folder, "odd");
    writeFileSync(odd, "#!/no/such/interpreter\n");
    chmodSync(odd, 0o755);
    expect(await observe([odd])).toMatchObject({ code: "prober-config" });
  });
});
