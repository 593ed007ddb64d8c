// Real web targets for failover tests: processes on loopback addresses that are killed for real.

import { type ChildProcess, spawn } from "node:child_process";

/** A sample target as a process of its own. */
export class WebTarget {
  readonly address: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(address: string, port: number) {
    this.address = address;
    this.#port = port;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const args = ["scripts/sample-target.mjs", this.address, String(this.#port), this.address];
    const child = spawn(process.execPath, args, { stdio: "ignore" });
    this.#child = child;
    // A test that fails half-way must leave nobody behind who answers for the next one.
    const atExit = (): void => void child.kill("SIGKILL");
    process.once("exit", atExit);
    child.once("exit", () => process.off("exit", atExit));
    for (let tries = 0; tries < 200; tries++) {
      if (child.exitCode !== null) throw new Error(`target ${this.address} cannot listen`);
      try {
        await fetch(`http://${this.address}:${this.#port}/healthz`);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
    throw new Error(`target ${this.address} does not answer`);
  }

  /** SIGKILL: the kernel resets its connections. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await exited;
  }
}
