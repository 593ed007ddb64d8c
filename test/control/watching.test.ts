// How often all entries are looked through while thousands of names are asked about. What is asked, and
// when, is tested with the whole plane.

import { describe, expect, it } from "vitest";
import { answerKey, newServedZone, type ServedZone } from "../../src/control/served-zone.ts";
import { Watching } from "../../src/control/watching.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const NAMES = 2000;
const RESOLVER = { name: "one", address: "192.0.2.53", port: 53 };

/** A zone with so many pools' answers; what they hold is of no interest. */
function zoneOf(names: number): ServedZone {
  const origin = nameFromText("example.");
  const zone = Zone.unpack(origin, packRRsets([soaOf("example.", 1)]));
  const of = { zone, serial: 1, fileSerial: 1, reservedSerial: 1, soaSlot: 0, wallMs: 0 };
  const served = newServedZone(of);
  for (let n = 0; n < names; n++) {
    const owner = nameFromText(`n${n}.example.`);
    const rrset: RRset = { owner, type: TYPE.A, ttl: 30, rdatas: [] };
    const live = { owner, type: TYPE.A, slot: n, rrset, told: rrset, isShown: true };
    served.live.set(answerKey(owner, TYPE.A), live);
  }
  return served;
}

class CountingTime extends SimulatedTime {
  planned = 0;

  override after(delayMs: number, run: () => void): () => void {
    this.planned++;
    return super.after(delayMs, run);
  }
}

describe("Watching", () => {
  it("looks for what is due fifty times a second at most, however many answers come", async () => {
    const time = new CountingTime();
    const served = zoneOf(NAMES);
    const asked: string[] = [];
    const watching = new Watching({
      time,
      emit: () => undefined,
      questions: {
        // No way there: each has failed before the next look.
        ask: (_, { name }) => {
          asked.push(name);
          return Promise.resolve({ kind: "failed", detail: "ENETUNREACH" });
        },
        close: () => undefined,
      },
      settings: { resolvers: [RESOLVER], sweepMs: 600_000, isDelegationWatched: false },
      propagations: undefined,
      zones: () => new Map([["example.", served]]),
      servers: () => [],
    });
    watching.begin();
    for (const key of served.live.keys()) watching.moved(key);
    await time.advance(10_000);
    watching.close();
    expect(new Set(asked).size).toBe(NAMES);
    // A look that found no room for all is moved forward by the first that makes room.
    expect(time.planned).toBeLessThan((2 * 10_000) / 20 + 10);
  });
});
