import { afterEach, describe, expect, it } from "vitest";
import { restartDelayMs, ThreadKeeper, type ThreadPlan } from "../../src/app/keeper.ts";
import { Pulse } from "../../src/base/pulse.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { SimulatedTime, settle } from "../support/simulated-time.ts";

type Temper = "good" | "stillborn" | "mute" | "deaf";

interface Kept {
  readonly keeper: ThreadKeeper;
  readonly time: SimulatedTime;
  readonly events: LivezoneEvent[];
  readonly received: unknown[];
  /** Lives begun and deaths buried, in order: "life 1", "burial". */
  readonly history: string[];
  /** The pulse of its newest life. */
  pulse: Pulse | undefined;
  temper: Temper;
}

const kept: ThreadKeeper[] = [];
afterEach(async () => {
  for (const keeper of kept.splice(0)) await keeper.kill().then(() => keeper.stop());
});

function keep(temper: Temper, options: Partial<ThreadPlan> = {}): Kept {
  const time = new SimulatedTime();
  const events: LivezoneEvent[] = [];
  const received: unknown[] = [];
  const history: string[] = [];
  let life = 0;
  const plan: ThreadPlan = {
    kind: "control",
    index: 0,
    url: new URL("./entries/kept.mjs", import.meta.url),
    begin: (pulse) => {
      history.push(`life ${++life}`);
      made.pulse = new Pulse(pulse);
      return { workerData: { pulse, temper: made.temper, life } };
    },
    receive: (message) => received.push(message),
    bury: () => history.push("burial"),
    ...options,
  };
  const keeper = new ThreadKeeper(plan, { time, events: (event) => events.push(event) });
  kept.push(keeper);
  const made: Kept = { keeper, time, events, received, history, temper, pulse: undefined };
  return made;
}

/** Real threads, waited for by turns of the loop; the keeper's own time stands still meanwhile. */
async function untilTrue(claim: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!claim()) {
    if (performance.now() > deadlineMs) throw new Error(`never true: ${claim}`);
    await settle();
  }
}

function names(events: readonly LivezoneEvent[]): string[] {
  return events.map(({ event }) => event);
}

describe("ThreadKeeper", () => {
  it("starts a thread, passes messages both ways, and stops it", async () => {
    const { keeper, received, events } = keep("good");
    expect(keeper.status().isAlive).toBe(false);
    expect(await keeper.start()).toEqual({ kind: "ready", life: 1 });
    keeper.post({ kind: "hello" });
    await untilTrue(() => received.length === 1);
    expect(received).toEqual([{ kind: "echo", message: { kind: "hello" }, life: 1 }]);
    expect(keeper.status()).toEqual({ kind: "control", index: 0, isAlive: true, deaths: 0 });
    await keeper.stop();
    expect(keeper.status().isAlive).toBe(false);
    expect(events).toEqual([]);
  });

  it("rejects with the thread's own error when its first start fails, and leaves it at that", async () => {
    const { keeper, history, events, time } = keep("stillborn");
    await expect(keeper.start()).rejects.toMatchObject({
      code: "SERVER_ADDRESS_IN_USE",
      message: "no address is free",
    });
    await time.advance(10_000);
    expect(history).toEqual(["life 1", "burial"]);
    expect(events).toEqual([]);
  });

  it("replaces a thread that throws, after its burial, and says why it died", async () => {
    const { keeper, history, events, time, received } = keep("good");
    await keeper.start();
    keeper.post({ kind: "die" });
    await untilTrue(() => events.length === 1);
    expect(events[0]).toMatchObject({
      event: "thread.died",
      thread: "control",
      index: 0,
      reason: "a planted defect",
      deaths: 1,
    });
    keeper.post({ kind: "lost" });
    await time.advance(0);
    await untilTrue(() => events.length === 2);
    expect(names(events)).toEqual(["thread.died", "thread.replaced"]);
    expect(history).toEqual(["life 1", "burial", "life 2"]);
    keeper.post({ kind: "hello" });
    await untilTrue(() => received.length === 1);
    expect(received).toEqual([{ kind: "echo", message: { kind: "hello" }, life: 2 }]);
  });

  it("replaces a thread that is killed, or leaves unasked", async () => {
    const { keeper, events, time } = keep("good");
    await keeper.start();
    await keeper.kill();
    await time.advance(0);
    await untilTrue(() => keeper.status().isAlive);
    keeper.post({ kind: "leave" });
    await untilTrue(() => events.length === 3);
    const reasons = events.map((event) => ("reason" in event ? event.reason : event.event));
    expect(reasons).toEqual(["killed", "thread.replaced", "it ended by itself with exit status 0"]);
  });

  it("goes on replacing a thread that cannot start any more, ever slower", async () => {
    const made = keep("good");
    await made.keeper.start();
    made.temper = "stillborn";
    await made.keeper.kill();
    for (const delayMs of [0, 50, 100, 200]) {
      const lives = made.history.length;
      await made.time.advance(Math.max(0, delayMs - 1));
      if (delayMs > 0) expect(made.history).toHaveLength(lives);
      await made.time.advance(1);
      await untilTrue(() => made.history.length === lives + 2);
    }
    expect(made.keeper.status()).toMatchObject({ isAlive: false, deaths: 5 });
    made.temper = "good";
    await made.time.advance(400);
    await untilTrue(() => made.keeper.status().isAlive);
    expect(names(made.events).at(-1)).toBe("thread.replaced");
  });

  it("reports a thread whose heart stands still, once, and replaces it when told to", async () => {
    const { keeper, events, time } = keep("mute", { stallLimitMs: 10_000 });
    await keeper.start();
    await time.advance(9000);
    expect(names(events)).toEqual(["thread.stalled"]);
    await time.advance(2000);
    await untilTrue(() => events.length === 2);
    expect(events[1]).toMatchObject({
      event: "thread.died",
      reason: "no sign of life for 10000 ms",
    });
  });

  it("only reports a thread for which no limit was set", async () => {
    const { keeper, events, time } = keep("mute");
    await keeper.start();
    await time.advance(60_000);
    expect(names(events)).toEqual(["thread.stalled"]);
    expect(keeper.status().isAlive).toBe(true);
  });

  it("hears a heart that beats, and does not count the time in which it did not listen", async () => {
    const made = keep("good", { stallLimitMs: 10_000 });
    const { keeper, events, time } = made;
    await keeper.start();
    for (let second = 0; second < 10; second++) {
      const beats = made.pulse?.beats();
      await untilTrue(() => made.pulse?.beats() !== beats);
      await time.advance(1000);
    }
    time.stall(3_600_000);
    await time.advance(1000);
    expect(events).toEqual([]);
  });

  it("ends by force a thread that does not end by itself", async () => {
    const { keeper, time, events } = keep("deaf");
    await keeper.start();
    const stopped = keeper.stop();
    await time.advance(1999);
    expect(keeper.status().isAlive).toBe(true);
    await time.advance(1);
    await stopped;
    expect(keeper.status().isAlive).toBe(false);
    expect(events).toEqual([]);
  });

  it("starts nothing any more when it is stopped between a death and its replacement", async () => {
    const { keeper, time, history } = keep("good");
    await keeper.start();
    await keeper.kill();
    await keeper.stop();
    await time.advance(60_000);
    expect(history).toEqual(["life 1", "burial"]);
  });
});

describe("restartDelayMs()", () => {
  it("doubles from 50 ms to 5 s, the first replacement being immediate", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000].map(restartDelayMs);
    expect(delays).toEqual([0, 50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  });
});
