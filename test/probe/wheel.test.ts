import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newAlarm, Wheel } from "../../src/probe/wheel.ts";
import { SimulatedTime } from "../files/simulated-time.ts";

function newWheel(): { time: SimulatedTime; wheel: Wheel; rang: [string, number][] } {
  const time = new SimulatedTime();
  return { time, wheel: new Wheel(time), rang: [] };
}

describe("Wheel", () => {
  it("rings what is due already at once, but not from inside plan", () => {
    const { time, wheel, rang } = newWheel();
    const startMs = time.nowMs();
    wheel.plan(
      newAlarm((nowMs) => rang.push(["now", nowMs - startMs])),
      startMs,
    );
    wheel.plan(
      newAlarm((nowMs) => rang.push(["past", nowMs - startMs])),
      startMs - 1e9,
    );
    expect(rang).toEqual([]);
    time.run(0);
    expect(rang).toEqual([
      ["now", 0],
      ["past", 0],
    ]);
  });

  it("rings never early, at most one tick late, in order, each alarm once", () => {
    const step = fc.record({
      delayMs: fc.double({ min: -5, max: 30_000, noNaN: true }),
      pauseMs: fc.double({ min: 0, max: 400, noNaN: true }),
      fate: fc.constantFrom("keep", "keep", "cancel", "move"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { time, wheel } = newWheel();
        const expected: number[] = [];
        const late: number[] = [];
        for (const { delayMs, pauseMs, fate } of steps) {
          let atMs = time.nowMs() + delayMs;
          const alarm = newAlarm((nowMs) => late.push(nowMs - Math.max(atMs, plannedMs)));
          const plannedMs = time.nowMs();
          wheel.plan(alarm, atMs);
          if (fate === "cancel") wheel.cancel(alarm);
          if (fate === "move") {
            atMs += 777;
            wheel.plan(alarm, atMs);
          }
          if (fate !== "cancel") expected.push(atMs);
          time.run(pauseMs);
        }
        time.run(60_000);
        expect(late).toHaveLength(expected.length);
        for (const ms of late) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(ms).toBeLessThanOrEqual(10.001);
        }
      }),
    );
  });

  it("keeps what an alarm plans while it rings for the next turn", () => {
    const { time, wheel } = newWheel();
    let count = 0;
    const alarm = newAlarm((nowMs) => {
      count++;
      if (count < 1000) wheel.plan(alarm, nowMs);
    });
    wheel.plan(alarm, time.nowMs());
    time.run(0);
    expect(count).toBe(1000);
  });

  it("lets the loop turn while there is much to ring", () => {
    const { time, wheel } = newWheel();
    const happened: string[] = [];
    time.after(0, () => {
      // What comes in meanwhile.
      time.after(0, () => happened.push("read"));
    });
    for (let i = 0; i < 5; i++) {
      const alarm = newAlarm(() => {
        happened.push("rang");
        time.stall(4);
      });
      wheel.plan(alarm, time.nowMs());
    }
    time.run(100);
    expect(happened).toEqual(["rang", "rang", "rang", "read", "rang", "rang"]);
  });

  it("does not ring what another alarm has cancelled in the same turn", () => {
    const { time, wheel, rang } = newWheel();
    const second = newAlarm(() => rang.push(["second", 0]));
    wheel.plan(
      newAlarm(() => wheel.cancel(second)),
      time.nowMs() + 5,
    );
    wheel.plan(second, time.nowMs() + 5);
    time.run(100);
    expect(rang).toEqual([]);
  });

  it("reads waiting input before anything expires, after a stalled loop", () => {
    const { time, wheel, rang } = newWheel();
    const deadline = newAlarm(() => rang.push(["expired", 0]));
    wheel.plan(deadline, time.nowMs() + 2000);
    time.run(1000);
    time.stall(60_000);
    // The loop's next turn: timers first, sockets after them, then timers again.
    let isRead = false;
    time.after(0, () => {
      isRead = true;
      wheel.cancel(deadline);
    });
    time.run(5);
    expect([isRead, rang]).toEqual([true, []]);
  });

  it("rings everything after a stall longer than a turn of the wheel", () => {
    const { time, wheel } = newWheel();
    let count = 0;
    for (let i = 0; i < 5000; i++) {
      wheel.plan(
        newAlarm(() => count++),
        time.nowMs() + i * 7,
      );
    }
    time.stall(100_000);
    time.run(0);
    expect(count).toBe(5000);
  });

  it("uses no timer while nothing is planned, and none after close", () => {
    const { time, wheel, rang } = newWheel();
    expect(time.timers).toBe(0);
    const alarm = newAlarm(() => rang.push(["rang", 0]));
    wheel.plan(alarm, time.nowMs() + 50);
    time.run(100);
    expect([rang.length, time.timers]).toEqual([1, 0]);
    wheel.plan(alarm, time.nowMs() + 50);
    wheel.close();
    time.run(100);
    expect([rang.length, time.timers]).toEqual([1, 0]);
  });

  it("wakes once for many alarms of one tick: 10,000 a second cost 100 wake-ups", () => {
    const { time, wheel } = newWheel();
    let count = 0;
    for (let i = 0; i < 10_000; i++) {
      wheel.plan(
        newAlarm(() => count++),
        time.nowMs() + i / 10,
      );
    }
    const before = time.ran;
    time.run(1020);
    expect(count).toBe(10_000);
    expect(time.ran - before).toBeLessThanOrEqual(103);
  });
});
