// Real servers as children of a test: in folders of their own, and gone with it.

import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder that any user may enter; whoever asked for it removes it. */
export async function freshFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `livezone-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** A server that runs until `stop`, which also removes its folder. */
export class Daemon {
  readonly #child: ChildProcess;
  readonly #folder: string;
  #said = "";

  constructor(
    program: string,
    options: readonly string[],
    folder: string,
    user: { readonly uid?: number; readonly gid?: number } = {},
  ) {
    this.#folder = folder;
    this.#child = spawn(program, options, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      ...user,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
    }
  }

  /** Waits until `isReady`; throws what the server said where it has ended. */
  async until(isReady: () => Promise<boolean>): Promise<void> {
    while (!(await isReady())) {
      if (this.#child.exitCode !== null) throw new Error(this.#said);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(signal: "SIGKILL" | "SIGINT" = "SIGKILL"): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = new Promise((resolve) => this.#child.once("exit", resolve));
      this.#child.kill(signal);
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
