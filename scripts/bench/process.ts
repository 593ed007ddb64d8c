// A server as a child process: started on one core, watched through /proc, ended by its id.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What to start, from a peer's own knowledge of itself. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
}

/** Cores of the machine: a server has the first, whoever drives it the second. */
export const SERVER_CPU = 0;
export const LOAD_CPU = 1;

/** `/proc/PID/stat` counts in hundredths of a second on every Linux there is. */
const TICK_MS = 10;
const STOP_GRACE_MS = 5000;
/** What is kept of a server's output, for the sentence when it dies. */
const OUTPUT_CHARACTERS_MAX = 4000;

/** One running server, with all processes it has started. */
export class RunningProcess {
  readonly startedMs: number;
  readonly exited: Promise<void>;
  #output = "";
  readonly #child: ChildProcess;
  #isGone = false;

  /** @param cpu the core it is bound to, with everything it starts; undefined: any. */
  constructor(launch: Launch, cpu?: number) {
    const { command, args, cwd } = launch;
    const pinned = cpu === undefined ? [] : ["taskset", "-c", String(cpu)];
    const [file = command, ...rest] = [...pinned, command, ...args];
    this.startedMs = performance.now();
    this.#child = spawn(file, rest, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_CHARACTERS_MAX);
    };
    this.#child.stdout?.on("data", keep);
    this.#child.stderr?.on("data", keep);
    this.exited = new Promise((resolve) => {
      const end = (): void => {
        this.#isGone = true;
        resolve();
      };
      this.#child.once("exit", end);
      this.#child.once("error", (error) => {
        keep(Buffer.from(error.message));
        end();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output;
  }

  /** User and system time of all its processes so far, milliseconds. */
  cpuMs(): number {
    return sum(this.#pids().map(cpuMsOf));
  }

  /** Proportional set size of all its processes, octets: pages that are shared count once. */
  pssOctets(): number {
    return sum(this.#pids().map(pssOctetsOf));
  }

  /** Lets it stand still, so that nothing of it is measured with another; `goOn` ends that. */
  standStill(): void {
    this.#child.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child.kill("SIGCONT");
  }

  /** Asks it to end, and ends what is left of it after five seconds. */
  async stop(): Promise<void> {
    const pids = this.#pids();
    this.goOn();
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_GRACE_MS);
    await this.exited;
    clearTimeout(timer);
    // Processes it had started end with it; one that does not is ended by the id it was seen with.
    for (const pid of pids.slice(1)) if (parentOf(pid) === 1) endProcess(pid);
  }

  #pids(): number[] {
    return this.#isGone ? [] : treeOf(this.pid);
  }
}

function treeOf(root: number): number[] {
  const found = [root];
  for (let at = 0; at < found.length; at++) {
    const pid = found[at] ?? 0;
    for (const task of listFolder(`/proc/${pid}/task`)) {
      const children = readText(`/proc/${pid}/task/${task}/children`);
      found.push(...children.split(" ").filter(Boolean).map(Number));
    }
  }
  return found;
}

/** Fields behind the command's name, which may hold anything; the first of them is the state. */
function statFields(pid: number): string[] {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function cpuMsOf(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

function parentOf(pid: number): number {
  return Number(statFields(pid)[1] ?? 0);
}

function pssOctetsOf(pid: number): number {
  const match = /^Pss:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/smaps_rollup`));
  return Number(match?.[1] ?? 0) * 1024;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** "" for a process that is gone. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
