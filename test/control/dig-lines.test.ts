import { describe, expect, it } from "vitest";
import { digLines } from "../../src/control/dig-lines.ts";
import { nameFromText } from "../../src/dns/name.ts";
import type { FamilyExplanation } from "../../src/view/explanation.ts";
import type { MemberStatus, PoolStatus } from "../../src/view/status.ts";

const AT = Date.UTC(2026, 0, 1, 12, 0, 3);

function memberOf(member: string, belief: MemberStatus["belief"]): MemberStatus {
  const isServed = belief === "up";
  const known = { sinceWallMs: AT, reason: `${belief} (a probe says so)`, targets: [] };
  return { member, address: member, belief, isServed, ...known };
}

function poolOf(pool: string, changes: Partial<PoolStatus> = {}): PoolStatus {
  return {
    ...({
      pool,
      type: "A",
      policy: "priority",
      serving: ["192.0.2.20"],
      code: "primary-down",
    } as const),
    ...{ reason: "192.0.2.10 is down (connect-refused); serving 192.0.2.20", sinceWallMs: AT },
    ...{ swap: 42, ttlSeconds: 5, isFailOpen: false },
    members: [memberOf("192.0.2.10", "down"), memberOf("192.0.2.20", "up")],
    ...changes,
  };
}

const WELL = { code: "primary-up", reason: "it is up", swap: 0, members: [] };

const FAMILY: FamilyExplanation = {
  ...{ pool: "www.example.org", type: "A", policy: "priority", serving: ["192.0.2.20"] },
  ...{ code: "primary-down", reason: "192.0.2.10 is down", sinceWallMs: AT, swap: 42 },
  ttlSeconds: 5,
  wanted: ["192.0.2.10"],
  candidates: [
    {
      ...{ member: "192.0.2.10", address: "192.0.2.10", isServed: false, belief: "down" },
      ...{ standing: "down", sinceWallMs: AT, reason: "down (connect-refused)" },
      targets: [
        {
          ...{ target: "web@192.0.2.10", belief: "down", reason: "connect-refused", rules: [] },
          ...{ breaker: "closed", intervalMs: 5000, timeoutMs: 2000, usualMs: 2 },
          ...{ tripwire: "off", running: 0 },
          observations: [
            { endedWallMs: AT, durationMs: 2, code: "connect-refused", isHard: true, detail: "" },
          ],
        },
      ],
    },
  ],
  guards: [],
  next: [
    {
      ...{ cause: "time", atWallMs: AT + 60_000, afterMs: 60_000 },
      ...{ serve: ["192.0.2.10"], code: "failback", reason: "its hold is over" },
    },
    {
      ...{ cause: "falls", member: "192.0.2.20", afterMs: 0, serve: [] },
      ...{ code: "all-down", reason: "every member is down" },
    },
  ],
};

function ask(name: string, pools: readonly PoolStatus[]): readonly string[] | undefined {
  const desk = { explain: () => ({ nowWallMs: AT, families: [FAMILY] }) };
  return digLines(nameFromText(name), { pools, desk });
}

describe("digLines()", () => {
  it("lists pools, those that ask for a look first", () => {
    const pools = [
      poolOf("a.example.org", WELL),
      poolOf("b.example.org"),
      poolOf("c.example.org", { isFailOpen: true, code: "all-down", reason: "all are down" }),
      poolOf("d.example.org", { ...WELL, code: "", serving: [] }),
    ];
    expect(ask("POOLS.livezone.", pools)).toEqual([
      "4 pool answers: 1 failing open, 1 with a member down",
      "c.example.org A answers 192.0.2.20, TTL 5, fails open; all-down: all are down; since 2026-01-01T12:00:03Z, swap 42",
      "b.example.org A answers 192.0.2.20, TTL 5; primary-down: 192.0.2.10 is down (connect-refused); serving 192.0.2.20; since 2026-01-01T12:00:03Z, swap 42",
      "a.example.org A answers 192.0.2.20, TTL 5; primary-up: it is up; since 2026-01-01T12:00:03Z",
      "d.example.org A answers nothing, TTL 5; no decision yet; since 2026-01-01T12:00:03Z",
    ]);
  });

  it("counts what it does not list", () => {
    const pools = Array.from({ length: 250 }, (_, i) => poolOf(`p${i}.example.org`, WELL));
    const lines = ask("pools.livezone.", pools) ?? [];
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([
      102,
      "250 pool answers: 0 failing open, 0 with a member down",
      "and 150 more: livezone status",
    ]);
  });

  it("tells of one pool what it rests on and what would change it", () => {
    expect(ask("WWW.example.org.pool.livezone.", [poolOf("www.example.org")])).toEqual([
      "www.example.org A answers 192.0.2.20, TTL 5, priority; since 2026-01-01T12:00:03Z, swap 42",
      "primary-down: 192.0.2.10 is down",
      "wanted: 192.0.2.10",
      "192.0.2.10 not served: down (connect-refused), since 2026-01-01T12:00:03Z; web@192.0.2.10: connect-refused in 2 ms at 2026-01-01T12:00:03Z",
      "next: at 2026-01-01T12:01:03Z: 192.0.2.10, failback",
      "next: 192.0.2.20 falls: nothing, all-down",
    ]);
  });

  it.each(["other.example.org.pool.livezone.", "zones.livezone.", "www.example.org.", "."])(
    "knows nothing of %s",
    (name) => {
      expect(ask(name, [poolOf("www.example.org")])).toBeUndefined();
    },
  );
});
