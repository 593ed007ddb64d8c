// What the client does with a database: commits numbered rows, each on a connection of its own to where
// the name leads at that moment. In the end it looks for those it was told are there.

import { execFile } from "node:child_process";
import type { Seen } from "./seen.ts";

const TIMEOUT_MS = 1500;

/** The rows that were committed through one lane. */
export class Rows {
  readonly #port: number;
  readonly #acknowledged: number[] = [];
  #next = 1;

  constructor(port: number) {
    this.#port = port;
  }

  /** Commits the next row; resolves with the address of whoever has it now. */
  async commit(host: string): Promise<string> {
    const row = this.#next++;
    const sql = `INSERT INTO rows VALUES (${row}) RETURNING host(inet_server_addr())`;
    const address = await this.#ask(host, sql);
    this.#acknowledged.push(row);
    return address;
  }

  /** How many rows were acknowledged, and how many of those the database does not have. */
  async count(host: string): Promise<Seen> {
    const found = new Set((await this.#ask(host, "SELECT n FROM rows")).split("\n").map(Number));
    const missing = this.#acknowledged.filter((row) => !found.has(row)).length;
    const acknowledged = this.#acknowledged.length;
    return { kind: "rows", atMs: Date.now(), acknowledged, missing };
  }

  #ask(host: string, sql: string): Promise<string> {
    const to = `host=${host} port=${this.#port} user=admin dbname=postgres connect_timeout=2`;
    return new Promise((resolve, reject) => {
      const options = { timeout: TIMEOUT_MS, killSignal: "SIGKILL" } as const;
      execFile("psql", ["-qtAw", to, "-c", sql], options, (error, out, err) => {
        if (error === null) resolve(out.trim());
        else reject(new Error(error.killed === true ? "no answer within 1.5 s" : reasonIn(err)));
      });
    });
  }
}

/** The last words of what psql complains of. */
function reasonIn(text: string): string {
  const [first = "psql failed"] = text.split("\n");
  return first.split(": ").at(-1) ?? first;
}
