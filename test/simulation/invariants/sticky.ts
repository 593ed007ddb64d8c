// What clients of a sticky pool may rely on.

import type { PoolStatus } from "../../../src/view/status.ts";
import type { Invariant, View } from "../invariant.ts";

/** A client is moved when its member goes, or to a member that has come, and never else. */
export class StickyClientsStay implements Invariant {
  readonly name = "a client of a sticky pool keeps its member while others come and go";
  readonly #before = new Map<string, { readonly one: string; readonly serving: Set<string> }>();

  check(view: View): string | undefined {
    for (const pool of view.pools) {
      const [one] = view.reply(pool.pool, pool.type).data;
      const key = `${pool.pool} ${pool.type}`;
      const broken = this.#moved(key, pool, one);
      if (broken !== undefined) return broken;
      if (one === undefined || pool.policy !== "sticky") this.#before.delete(key);
      else this.#before.set(key, { one, serving: new Set(pool.serving) });
    }
    return undefined;
  }

  #moved(key: string, pool: PoolStatus, one: string | undefined): string | undefined {
    const before = this.#before.get(key);
    if (before === undefined || one === undefined || pool.policy !== "sticky") return undefined;
    if (before.one === one || !pool.serving.includes(before.one)) return undefined;
    if (!before.serving.has(one)) return undefined;
    return `${key} moved a client from ${before.one} to ${one}, and both were served all the time`;
  }
}
