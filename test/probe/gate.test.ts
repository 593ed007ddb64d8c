// What the gate holds of addresses. What it admits, and when, is tested with the runner.

import { describe, expect, it } from "vitest";
import { type Entrant, Gate } from "../../src/probe/gate.ts";
import { DEFAULT_LIMITS } from "../../src/probe/limits.ts";
import { SimulatedTime } from "../files/simulated-time.ts";

describe("Gate", () => {
  it("forgets addresses that nobody waits for once there are many, and none that are in use", () => {
    const limits = { ...DEFAULT_LIMITS, startsPerSecond: 1e9, perAddressMax: 1 };
    const gate = new Gate(new SimulatedTime(), limits);
    const admitted: string[] = [];
    const entrant = (address: string): Entrant => {
      return { address, isUrgent: false, admit: () => void admitted.push(address) };
    };
    const stays = entrant("192.0.2.1");
    gate.enter(stays);
    const waits = entrant("192.0.2.1");
    gate.enter(waits);
    let most = 0;
    for (let n = 0; n < 200_000; n++) {
      const passing = entrant(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
      gate.enter(passing);
      gate.leave(passing);
      most = Math.max(most, gate.addresses);
    }
    expect(most).toBe(65_536);
    expect(admitted.length).toBe(200_001);
    gate.leave(stays);
    gate.pump();
    expect(admitted.at(-1)).toBe("192.0.2.1");
  });
});
