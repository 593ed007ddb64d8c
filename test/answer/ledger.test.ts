// The ledger as answer threads write it and control reads it.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Exchange, TRANSPORT } from "../../src/answer/exchange.ts";
import { Ledger } from "../../src/answer/ledger.ts";
import {
  checkOf,
  ENTRY_CHECK,
  ENTRY_ERA,
  ENTRY_WORDS,
  HEAD_WORDS,
  TICK_MS,
} from "../../src/answer/ledger-memory.ts";
import { type Asker, LedgerReader } from "../../src/answer/ledger-reader.ts";
import { Query } from "../../src/answer/query.ts";
import { parseDurationMs } from "../../src/base/duration.ts";
import { ipToBytes, ipToText } from "../../src/base/ip.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { askLine } from "./asking.ts";
import { readZones, secretsOf, World } from "./zones.ts";

const POOL = nameFromText("pool.example.org.");

// at TIME | from ADDRESS | ? QUESTION | swap ADDRESS TTL | retune TTL | empty NEGATIVE-TTL | books
describe("answer-ledger.txt", () => {
  testTextCases("answer-ledger.txt", (input) => new Story().play(input));
});

describe("a ledger's askers", () => {
  it("forget those whose copies have ended, then the unproven, and count who had to go", () => {
    const { ledger, reader, ask } = table(1);
    for (let host = 1; host <= 8; host++)
      ask({ host, nowMs: 0, ttl: 10 + host, isProven: host < 3 });
    expect(reader.evictedUntilMs()).toBeUndefined();
    ask({ host: 9, nowMs: 1000, ttl: 60, isProven: false });
    // Host 3 was the unproven one whose copy ends first.
    expect(hostsOf(reader)).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
    expect([reader.evicted(), reader.evictedUntilMs()]).toEqual([1, 13_000]);
    ask({ host: 10, nowMs: 11_500, ttl: 60, isProven: false });
    // Host 1 was proven, but its copy had ended.
    expect(hostsOf(reader)).toEqual([2, 4, 5, 6, 7, 8, 9, 10]);
    expect(reader.evicted()).toBe(1);
    expect(ledger).toBeDefined();
  });

  it("keep the proven from a flood of forged addresses", () => {
    const { reader, ask } = table(1);
    for (let host = 1; host <= 8; host++) ask({ host, nowMs: 0, ttl: 60, isProven: true });
    for (let host = 10; host < 200; host++) ask({ host, nowMs: 1000, ttl: 300, isProven: false });
    expect(hostsOf(reader)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // Nothing is said to be complete that is not: the forged ones may have been real.
    expect([reader.evicted(), reader.evictedUntilMs()]).toEqual([190, 301_000]);
  });

  it("are read whole or not at all, and a thread that died in one costs that one alone", () => {
    const { memory, reader, ask } = table(1);
    ask({ host: 1, nowMs: 0, ttl: 60, isProven: false });
    ask({ host: 2, nowMs: 0, ttl: 60, isProven: false });
    const words = new Int32Array(memory.askers);
    const places = Array.from({ length: 8 }, (_, place) => HEAD_WORDS + place * ENTRY_WORDS);
    const entry = places.find((at) => words[at + ENTRY_ERA] !== 0) ?? 0;
    Atomics.add(words, entry, 1);
    expect(reader.read(new Set([3]), () => undefined)).toBe(1);
    expect(hostsOf(reader)).toHaveLength(1);
    new Ledger(memory, 0);
    expect(reader.read(new Set([3]), () => undefined)).toBe(0);
    expect([reader.evicted(), reader.evictedUntilMs()]).toEqual([1, 60_000]);
  });

  it("have a right check whatever they were given, by whom and when", () => {
    // A quarter of all gaps are longer than the pace can tell, TTLs fall as well as rise, ticks pass
    // the end of a signed word, and a slot that was never published has era 0.
    const one = fc.record({
      ...{ host: fc.integer({ min: 1, max: 9 }), era: fc.integer({ min: 0, max: 3 }) },
      gapMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 13_000_000 })),
      ...{ ttl: fc.integer({ min: 0, max: 100_000 }), variant: fc.integer({ min: 0, max: 63 }) },
      isProven: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 60 }), (asked) => {
        const { memory, ask } = table(16);
        const words = new Int32Array(memory.askers);
        let nowMs = (2 ** 31 - 150_000) * TICK_MS;
        for (const { gapMs, ...asker } of asked) {
          nowMs += gapMs;
          ask({ ...asker, nowMs });
          for (let at = HEAD_WORDS; at < HEAD_WORDS + 24 * ENTRY_WORDS; at += ENTRY_WORDS) {
            if (words[at + ENTRY_ERA] === 0) continue;
            expect(words[at + ENTRY_CHECK]).toBe(checkOf(words, at));
          }
        }
      }),
    );
  });
});

