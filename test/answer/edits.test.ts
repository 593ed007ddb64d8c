// Edits into the overlay against a base compiled anew: whatever was edited in whatever order, both
// must give the same octets to every question.

import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { encodeQuery } from "../../src/dns/message.ts";
import { nameFromText, ROOT } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import type { ImageZone, ZoneEdit } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import type { RRset, RRsetKey } from "../../src/zone/rrset.ts";
import { Zone } from "../../src/zone/zone.ts";
import { randomName, randomRRset, randomType, rrsetKey, soaOf } from "../image/building.ts";
import { askLine, printAnswer } from "./asking.ts";
import { World, zoneFromText } from "./zones.ts";

const APEX = "@ SOA ns root 1 2 3 4 5";
const PARENT = "example.org.";
const CHILD = "b.example.org.";

describe("edits", () => {
  it("give the same answers as a base compiled anew, for 40 random histories", () => {
    let published = 0;
    for (let seed = 1; seed <= 40; seed++) published += runHistory(seed);
    // Most edits must really have gone through the overlay, or the test shows nothing.
    expect(published).toBeGreaterThan(400);
  });

  it.each(["ns.b.example.org.", "b.example.org."])("reach a parent's glue at %s", (server) => {
    const world = new World();
    const edit = (glue: string): string[] => {
      const records = `${APEX}\nb NS ns\nc NS ${server}\n${glue}`;
      const zones = [zoneFromText(PARENT, records), zoneFromText(CHILD, `${APEX}\nns A 192.0.2.9`)];
      const images = zones.map((zone) => ({ zone, live: [] }));
      const touched = [{ owner: nameFromText(server), type: TYPE.A }];
      if (world.zones.length === 0) world.load(images);
      else
        expect(world.writer.edit(images, [{ origin: zones[0]?.origin ?? ROOT, touched }])).toBe(
          "published",
        );
      world.zones = images;
      const answer = askLine(world, "? x.c.example.org A");
      return answer.filter((line) => line.startsWith("additional"));
    };
    const A = (address: string): string => `additional ${server} 60 A ${address}`;
    expect(edit("")).toEqual([]);
    expect(edit(`${server} 60 A 192.0.2.1`)).toEqual([A("192.0.2.1")]);
    expect(edit(`${server} 60 A 192.0.2.2`)).toEqual([A("192.0.2.2")]);
    expect(edit("")).toEqual([]);
  });
});

function runHistory(seed: number): number {
  const random = seededRandom(seed);
  const edited = new World();
  const fresh = new World();
  const zones = [PARENT, CHILD].map((origin) => new DraftZone(origin));
  for (const zone of zones) for (let i = 0; i < 12; i++) zone.edit(random);
  edited.load(zones.map((zone) => zone.compiled()));
  let published = 0;
  for (let step = 0; step < 25; step++) {
    const edits: ZoneEdit[] = zones.map((zone) => {
      const touched = Array.from({ length: below(random, 4) }, () => zone.edit(random));
      return { origin: nameFromText(zone.origin), touched };
    });
    const now = zones.map((zone) => zone.compiled());
    if (edited.writer.edit(now, edits) === "full") edited.load(now);
    else published++;
    fresh.load(now);
    for (let i = 0; i < 40; i++) compare(random, seed, edited, fresh);
  }
  return published;
}

function compare(random: Random, seed: number, edited: World, fresh: World): void {
  const name = randomName(random, below(random, 3) === 0 ? CHILD : PARENT);
  const type = [TYPE.A, TYPE.MX, TYPE.NS, TYPE.DS, TYPE.CNAME, TYPE.SOA][below(random, 6)] ?? 1;
  const packet = encodeQuery({ id: seed, name: nameFromText(name), type });
  const got = edited.ask(packet);
  const wanted = fresh.ask(packet);
  if (got === undefined || wanted === undefined) throw new Error("silence");
  if (Buffer.compare(got, wanted) === 0) return;
  // Only when they differ: text is easier to read, and names the seed.
  expect({ seed, name, type, answer: printAnswer(got) }).toEqual({
    ...{ seed, name, type },
    answer: printAnswer(wanted),
  });
}

/** A zone under random edits. */
class DraftZone {
  readonly origin: string;
  private readonly rrsets = new Map<string, RRset>();
  private serial = 1;

  constructor(origin: string) {
    this.origin = origin;
    const soa = soaOf(origin, 1);
    this.rrsets.set(rrsetKey(soa.owner, TYPE.SOA), soa);
  }

  /** Changes, adds or deletes one RRset, deleting often enough that names go for good. */
  edit(random: Random): RRsetKey {
    if (below(random, 6) === 0) {
      const soa = soaOf(this.origin, ++this.serial);
      this.rrsets.set(rrsetKey(soa.owner, TYPE.SOA), soa);
      return { owner: soa.owner, type: TYPE.SOA };
    }
    const held = [...this.rrsets.values()].filter(({ type }) => type !== TYPE.SOA);
    const victim = below(random, 5) < 2 ? held[below(random, held.length)] : undefined;
    if (victim !== undefined) {
      this.rrsets.delete(rrsetKey(victim.owner, victim.type));
      return { owner: victim.owner, type: victim.type };
    }
    const ownerText = randomName(random, this.origin);
    const type = randomType(random);
    const owner = nameFromText(ownerText);
    const key = rrsetKey(owner, type);
    this.rrsets.set(key, randomRRset(random, this.origin, ownerText, type));
    return { owner, type };
  }

  compiled(): ImageZone {
    const soaKey = rrsetKey(nameFromText(this.origin), TYPE.SOA);
    const soa = this.rrsets.get(soaKey);
    const others = [...this.rrsets.entries()].filter(([key]) => key !== soaKey);
    const all = [...(soa === undefined ? [] : [soa]), ...others.map(([, rrset]) => rrset)];
    return { zone: Zone.unpack(nameFromText(this.origin), packRRsets(all)), live: [] };
  }
}
