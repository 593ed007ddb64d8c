// How often all entries are looked through while thousands of names are asked about, and that each has
// its turn. What is asked, and when, is tested with the whole plane.

import { describe, expect, it } from "vitest";
import type { QuestionsPort } from "../../src/control/ports-watch.ts";
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
/** How many questions are on their way to one resolver, and to all of them. */
const AT_ONE = 16;
const IN_ALL = 128;
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
    const silent = new Silent(time);
    const watching = watch(time, zoneOf(SILENT_NAMES), silent.ask);
    const turns = Math.ceil(SILENT_NAMES / AT_ONE);
    await time.advance(turns * (SILENT_MS + 100));
    watching.close();
    expect(new Set(silent.asked.slice(0, SILENT_NAMES)).size).toBe(SILENT_NAMES);
    expect(silent.mostUnderWay).toBe(AT_ONE);
  });

  it("leaves room for those that answer beside some that are silent", async () => {
    const time = new SimulatedTime();
    const silent = new Silent(time);
    const asked = new Set<string>();
    const ask: QuestionsPort["ask"] = (place, question) => {
      if (place !== RESOLVER) return silent.ask(place, question);
      asked.add(question.name);
      return Promise.resolve({ kind: "failed", detail: "REFUSED" });
    };
    const watching = watch(time, zoneOf(SILENT_NAMES), ask, [...others(3), RESOLVER]);
    // The first question that is lost has not ended yet.
    await time.advance(SILENT_MS / 5);
    watching.close();
    expect(asked.size).toBe(SILENT_NAMES);
    expect(silent.mostUnderWay).toBe(3 * AT_ONE);
  });

  it("asks every place in turn, though more are silent than there is room for", async () => {
    const time = new SimulatedTime();
    const silent = new Silent(time);
    const places = others(IN_ALL / AT_ONE + 2);
    const watching = watch(time, zoneOf(SILENT_NAMES), silent.ask, places);
    await time.advance(3 * SILENT_MS);
    watching.close();
    expect(silent.mostUnderWay).toBe(IN_ALL);
    expect(silent.places.size).toBe(places.length);
  });

  it("asks no more about what is gone, also where it went while it was asked about", async () => {
    const time = new SimulatedTime();
    const silent = new Silent(time);
    const served = zoneOf(SILENT_NAMES);
    const watching = watch(time, served, silent.ask);
    await time.advance(SILENT_MS / 2);
    served.live.clear();
    await time.advance(SILENT_MS);
    const { length } = silent.asked;
    await time.advance(10 * SILENT_MS);
    for (const [key, live] of zoneOf(1).live) served.live.set(key, live);
    await time.advance(2 * SILENT_MS);
    watching.close();
    expect(silent.asked.slice(length)).toEqual(["n0.example"]);
  });
});

/** Resolvers that nobody answers for. */
class Silent {
  readonly asked: string[] = [];
  readonly places = new Set<string>();
  mostUnderWay = 0;
  readonly #time: SimulatedTime;
  #underWay = 0;

  constructor(time: SimulatedTime) {
    this.#time = time;
  }

  readonly ask: QuestionsPort["ask"] = ({ address }, { name }) => {
    this.asked.push(name);
    this.places.add(address);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay);
    return new Promise((resolve) => {
      this.#time.after(SILENT_MS, () => {
        this.#underWay--;
        resolve({ kind: "failed", detail: "ETIMEOUT" });
      });
    });
  };
}

function others(count: number): (typeof RESOLVER)[] {
  return Array.from({ length: count }, (_, i) => {
    return { name: `other ${i}`, address: `198.51.100.${i + 1}`, port: 53 };
  });
}
