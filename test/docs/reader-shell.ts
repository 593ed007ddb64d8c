// A reader of the documents: a shell in a copy of the repository and, where that can be had, in a
// network of its own, so that the documents' ports are free.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a reader has before him. */
const COPIED = ["scripts", "zones", "docs", "package.json", "README.md"];
const COMMAND_WITHIN_MS = 120_000;
/** A bound, not a wait: with every core taken a start takes many times as long as alone. */
const READY_WITHIN_MS = 120_000;
const LOOK_MS = 25;
const OWN_NETWORK = ["unshare", "--map-root-user", "--net", "--kill-child"];

/** What one command said, both ways. */
export interface Outcome {
  readonly status: number;
  readonly output: string;
}

/** One reader with one shell. Call `close` at the end. */
export class ReaderShell {
  readonly #folder = mkdtempSync(join(tmpdir(), "livezone-docs-"));
  readonly #shell: ChildProcess;
  #commands = 0;

  constructor() {
    for (const path of COPIED) cpSync(path, join(this.#folder, path), { recursive: true });
    symlinkSync(resolve("dist"), join(this.#folder, "dist"));
    // What it would install and build is there already.
    this.write("scripts/setup", "#!/bin/sh\n");
    this.write("bin/livezone", `#!/bin/sh\nexec node ${resolve("dist/app/main.js")} "$@"\n`);
    this.write("bin/sudo", '#!/bin/sh\nexec "$@"\n');
    for (const path of ["scripts/setup", "bin/livezone", "bin/sudo"]) {
      chmodSync(join(this.#folder, path), 0o755);
    }
    const [command = "bash", ...args] = [...ownNetwork(), "bash", "--noprofile", "--norc"];
    const PATH = `${join(this.#folder, "bin")}:${process.env["PATH"]}:/usr/sbin:/sbin`;
    const env = { ...process.env, PATH, NO_COLOR: "1" };
    const stdio = ["pipe", "ignore", "ignore"] as const;
    this.#shell = spawn(command, args, {
      cwd: this.#folder,
      env,
      stdio: [...stdio],
      detached: true,
    });
    this.#type("ip link set lo up 2>/dev/null");
  }

  /** Writes a file as the reader would. */
  write(path: string, text: string): void {
    const file = join(this.#folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Runs one command to its end. */
  async run(command: string): Promise<Outcome> {
    const { file, begin } = this.#next();
    this.#type(
      `{ ${command}\n} >${begin} 2>&1 </dev/null; echo $? >${file}.part; mv ${file}.part ${file}`,
    );
    const status = await this.#read(file, COMMAND_WITHIN_MS);
    if (status === undefined) return { status: -1, output: "it did not end in time" };
    return { status: Number(status), output: readFileSync(begin, "utf8") };
  }

  /** Starts a server that goes on; resolves when it answers, or has ended instead. */
  async start(command: string): Promise<Outcome> {
    const { file, begin } = this.#next();
    this.#type(`{ { ${command}\n} >${begin} 2>&1 </dev/null; echo $? >${file}; } &`);
    for (let waited = 0; waited < READY_WITHIN_MS; waited += LOOK_MS) {
      const output = await this.#read(begin, LOOK_MS, /server\.ready/);
      if (output !== undefined) return { status: 0, output };
      if (existsSync(file)) break;
    }
    return { status: -1, output: (await this.#read(begin, 0)) ?? "" };
  }

  /** Ends the shell and all that it has started. */
  async close(): Promise<void> {
    const { pid } = this.#shell;
    const ended = new Promise((done) => this.#shell.once("exit", done));
    if (pid !== undefined) {
      this.#type("kill $(jobs -p) 2>/dev/null; wait; exit");
      await Promise.race([ended, sleep(5000)]);
      killGroup(pid);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #next(): { readonly file: string; readonly begin: string } {
    const file = join(this.#folder, `.command-${++this.#commands}`);
    return { file, begin: `${file}.output` };
  }

  #type(line: string): void {
    this.#shell.stdin?.write(`${line}\n`);
  }

  /** A file's content when it is there and holds what is looked for; undefined when that is late. */
  async #read(file: string, withinMs: number, holds = /^/): Promise<string | undefined> {
    for (let waited = 0; ; waited += LOOK_MS) {
      try {
        const text = readFileSync(file, "utf8");
        if (holds.test(text)) return text;
      } catch {
        // Not yet.
      }
      if (waited >= withinMs) return undefined;
      await sleep(LOOK_MS);
    }
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended already.
  }
}

function ownNetwork(): readonly string[] {
  try {
    const [command = "", ...args] = OWN_NETWORK;
    execFileSync(command, [...args, "ip", "link", "set", "lo", "up"], { stdio: "ignore" });
    return OWN_NETWORK;
  } catch {
    return [];
  }
}
