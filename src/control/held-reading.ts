// Reads out of the ledger who held an answer, and who has been given a newer one since.

import type { Asker, LedgerReader } from "../answer/ledger-reader.ts";
import { ipToText } from "../base/ip.ts";
import type { Held } from "../propagation/book.ts";
import { keepsMs } from "../propagation/habit.ts";

/** Whose copies are looked for: of an answer, or of some of its variants. */
export interface Wanted {
  readonly era: number;
  /** Undefined: all of them. */
  readonly variants?: ReadonlySet<number> | undefined;
}

/** What a reading needs to know of a swap that is followed. */
export interface Followed {
  readonly slot: number;
  readonly era: number;
}

const NOBODY: ReadonlyMap<string, number> = new Map();

/** Reads for many swaps at once: the ledger is gone through once. */
export class HeldReading {
  readonly #reader: LedgerReader;

  constructor(reader: LedgerReader) {
    this.#reader = reader;
  }

  /** By slot: who was given the answer of an era. `unread` entries were being written. */
  read(eras: ReadonlyMap<number, Wanted>): {
    readonly held: ReadonlyMap<number, readonly Held[]>;
    readonly unread: number;
  } {
    const bySlot = new Map<number, Map<string, Held>>();
    const unread = this.#reader.read(eras, (asker) => {
      const one = heldOf(asker, eras.get(asker.slot) ?? { era: 0 });
      if (one === undefined) return;
      const holders = bySlot.get(asker.slot) ?? new Map<string, Held>();
      bySlot.set(asker.slot, holders);
      const other = holders.get(one.resolver);
      holders.set(one.resolver, other === undefined ? one : merged(one, other));
    });
    const held = new Map([...bySlot].map(([slot, holders]) => [slot, [...holders.values()]]));
    return { held, unread };
  }

  /** By swap: which resolvers were given a newer answer, and when they were last. */
  confirmations<T extends Followed>(swaps: readonly T[]): Map<T, ReadonlyMap<string, number>> {
    const bySlot = new Map<number, T[]>();
    for (const swap of swaps) {
      if (swap.slot >= 0) bySlot.set(swap.slot, [...(bySlot.get(swap.slot) ?? []), swap]);
    }
    const found = new Map<T, Map<string, number>>();
    if (bySlot.size === 0) return found;
    this.#reader.read(bySlot, (asker) => {
      for (const swap of bySlot.get(asker.slot) ?? []) {
        if (asker.era <= swap.era) continue;
        const confirmed = found.get(swap) ?? new Map<string, number>(NOBODY);
        found.set(swap, confirmed);
        const resolver = resolverOf(asker);
        const first = confirmed.get(resolver) ?? asker.askedMs;
        confirmed.set(resolver, Math.min(first, asker.askedMs));
      }
    });
    return found;
  }
}

/** What an asker was given of an era, if anything. */
function heldOf(asker: Asker, { era, variants }: Wanted): Held | undefined {
  const { before, paceMs, isProven } = asker;
  // Only of its last answer is known which variant it was; who has asked since has a newer one.
  const isOther = asker.era !== era || variants?.has(asker.variant) === false;
  if (variants !== undefined && isOther) return undefined;
  const given = asker.era === era ? asker : before?.era === era ? before : undefined;
  if (given === undefined) return undefined;
  const ttlMs = given.endMs - asker.askedMs;
  const questions = asker.count + (before?.count ?? 0);
  // Whoever has asked since keeps nothing of that era.
  const keeps = asker.era === era ? keepsMs({ questions, ttlMs, paceMs }) : undefined;
  return {
    resolver: resolverOf(asker),
    queries: given.count,
    endMs: given.endMs,
    askedMs: asker.askedMs,
    isProven,
    ...(keeps !== undefined && { keepsMs: keeps }),
  };
}

/** One resolver on two threads: all its copies are over when the last one is. */
function merged(one: Held, other: Held): Held {
  const later = one.askedMs > other.askedMs ? one : other;
  return {
    ...later,
    queries: one.queries + other.queries,
    endMs: Math.max(one.endMs, other.endMs),
    isProven: one.isProven || other.isProven,
  };
}

/** "192.0.2.1", or "192.0.2.1 for 198.51.100.0/24" where it asked for a client's subnet. */
function resolverOf({ source, subnet }: Asker): string {
  const address = ipToText(source);
  if (subnet === undefined) return address;
  const octets = new Uint8Array(subnet.isIPv4 ? 4 : 16);
  octets.set(subnet.octets.subarray(0, octets.length));
  return `${address} for ${ipToText(octets)}/${subnet.bits}`;
}

/** A resolver as it may be shown: its /24 or /48, or in full. */
export function shownResolver(resolver: string, addresses: "prefix" | "full"): string {
  if (addresses === "full") return resolver;
  const [address = "", , subnet] = resolver.split(" ");
  const shown = prefixOf(address);
  return subnet === undefined ? shown : `${shown} for ${subnet}`;
}

function prefixOf(address: string): string {
  if (!address.includes(":")) return `${address.split(".").slice(0, 3).join(".")}.0/24`;
  const [a = "0", b = "0", c = "0"] = groupsOf(address);
  return `${[a, b, c].join(":").replace(/(?::0)+$/, "")}::/48`;
}

/** The first groups of an IPv6 address that stand written before "::"; what is left out is 0. */
function groupsOf(address: string): string[] {
  const head = address.split("::")[0] ?? "";
  return head === "" ? [] : head.split(":");
}
