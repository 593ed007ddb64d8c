// Swaps held against what other name servers of the zone have, at moments of a simulated clock.

import { describe, expect, it } from "vitest";
import { namesBehind, OthersBehind } from "../../src/control/others-behind.ts";
import type { OtherStanding } from "../../src/control/propagation-ports.ts";
import type { Tracked } from "../../src/control/propagation-story.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { openBook } from "../../src/propagation/book.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const ZONE = "example.net.";
const COPY_MS = 30_000;

describe("namesBehind()", () => {
  const others: readonly OtherStanding[] = [
    { name: "never", serial: undefined, isGone: false },
    { name: "old", serial: 7, isGone: false },
    { name: "same", serial: 8, isGone: false },
    { name: "new", serial: 9, isGone: false },
    { name: "dead", serial: 7, isGone: true },
  ];

  it("names those that have not shown the serial or a newer one, and may answer", () => {
    expect(namesBehind(others, 8)).toEqual(["never", "old"]);
    expect(namesBehind(others, 7)).toEqual(["never"]);
    expect(namesBehind([], 8)).toEqual([]);
  });

  it("knows that serials wrap (RFC 1982)", () => {
    expect(namesBehind([{ name: "wrapped", serial: 1, isGone: false }], 4_294_967_290)).toEqual([]);
  });
});

describe("OthersBehind", () => {
  it("writes nothing while nobody has moved, and says where the last copy ends all the same", async () => {
    const { time, others, behind } = world([["one", 7]]);
    const tracked = swapAt(8, ["one"]);
    expect(behind.look(tracked)).toBe("as before");
    const { book } = tracked;
    await time.advance(5000);
    behind.lookAnew();
    expect(behind.look(tracked)).toBe("as before");
    expect(tracked.book).toBe(book);
    expect(behind.bookOf(tracked).lastEndMs).toBe(time.nowMs() + COPY_MS);
    expect(others.askedCount).toBe(2);
  });

  it("asks once a look about the zone of many swaps", () => {
    const { others, behind } = world([["one", 7]]);
    for (const serial of [8, 9, 10]) behind.look(swapAt(serial, ["one"]));
    expect(behind.of(nameFromText(ZONE))).toBe(others.now);
    expect(others.askedCount).toBe(1);
  });

  it("follows one after the other until all have the serial, and not beyond", async () => {
    const { time, others, behind } = world([
      ["one", 7],
      ["two", 7],
    ]);
    const tracked = swapAt(8, ["one", "two"]);
    expect(behind.look(tracked)).toBe("as before");
    for (const [name, serial, left] of [
      ["one", 8, ["two"]],
      ["two", 9, []],
    ] as const) {
      await time.advance(1000);
      others.move(name, serial);
      behind.lookAnew();
      expect(behind.look(tracked)).toBe("moved");
      expect(tracked.book.behind).toEqual(left);
    }
    const lastEndMs = time.nowMs() + COPY_MS;
    await time.advance(1000);
    expect(behind.bookOf(tracked).lastEndMs).toBe(lastEndMs);
    expect(tracked.elsewhere).toBeUndefined();
  });

  it("waits for nobody that is gone", () => {
    const { others, behind } = world([["dead", 7]]);
    const tracked = swapAt(8, ["dead"]);
    behind.look(tracked);
    others.bury("dead");
    behind.lookAnew();
    expect(behind.look(tracked)).toBe("moved");
    expect(tracked.elsewhere).toBeUndefined();
  });

  it("waits for nobody that is no name server of the zone any more", () => {
    const { others, behind } = world([["one", 7]]);
    const tracked = swapAt(8, ["one"]);
    behind.look(tracked);
    others.now = [];
    behind.lookAnew();
    expect(behind.look(tracked)).toBe("moved");
    expect([tracked.book.behind, tracked.elsewhere]).toEqual([[], undefined]);
  });

  it("leaves a swap as it is while nobody knows the others, and where it is over", () => {
    const { behind } = world(undefined);
    const tracked = swapAt(8, []);
    expect(behind.look(tracked)).toBe("as before");
    expect(tracked.elsewhere).toBeDefined();
    const { behind: known } = world([["one", 9]]);
    const over = swapAt(8, ["one"]);
    over.book = { ...over.book, drainedMs: 1 };
    expect(known.look(over)).toBe("as before");
    expect(known.bookOf(over)).toBe(over.book);
  });
});

type Shown = readonly [name: string, serial: number];

/** Other name servers that have shown these serials; undefined: nobody knows any yet. */
class Others {
  askedCount = 0;
  now: readonly OtherStanding[] | undefined;

  constructor(shown: readonly Shown[] | undefined) {
    this.now = shown?.map(([name, serial]) => ({ name, serial, isGone: false }));
  }

  move(name: string, serial: number): void {
    this.now = this.now?.map((one) => (one.name === name ? { ...one, serial } : one));
  }

  bury(name: string): void {
    this.now = this.now?.map((one) => (one.name === name ? { ...one, isGone: true } : one));
  }

  ask(): readonly OtherStanding[] | undefined {
    this.askedCount++;
    return this.now;
  }
}

function world(shown: readonly Shown[] | undefined): {
  readonly time: SimulatedTime;
  readonly others: Others;
  readonly behind: OthersBehind;
} {
  const time = new SimulatedTime();
  const others = new Others(shown);
  return { time, others, behind: new OthersBehind({ time, others: () => others.ask() }) };
}

/** A swap that the zone has from a serial on, of which nothing else is of interest. */
function swapAt(serial: number, behind: readonly string[]): Tracked {
  const opening = { swap: 1, openedMs: 0, lastEndMs: 10_000, isAtLeast: true, held: [], behind };
  const { book } = openBook(opening);
  return { elsewhere: { zone: ZONE, serial, copyMs: COPY_MS }, book } as unknown as Tracked;
}
