// Runs hooks: programs that are parts of a swap. Each in a process group of its own, with a minimal
// environment, an output that is cut short, and an end in every case.

import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Cancel, Time } from "../base/clock.ts";
import { codeOf, messageOf } from "../base/errors.ts";
import { programRefusal } from "../base/program.ts";
import type { HookEnd, HookPort, HookRun } from "../control/ports-hooks.ts";

/** Octets of output that are kept for the log; more is read and thrown away. */
const OUTPUT_OCTETS_MAX = 4096;

const SURROUNDINGS = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C",
};

type Ended = Pick<HookEnd, "outcome" | "detail">;

/** Starts programs of this host. */
export class Hooks implements HookPort {
  readonly #time: Time;

  constructor(time: Time) {
    this.#time = time;
  }

  start(wanted: HookRun, ended: (end: HookEnd) => void): Cancel {
    const startedMs = this.#time.nowMs();
    const [program, ...rest] = wanted.command;
    // Configured paths may be relative to this process's folder, in which no hook is started.
    const run: HookRun = { ...wanted, command: [resolve(program), ...rest] };
    const refusal = refusalOf(run.command[0]);
    if (refusal !== undefined) {
      const end = { outcome: "not-started", detail: refusal, output: "", isCut: false } as const;
      return this.#time.after(0, () => ended({ ...end, durationMs: 0 }));
    }
    const running = new Running(run, (end, output, isCut) => {
      cancelLimit();
      const durationMs = this.#time.nowMs() - startedMs;
      ended({ ...end, output, isCut, durationMs });
    });
    const cancelLimit = this.#time.after(run.timeoutMs, () => {
      running.end({ outcome: "timed-out", detail: "killed at its timeout" });
    });
    return () => {
      cancelLimit();
      running.kill();
    };
  }
}

/** One program, from its start on. */
class Running {
  readonly #process: ChildProcess;
  #ended: ((end: Ended, output: string, isCut: boolean) => void) | undefined;
  readonly #chunks: Buffer[] = [];
  #octets = 0;

  constructor(
    { command, environment }: HookRun,
    ended: (end: Ended, output: string, isCut: boolean) => void,
  ) {
    this.#ended = ended;
    const [program, ...rest] = command;
    this.#process = spawn(program, rest, {
      cwd: "/",
      env: { ...SURROUNDINGS, ...environment },
      // A group of its own, so that what it starts in turn is killed with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#print(chunk));
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#print(chunk));
    this.#process.on("error", (error) => {
      this.end({ outcome: "not-started", detail: messageOf(error) });
    });
    // "exit" and not "close": what it leaves running may keep the pipes open for ever.
    this.#process.on("exit", (status, signal) => {
      setImmediate(() => {
        if (status === 0) this.end({ outcome: "succeeded", detail: "" });
        else {
          const detail = status === null ? `killed by ${signal}` : `exit status ${status}`;
          this.end({ outcome: "failed", detail });
        }
      });
    });
  }

  /** Says how it ended, once, and kills what is left of it. */
  end(end: Ended): void {
    const ended = this.#ended;
    // A promotion may well leave a server running: only what failed is killed with its group.
    if (end.outcome === "succeeded") this.#leave();
    else this.kill();
    const kept = Buffer.concat(this.#chunks).subarray(0, OUTPUT_OCTETS_MAX);
    ended?.(end, kept.toString("utf8"), this.#octets > OUTPUT_OCTETS_MAX);
  }

  /** Kills its process group; nothing is said any more. Harmless when repeated. */
  kill(): void {
    this.#leave();
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // The whole group has gone already.
      if (codeOf(error) !== "ESRCH" && codeOf(error) !== "EPERM") throw error;
    }
  }

  #leave(): void {
    this.#ended = undefined;
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  #print(chunk: Buffer): void {
    if (this.#octets <= OUTPUT_OCTETS_MAX) this.#chunks.push(chunk);
    this.#octets += chunk.length;
  }
}

/** Looked at again for each run: it may have changed since the configuration was read. */
function refusalOf(path: string): string | undefined {
  try {
    const file = statSync(path);
    const folderMode = statSync(dirname(path)).mode;
    const facts = { isFile: file.isFile(), mode: file.mode, ownerId: file.uid, folderMode };
    return programRefusal(path, facts, process.getuid?.() ?? 0);
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") {
      return programRefusal(path, undefined, 0);
    }
    return messageOf(error);
  }
}
