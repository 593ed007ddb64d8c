// The client's requests: a new connection each time, to where the lane's answer leads at that moment.
// What is requested there is another's business.

import { get } from "node:http";
import type { Asking } from "./client-asking.ts";
import type { Lane, Say, Seen } from "./seen.ts";

const EVERY_MS = 200;
const TIMEOUT_MS = 1000;

/** One request to a host; resolves with who has answered it. */
export type Ask = (host: string) => Promise<string>;

/** Requests until the process ends. */
export class Requests {
  readonly #lane: Lane;
  readonly #asking: Asking;
  readonly #ask: Ask;

  constructor(lane: Lane, asking: Asking, ask: Ask, say: Say) {
    this.#lane = lane;
    this.#asking = asking;
    this.#ask = ask;
    let before = Promise.resolve();
    setInterval(() => {
      const outcome = this.#request();
      // Told in the order in which they began, whichever ends first.
      before = before.then(async () => say(await outcome));
    }, EVERY_MS);
  }

  async #request(): Promise<Seen> {
    const told = { kind: "request", lane: this.#lane.name, atMs: Date.now() } as const;
    const { answer } = this.#asking;
    const [host = ""] = answer.split(" ");
    if (!/^[\d.]+$/.test(host)) return { ...told, page: undefined, why: answer };
    try {
      return { ...told, page: await this.#ask(host), why: "" };
    } catch (error) {
      return { ...told, page: undefined, why: reasonOf(error) };
    }
  }
}

/** The page of a web target. */
export function pageOf(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const request = get({ host, port, path: "/", agent: false, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text.trim()));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

function reasonOf(error: unknown): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === "AbortError" || name === "TimeoutError") return "no answer within 1 s";
  if (code === "ECONNREFUSED") return "connection refused";
  if (code === "ECONNRESET") return "connection reset";
  return typeof code === "string" ? code : message;
}