class Story {
  readonly #world = new World({ cookieSecrets: secretsOf("e5e973e5a6b2a43f48e7dc849e37bfcf") });
  readonly #reader = new LedgerReader(this.#world.ledger);
  readonly #slot: number;
  /** The slot's answers in their order: eras are numbers that all slots share. */
  readonly #eras: number[] = [];

  constructor() {
    // Answers take the place of their packets, as over UDP: what is noted must not be read there.
    this.#world.isInPlace = true;
    this.#world.exchange.nowSeconds = 1_559_731_985;
    this.#world.load(readZones("answer-zones.txt", this.#world.writer));
    this.#slot = this.#world.writer.slotFor(POOL, TYPE.A);
    this.#eras.push(this.#world.writer.eraOf(this.#slot));
  }

  play(lines: readonly string[]): string[] {
    return lines.flatMap((line) => this.#step(line));
  }

  #step(line: string): string[] {
    const [verb = "", one = "", two = ""] = line.split(" ");
    const { exchange, writer } = this.#world;
    if (verb === "at") exchange.nowMs = parseDurationMs(one) ?? 0;
    else if (verb === "from") {
      exchange.source = ipToBytes(one) ?? new Uint8Array(4);
      exchange.sourceLength = exchange.source.length;
    } else if (verb === "?") askLine(this.#world, line);
    else if (verb === "books") return this.#books();
    else {
      const address = ipToBytes(verb === "swap" ? one : "192.0.2.103") ?? new Uint8Array(4);
      const rdatas = verb === "empty" ? [] : [address];
      const ttl = Number(verb === "swap" ? two : one);
      const isSame = verb === "retune";
      const negativeTtl = verb === "empty" ? ttl : 300;
      const answer = { picker: "first", ttl, variants: [rdatas], negativeTtl, isSame } as const;
      writer.publishSlot(this.#slot, answer);
      if (!isSame) this.#eras.push(writer.eraOf(this.#slot));
    }
    return [];
  }

  #books(): string[] {
    const lines: string[] = [];
    for (const [i, era] of this.#eras.entries()) {
      const endMs = this.#reader.lastEndMs(this.#slot, era);
      if (endMs === undefined) continue;
      const firstMs = this.#reader.firstAfterMs(this.#slot, era - 1) ?? 0;
      lines.push(`answer ${i + 1} from ${firstMs / 1000} until ${endMs / 1000}`);
    }
    const numberOf = (era: number): number => this.#eras.indexOf(era) + 1;
    this.#reader.read(new Set([this.#slot]), (asker) => lines.push(askerLine(asker, numberOf)));
    return lines;
  }
}

function askerLine(asker: Asker, numberOf: (era: number) => number): string {
  const { source, subnet, era, count, endMs, askedMs, before, paceMs, isProven } = asker;
  const prefix = subnet && `${[...subnet.octets.subarray(0, 4)].join(".")}/${subnet.bits}`;
  return [
    ipToText(source),
    ...(prefix === undefined ? [] : [`for ${prefix}`]),
    ...(isProven ? ["proven"] : []),
    `asked ${count} at ${askedMs / 1000}, answer ${numberOf(era)} until ${endMs / 1000}`,
    ...(before === undefined
      ? []
      : [`before ${before.count}, answer ${numberOf(before.era)} until ${before.endMs / 1000}`]),
    ...(paceMs === undefined ? [] : [`pace ${paceMs.least / 1000}..${paceMs.greatest / 1000}`]),
  ].join("; ");
}

/** A thread's table where all share one place, for one slot. */
function table(places: number) {
  const { ledger: memory } = new World({}, places);
  const ledger = new Ledger(memory, 0);
  const query = new Query();
  const exchange = new Exchange();
  const view = new RRsetView();
  view.slot = 3;
  view.type = TYPE.A;
  const ask = (one: {
    readonly host: number;
    readonly nowMs: number;
    readonly ttl: number;
    readonly isProven: boolean;
    readonly era?: number;
    readonly variant?: number;
  }): void => {
    query.clear();
    view.era = one.era ?? 1;
    view.variant = one.variant ?? 0;
    query.noteFor(view, one.ttl);
    exchange.source = Uint8Array.of(192, 0, 2, one.host);
    exchange.transport = one.isProven ? TRANSPORT.tcp : TRANSPORT.udp;
    exchange.nowMs = one.nowMs;
    ledger.note(query, exchange);
    ledger.settle();
  };
  return { memory, ledger, reader: new LedgerReader(memory), ask };
}

function hostsOf(reader: LedgerReader): number[] {
  const hosts: number[] = [];
  reader.read(new Set([3]), ({ source }) => hosts.push(source[3] ?? 0));
  return hosts.sort((a, b) => a - b);
}
