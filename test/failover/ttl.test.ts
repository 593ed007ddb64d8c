// The TTL formula.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterSwapEndMs,
  answerTtl,
  type TtlInput,
  type TtlMember,
  ttlSteadyUntilMs,
} from "../../src/failover/ttl.ts";
import { readMs } from "../health/world.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { NOW_MS, POOL, readMember, readPool } from "./pools.ts";

// The same examples on every run; a failure found with another seed becomes a case of its own.
fc.configureGlobal({ seed: 20 });

describe("answerTtl()", () => {
  testTextCases("failover-ttl.txt", (input) => [String(answerTtl(readInput(input)))]);

  it("stays within the pool's bounds, whatever the members do", () => {
    const member = fc.record({
      belief: fc.constantFrom("up", "down", "unknown"),
      sinceMs: fc.double({ min: 0, max: NOW_MS, noNaN: true }),
      flipMs: fc.double({ min: 0, max: 1e12, noNaN: true }),
      isServed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(member), fc.boolean(), (views, isFailOpen) => {
        const members = views.map((view, i) => ({ ...view, id: `m${i}` }));
        const serve = members.filter((m) => m.isServed).map((m) => m.id);
        const decision = { serve, isFailOpen };
        const ttl = answerTtl({ pool: POOL, decision, members, nowMs: NOW_MS });
        expect(Number.isInteger(ttl)).toBe(true);
        expect(ttl).toBeGreaterThanOrEqual(5);
        expect(ttl).toBeLessThanOrEqual(60);
      }),
    );
  });
});

describe("ttlSteadyUntilMs()", () => {
  it("names a time within which the TTL does not change by itself", () => {
    const agoMs = fc.integer({ min: 0, max: 90_000 });
    const member = fc.record({
      belief: fc.constantFrom("up", "down", "unknown"),
      sinceMs: agoMs.map((ms) => NOW_MS - ms),
      flipMs: fc.integer({ min: 0, max: 90_000 }),
      isServed: fc.boolean(),
      reusableAtMs: fc.option(agoMs.map((ms) => NOW_MS + ms)),
      isLeaving: fc.constantFrom(false, false, false, true),
    });
    const swap = fc.record({ atMs: agoMs.map((ms) => NOW_MS - ms), ttlBeforeSeconds: fc.nat(60) });
    const input = fc.record({ views: fc.array(member), swap: fc.option(swap), laterMs: agoMs });
    fc.assert(
      fc.property(input, ({ views, swap, laterMs }) => {
        const members = views.map(({ reusableAtMs, isLeaving, ...view }, i) => ({
          ...{ ...view, id: `m${i}` },
          ...(reusableAtMs !== null && { reusableAtMs }),
          ...(isLeaving && { isLeaving }),
        }));
        const serve = members.filter((m) => m.isServed).map((m) => m.id);
        const decision = { serve, isFailOpen: false };
        const now: TtlInput = {
          ...{ pool: POOL, decision, members, nowMs: NOW_MS },
          ...(swap !== null && { lastSwap: swap }),
        };
        const later = { ...now, nowMs: NOW_MS + laterMs };
        if (later.nowMs < ttlSteadyUntilMs(now)) expect(answerTtl(later)).toBe(answerTtl(now));
      }),
      { numRuns: 1000 },
    );
  });

  it("is without an end while the first member is up and served", () => {
    const views = ["a:up:5m:15s", "b:up:5m:15s"].map(readTtlMember);
    const decision = { serve: ["a"], isFailOpen: false };
    const rest = { pool: POOL, decision, members: views, nowMs: NOW_MS };
    expect(ttlSteadyUntilMs(rest)).toBe(Number.POSITIVE_INFINITY);
    const lastSwap = { atMs: NOW_MS - 4000, ttlBeforeSeconds: 10 };
    expect(ttlSteadyUntilMs({ ...rest, lastSwap })).toBe(NOW_MS + 6000);
  });
});

describe("afterSwapEndMs()", () => {
  it("is the end of the old TTL, at most 300 s later", () => {
    expect(afterSwapEndMs({ atMs: 1000, ttlBeforeSeconds: 15 })).toBe(16_000);
    expect(afterSwapEndMs({ atMs: 1000, ttlBeforeSeconds: 86_400 })).toBe(301_000);
  });
});

function readInput(lines: readonly string[]): TtlInput {
  let input: TtlInput = {
    ...{ pool: POOL, decision: { serve: [], isFailOpen: false }, members: [], nowMs: NOW_MS },
  };
  for (const line of lines) {
    const [first, ...rest] = line.split(/\s+/);
    const [ago = "", ttl = ""] = rest;
    if (first === "pool") input = { ...input, pool: readPool(rest) };
    else if (first === "members") input = { ...input, members: rest.map(readTtlMember) };
    else if (first === "serve") input = { ...input, decision: { serve: rest, isFailOpen: false } };
    else if (first === "swap") {
      const lastSwap = { atMs: NOW_MS - readMs(ago), ttlBeforeSeconds: Number(ttl) };
      input = { ...input, lastSwap };
    } else throw new Error(`Cannot read "${line}"`);
  }
  return input;
}

/** NAME:BELIEF:AGO:FLIP, and what `readMember` has fourth as a fifth. */
function readTtlMember(text: string): TtlMember {
  const [id, belief, ago, flip = "", extra = ""] = text.split(":");
  const view = readMember(`${id}:${belief}:${ago}:${extra}`);
  return { ...view, flipMs: flip === "never" ? Number.POSITIVE_INFINITY : readMs(flip) };
}
