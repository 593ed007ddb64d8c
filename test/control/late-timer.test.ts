// A timer that is put off much more often than it rings.

import { describe, expect, it } from "vitest";
import { LateTimer } from "../../src/control/late-timer.ts";

describe("LateTimer", () => {
  it("rings once, at the last moment it was put off to, and hangs up one timer meanwhile", () => {
    const world = new World();
    const timer = new LateTimer(world, () => world.rung.push(world.nowMs()));
    for (let atMs = 100; atMs <= 500; atMs += 100) timer.plan(atMs, world.nowMs());
    expect(world.planned).toBe(1);
    world.runTo(1000);
    expect(world.rung).toEqual([500]);
  });

  it("rings sooner when it is moved forward, and not at all once taken back", () => {
    const world = new World();
    const timer = new LateTimer(world, () => world.rung.push(world.nowMs()));
    timer.plan(500, 0);
    timer.plan(200, 0);
    world.runTo(300);
    timer.plan(400, 300);
    timer.plan(undefined, 300);
    world.runTo(450);
    timer.plan(600, 450);
    timer.cancel();
    world.runTo(1000);
    expect(world.rung).toEqual([200]);
  });

  it("can be planned anew from its own ringing", () => {
    const world = new World();
    const timer: LateTimer = new LateTimer(world, () => {
      world.rung.push(world.nowMs());
      if (world.rung.length < 3) timer.plan(world.nowMs() + 100, world.nowMs());
    });
    timer.plan(100, 0);
    world.runTo(1000);
    expect(world.rung).toEqual([100, 200, 300]);
  });
});

/** Time that passes when it is told to. */
class World {
  readonly rung: number[] = [];
  planned = 0;
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly run: () => void }>();

  readonly nowMs = (): number => this.#nowMs;
  readonly wallMs = (): number => this.#nowMs;

  readonly after = (delayMs: number, run: () => void): (() => void) => {
    this.planned++;
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  runTo(endMs: number): void {
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }
}
