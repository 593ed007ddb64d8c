// What the store is told of beliefs, and when, at moments of a simulated clock.

import { describe, expect, it } from "vitest";
import { SteppedTime } from "../../src/base/stepped-time.ts";
import { BeliefNewsSource } from "../../src/control/belief-news.ts";
import { NOBODY_MS } from "../../src/control/ports-beliefs.ts";
import type { TargetRuntime } from "../../src/control/targets.ts";
import { newTarget } from "../../src/health/target.ts";

const LIFE = 3;

describe("BeliefNewsSource", () => {
  it("tells of a target once, and then of all together when they were observed", () => {
    const { time, source, targets } = world("a", "b");
    observe(targets, time.nowMs());
    const { beliefs, seen } = source.take(targets, false);
    expect(beliefs).toMatchObject([
      { targetId: "a", watch: { life: LIFE, place: 0 } },
      { targetId: "b", watch: { life: LIFE, place: 1 } },
    ]);
    expect(seen).toEqual(ages(time, 0, 0));
    time.stall(1000);
    observe(targets.slice(1), time.nowMs() - 0.5);
    expect(source.take(targets, false)).toEqual({ beliefs: [], seen: ages(time, 1000, 1) });
  });

  it("does not tell of every observation, and of none twice", () => {
    const { time, source, targets } = world("a");
    for (const [afterMs, isObserved, isTold] of [
      [0, true, true],
      [399, true, false],
      [1, false, true],
      [400, false, false],
      [1, true, true],
    ] as const) {
      time.stall(afterMs);
      if (isObserved) observe(targets, time.nowMs());
      expect([afterMs, source.take(targets, false).seen !== undefined]).toEqual([afterMs, isTold]);
    }
  });

  it("says nothing of targets that were never observed", () => {
    const { source, targets } = world("a");
    expect(source.take(targets, false)).toEqual({ beliefs: [], seen: undefined });
  });

  it("tells of what changed, and of nothing else", () => {
    const { time, source, targets } = world("a", "b");
    observe(targets, time.nowMs());
    source.take(targets, false);
    for (const { told } of targets.slice(1)) told.isDirty = true;
    const { beliefs } = source.take(targets, false);
    expect(beliefs).toMatchObject([{ targetId: "b", watch: { life: LIFE, place: 1 } }]);
    expect(source.take(targets, false).beliefs).toEqual([]);
  });

  it("tells of all again when the wall clock was set, and of no age as a young one", () => {
    const { time, source, targets } = world("a");
    observe(targets, time.nowMs());
    source.take(targets, false);
    time.stepWall(3_600_000);
    source.restamp(targets);
    expect(source.take(targets, false)).toMatchObject({
      beliefs: [{ targetId: "a", observedWallMs: time.wallMs() }],
      seen: ages(time, 0),
    });
    time.stall(2 ** 32 + 5);
    source.restamp(targets);
    expect(source.take(targets, false).seen).toEqual(ages(time, NOBODY_MS - 1));
  });

  it("leaves out no observation at the end, however lately it told of others", () => {
    const { time, source, targets } = world("a");
    observe(targets, time.nowMs());
    source.take(targets, false);
    time.stall(10);
    observe(targets, time.nowMs());
    expect(source.take(targets, true).seen).toEqual(ages(time, 0));
  });

  it("tells of one that is probed no more as it was last, and gives its place to another", () => {
    const { time, source, targets } = world("a", "b", "c", "never observed");
    const [a, b, c, other] = targets as [
      TargetRuntime,
      TargetRuntime,
      TargetRuntime,
      TargetRuntime,
    ];
    observe([a, b], time.nowMs());
    source.take(targets, false);
    source.leave(a);
    source.leave(other);
    time.stall(500);
    const { beliefs, seen } = source.take([b], false);
    expect(beliefs).toMatchObject([{ targetId: "a", observedWallMs: time.wallMs() - 500 }]);
    expect([beliefs[0]?.watch, seen]).toEqual([undefined, ages(time, NOBODY_MS, 500)]);
    observe([c], time.nowMs());
    expect(source.take([b, c], false).beliefs).toMatchObject([
      { targetId: "c", watch: { life: LIFE, place: 0 } },
    ]);
  });

  it("tells again what the store did not take: as it is by then, and when all were observed", () => {
    const { time, source, targets } = world("a", "gone", "back");
    const [kept, gone, back] = targets as [TargetRuntime, TargetRuntime, TargetRuntime];
    observe(targets, time.nowMs());
    const first = source.take(targets, false);
    time.stall(100);
    observe([kept], time.nowMs());
    back.lastObservedMs = undefined;
    source.putBack(
      first.beliefs,
      new Map([kept, back].map((target) => [target.id, target])),
      () => undefined,
    );
    const { beliefs, seen } = source.take([kept, back], false);
    const observedWallMs = time.wallMs() - 100;
    expect(beliefs).toMatchObject([
      { targetId: gone.id, observedWallMs },
      { targetId: back.id, observedWallMs },
      { targetId: kept.id, observedWallMs: time.wallMs(), watch: { place: 0 } },
    ]);
    expect(beliefs.map(({ watch }) => watch?.place)).toEqual([undefined, undefined, 0]);
    expect(seen?.wallMs).toBe(time.wallMs());
  });

  it("does not tell an old belief of one that left again, in whatever order it comes back", () => {
    const { time, source, targets } = world("a");
    const [target] = targets as [TargetRuntime];
    observe(targets, time.nowMs());
    const first = source.take(targets, false);
    target.health = { ...target.health, code: "timeout" };
    const left = source.leave(target);
    const second = source.take([], false);
    for (const { beliefs } of [second, first]) source.putBack(beliefs, new Map(), () => left);
    expect(source.take([], false).beliefs).toMatchObject([{ targetId: "a", code: "timeout" }]);
  });
});

/** Targets that were not observed yet, in the third life of control. */
function world(...ids: readonly string[]): {
  readonly time: SteppedTime;
  readonly source: BeliefNewsSource;
  readonly targets: readonly TargetRuntime[];
} {
  const time = new SteppedTime();
  const source = new BeliefNewsSource(time);
  source.begin(LIFE);
  const of = { health: newTarget(time.nowMs()), tripwire: "off" };
  const targets = ids.map((id) => {
    return { id, ...of, lastObservedMs: undefined, told: { place: -1, isDirty: false } };
  });
  return { time, source, targets: targets as unknown as TargetRuntime[] };
}

function observe(targets: readonly TargetRuntime[], atMs: number): void {
  for (const target of targets) target.lastObservedMs = atMs;
}

/** When the targets of this life were observed, by place: milliseconds before now. */
function ages(time: SteppedTime, ...agesMs: readonly number[]): unknown {
  return { life: LIFE, wallMs: time.wallMs(), agesMs: Uint32Array.from(agesMs) };
}
