// Worlds against settings: what is counted, and that the same goes in and out.

import { describe, expect, it } from "vitest";
import { parsePools } from "../../src/config/pools.ts";
import { loadZone } from "../../src/control/load-zone.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { DEFAULT_DAMPING } from "../../src/health/damping.ts";
import { rehearse, type Settings } from "../../src/rehearsal/rehearse.ts";
import { generatedWorld, type RecordedProbe, recordedWorld } from "../../src/rehearsal/world.ts";
import { POOLS_TEXT, ZONE_TEXT } from "../simulation/plane.ts";

const ORIGIN = nameFromText("lab.example.");
const HOUR_MS = 3_600_000;

function settings(check = ""): Settings {
  const bytes = new TextEncoder().encode(ZONE_TEXT);
  const loaded = loadZone(ORIGIN, "lab.zone", () => ({ kind: "read", bytes }));
  if (loaded.kind === "bad") throw new Error(loaded.errors.join());
  const text = POOLS_TEXT.replace("path: /healthz", `path: /healthz${check}`);
  const reading = parsePools(text, "pools", { origin: ORIGIN, zone: loaded.zone });
  if (reading.kind === "bad") throw new Error(reading.errors.join());
  return {
    origin: ORIGIN,
    pools: reading.pools,
    targets: reading.targets,
    damping: DEFAULT_DAMPING,
  };
}

/** A probe each second; "-" refused, "." silent, "+" answered. */
function recorded(results: string): RecordedProbe[] {
  const codes = { "+": "ok", "-": "connect-refused", ".": "connect-timeout" };
  return [...results].map((result, i) => ({
    target: "web@192.0.2.10",
    endedWallMs: 1_000_000 + i * 1000,
    durationMs: 1,
    code: codes[result as keyof typeof codes],
  }));
}

describe("rehearse() in a recorded world", () => {
  it("finds a fault, and counts what was answered until then", () => {
    const world = recordedWorld(
      "log",
      recorded(`${"+".repeat(60)}${"-".repeat(60)}${"+".repeat(60)}`),
    );
    const tally = rehearse(settings(), world, 1);
    expect(tally).toMatchObject({ faults: 1, detected: 1, falseAlarms: 0, hopelessMs: 0 });
    // The tripwire is no part of a record: the next regular probe finds it.
    expect(tally.detectWorstMs).toBeLessThanOrEqual(5500);
    expect(tally.servedDeadMs).toBeLessThanOrEqual(6000);
    expect(tally.swaps).toBe(1);
  });

  it("takes a failure that is over soon for no fault, and acting on it for a false alarm", () => {
    const blip = recordedWorld("log", recorded(`${"+".repeat(60)}--${"+".repeat(60)}`));
    expect(rehearse(settings(", interval: 1s, timeout: 1s"), blip, 1)).toMatchObject({
      ...{ faults: 0, falseAlarms: 1 },
    });
    const graced = settings(", interval: 1s, timeout: 1s, restartGrace: 3s");
    expect(rehearse(graced, blip, 1)).toMatchObject({ faults: 0, falseAlarms: 0, swaps: 0 });
  });

  it("knows silence, whose length is the asker's own", () => {
    const silent = recordedWorld("log", recorded(`${"+".repeat(30)}${".".repeat(60)}`));
    const tally = rehearse(settings(", interval: 10s, timeout: 4s"), silent, 1);
    expect(tally).toMatchObject({ faults: 1, detected: 1 });
    expect(tally.detectWorstMs).toBeGreaterThan(4000);
    expect(tally.detectWorstMs).toBeLessThanOrEqual(14_600);
  });
});

describe("rehearse() under changed settings", () => {
  it("shows that longer intervals find later and ask less", () => {
    const world = recordedWorld("log", recorded(`${"+".repeat(100)}${"-".repeat(100)}`));
    const quick = rehearse(settings(", interval: 2s, timeout: 1500ms"), world, 5);
    const slow = rehearse(settings(", interval: 30s"), world, 5);
    expect(slow.probes).toBeLessThan(quick.probes / 5);
    expect(slow.servedDeadMs).toBeGreaterThan(quick.servedDeadMs);
  });

  it("shows what damping costs, and what it spares", () => {
    const turns = `${"-".repeat(20)}${"+".repeat(40)}`.repeat(8);
    const world = recordedWorld("log", recorded(`${turns}${"+".repeat(120)}`));
    const check = ", interval: 1s, timeout: 1s";
    const damped = rehearse(settings(check), world, 3);
    const undamped = rehearse({ ...settings(check), damping: undefined }, world, 3);
    expect(undamped.dampedMs).toBe(0);
    expect(damped.dampedMs).toBeGreaterThan(0);
    expect(damped.swaps).toBeLessThanOrEqual(undamped.swaps);
  });
});

describe("rehearse() in a generated world", () => {
  it("gives the same tally for the same seed, and another for another", () => {
    const world = generatedWorld(3, HOUR_MS);
    const tally = rehearse(settings(), world, 3);
    expect(rehearse(settings(), generatedWorld(3, HOUR_MS), 3)).toEqual(tally);
    expect(rehearse(settings(), generatedWorld(4, HOUR_MS), 4)).not.toEqual(tally);
  });

  it("has faults, each five seconds or longer, one after the other", () => {
    const target = { display: "web@192.0.2.10", address: "192.0.2.10" };
    const spans = generatedWorld(1, 240 * HOUR_MS).faultsOf(target);
    expect(spans.length).toBeGreaterThan(5);
    for (const [i, { fromMs, toMs }] of spans.entries()) {
      expect(toMs - fromMs).toBeGreaterThanOrEqual(5000);
      expect(fromMs).toBeGreaterThan(spans[i - 1]?.toMs ?? 0);
    }
  });

  it("tells how far it is", () => {
    const shares: number[] = [];
    rehearse(settings(), generatedWorld(1, 3 * HOUR_MS), 1, (share) => shares.push(share));
    expect(shares.length).toBeGreaterThan(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
  });
});
