import { describe, expect, it } from "vitest";
import {
  asked,
  hasSerial,
  isGone,
  newSecondary,
  nextStep,
  notified,
  notifyAnswered,
  published,
  type Secondary,
  seen,
} from "../../src/transfer/secondary.ts";

/** Plays moments of a secondary, and says what is to be done after each. */
function play(story: string): string[] {
  let state = newSecondary();
  return story
    .trim()
    .split("\n")
    .map((line) => {
      const [time = "", act = "", serial] = line.trim().split(/\s+/);
      state = acted(state, { nowMs: Number(time), act, serial: serial && Number(serial) });
      const step = nextStep(state);
      if (step.kind === "rest") return `${time} ${act}: rest`;
      return `${time} ${act}: ${step.kind} at ${step.atMs}`;
    });
}

function acted(
  state: Secondary,
  moment: { nowMs: number; act: string; serial: number | string | undefined },
): Secondary {
  const { nowMs, act } = moment;
  const serial = moment.serial === undefined ? undefined : Number(moment.serial);
  if (act === "published") return published(state, serial ?? 0, nowMs);
  if (act === "notified") return notified(state, nowMs);
  if (act === "answered") return notifyAnswered(state, serial, nowMs);
  if (act === "asked") return asked(state, serial, nowMs);
  return seen(state, serial ?? 0, nowMs);
}

describe("a secondary", () => {
  it("is told at once, asked until it has the serial, and then left alone", () => {
    const story = `
      1000 published 7
      1000 notified
      1010 answered 7
      1260 asked 6
      1760 asked 6
      2760 asked 7`;
    expect(play(story)).toEqual([
      "1000 published: notify at 1000",
      "1000 notified: notify at 2000",
      "1010 answered: ask at 1260",
      "1260 asked: ask at 1760",
      "1760 asked: ask at 2760",
      "2760 asked: rest",
    ]);
  });

  it("is told once a second at most, however much is published, and of the newest", () => {
    const story = `
      1000 published 7
      1000 notified
      1005 answered 7
      1010 published 8
      1020 published 9
      2000 notified
      2001 answered 9
      2002 seen 9`;
    expect(play(story)).toEqual([
      "1000 published: notify at 1000",
      "1000 notified: notify at 2000",
      "1005 answered: ask at 1255",
      "1010 published: notify at 2000",
      "1020 published: notify at 2000",
      "2000 notified: notify at 3000",
      "2001 answered: ask at 2251",
      "2002 seen: rest",
    ]);
  });

  it("that does not answer is told again, ever later, up to once a minute", () => {
    const acts = Array.from({ length: 9 }, () => "0 answered").join("\n");
    expect(play(`0 published 7\n${acts}`)).toEqual([
      "0 published: notify at 0",
      ...[1, 2, 4, 8, 16, 32, 60, 60, 60].map((s) => `0 answered: notify at ${s * 1000}`),
    ]);
  });

  it("that has it already need not be told", () => {
    expect(play("0 seen 8\n0 published 7\n5 published 8\n9 published 9")).toEqual([
      "0 seen: rest",
      "0 published: rest",
      "5 published: rest",
      "9 published: notify at 9",
    ]);
  });
});

describe("hasSerial()", () => {
  it("is so of those that have shown the serial or a newer one", () => {
    expect(hasSerial(newSecondary(), 8)).toBe(false);
    expect(hasSerial(seen(newSecondary(), 7, 0), 8)).toBe(false);
    expect(hasSerial(seen(newSecondary(), 8, 0), 8)).toBe(true);
    expect(hasSerial(seen(newSecondary(), 9, 0), 8)).toBe(true);
  });
});

describe("isGone()", () => {
  it("is so of those that are behind and of which nothing was heard for the zone's expire", () => {
    const dead = published(published(newSecondary(), 7, 0), 8, 900);
    const stuck = asked(published(newSecondary(), 8, 0), 7, 600);
    const back = seen(published(seen(dead, 8, 1100), 9, 1200), 8, 1300);
    const states = Object.entries({ dead, stuck, back });
    const left = (nowMs: number): readonly string[] =>
      states.flatMap(([name, state]) => (isGone(state, 1000, nowMs) ? [] : [name]));
    // The dead one lacks what was published first, and what came later does not lengthen that.
    expect(left(999)).toEqual(["dead", "stuck", "back"]);
    expect(left(1000)).toEqual(["stuck", "back"]);
    // One that still shows an old serial answers the zone; its time counts from then.
    expect(left(1599)).toEqual(["stuck", "back"]);
    expect(left(1600)).toEqual(["back"]);
    expect(left(2300)).toEqual([]);
  });
});
