// Recursive resolvers in the simulation, each with clients that ask all the time: a cache, honest or
// not, that asks the server whenever it has nothing.

import type { Time } from "../../src/base/clock.ts";
import type { AskedPlace, PlainQuestion, Said } from "../../src/control/ports-watch.ts";
import { TYPE } from "../../src/dns/types.ts";
import type { Reply } from "./client.ts";

/** How a cache treats what it is given. */
export interface Habits {
  /** Its clients ask so often. */
  readonly everyMs: number;
  /** It keeps every answer for so long at least. */
  readonly keepsMs: number;
}

interface Cached {
  readonly data: readonly string[];
  readonly untilMs: number;
}

/** All resolvers. Each is asked for one name. */
export class Resolvers {
  readonly #time: Time;
  readonly #ask: (name: string, from: string) => Reply;
  readonly #cached = new Map<string, Cached>();
  readonly #habits = new Map<string, Habits>();

  constructor(time: Time, ask: (name: string, from: string) => Reply) {
    this.#time = time;
    this.#ask = ask;
  }

  /** From now on clients ask the resolver at an address for a name. */
  begin(address: string, name: string, habits: Habits): void {
    this.#habits.set(address, habits);
    this.#answer(address, name, habits);
    this.#time.after(habits.everyMs, () => this.begin(address, name, habits));
  }

  /** What it says to somebody who asks what it has; nobody is at other addresses. */
  said({ address }: AskedPlace, { name, type }: PlainQuestion): Said {
    const habits = this.#habits.get(address);
    if (habits === undefined || type !== TYPE.A) return { kind: "failed", detail: "no reply" };
    const { data, untilMs } = this.#answer(address, name, habits);
    const ttlSeconds = Math.ceil((untilMs - this.#time.nowMs()) / 1000);
    const answers = data.map((text) => ({ name: `${name}.`, type, ttlSeconds, text }));
    return { kind: "reply", rcode: 0, answers, authorities: [], additionals: [] };
  }

  /** One that keeps to the TTL and would give an address of a target now; undefined: there is none. */
  honestHolder(target: string): string | undefined {
    const nowMs = this.#time.nowMs();
    const found = [...this.#cached].find(([address, { data, untilMs }]) => {
      return this.#habits.get(address)?.keepsMs === 0 && untilMs > nowMs && data.includes(target);
    });
    return found?.[0];
  }

  #answer(address: string, name: string, habits: Habits): Cached {
    const nowMs = this.#time.nowMs();
    const known = this.#cached.get(address);
    if (known !== undefined && known.untilMs > nowMs) return known;
    const { data, ttl = 0 } = this.#ask(name, address);
    const fresh = { data, untilMs: nowMs + Math.max(ttl * 1000, habits.keepsMs) };
    this.#cached.set(address, fresh);
    return fresh;
  }

  /** "198.51.100.1 answers 192.0.2.10", a line for each. */
  lines(): string[] {
    return [...this.#cached].map(([address, { data }]) => `${address} answers ${data.join(" ")}`);
  }
}
