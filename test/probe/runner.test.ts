// The life of a probe and the caps, with kinds that only pretend, on a simulated clock.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ask } from "../../src/config/ask.ts";
import type { PlannedProbe, ProbePurpose } from "../../src/control/ports.ts";
import type { Finding, Kind } from "../../src/probe/kind.ts";
import { DEFAULT_LIMITS, type ProberLimits } from "../../src/probe/limits.ts";
import { Prober } from "../../src/probe/prober.ts";
import { SimulatedTime } from "../files/simulated-time.ts";
import { tcpAsk } from "./asks.ts";

const OK: Finding = { code: "ok", isHard: false, phases: {}, detail: "" };
const SILENCE: Finding = { ...OK, code: "response-timeout", detail: "pretended" };

/** What a pretended probe does: answers after a time, never, or cannot even begin. */
type Behaviour = number | "never" | "throws";

interface Start {
  readonly targetId: string;
  readonly address: string;
  readonly purpose: ProbePurpose;
  readonly startedMs: number;
  endedMs: number | undefined;
  ends: number;
  lates: number;
  code: string;
  isDropped: boolean;
}

class Stage {
  readonly time = new SimulatedTime();
  readonly starts = new Map<number, Start>();
  readonly prober: Prober;
  readonly #addresses = new Map<string, string>();
  readonly #limits: ProberLimits;
  readonly #running = new Set<Start>();
  readonly #startedMs: number[] = [];
  readonly #plans = new Map<string, number>();
  behaviour: Behaviour = 1;
  begun = 0;
  isInside = false;

  constructor(limits: Partial<ProberLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const pretended: Kind<Ask> = {
      begin: (_ask, _env, done) => {
        this.begun++;
        if (this.behaviour === "throws") throw new Error("cannot begin");
        const cancel =
          this.behaviour === "never"
            ? (): void => {}
            : this.time.after(this.behaviour, () => done(OK));
        return () => {
          cancel();
          return SILENCE;
        };
      },
    };
    this.prober = new Prober({
      time: this.time,
      limits,
      kinds: { http: pretended, tcp: pretended },
      reports: {
        started: (targetId, probe, startedMs, purpose) => {
          expect(this.isInside).toBe(false);
          expect(this.starts.has(probe)).toBe(false);
          const address = this.#addresses.get(targetId) ?? "";
          const known = { targetId, address, purpose, startedMs, endedMs: undefined };
          const start = { ...known, ends: 0, lates: 0, code: "", isDropped: false };
          this.starts.set(probe, start);
          this.#running.add(start);
          this.#startedMs.push(startedMs);
          this.#plans.set(targetId, (this.#plans.get(targetId) ?? 0) - 1);
          this.#expectWithinCaps(startedMs, address);
        },
        late: (_targetId, probe) => {
          const start = this.start(probe);
          expect(start.ends).toBe(0);
          start.lates++;
        },
        observed: (_targetId, probe, observation) => {
          const start = this.start(probe);
          start.ends++;
          this.#running.delete(start);
          start.code = observation.code;
          start.endedMs = observation.endedMs;
          expect(observation.startedMs).toBe(start.startedMs);
        },
        tripped: () => {},
        tripwireLearned: () => {},
      },
    });
  }

  start(probe: number): Start {
    const start = this.starts.get(probe);
    if (start === undefined) throw new Error(`probe ${probe} was never started`);
    return start;
  }

  watch(targetId: string, address: string): void {
    this.#addresses.set(targetId, address);
    this.inside(() => this.prober.watch(targetId, tcpAsk({ address, port: 1 }), undefined));
  }

