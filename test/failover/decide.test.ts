// Decisions: the policy's rows, and what holds for every pool there can be.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Decision,
  type DecisionInput,
  decide,
  type MemberView,
  membersOf,
  sameAnswer,
} from "../../src/failover/decide.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { NOW_MS, POOL, readMember, readPool } from "./pools.ts";

describe("decide() by priority", () => {
  testTextCases("failover-priority.txt", (input) => describeDecision(decide(readInput(input))));
});

function readInput(lines: readonly string[]): DecisionInput {
  let input: DecisionInput = {
    ...{ pool: POOL, family: 4, members: [], serving: undefined, nowMs: NOW_MS },
  };
  for (const line of lines) {
    const [first, ...rest] = line.split(/\s+/);
    if (first === "pool") input = { ...input, pool: readPool(rest) };
    else if (first === "members") input = { ...input, members: rest.map(readMember) };
    else if (first === "serving") input = { ...input, serving: rest };
    else throw new Error(`Cannot read "${line}"`);
  }
  return input;
}

function describeDecision(decision: Decision): readonly string[] {
  const { code, why, serve, isFailOpen, wakeAtMs } = decision;
  const lines = [`${serve.join(" ") || "(nothing)"} ${code}: ${why}`];
  if (wakeAtMs !== undefined) lines.push(`again in ${(wakeAtMs - NOW_MS) / 1000}s`);
  if (isFailOpen) lines.push("fail open");
  return lines;
}

describe("decide() for any pool", () => {
  const belief = fc.constantFrom("up", "down", "unknown");
  const view = fc.record({
    belief,
    sinceMs: fc.integer({ min: NOW_MS - 100_000, max: NOW_MS }),
    isNew: fc.boolean(),
  });
  const input: fc.Arbitrary<DecisionInput> = fc
    .record({
      views: fc.array(view, { minLength: 1, maxLength: 6 }),
      mode: fc.constantFrom("auto", "manual"),
      allDown: fc.constantFrom("fail-open", "all", "empty"),
      serving: fc.option(fc.array(fc.constantFrom("m0", "m1", "m2", "m3", "gone")), {
        nil: undefined,
      }),
    })
    .map(({ views, mode, allDown, serving }) => ({
      pool: { ...POOL, allDown, failback: { mode, holdMs: 60_000 } },
      family: 4,
      members: views.map((v, i): MemberView => ({ ...v, id: `m${i}`, reason: "seen" })),
      serving,
      nowMs: NOW_MS,
    }));

  it("never serves a member that is down while one is up", () => {
    fc.assert(
      fc.property(input, (given) => {
        const isAnyUp = given.members.some((member) => member.belief === "up");
        const served = servedMembers(given);
        expect(isAnyUp && served.some((member) => member.belief === "down")).toBe(false);
      }),
    );
  });

  it("answers nothing only where the operator asked for it", () => {
    fc.assert(
      fc.property(input, (given) => {
        const isEmpty = decide(given).serve.length === 0;
        const areAllDown = given.members.every((member) => member.belief === "down");
        expect(isEmpty).toBe(areAllDown && given.pool.allDown === "empty");
      }),
    );
  });

  it("comes to rest: deciding again at the same moment changes nothing", () => {
    fc.assert(
      fc.property(input, (given) => {
        const first = decide(given);
        const second = decide({ ...given, serving: first.serve });
        expect(second.serve).toEqual(first.serve);
        expect(decide(given)).toEqual(first);
      }),
    );
  });

  it("says of every member whether it is served, and why", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { candidates, serve } = decide(given);
        expect(candidates.map((c) => c.id)).toEqual(given.members.map((m) => m.id));
        expect(candidates.filter((c) => c.isServed).length).toBe(serve.length);
        expect(candidates.every((c) => c.reason.length > 0)).toBe(true);
      }),
    );
  });

  it("names a moment to decide again only where it then decides otherwise", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { serve, wakeAtMs } = decide(given);
        if (wakeAtMs === undefined) return;
        expect(wakeAtMs).toBeGreaterThan(given.nowMs);
        expect(decide({ ...given, serving: serve, nowMs: wakeAtMs }).serve).not.toEqual(serve);
      }),
    );
  });
});

function servedMembers(input: DecisionInput): MemberView[] {
  const { serve } = decide(input);
  return input.members.filter((member) => serve.includes(member.id));
}

describe("membersOf()", () => {
  it("keeps the pool's order and leaves out members without the family", () => {
    const member = { targetsV4: [], targetsV6: [] };
    const members = [
      { ...member, id: "192.0.2.10", v4: "192.0.2.10", v6: "2001:db8::10" },
      { ...member, id: "2001:db8::20", v6: "2001:db8::20" },
      { ...member, id: "192.0.2.30", v4: "192.0.2.30" },
    ];
    const pool = { ...POOL, members };
    expect(membersOf(pool, 4).map((m) => m.id)).toEqual(["192.0.2.10", "192.0.2.30"]);
    expect(membersOf(pool, 6).map((m) => m.id)).toEqual(["192.0.2.10", "2001:db8::20"]);
  });
});

describe("sameAnswer()", () => {
  it("tells a swap from its absence", () => {
    expect(sameAnswer(["a", "b"], ["a", "b"])).toBe(true);
    expect(sameAnswer(["a", "b"], ["b", "a"])).toBe(false);
    expect(sameAnswer(["a"], ["a", "b"])).toBe(false);
    expect(sameAnswer(undefined, [])).toBe(false);
  });
});
