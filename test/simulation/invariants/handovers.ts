// Handovers: whatever dies and whenever, nobody is promoted beside another one.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import type { Invariant, View } from "../invariant.ts";
import { addressesOf, ownerName, type PoolSetup } from "../setup.ts";

interface Terms {
  readonly isFenced: boolean;
  readonly isPromoting: boolean;
}

/** With a fence that aborts there is one primary at any time, and none but that one is swapped to. */
export class NobodyIsPromotedTwice implements Invariant {
  readonly name = "never two members promoted, never a swap without its hooks";

  heard(event: LivezoneEvent, view: View): string | undefined {
    // From here on it is the operator who knows who may be promoted.
    if (event.event === "pool.approved") view.plane.hooks.primaries.delete(event.pool);
    if (event.event === "handover.cancelled") {
      const isPromoted = view.plane.hooks.primaries.get(event.pool)?.has(event.to);
      return isPromoted ? `${event.to} of ${event.pool} was promoted for nothing` : undefined;
    }
    if (event.event !== "pool.swapped") return undefined;
    const { pool, before, after } = event;
    const terms = termsOf(view, pool);
    const [from = "", to = ""] = [before, after].map(([name = ""]) => memberOf(view, pool, name));
    // The first answer after the zone file's, which is no handover; or none at all.
    if (terms === undefined || before.length !== 1 || after.length !== 1) return undefined;
    // Whoever took the member out of the file has said who is to serve: no hook runs then.
    if (!isMember(view, pool, before[0] ?? "")) return undefined;
    const primaries = view.plane.hooks.primaries.get(pool) ?? new Set();
    if (terms.isFenced && primaries.has(from)) return `${from} of ${pool} was not fenced`;
    if (terms.isPromoting && !primaries.has(to)) return `${to} of ${pool} was not promoted`;
    return undefined;
  }

  check(view: View): string | undefined {
    for (const [pool, primaries] of view.plane.hooks.primaries) {
      if (primaries.size < 2 || termsOf(view, pool)?.isFenced !== true) continue;
      return `${[...primaries].join(" and ")} of ${pool} may both be primaries`;
    }
    return undefined;
  }
}

function isMember(view: View, pool: string, address: string): boolean {
  return addressesOf(membersOf(view, pool)).includes(address);
}

function membersOf(view: View, pool: string): readonly string[] {
  return [...view.setup.pools].find(([owner]) => ownerName(owner) === pool)?.[1].members ?? [];
}

/** The id of the member with an address: the first of its addresses. */
function memberOf(view: View, pool: string, address: string): string {
  const member = membersOf(view, pool).find((each) => addressesOf([each]).includes(address));
  return member === undefined ? address : (addressesOf([member])[0] ?? address);
}

function termsOf(view: View, pool: string): Terms | undefined {
  const found = [...view.setup.pools].find(([owner]) => ownerName(owner) === pool);
  if (found === undefined) return undefined;
  const [, setup] = found;
  if (setup.options["fence"] === undefined && setup.options["promote"] === undefined) {
    return undefined;
  }
  return { isFenced: aborts(setup, "fence"), isPromoting: aborts(setup, "promote") };
}

function aborts({ options }: PoolSetup, hook: string): boolean {
  const written = options[hook];
  if (written === undefined) return false;
  const { onFailure = "abort" } = JSON.parse(written) as { readonly onFailure?: string };
  return onFailure === "abort";
}
