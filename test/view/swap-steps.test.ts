import { describe, expect, it } from "vitest";
import type { SpreadView, SwapView } from "../../src/view/state.ts";
import { stepsOf } from "../../src/view/swap-steps.ts";

const SWAP: SwapView = {
  ...{ swap: 42, pool: "www.example.org", type: "A", zone: "example.org", atMs: 5000 },
  ...{ code: "primary-down", reason: "192.0.2.10 is down", serial: 7, ttlSeconds: 15 },
  ...{ before: ["192.0.2.10"], after: ["192.0.2.20"], publishMs: 310, isDurable: true },
};
const SPREAD: SpreadView = {
  ...{ openedMs: 5000, holders: 3, isAtLeast: false, lastExpiryMs: 20_000, holding: 0 },
  ...{ forecast: [], points: [], overdue: [] },
};

function told(swap: Partial<SwapView>): string[] {
  return stepsOf({ ...SWAP, ...swap }).map(
    ({ what, after, tookMs }) => `${after}→${what} ${tookMs ?? "to come"}`,
  );
}

describe("stepsOf()", () => {
  it("begins at the fault, with the hooks apart from what the server took itself", () => {
    const times = { detectMs: 120, hooksMs: 300, givenMs: 40, storedMs: 3 };
    expect(told({ ...times, spread: { ...SPREAD, drainedMs: 20_000 } })).toEqual([
      ...["fault→sure 120", "sure→hooks 300", "hooks→answered 10"],
      ...["answered→given 40", "answered→stored 3", "answered→drained 15000"],
    ]);
  });

  it("lists what is still to come, and no fault where there was none", () => {
    expect(told({ isDurable: false, spread: SPREAD })).toEqual([
      ...["sure→answered 310", "answered→stored to come", "answered→drained to come"],
    ]);
  });

  it("says nothing of what an old log does not tell", () => {
    expect(told({ detectMs: 120 })).toEqual(["fault→sure 120", "sure→answered 310"]);
  });
});
