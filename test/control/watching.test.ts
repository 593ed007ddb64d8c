// How often all entries are looked through while thousands of names are asked about, and that each has
// its turn. What is asked, and when, is tested with the whole plane.

import { describe, expect, it } from "vitest";
import type { QuestionsPort, Said } from "../../src/control/ports-watch.ts";
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
/** More than are asked while the first wait to be asked again. */
const SILENT_NAMES = 200;
const SILENT_MS = 5000;
/** How many questions are on their way to one resolver. */
const AT_ONE = 16;
const RESOLVER = { name: "one", address: "192.0.2.53", port: 53 };
const OTHER = { name: "other", address: "192.0.2.54", port: 53 };

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

/** Asks about all answers of a zone, which have just moved; each question ends as `ask` says. */
function watch(
  time: SimulatedTime,
  served: ServedZone,
  ask: QuestionsPort["ask"],
  resolvers = [RESOLVER],
): Watching {
  const watching = new Watching({
    time,
    emit: () => undefined,
    questions: { ask, close: () => undefined },
    settings: { resolvers, sweepMs: 600_000, isDelegationWatched: false },
    propagations: undefined,
    zones: () => new Map([["example.", served]]),
    servers: () => [],
  });
  watching.begin();
  for (const key of served.live.keys()) watching.moved(key);
  return watching;
}

describe("Watching", () => {
  it("looks for what is due fifty times a second at most, however many answers come", async () => {
    const time = new CountingTime();
    const asked = new Set<string>();
    // No way there: each has failed before the next look.
    const watching = watch(time, zoneOf(NAMES), (_, { name }) => {
      asked.add(name);
      return Promise.resolve({ kind: "failed", detail: "ENETUNREACH" });
    });
    await time.advance(10_000);
    watching.close();
    expect(asked.size).toBe(NAMES);
    // A look that found no room for all is moved forward by the first that makes room.
    expect(time.planned).toBeLessThan((2 * 10_000) / 20 + 10);
  });

  it("asks about all in turn, though nobody answers and the first are due again", async () => {
    const time = new SimulatedTime();
    const asked: string[] = [];
    const watching = watch(time, zoneOf(SILENT_NAMES), (_, { name }) => {
      asked.push(name);
      return silence(time);
    });
    const turns = Math.ceil(SILENT_NAMES / AT_ONE);
    await time.advance(turns * (SILENT_MS + 100));
    watching.close();
    expect(new Set(asked.slice(0, SILENT_NAMES)).size).toBe(SILENT_NAMES);
  });

  it("leaves room for those that answer beside one that is silent", async () => {
    const time = new SimulatedTime();
    const asked = new Set<string>();
    const ask: QuestionsPort["ask"] = (place, { name }) => {
      if (place === RESOLVER) return silence(time);
      asked.add(name);
      return Promise.resolve({ kind: "failed", detail: "REFUSED" });
    };
    const watching = watch(time, zoneOf(SILENT_NAMES), ask, [RESOLVER, OTHER]);
    // The first question that is lost has not ended yet.
    await time.advance(SILENT_MS / 5);
    watching.close();
    expect(asked.size).toBe(SILENT_NAMES);
  });
});

/** A question that nobody answers. */
function silence(time: SimulatedTime): Promise<Said> {
  return new Promise((resolve) => {
    time.after(SILENT_MS, () => resolve({ kind: "failed", detail: "ETIMEOUT" }));
  });
}
