// A primary that keeps to nothing, over the simulated plane: what is held is at any moment one of the
// zones that it had, whole, under a serial that never goes back; and in the end the one that it has.

import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { loadZone } from "../../src/control/load-zone.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { compareSerial } from "../../src/dns/serial.ts";
import { receiveView } from "../../src/transfer/transfer-stream.ts";
import type { Zone } from "../../src/zone/zone.ts";
import { Plane } from "../simulation/plane.ts";
import { type PrimaryState, SimulatedPrimary } from "../simulation/primary.ts";

const ORIGIN = nameFromText("lab.example.");
const SERVER = { address: "192.0.2.99", port: 53, key: undefined };
const TURNS = 40;
const WORDS = ["one", "two", "three", "four", "a longer text that fills its message sooner"];
const SPOILT: readonly PrimaryState[] = [
  ...(["silent", "breaks off", "reorders", "never ends"] as const),
  ...(["garbles", "leaves unsigned", "forges"] as const),
];

/** REFRESH is 20 seconds, RETRY 5, EXPIRE 5 minutes. */
function zoneOf(serial: number, random: Random): Zone {
  const lines = Array.from({ length: 12 }, (_, i) => {
    return `host${below(random, 20)} TXT "${i} ${WORDS[below(random, WORDS.length)]}"`;
  });
  const text = `$TTL 300
@    SOA ns admin ${serial} 20 5 300 60
@    NS  ns
ns   A   192.0.2.53
${lines.join("\n")}
`;
  const bytes = new TextEncoder().encode(text);
  const loaded = loadZone(ORIGIN, "primary", () => ({ kind: "read", bytes }));
  if (loaded.kind === "bad") throw new Error(loaded.errors.join("\n"));
  return loaded.zone;
}

/** A primary with all that it ever had. */
class Liar {
  readonly primary: SimulatedPrimary;
  readonly had = new Set<string>();
  readonly #random: Random;
  #newest = 1000;
  #oldest = 900;

  constructor(random: Random) {
    this.#random = random;
    const first = zoneOf(this.#newest, random);
    this.primary = new SimulatedPrimary(first);
    this.had.add(shown(first));
  }

  /** Has another zone, under a serial that was never used. */
  publish(which: "newer" | "older"): void {
    const serial = which === "newer" ? ++this.#newest : --this.#oldest;
    const zone = zoneOf(serial, this.#random);
    this.had.add(shown(zone));
    this.primary.publish(zone);
  }
}

/** All RRsets but the SOA, whatever their order. */
function shown(zone: Zone): string {
  const rrsets = [...zone.rrsets()].slice(1).map(({ owner, type, ttl, rdatas }) => {
    const data = rdatas.map((rdata) => Buffer.from(rdata).toString("hex")).sort();
    return [Buffer.from(owner).toString("hex"), type, ttl, ...data].join(" ");
  });
  return rrsets.sort().join("\n");
}

/** What is handed out; undefined while nothing is. */
async function held(plane: Plane): Promise<Zone | undefined> {
  const reply = await plane.session({ kind: "view", origin: ORIGIN, since: undefined });
  return reply.kind === "view" ? receiveView(reply.view).zone : undefined;
}

async function act(plane: Plane, liar: Liar, random: Random): Promise<void> {
  const { primary } = liar;
  const notify = { kind: "notify", origin: ORIGIN, address: SERVER.address } as const;
  switch (below(random, 9)) {
    case 0:
    case 1:
    case 2:
      liar.publish("newer");
      break;
    case 3:
      liar.publish("older");
      break;
    case 4:
      primary.state = "answers";
      break;
    case 5:
    case 6:
      primary.state = SPOILT[below(random, SPOILT.length)] ?? "silent";
      break;
    case 7:
      primary.hasJournal = !primary.hasJournal;
      if (below(random, 3) === 0) plane.records.retransfer("lab.example");
      break;
    default:
      if (below(random, 2) === 0) plane.kill();
      else plane.crash();
      await plane.start();
  }
  if (below(random, 2) === 0) await plane.session({ ...notify, serial: undefined });
}

describe("a zone that is copied from a primary that keeps to nothing", () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    "is one that the primary had, whole, and in the end its own (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const liar = new Liar(random);
      const { primary } = liar;
      const zones = [{ origin: ORIGIN, servers: [SERVER] }];
      const plane = new Plane({
        ...{ seed, source: "primary", pools: "" },
        neighbours: {
          ...{ servers: primary, zones: [], own: new Set<string>() },
          primaries: { transfers: primary, zones },
        },
      });
      await plane.start();
      let serial: number | undefined;
      for (let turn = 0; turn < TURNS; turn++) {
        await act(plane, liar, random);
        await plane.time.advance(below(random, 30_000));
        const served = await held(plane);
        if (served === undefined) continue;
        expect(liar.had.has(shown(served)), `a zone of the primary's, turn ${turn}`).toBe(true);
        if (serial !== undefined) expect(compareSerial(served.serial, serial)).not.toBe(-1);
        serial = served.serial;
      }
      primary.state = "answers";
      liar.publish("newer");
      await plane.time.advance(60_000);
      const served = await held(plane);
      expect(served && shown(served)).toBe(shown(primary.zone));
      expect(plane.status().zones[0]?.primary?.state).toBe("current");
    },
  );
});
