import { describe, expect, it } from "vitest";
import type { Tracked } from "../../src/control/propagation-story.ts";
import { TrackedSwaps } from "../../src/control/tracked-swaps.ts";

/** A swap of which nothing but its number, its answer and whether its book is open is of interest. */
function swap(id: number, key: string, isOpen: boolean): Tracked {
  const book = { swap: id, holders: [], drainedMs: isOpen ? undefined : 1 };
  return { key, book } as unknown as Tracked;
}

function idsOf(swaps: readonly Tracked[]): number[] {
  return swaps.map(({ book }) => book.swap);
}

describe("TrackedSwaps", () => {
  it("finds a swap by its number, and those of an answer oldest first", () => {
    const swaps = new TrackedSwaps();
    for (const [id, key] of [
      [7, "a"],
      [3, "a"],
      [5, "b"],
    ] as const) {
      swaps.add(swap(id, key, true));
    }
    expect(idsOf(swaps.of("a"))).toEqual([3, 7]);
    expect(idsOf(swaps.of("b"))).toEqual([5]);
    expect(swaps.of("c")).toEqual([]);
    expect(swaps.get(5)?.key).toBe("b");
    expect(swaps.newest).toBe(7);
  });

  it("has one of a number: the one that was added last", () => {
    const swaps = new TrackedSwaps();
    swaps.add(swap(1, "a", true));
    const later = swap(1, "b", true);
    swaps.add(later);
    expect(swaps.get(1)).toBe(later);
    expect(swaps.of("a")).toEqual([]);
    expect(swaps.values()).toEqual([later]);
  });

  it("forgets the oldest that are over beyond 2,000, and none that is open", () => {
    const swaps = new TrackedSwaps();
    swaps.add(swap(1, "open", true));
    for (let id = 2; id <= 3000; id++) swaps.add(swap(id, "over", false));
    expect(swaps.values().length).toBe(2000);
    expect(idsOf(swaps.of("open"))).toEqual([1]);
    expect(idsOf(swaps.of("over"))[0]).toBe(1002);
  });

  it("keeps all that are open, and a tenth of them beside at most", () => {
    const swaps = new TrackedSwaps();
    for (let id = 1; id <= 10_000; id++) swaps.add(swap(id, `n${id}`, true));
    for (let id = 10_001; id <= 30_000; id++) swaps.add(swap(id, `n${id}`, false));
    const ids = idsOf(swaps.values());
    expect(ids.slice(0, 10_000)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
    expect(ids.length).toBeLessThanOrEqual(11_001);
    // Also where it is over: it is what is told of when no number is named.
    expect(ids.at(-1)).toBe(30_000);
  });
});
