// When an answer thread goes first, by what it takes of its core; the clock and the kernel are played.

import { describe, expect, it } from "vitest";
import { Precedence } from "../../src/server/precedence.ts";
import type { Scheduling, SchedulingOutcome } from "../../src/server/scheduling.ts";

class PlayedScheduling implements Scheduling {
  readonly asked: string[] = [];
  cpu = 0;
  outcome: SchedulingOutcome = { kind: "granted" };

  takeTurns(): SchedulingOutcome {
    this.asked.push("turns");
    return { kind: "granted" };
  }

  goFirst(): SchedulingOutcome {
    this.asked.push("first");
    return this.outcome;
  }

  cpuMs(): number {
    return this.cpu;
  }
}

/** Plays spans, "for 20 ms 0.14 of the core, ..."; returns what was asked for at the end of each. */
function play(spans: string, coreShare = 1): string {
  const scheduling = new PlayedScheduling();
  let nowMs = 5000;
  const precedence = new Precedence(scheduling, { nowMs, coreShare });
  expect(precedence.begin()).toBeUndefined();
  const asked = spans.split(", ").map((span) => {
    const [ms = Number.NaN, part = Number.NaN] = span.split(" ms ").map(Number);
    scheduling.asked.length = 0;
    nowMs += ms;
    scheduling.cpu += ms * part;
    precedence.look(nowMs);
    return scheduling.asked[0] ?? "-";
  });
  return asked.join(", ");
}

describe("Precedence", () => {
  it.each([
    // What happens, parts of the core that were had, what was asked for at the end of each.
    ["it takes little: it stays first", "20 ms 0.14, 20 ms 0.3, 500 ms 0.59", "-, -, -"],
    [
      "a flood: it takes turns from the next look on",
      "20 ms 0.3, 20 ms 0.6, 20 ms 1",
      "-, turns, -",
    ],
    ["between the bounds all stays as it is", "20 ms 0.9, 20 ms 0.45, 20 ms 0.59", "turns, -, -"],
    ["the flood ends: it is first again", "20 ms 0.9, 20 ms 0.5, 20 ms 0.1", "turns, -, first"],
    ["nothing is looked at within 20 ms", "19 ms 1, 1 ms 1", "-, turns"],
    ["a long rest counts as a whole", "20 ms 0.9, 60000 ms 0", "turns, first"],
  ])("%s", (_, spans, asked) => {
    expect(play(spans)).toBe(asked);
  });

  it("reckons with its share where answer threads are more than cores", () => {
    expect(play("20 ms 0.29, 20 ms 0.3, 20 ms 0.23, 20 ms 0.22", 0.5)).toBe("-, turns, -, first");
  });

  it("asks no more once it was refused, and says why", () => {
    const scheduling = new PlayedScheduling();
    scheduling.outcome = { kind: "refused", why: "EPERM" };
    const precedence = new Precedence(scheduling, { nowMs: 0, coreShare: 1 });
    expect(precedence.begin()).toBe("EPERM");
    precedence.look(1000);
    precedence.look(2000);
    expect(scheduling.asked).toEqual(["first"]);
  });
});
