// Recursive resolvers in the simulation, each with clients that ask all the time: a cache, honest or
// not, that asks the server whenever it has nothing.

import type { Time } from "../../src/base/clock.ts";
import type { Reply } from "./client.ts";

/** How a cache treats what it is given. */
export interface Habits {
  /** Its clients ask so often. */
  readonly everyMs: number;
  /** It keeps every answer for so long at least. */
  readonly keepsMs: number;
}

/** All resolvers. */
export class Resolvers {
  readonly #time: Time;
  readonly #ask: (name: string, from: string) => Reply;
  readonly #cached = new Map<string, { readonly data: string; readonly untilMs: number }>();

  constructor(time: Time, ask: (name: string, from: string) => Reply) {
    this.#time = time;
    this.#ask = ask;
  }

  /** From now on clients ask the resolver at an address for a name. */
  begin(address: string, name: string, habits: Habits): void {
    const nowMs = this.#time.nowMs();
    if ((this.#cached.get(address)?.untilMs ?? 0) <= nowMs) {
      const { data, ttl = 0 } = this.#ask(name, address);
      const untilMs = nowMs + Math.max(ttl * 1000, habits.keepsMs);
      this.#cached.set(address, { data: data.join(" "), untilMs });
    }
    this.#time.after(habits.everyMs, () => this.begin(address, name, habits));
  }

  /** "198.51.100.1 answers 192.0.2.10", a line for each. */
  lines(): string[] {
    return [...this.#cached].map(([address, { data }]) => `${address} answers ${data}`);
  }
}
