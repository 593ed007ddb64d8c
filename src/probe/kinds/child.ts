// A program started by a probe: its own process group, a minimal environment, an output that is
// cut short, and an end in every case.

import { type ChildProcess, spawn } from "node:child_process";
import { codeOf, messageOf } from "../../base/errors.ts";
import type { Finding } from "../kind.ts";

/** Octets of output that are kept; more is read and thrown away. */
const OUTPUT_OCTETS_MAX = 4096;

/** What a program sees of its surroundings, besides what is given to it. */
const ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C",
};

/** How a program ended. */
export type ChildEnd =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "killed"; readonly signal: string }
  /** It could not be started. */
  | { readonly kind: "failed"; readonly fault: Finding };

/** Who hears of a program; nothing follows after `ended` or `kill`. */
export interface ChildOwner {
  /** Called with all output that is kept so far, one character per octet. */
  printed?(output: string): void;
  ended(end: ChildEnd): void;
}

/** A program that runs, from its making on. `kill` it in every case. */
export class Child {
  readonly #process: ChildProcess;
  #owner: ChildOwner | undefined;
  #output = "";

  /** @throws what node throws for a command that it cannot start at all. */
  constructor(
    command: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>>,
    owner: ChildOwner,
  ) {
    this.#owner = owner;
    const [program, ...rest] = command;
    this.#process = spawn(program, rest, {
      cwd: "/",
      env: { ...ENVIRONMENT, ...environment },
      // A group of its own, so that what it starts in turn is killed with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#print(chunk));
    this.#process.stderr?.on("data", (chunk: Buffer) => this.#print(chunk));
    this.#process.on("error", (error) => this.#end({ kind: "failed", fault: startFault(error) }));
    // "exit" and not "close": a grandchild that keeps the pipes open must not keep us waiting.
    this.#process.on("exit", (status, signal) => {
      // What it wrote last may still be in the pipes; one turn of the loop reads it.
      setImmediate(() => {
        if (status !== null) this.#end({ kind: "exited", status });
        else this.#end({ kind: "killed", signal: signal ?? "a signal" });
      });
    });
  }

  /** The first octets that it has printed, one character each. */
  get output(): string {
    return this.#output;
  }

  /** Kills it and all that it has started; nothing is reported any more. Harmless when repeated. */
  kill(): void {
    this.#owner = undefined;
    const { pid, stdout, stderr } = this.#process;
    stdout?.destroy();
    stderr?.destroy();
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // The whole group has gone already.
      if (codeOf(error) !== "ESRCH" && codeOf(error) !== "EPERM") throw error;
    }
  }

  #print(chunk: Buffer): void {
    if (this.#output.length >= OUTPUT_OCTETS_MAX) return;
    this.#output = (this.#output + chunk.toString("latin1")).slice(0, OUTPUT_OCTETS_MAX);
    this.#owner?.printed?.(this.#output);
  }

  #end(end: ChildEnd): void {
    const owner = this.#owner;
    this.kill();
    owner?.ended(end);
  }
}

/** What it means that a program could not be started: this host's doing in every case. */
function startFault(error: unknown): Finding {
  const isShort = ["EAGAIN", "ENOMEM", "EMFILE", "ENFILE"].includes(codeOf(error) ?? "");
  const code = isShort ? "prober-resources" : "prober-config";
  return { code, isHard: false, phases: {}, detail: messageOf(error) };
}
