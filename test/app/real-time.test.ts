import { MessageChannel } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { realTime } from "../../src/app/real-time.ts";

const TURN_MS = 3;
const DAY_MS = 86_400_000;

describe("realTime.after()", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("waits for longer than a timer of Node can", () => {
    let runs = 0;
    realTime.after(90 * DAY_MS, () => runs++);
    vi.advanceTimersByTime(90 * DAY_MS - 1);
    expect(runs).toBe(0);
    vi.advanceTimersByTime(1);
    expect(runs).toBe(1);
    vi.advanceTimersByTime(900 * DAY_MS);
    expect(runs).toBe(1);
  });

  it("is taken back at any time", () => {
    let runs = 0;
    const cancel = realTime.after(90 * DAY_MS, () => runs++);
    vi.advanceTimersByTime(80 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(80 * DAY_MS);
    expect(runs).toBe(0);
  });
});

describe("realTime.after() without a delay", () => {
  /** Takes longer than the least timer of Node. */
  const busy = (): void => {
    const untilMs = performance.now() + TURN_MS;
    while (performance.now() < untilMs);
  };

  it("lets what has come in be read, also while two keep each other busy", async () => {
    const { port1, port2 } = new MessageChannel();
    let isRead = false;
    port2.on("message", () => {
      isRead = true;
    });
    const turns = await new Promise<number>((resolve) => {
      let count = 0;
      const turn = (): void => {
        if (count === 0) port1.postMessage("come in");
        busy();
        count++;
        if (isRead || count > 50) resolve(count);
        else realTime.after(0, turn);
      };
      for (let i = 0; i < 2; i++) realTime.after(0, turn);
    });
    port1.close();
    expect(turns).toBeLessThan(7);
  });

  it("is taken back", async () => {
    let runs = 0;
    realTime.after(0, () => runs++)();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(runs).toBe(0);
  });
});
