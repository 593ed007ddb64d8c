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
import { refusalToTakeOut } from "../../src/failover/guards.ts";
import { standingOf } from "../../src/failover/standing.ts";
import type { ForcedState } from "../../src/health/forced.ts";
import { readMs } from "../health/world.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { NOW_MS, POOL, readMember, readPool } from "./pools.ts";

// The same examples on every run; a failure found with another seed becomes a case of its own.
fc.configureGlobal({ seed: 20 });

describe("decide()", () => {
  const files = ["priority", "standing", "all-active", "weighted", "sticky", "guards"];
  for (const file of files) {
    testTextCases(`failover-${file}.txt`, (input) => describeDecision(decide(readInput(input))));
  }
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
    else if (first === "approved") input = { ...input, approved: rest };
    else if (first === "swaps") {
      input = { ...input, swapsMs: rest.map((ago) => NOW_MS - readMs(ago)) };
    } else throw new Error(`Cannot read "${line}"`);
  }
  return input;
}

function describeDecision(decision: Decision): readonly string[] {
  const { code, why, serve, isFailOpen, wakeAtMs, wanted } = decision;
  const lines = [`${serve.join(" ") || "(nothing)"} ${code}: ${why}`];
  if (wakeAtMs !== undefined) lines.push(`again in ${(wakeAtMs - NOW_MS) / 1000}s`);
  if (wanted !== undefined) lines.push(`wanted ${wanted.join(" ")}`);
  if (isFailOpen) lines.push("fail open");
  return lines;
}

describe("decide() for any pool", () => {
  const soonMs = fc.integer({ min: NOW_MS - 5000, max: NOW_MS + 5000 });
  const forced: fc.Arbitrary<ForcedState> = fc.record({
    state: fc.constantFrom("up", "down", "drain"),
    ...{ author: fc.constant("ann"), reason: fc.constant("test"), sinceMs: fc.constant(0) },
    untilMs: fc.option(soonMs, { nil: undefined }),
  });
  const plain = fc.record({
    belief: fc.constantFrom("up", "down", "unknown"),
    sinceMs: fc.integer({ min: NOW_MS - 100_000, max: NOW_MS }),
    isNew: fc.boolean(),
  });
  const troubled = fc.record(
    { ...{ belief: fc.constantFrom("up", "down", "unknown"), isNew: fc.boolean() }, forced },
    { requiredKeys: ["belief", "isNew"] },
  );
  const view = fc.oneof(
    plain,
    troubled.map((it) => ({ ...it, sinceMs: NOW_MS - 9000 })),
    plain.chain((it) => soonMs.map((reusableAtMs) => ({ ...it, reusableAtMs }))),
  );
  const inputOf = (views: fc.Arbitrary<Omit<MemberView, "id" | "reason">>) =>
    fc
      .record({
        views: fc.array(views, { minLength: 1, maxLength: 6 }),
        policy: fc.constantFrom("priority", "all", "weighted", "sticky"),
        mode: fc.constantFrom("auto", "manual"),
        allDown: fc.constantFrom("fail-open", "all", "empty"),
        serving: fc.option(fc.uniqueArray(fc.constantFrom("m0", "m1", "m2", "m3", "gone")), {
          nil: undefined,
        }),
      })
      .map(
        ({ views, policy, mode, allDown, serving }): DecisionInput => ({
          pool: { ...POOL, policy, allDown, failback: { mode, holdMs: 60_000 } },
          family: 4,
          members: views.map((v, i): MemberView => ({ ...v, id: `m${i}`, reason: "seen" })),
          serving,
          nowMs: NOW_MS,
        }),
      );
  const input = inputOf(view);
  const standings = (given: DecisionInput) =>
    new Map(given.members.map((member) => [member.id, standingOf(member, NOW_MS)]));

  it("serves no member that is down or forced down while a healthy one is there", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { serve, code } = decide(given);
        const by = standings(given);
        const isHealthyThere = [...by.values()].some((s) => s === "usable" || s === "damped");
        const worst = serve.map((id) => by.get(id));
        if (!isHealthyThere) return;
        expect(worst).not.toContain("barred");
        if (code !== "panic") expect(worst).not.toContain("down");
      }),
    );
  });

  it("serves a forced-down member only when every one of them is", () => {
    fc.assert(
      fc.property(input, (given) => {
        const by = standings(given);
        if ([...by.values()].every((standing) => standing === "barred")) return;
        expect(decide(given).serve.map((id) => by.get(id))).not.toContain("barred");
      }),
    );
  });

  it("answers nothing only where the operator asked for it", () => {
    fc.assert(
      fc.property(input, (given) => {
        const isEmpty = decide(given).serve.length === 0;
        const areAllDown = [...standings(given).values()].every(
          (standing) => standing === "down" || standing === "barred",
        );
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

  it("names a moment to decide again, which is to come", () => {
    fc.assert(
      fc.property(input, (given) => {
        const { wakeAtMs } = decide(given);
        if (wakeAtMs !== undefined) expect(wakeAtMs).toBeGreaterThan(given.nowMs);
      }),
    );
  });

  it("decides otherwise at the moment it names, by priority and with nothing forced or damped", () => {
    fc.assert(
      fc.property(inputOf(plain), (given) => {
        const { serve, wakeAtMs } = decide(given);
        if (wakeAtMs === undefined || given.pool.policy !== "priority") return;
        expect(decide({ ...given, serving: serve, nowMs: wakeAtMs }).serve).not.toEqual(serve);
      }),
    );
  });

  it("would never have decided otherwise before the moment it names", () => {
    fc.assert(
      fc.property(input, fc.integer({ min: 1, max: 100_000 }), (given, laterMs) => {
        const { serve, wakeAtMs = Number.POSITIVE_INFINITY } = decide(given);
        const nowMs = NOW_MS + laterMs;
        if (nowMs >= wakeAtMs) return;
        expect(decide({ ...given, serving: serve, nowMs }).serve).toEqual(serve);
      }),
    );
  });
});

describe("refusalToTakeOut()", () => {
  const members = ["a:up", "b:up:5s", "c:down"].map(readMember);
  const input: DecisionInput = {
    ...{ pool: POOL, family: 4, members, serving: ["a"], nowMs: NOW_MS },
  };

  it("lets a member go while another healthy one is left", () => {
    expect(refusalToTakeOut(input, ["a"])).toBeUndefined();
  });

  it("refuses to take out the last healthy ones, and says what is left", () => {
    const sentence = "it would leave 0 healthy of at least 1: c is down (3 failures in a row)";
    expect(refusalToTakeOut(input, ["a", "b"])).toBe(sentence);
    expect(refusalToTakeOut(input, ["a", "b", "c"])).toContain("there is no other");
  });

  it("keeps the pool's own floor", () => {
    const pool = readPool(["least=2"]);
    expect(refusalToTakeOut({ ...input, pool }, ["a"])).toContain("1 healthy of at least 2");
    expect(refusalToTakeOut({ ...input, pool }, ["c"])).toBeUndefined();
  });
});

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
