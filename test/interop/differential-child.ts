// A program as a child process that never outlives us, its last words kept.

import { type ChildProcess, spawn } from "node:child_process";

const OUTPUT_CHARACTERS_MAX = 20_000;
const KILL_AFTER_MS = 5_000;

/** A running program. Its output is for error messages: only the end of it is kept. */
export class Child {
  readonly exited: Promise<void>;
  output = "";
  hasExited = false;
  readonly #process: ChildProcess;

  constructor(program: string, args: readonly string[], folder: string) {
    this.#process = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString("latin1")).slice(-OUTPUT_CHARACTERS_MAX);
    };
    this.#process.stdout?.on("data", keep);
    this.#process.stderr?.on("data", keep);
    const kill = (): void => void this.#process.kill("SIGKILL");
    process.once("exit", kill);
    this.exited = new Promise((resolve) => {
      const end = (words: string): void => {
        this.output += words;
        this.hasExited = true;
        process.off("exit", kill);
        resolve();
      };
      this.#process.once("error", (error) => end(error.message));
      this.#process.once("exit", (code, signal) => end(`\n(exit ${code ?? signal})`));
    });
  }

  /** Ends it, by force where it does not end in time. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(timer);
  }
}
