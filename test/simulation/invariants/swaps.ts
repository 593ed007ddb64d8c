// Swaps: none without a cause, none back too soon; and what is said of pools and store alternates.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import type { Invariant, View } from "../invariant.ts";
import { msOf } from "./thresholds.ts";

/** A swap changes something, and a return waits for its hold. */
export class SwapsAreDue implements Invariant {
  readonly name = "no swap without a change, none back before its hold";
  #stepped: number | undefined;
  /** Pools with a member that an operator said yes to: families that go together need one word. */
  readonly #approved = new Set<string>();

  heard(event: LivezoneEvent, view: View): string | undefined {
    if (event.event === "pool.approved") {
      for (const member of event.wanted) this.#approved.add(`${event.pool} ${member}`);
    }
    if (event.event !== "pool.swapped") return undefined;
    const { pool, type, before, after, swap } = event;
    if (before.join(" ") === after.join(" ")) return `swap ${swap} leaves ${pool} as it was`;
    if (event.code !== "failback" || this.#hasStepped(view)) return undefined;
    const owner = [...view.setup.pools].find(([name]) => pool.split(".")[0] === name);
    const holdMs = msOf(owner?.[1].options["hold"], 60_000);
    const status = view.pools.find((one) => one.pool === pool && one.type === type);
    const member = status?.members.find((one) =>
      [one.member, one.address].includes(after[0] ?? ""),
    );
    // Somebody who knows better has spoken: there is no hold to wait for.
    const isOrdered = member?.forced?.state === "up" || owner?.[1].options["failback"] === "manual";
    const isApproved = this.#approved.has(`${pool} ${member?.member}`);
    if (member === undefined || isOrdered || isApproved) return undefined;
    const upForMs = view.status.nowWallMs - member.sinceWallMs;
    if (upForMs >= holdMs - 1) return undefined;
    return `swap ${swap} brings ${pool} back to ${after[0]} after ${upForMs} of ${holdMs} ms`;
  }

  /** Once the wall clock was moved, stored moments lie. */
  #hasStepped(view: View): boolean {
    const offsetMs = view.plane.time.wallMs() - view.plane.time.nowMs();
    this.#stepped ??= offsetMs;
    return this.#stepped !== offsetMs;
  }
}

const PAIRS: readonly (readonly [string, string])[] = [
  ["store.failing", "store.recovered"],
  ["probe.faulted", "probe.recovered"],
  ["pool.failed-open", "pool.recovered"],
  ["target.contradicted", "target.agreed"],
  ["brake.on", "brake.off"],
];

/** What begins is said once, and ends before it begins again. */
export class NewsAlternates implements Invariant {
  readonly name = "what goes on is said once, and so is its end";
  readonly #open = new Set<string>();

  heard(event: LivezoneEvent): string | undefined {
    for (const [begin, end] of PAIRS) {
      if (event.event !== begin && event.event !== end) continue;
      const type = "type" in event ? ` ${event.type}` : "";
      const pool = "pool" in event ? ` ${event.pool}${type}` : "";
      const about = "address" in event ? ` ${event.address}` : pool;
      const key = `${begin}${about}`;
      if (event.event === begin && this.#open.has(key)) return `${key} is said twice`;
      if (event.event === end && !this.#open.has(key)) return `${end}${about} ends nothing`;
      if (event.event === begin) this.#open.add(key);
      else this.#open.delete(key);
    }
    return undefined;
  }

  /** A pool that is gone, or has no such family any more, has no news either. */
  check(view: View): undefined {
    if (!view.isReady) return undefined;
    const pools = view.pools.map((pool) => `pool.failed-open ${pool.pool} ${pool.type}`);
    for (const key of this.#open) {
      if (key.startsWith("pool.") && !pools.includes(key)) this.#open.delete(key);
    }
    return undefined;
  }

  ending(): undefined {
    this.#open.clear();
    return undefined;
  }
}
