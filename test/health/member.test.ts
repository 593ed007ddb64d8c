// Several targets, one member; and how soon either may change.

import { describe, expect, it } from "vitest";
import { flipMs, memberFlipMs } from "../../src/health/flip.ts";
import { memberHealth } from "../../src/health/member.ts";
import { DEFAULT_HEALTH } from "../../src/health/settings.ts";
import {
  type Belief,
  type Failure,
  newTarget,
  type TargetHealth,
} from "../../src/health/target.ts";

function target(belief: Belief, sinceMs: number, more: Partial<TargetHealth> = {}): TargetHealth {
  return { ...newTarget(0), belief, sinceMs, reason: `it is ${belief}`, ...more };
}

describe("memberHealth()", () => {
  it("is up without targets: the member is not probed", () => {
    expect(memberHealth([]).belief).toBe("up");
  });

  it("is what its only target is, in its words", () => {
    const health = memberHealth([{ id: "a:80", health: target("down", 7) }]);
    expect(health).toMatchObject({ belief: "down", sinceMs: 7, reason: "it is down" });
  });

  it("is down since the first of its targets went down, and names it", () => {
    const health = memberHealth([
      { id: "a:80", health: target("up", 1) },
      { id: "a:443", health: target("down", 9) },
      { id: "a:25", health: target("down", 5) },
    ]);
    expect(health).toMatchObject({ belief: "down", sinceMs: 5, reason: "a:25: it is down" });
  });

  it("is unknown while any target is, unless one is down", () => {
    const unknown = { id: "a:443", health: target("unknown", 2) };
    expect(memberHealth([{ id: "a:80", health: target("up", 1) }, unknown]).belief).toBe("unknown");
    expect(memberHealth([{ id: "a:80", health: target("down", 1) }, unknown]).belief).toBe("down");
  });

  it("is up since the last of its targets came up", () => {
    const targets = [3, 8, 5].map((sinceMs) => ({ id: "a", health: target("up", sinceMs) }));
    expect(memberHealth(targets)).toMatchObject({ belief: "up", sinceMs: 8 });
  });
});

describe("flipMs()", () => {
  const settings = DEFAULT_HEALTH;
  const failure: Failure = {
    code: "http-status",
    isHard: false,
    isSilent: false,
    endedMs: 1,
    signMs: 1,
  };

  it("shrinks with each failure that stands", () => {
    expect(flipMs({ health: target("up", 0), settings })).toBe(15_000);
    expect(flipMs({ health: target("up", 0, { failures: [failure] }), settings })).toBe(10_000);
    const failures = [failure, failure, failure];
    expect(flipMs({ health: target("up", 0, { failures }), settings })).toBe(5000);
  });

  it("follows the second DOWN rule when that is nearer", () => {
    expect(flipMs({ health: target("up", 0, { failureCount: 4 }), settings })).toBe(5000);
  });

  it("counts the successes that a down target still has to earn", () => {
    expect(flipMs({ health: target("down", 0), settings })).toBe(25_000);
    expect(flipMs({ health: target("down", 0, { successRun: 4 }), settings })).toBe(5000);
  });

  it("is nothing while a target is unknown: its next probe decides", () => {
    expect(flipMs({ health: target("unknown", 0), settings })).toBe(0);
  });
});

describe("memberFlipMs()", () => {
  const settings = DEFAULT_HEALTH;
  const up = { health: target("up", 0, { failureCount: 3 }), settings };
  const fresh = { health: target("up", 0), settings };
  const down = { health: target("down", 0), settings };

  it("is the first of its targets to fall while it is up", () => {
    expect(memberFlipMs([fresh, up])).toBe(10_000);
  });

  it("is the last of its targets to rise while it is down", () => {
    const rising = { health: target("down", 0, { successRun: 3 }), settings };
    expect(memberFlipMs([up, rising, down])).toBe(25_000);
  });

  it("is never, for a member that is not probed", () => {
    expect(memberFlipMs([])).toBe(Number.POSITIVE_INFINITY);
  });
});
