import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { realTime } from "../../src/app/real-time.ts";

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
