// livezone as its users run it: the built program as a process of its own, its log read line by line.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = "dist/app/main.js";
/** A bound, not a wait: a start takes half a second alone, and many when every core is taken. */
const STARTS_WITHIN_MS = 30_000;

/** A line of the log, as parsed JSON. */
export type LogLine = { readonly event: string; readonly msg: string } & Readonly<
  Record<string, unknown>
>;

/** A folder of its own for one test, removed by `remove`. */
export interface Sandbox {
  readonly path: string;
  file(name: string): string;
  write(name: string, content: string): string;
  remove(): void;
}

/** Makes a temporary folder. */
export function sandbox(): Sandbox {
  const path = mkdtempSync(join(tmpdir(), "livezone-"));
  const file = (name: string): string => join(path, name);
  return {
    path,
    file,
    write: (name, content) => {
      mkdirSync(dirname(file(name)), { recursive: true });
      writeFileSync(file(name), content);
      return file(name);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A running livezone process. */
export class ServerProcess {
  readonly lines: LogLine[] = [];
  readonly exited: Promise<number | null>;
  stderr = "";
  readonly #child: ChildProcess;
  #watchers: (() => void)[] = [];

  constructor(args: readonly string[]) {
    if (!existsSync(MAIN)) throw new Error(`Cannot start livezone: ${MAIN} is not built`);
    this.#child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(line));
    }
    this.exited = new Promise((resolve) => this.#child.once("exit", (code) => resolve(code)));
    void this.exited.then(() => this.#wake());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The port that the system chose, from `server.ready`. */
  async port(): Promise<number> {
    const ready = await this.waitFor("server.ready");
    const [first] = ready["listen"] as string[];
    return Number(first?.split(":").at(-1));
  }

  /** The first line of an event that fits, already logged or still to come. */
  async waitFor(
    event: string,
    fits: (line: LogLine) => boolean = () => true,
    withinMs = STARTS_WITHIN_MS,
  ): Promise<LogLine> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.lines.find((line) => line.event === event && fits(line));
      if (found !== undefined) return found;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || this.#child.exitCode !== null) {
        const log = this.lines.map((line) => JSON.stringify(line)).join("\n");
        throw new Error(`no ${event} within ${withinMs} ms\n${log}\n${this.stderr}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(leftMs, 250));
        this.#watchers.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it in order and returns its exit status. */
  async stop(): Promise<number | null> {
    this.signal("SIGTERM");
    return this.exited;
  }

  #take(line: string): void {
    try {
      this.lines.push(JSON.parse(line) as LogLine);
    } catch {
      this.lines.push({ event: "unparsed", msg: line });
    }
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}