  plan(targetId: string, ...probes: Partial<PlannedProbe>[]): void {
    const usual = { atMs: 0, purpose: "regular", lateAfterMs: 100, timeoutMs: 400 } as const;
    if (this.#addresses.has(targetId)) this.#plans.set(targetId, probes.length);
    const planned = probes.map((probe) => ({ ...usual, ...probe }));
    this.inside(() => this.prober.plan(targetId, planned));
  }

  unwatch(targetId: string): void {
    this.#addresses.delete(targetId);
    this.#plans.delete(targetId);
    for (const start of this.#running) {
      if (start.targetId !== targetId) continue;
      start.isDropped = true;
      this.#running.delete(start);
    }
    this.inside(() => this.prober.unwatch(targetId));
  }

  inside(call: () => void): void {
    this.isInside = true;
    call();
    this.isInside = false;
  }

  /** Probes that are planned and have not started. */
  get planned(): number {
    return [...this.#plans.values()].reduce((sum, count) => sum + count, 0);
  }

  #expectWithinCaps(nowMs: number, address: string): void {
    const { inFlightMax, perAddressMax, startsPerSecond } = this.#limits;
    expect(this.#running.size).toBeLessThanOrEqual(inFlightMax);
    const there = [...this.#running].filter((start) => start.address === address);
    expect(there.length).toBeLessThanOrEqual(perAddressMax);
    const burst = Math.max(1, Math.floor(startsPerSecond / 50));
    for (const windowMs of [1, 100, 1000]) {
      const recent = this.#startedMs.findLastIndex((atMs) => atMs <= nowMs - windowMs);
      const count = this.#startedMs.length - 1 - recent;
      expect(count).toBeLessThanOrEqual(burst + (startsPerSecond * windowMs) / 1000 + 1e-6);
    }
  }

  get list(): Start[] {
    return [...this.starts.values()];
  }
}

describe("a probe", () => {
  it("is started, and observed when its kind is done", () => {
    const stage = new Stage();
    stage.watch("t", "192.0.2.1");
    const nowMs = stage.time.nowMs();
    stage.plan("t", { atMs: nowMs + 50 });
    stage.time.run(1000);
    expect(stage.list).toMatchObject([{ ends: 1, lates: 0, code: "ok" }]);
    expect(stage.list[0]?.startedMs).toBeGreaterThanOrEqual(nowMs + 50);
    expect(stage.list[0]?.startedMs).toBeLessThanOrEqual(nowMs + 60);
  });

  it("is late once, then ends as the silence that its kind makes of it", () => {
    const stage = new Stage();
    stage.behaviour = "never";
    stage.watch("t", "192.0.2.1");
    stage.plan("t", {});
    stage.time.run(120);
    expect(stage.list).toMatchObject([{ lates: 1, ends: 0 }]);
    stage.time.run(1000);
    expect(stage.list).toMatchObject([{ lates: 1, ends: 1, code: "response-timeout" }]);
    const { startedMs = 0, endedMs = 0 } = stage.list[0] ?? {};
    expect(endedMs - startedMs).toBeGreaterThanOrEqual(400);
    expect(endedMs - startedMs).toBeLessThanOrEqual(411);
  });

  it("is not late where lateness comes no sooner than its deadline", () => {
    const stage = new Stage();
    stage.behaviour = "never";
    stage.watch("t", "192.0.2.1");
    stage.plan("t", { lateAfterMs: 400, timeoutMs: 400 });
    stage.time.run(1000);
    expect(stage.list).toMatchObject([{ lates: 0, ends: 1 }]);
  });

  it("that cannot begin is the prober's fault", () => {
    const stage = new Stage();
    stage.behaviour = "throws";
    stage.watch("t", "192.0.2.1");
    stage.plan("t", {}, {}, {});
    stage.time.run(10);
    expect(stage.list.map((start) => start.code)).toEqual(Array(3).fill("prober-config"));
  });

  it("is planned anew by each plan, and by an empty one not at all", () => {
    const stage = new Stage();
    stage.watch("t", "192.0.2.1");
    const nowMs = stage.time.nowMs();
    stage.plan("t", { atMs: nowMs + 100 }, { atMs: nowMs + 200 });
    stage.plan("t", { atMs: nowMs + 300 });
    stage.time.run(290);
    expect(stage.list).toEqual([]);
    stage.plan("t");
    stage.time.run(1000);
    expect(stage.list).toEqual([]);
  });

  it("is dropped without a word when its target is watched no more", () => {
    const stage = new Stage({ perAddressMax: 1 });
    stage.behaviour = 50;
    stage.watch("t", "192.0.2.1");
    stage.watch("u", "192.0.2.1");
    stage.plan("t", {}, {}, { atMs: stage.time.nowMs() + 30 });
    stage.plan("u", {});
    stage.time.run(10);
    stage.unwatch("t");
    stage.time.run(1000);
    expect(stage.list).toMatchObject([
      { targetId: "t", ends: 0 },
      { targetId: "u", ends: 1 },
    ]);
  });

  it("keeps what is planned when its target's ask is replaced", () => {
    const stage = new Stage();
    stage.watch("t", "192.0.2.1");
    stage.plan("t", { atMs: stage.time.nowMs() + 100 });
    stage.watch("t", "192.0.2.2");
    stage.time.run(1000);
    expect(stage.list).toMatchObject([{ ends: 1 }]);
  });

  it("is unknown to plan and unwatch without its target", () => {
    const stage = new Stage();
    stage.plan("nobody", {});
    stage.unwatch("nobody");
    stage.time.run(100);
    expect(stage.begun).toBe(0);
  });

  it("is heard of no more after close", () => {
    const stage = new Stage({ inFlightMax: 1 });
    stage.behaviour = 50;
    stage.watch("t", "192.0.2.1");
    stage.plan("t", {}, {}, { atMs: stage.time.nowMs() + 20 });
    stage.time.run(10);
    stage.prober.close();
    stage.time.run(1000);
    expect(stage.list).toMatchObject([{ ends: 0 }]);
    expect(stage.time.timers).toBe(0);
  });
});

describe("the caps", () => {
  it("let a confirm probe overtake every regular one that waits", () => {
    const stage = new Stage({ inFlightMax: 1 });
    stage.behaviour = 20;
    for (let i = 0; i < 5; i++) {
      stage.watch(`r${i}`, `192.0.2.${i}`);
      stage.plan(`r${i}`, {});
    }
    stage.time.run(5);
    stage.watch("c", "192.0.2.9");
    stage.plan("c", { purpose: "confirm" });
    stage.time.run(1000);
    expect(stage.list.map((start) => start.targetId)).toEqual(["r0", "c", "r1", "r2", "r3", "r4"]);
  });

  it("let a confirm probe start at once while regular ones use up the rate", () => {
    const stage = new Stage({ startsPerSecond: 100 });
    for (let i = 0; i < 50; i++) {
      stage.watch(`r${i}`, `192.0.2.${i}`);
      stage.plan(`r${i}`, {});
    }
    stage.time.run(200);
    stage.watch("c", "192.0.2.99");
    const nowMs = stage.time.nowMs();
    stage.plan("c", { purpose: "confirm" });
    stage.time.run(1000);
    const confirm = stage.list.find((start) => start.purpose === "confirm");
    expect(confirm?.startedMs).toBe(nowMs);
    expect(stage.list).toHaveLength(51);
  });

  it("do not overflow the stack when thousands of probes cannot begin", () => {
    const stage = new Stage({ startsPerSecond: 1_000_000 });
    stage.behaviour = "throws";
    for (let i = 0; i < 3000; i++) {
      stage.watch(`t${i}`, "192.0.2.1");
      stage.plan(`t${i}`, {});
    }
    stage.time.run(100);
    expect(stage.list.filter((start) => start.ends === 1)).toHaveLength(3000);
  });

  it("call up the next of an address when the one called up is taken back", () => {
    const stage = new Stage({ perAddressMax: 1, startsPerSecond: 1 });
    stage.behaviour = 1500;
    const nowMs = stage.time.nowMs();
    for (const id of ["a", "b", "c", "d"]) stage.watch(id, id === "d" ? "192.0.2.2" : "192.0.2.1");
    for (const id of ["a", "b", "c"]) stage.plan(id, { timeoutMs: 2000, lateAfterMs: 2000 });
    stage.plan("d", { atMs: nowMs + 1400, timeoutMs: 2000, lateAfterMs: 2000 });
    // By now "a" has ended, "d" has used up the rate, and "b" was called up and waits for it.
    stage.time.run(1700);
    expect(stage.list.map((start) => start.targetId)).toEqual(["a", "d"]);
    stage.plan("b");
    stage.time.run(10_000);
    expect(stage.list.map((start) => start.targetId)).toEqual(["a", "d", "c"]);
  });

  it("smooth a burst to the rate", () => {
    const stage = new Stage({ startsPerSecond: 1000 });
    for (let i = 0; i < 1000; i++) {
      stage.watch(`t${i}`, `192.0.2.${i % 250}`);
      stage.plan(`t${i}`, {});
    }
    stage.time.run(500);
    expect(stage.list.length).toBeGreaterThan(480);
    expect(stage.list.length).toBeLessThan(560);
    stage.time.run(600);
    expect(stage.list).toHaveLength(1000);
  });
});

const target = fc.constantFrom("a", "b", "c", "d");
const address = fc.constantFrom("192.0.2.1", "192.0.2.2");
const delays = fc.array(fc.nat(300), { maxLength: 6 });
const purpose = fc.constantFrom<ProbePurpose>("regular", "confirm", "recover");
const behaviour = fc.oneof(fc.nat(600), fc.constantFrom<Behaviour>("never", "throws"));

/** One thing that may be done to a prober, ready to be done. */
const action: fc.Arbitrary<(stage: Stage) => void> = fc.oneof(
  fc.tuple(target, address).map(
    ([id, at]) =>
      (stage: Stage) =>
        stage.watch(id, at),
  ),
  target.map((id) => (stage: Stage) => stage.unwatch(id)),
  fc.tuple(target, delays, purpose).map(([id, list, why]) => (stage: Stage) => {
    const nowMs = stage.time.nowMs();
    stage.plan(id, ...list.map((delay) => ({ atMs: nowMs + delay, purpose: why })));
  }),
  fc.nat(500).map((forMs) => (stage: Stage) => stage.time.run(forMs)),
  fc.nat(3000).map((forMs) => (stage: Stage) => stage.time.stall(forMs)),
  behaviour.map((as) => (stage: Stage) => {
    stage.behaviour = as;
  }),
);

it("ends every started probe exactly once and never exceeds a cap, whatever is asked", () => {
  const limits = fc.record({
    inFlightMax: fc.integer({ min: 1, max: 6 }),
    perAddressMax: fc.integer({ min: 1, max: 3 }),
    startsPerSecond: fc.integer({ min: 5, max: 200 }),
  });
  let started = 0;
  fc.assert(
    fc.property(limits, fc.array(action, { minLength: 20, maxLength: 80 }), (caps, actions) => {
      const stage = new Stage(caps);
      for (const id of ["a", "b", "c", "d"]) stage.watch(id, "192.0.2.1");
      for (const perform of actions) perform(stage);
      stage.time.run(120_000);
      expect(stage.planned).toBe(0);
      for (const start of stage.list) expect(start.ends).toBe(start.isDropped ? 0 : 1);
      started += stage.starts.size;
    }),
    { numRuns: 300, seed: 5 },
  );
  // A property about probes says nothing where none were started.
  expect(started).toBeGreaterThan(1000);
});
