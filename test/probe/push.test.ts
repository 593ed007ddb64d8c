// The kind push: reports that come in, grow old, or never come, on a simulated clock.

import { describe, expect, it } from "vitest";
import type { Observation } from "../../src/health/observation.ts";
import { Prober } from "../../src/probe/prober.ts";
import { SimulatedTime } from "../files/simulated-time.ts";
import { pushAsk, tcpAsk } from "./asks.ts";

const TTL_MS = 30_000;

class Stage {
  readonly time = new SimulatedTime();
  readonly observed: Observation[] = [];
  readonly trippedMs: number[] = [];
  readonly prober = new Prober({
    time: this.time,
    reports: {
      started: () => {},
      late: () => {},
      observed: (_targetId, _probe, observation) => this.observed.push(observation),
      tripped: (_targetId, nowMs) => this.trippedMs.push(nowMs),
      tripwireLearned: () => {},
    },
  });

  constructor() {
    this.prober.watch("t", pushAsk(TTL_MS), undefined);
  }

  /** Plans one look for now, and lets a moment pass. */
  look(): Observation | undefined {
    const before = this.observed.length;
    this.plan();
    this.time.run(100);
    return this.observed[before];
  }

  plan(): void {
    const probe = { purpose: "regular", lateAfterMs: 250, timeoutMs: 1000 } as const;
    this.prober.plan("t", [{ ...probe, atMs: this.time.nowMs() }]);
  }
}

describe("kind push", () => {
  it("is ok while the last report is good and not too old", () => {
    const stage = new Stage();
    stage.prober.heartbeat("t", true, "");
    expect(stage.look()).toMatchObject({ code: "ok", detail: "" });
    stage.time.run(TTL_MS - 1000);
    expect(stage.look()).toMatchObject({ code: "ok" });
    stage.time.run(1000);
    expect(stage.look()).toMatchObject({
      code: "push-silent",
      isHard: false,
      detail: "no report for 30s, expected one every 30s",
    });
    stage.prober.heartbeat("t", true, "");
    expect(stage.look()).toMatchObject({ code: "ok" });
  });

  it("believes a bad report at once, in its own words", () => {
    const stage = new Stage();
    stage.prober.heartbeat("t", true, "");
    stage.prober.heartbeat("t", false, "disk full");
    expect(stage.look()).toMatchObject({ code: "push-failed", isHard: true, detail: "disk full" });
    stage.prober.heartbeat("t", false, "");
    expect(stage.look()).toMatchObject({ code: "push-failed", detail: "reported bad" });
  });

  it("says nothing after its start until there is something to say", () => {
    const stage = new Stage();
    expect(stage.look()).toBeUndefined();
    stage.time.run(TTL_MS - 1000);
    expect(stage.observed).toEqual([]);
    stage.time.run(1100);
    expect(stage.observed).toMatchObject([
      { code: "push-silent", detail: "no report yet, waiting for 30s" },
    ]);
  });

  it("looks as soon as the first report has come", () => {
    const stage = new Stage();
    stage.plan();
    stage.time.run(5000);
    expect(stage.prober.heartbeat("t", true, "")).toBe(true);
    expect(stage.observed).toEqual([]);
    stage.time.run(20);
    expect(stage.observed).toMatchObject([{ code: "ok" }]);
  });

  it("raises a doubt at once: after a bad report, and when the last is too old", () => {
    const stage = new Stage();
    stage.prober.heartbeat("t", true, "");
    stage.time.run(10_000);
    const badMs = stage.time.nowMs();
    stage.prober.heartbeat("t", false, "");
    expect(stage.trippedMs).toEqual([]);
    stage.time.run(20);
    expect(stage.trippedMs).toEqual([badMs]);
    const goodMs = stage.time.nowMs();
    stage.prober.heartbeat("t", true, "");
    stage.time.run(TTL_MS + 20);
    expect(stage.trippedMs).toHaveLength(2);
    expect((stage.trippedMs[1] ?? 0) - goodMs).toBeGreaterThanOrEqual(TTL_MS);
    expect((stage.trippedMs[1] ?? 0) - goodMs).toBeLessThanOrEqual(TTL_MS + 10);
  });

  it("keeps its last report when the configuration is loaded anew", () => {
    const stage = new Stage();
    stage.prober.heartbeat("t", true, "");
    stage.prober.watch("t", pushAsk(5000), undefined);
    expect(stage.look()).toMatchObject({ code: "ok" });
    stage.time.run(5000);
    expect(stage.trippedMs).toHaveLength(1);
    expect(stage.look()).toMatchObject({ code: "push-silent" });
  });

  it("takes no report for targets that send none, or are forgotten", () => {
    const stage = new Stage();
    stage.prober.watch("tcp", tcpAsk({ address: "192.0.2.1", port: 1 }), undefined);
    expect(stage.prober.heartbeat("tcp", true, "")).toBe(false);
    expect(stage.prober.heartbeat("nobody", true, "")).toBe(false);
    stage.prober.heartbeat("t", true, "");
    stage.prober.unwatch("t");
    expect(stage.prober.heartbeat("t", true, "")).toBe(false);
    stage.time.run(2 * TTL_MS);
    expect([stage.trippedMs, stage.time.timers]).toEqual([[], 0]);
  });
});
