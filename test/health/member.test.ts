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

describe("memberHealth() by a rule", () => {
  const at = (belief: Belief, sinceMs: number, more = {}) => ({
    id: `${belief}-${sinceMs}`,
    health: target(belief, sinceMs),
    ...more,
  });

  it("any: one that is up is enough, and the last one's fall takes it down", () => {
    const any = { kind: "any" } as const;
    const one = memberHealth([at("down", 1), at("up", 5), at("up", 9)], any);
    expect(one).toMatchObject({ belief: "up", sinceMs: 5 });
    const none = memberHealth([at("down", 1), at("down", 7), at("down", 3)], any);
    expect(none).toMatchObject({ belief: "down", sinceMs: 7 });
    expect(memberHealth([at("down", 1), at("unknown", 2)], any).belief).toBe("unknown");
  });

  it("at-least: counts, and names the target that tipped it", () => {
    const two = { kind: "at-least", weight: 2 } as const;
    const up = memberHealth([at("up", 4), at("down", 1), at("up", 2)], two);
    expect(up).toMatchObject({ belief: "up", sinceMs: 4 });
    const down = memberHealth([at("up", 4), at("down", 1), at("down", 6)], two);
    expect(down).toMatchObject({ belief: "down", sinceMs: 6, reason: "down-6: it is down" });
  });

  it("at-least: weighs, where targets have weights", () => {
    const three = { kind: "at-least", weight: 3 } as const;
    const targets = [at("up", 1, { weight: 3 }), at("down", 2), at("down", 3)];
    expect(memberHealth(targets, three).belief).toBe("up");
    const light = [at("down", 1, { weight: 3 }), at("up", 2), at("up", 3)];
    expect(memberHealth(light, three).belief).toBe("down");
  });

  it("at-least: asks for no more than there is", () => {
    expect(memberHealth([at("up", 1)], { kind: "at-least", weight: 9 }).belief).toBe("up");
  });

  it("required: down without it, unknown while it is, whatever the others say", () => {
    const any = { kind: "any" } as const;
    const required = { isRequired: true };
    expect(memberHealth([at("up", 1), at("down", 2, required)], any)).toMatchObject({
      ...{ belief: "down", sinceMs: 2 },
    });
    expect(memberHealth([at("up", 1), at("unknown", 2, required)], any).belief).toBe("unknown");
    const up = memberHealth([at("up", 1), at("up", 8, required)], any);
    expect(up).toMatchObject({ belief: "up", sinceMs: 8 });
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
    expect(flipMs({ health: target("down", 0), settings })).toBe(5000);
    expect(flipMs({ health: target("down", 0, { successRun: 4 }), settings })).toBe(1000);
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
    expect(memberFlipMs([up, rising, down])).toBe(5000);
  });

  it("waits for as many as its rule asks for", () => {
    const any = { kind: "any" } as const;
    const rising = { health: target("down", 0, { successRun: 3 }), settings };
    expect(memberFlipMs([rising, down], any)).toBe(2000);
    expect(memberFlipMs([fresh, up], any)).toBe(15_000);
    expect(memberFlipMs([fresh, up, down], { kind: "at-least", weight: 2 })).toBe(10_000);
    expect(memberFlipMs([fresh, { ...up, isRequired: true }], any)).toBe(10_000);
    expect(memberFlipMs([fresh, { ...down, isRequired: true }], any)).toBe(5000);
  });

  it("is never, for a member that is not probed", () => {
    expect(memberFlipMs([])).toBe(Number.POSITIVE_INFINITY);
  });
});
