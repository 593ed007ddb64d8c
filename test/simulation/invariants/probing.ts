// Probing: what a pool needs, all of it and nothing else.

import type { Invariant, ProbeNews, View } from "../invariant.ts";
import type { Options } from "../setup.ts";
import { AnchorRecords } from "./anchors.ts";
import { thresholdsOf } from "./thresholds.ts";

/** Nothing is probed that no pool needs; nothing needed goes unprobed until it is stale. */
export class ProbingIsNeeded implements Invariant {
  readonly name = "what pools need is probed in time, and nothing else";
  #needed = new Set<string>();
  /** Addresses that checks ask in place of members' own. */
  #named = new Set<string>();
  #awakeMs = 0;
  #checks = "";
  #staleAfterMs = 0;

  probed(targetId: string, _probe: number, news: ProbeNews, view: View): string | undefined {
    if (!view.isReady || news.kind !== "started") return undefined;
    return this.#isNeeded(targetId) ? undefined : `${targetId} is probed for no pool`;
  }

  check(view: View): string | undefined {
    if (!view.isReady) {
      this.#awakeMs = view.nowMs;
      return undefined;
    }
    if (view.isHolding) this.#awakeMs = view.nowMs;
    const probed = view.pools.flatMap((pool) => pool.members.filter((m) => m.targets.length > 0));
    const addresses = probed.map((member) => member.address);
    this.#needed = new Set(addresses.filter((address) => address !== ""));
    this.#named = new Set([...view.setup.checks.values()].flatMap(namedAddresses));
    const idle = view.plane.network.prober?.idle() ?? [];
    for (const { id } of idle) if (!this.#isNeeded(id)) return `${id} is watched for no pool`;
    const watched = new Set(idle.map(({ ask }) => ask.address));
    for (const address of this.#needed) {
      if (!watched.has(address)) return `${address} is in a pool and not watched`;
    }
    if (!view.setup.arePoolsBroken) this.#takeChecks(view);
    for (const { id, sinceMs } of idle) {
      const forMs = view.nowMs - Math.max(sinceMs, this.#awakeMs, view.awakeMs);
      const mostMs = AnchorRecords.isAnchor(id)
        ? thresholdsOf({}).staleAfterMs
        : this.#staleAfterMs;
      if (forMs > mostMs) return `${id} was not probed for ${forMs} ms`;
    }
    return undefined;
  }

  /** Those of a file that is in force: one that is refused leaves the checks as they were. */
  #takeChecks(view: View): void {
    const checks = [...view.setup.checks.values()].map(thresholdsOf);
    const spelled = JSON.stringify(checks);
    // An edited check is due by its new interval, but from the edit on.
    if (spelled !== this.#checks) this.#awakeMs = view.nowMs;
    this.#checks = spelled;
    this.#staleAfterMs = Math.max(...checks.map((check) => check.staleAfterMs));
  }

  #isNeeded(targetId: string): boolean {
    if (AnchorRecords.isAnchor(targetId)) return true;
    for (const address of [...this.#needed, ...this.#named]) {
      if (targetId.includes(address.includes(":") ? `[${address}]` : `${address}:`)) return true;
    }
    return false;
  }
}

function namedAddresses(check: Options): readonly string[] {
  const written = check["address"];
  return written === undefined ? [] : Object.values(JSON.parse(written) as Options);
}
