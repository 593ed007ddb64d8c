// The ledger's bound against the truth, in a simulated population: the real ledger is written as an
// answer thread would, and the book is opened from what control reads of it.

import { describe, expect, it } from "vitest";
import { Exchange, TRANSPORT } from "../../src/answer/exchange.ts";
import { Ledger } from "../../src/answer/ledger.ts";
import { createLedger } from "../../src/answer/ledger-memory.ts";
import { LedgerReader } from "../../src/answer/ledger-reader.ts";
import { Query } from "../../src/answer/query.ts";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { HeldReading } from "../../src/control/held-reading.ts";
import { TYPE } from "../../src/dns/types.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { openBook, SLACK_MS } from "../../src/propagation/book.ts";

const RESOLVERS = 10_000;
const SLOT = 3;
const SWAP_MS = 300_000;
const KINDS = ["honest", "whole seconds", "prefetching", "forwarding", "clamping"] as const;

describe("a population of 10,000 resolvers", () => {
  it.each([1, 2, 3])("seed %i: the bound is never earlier than the truth, and exact", (seed) => {
    const world = new World(seed, 65_536);
    const { book, truthMs, exactMs } = world.swap();
    expect(book.isAtLeast).toBe(false);
    const lastEndMs = book.lastEndMs ?? 0;
    expect(lastEndMs + SLACK_MS).toBeGreaterThanOrEqual(truthMs);
    expect(Math.abs(lastEndMs - exactMs)).toBeLessThanOrEqual(1000);
    // Everybody with a copy is known by name or, beyond what a book names, said to be more.
    expect(world.holdersMissing(book)).toEqual([]);
  });

  it("too many for the table: the bound stays exact, and the figures say at least", () => {
    const world = new World(4, 1024);
    const { book, truthMs, exactMs } = world.swap();
    expect(book.isAtLeast).toBe(true);
    const lastEndMs = book.lastEndMs ?? 0;
    expect(lastEndMs + SLACK_MS).toBeGreaterThanOrEqual(truthMs);
    expect(Math.abs(lastEndMs - exactMs)).toBeLessThanOrEqual(1000);
  });
});

class World {
  readonly #random: Random;
  readonly #memory;
  readonly #ledgers: readonly Ledger[];
  readonly #exchange = new Exchange();
  readonly #query = new Query();
  readonly #view = new RRsetView();
  /** By resolver: when the last copy of the old answer ends, in it or behind it. */
  readonly #truthMs = new Map<string, number>();
  #exactMs = 0;

  constructor(seed: number, places: number) {
    this.#random = seededRandom(seed);
    this.#memory = createLedger({ threads: 2, slots: 8, places, seed });
    this.#ledgers = [new Ledger(this.#memory, 0), new Ledger(this.#memory, 1)];
    this.#view.slot = SLOT;
    this.#view.era = 1;
    this.#view.type = TYPE.A;
  }

  /** Lets everybody ask until the swap, and opens its book. */
  swap() {
    const questions: { readonly atMs: number; readonly host: number }[] = [];
    for (let host = 0; host < RESOLVERS; host++) {
      const paceMs = 5000 + below(this.#random, 200_000);
      let atMs = below(this.#random, SWAP_MS);
      for (; atMs < SWAP_MS; atMs += paceMs) questions.push({ atMs, host });
    }
    questions.sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, host } of questions) this.#ask(host, atMs);
    const reader = new LedgerReader(this.#memory);
    const { held, unread } = new HeldReading(reader).read(new Map([[SLOT, { era: 1 }]]));
    const { book } = openBook({
      ...{ swap: 1, openedMs: SWAP_MS, lastEndMs: reader.lastEndMs(SLOT, 1) },
      isAtLeast: unread > 0 || (reader.evictedUntilMs() ?? 0) > SWAP_MS,
      held: (held.get(SLOT) ?? []).slice(0, 4096),
    });
    return { book, truthMs: Math.max(...this.#truthMs.values()), exactMs: this.#exactMs };
  }

  /** Holders that the ledger was asked for and does not know, of those whose copies still live. */
  holdersMissing(book: ReturnType<World["swap"]>["book"]): string[] {
    const reader = new LedgerReader(this.#memory);
    const { held } = new HeldReading(reader).read(new Map([[SLOT, { era: 1 }]]));
    const known = new Map((held.get(SLOT) ?? []).map((one) => [one.resolver, one.endMs]));
    return [...this.#truthMs]
      .filter(([, truthMs]) => truthMs > book.openedMs)
      .filter(([resolver, truthMs]) => (known.get(resolver) ?? 0) + SLACK_MS < truthMs)
      .map(([resolver]) => resolver);
  }

  #ask(host: number, atMs: number): void {
    const kind = KINDS[host % KINDS.length] ?? "honest";
    const ttlSeconds = 5 + below(this.#random, 56);
    this.#query.clear();
    this.#query.noteFor(this.#view, ttlSeconds);
    this.#exchange.source = Uint8Array.of(10, host >> 16, host >> 8, host);
    this.#exchange.transport = host % 7 === 0 ? TRANSPORT.tcp : TRANSPORT.udp;
    this.#exchange.nowMs = atMs;
    const ledger = this.#ledgers[below(this.#random, 2)];
    ledger?.note(this.#query, this.#exchange);
    ledger?.settle();
    // Who keeps answers longer than he may is no honest cache: no bound can hold for him.
    if (kind === "clamping") return;
    const receivedMs = atMs + below(this.#random, 400);
    const endMs = receivedMs + ttlSeconds * 1000;
    this.#exactMs = Math.max(this.#exactMs, endMs);
    const resolver = `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
    const own = kind === "whole seconds" ? Math.floor(endMs / 1000) * 1000 + 999 : endMs;
    // What a forwarder behind it gets is what is left: its copy ends with the resolver's, or before.
    const behindMs = kind === "forwarding" ? receivedMs + below(this.#random, endMs - atMs) : 0;
    const lastMs = Math.max(own, Math.min(behindMs, endMs));
    this.#truthMs.set(resolver, Math.max(this.#truthMs.get(resolver) ?? 0, lastMs));
  }
}
