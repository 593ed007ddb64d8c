import { describe, expect, it } from "vitest";
import { below, seededRandom } from "../../src/base/random.ts";
import { lowerName, nameFromText, nameKey } from "../../src/dns/name.ts";
import { hasCompressibleNames } from "../../src/dns/rdata.ts";
import { TYPE } from "../../src/dns/types.ts";
import { Blocks, type UsedBlock } from "../../src/image/blocks.ts";
import { compressibleNames } from "../../src/image/layout.ts";
import { createImageMemory } from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { ImageReader } from "../../src/image/reader.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "./building.ts";

const ORIGIN = nameFromText("example.org.");

describe("NameBuffer", () => {
  it("hashes every suffix as the name that it is, whatever the letter case", () => {
    const random = seededRandom(3);
    const whole = new NameBuffer();
    const part = new NameBuffer();
    for (let round = 0; round < 500; round++) {
      const name = randomWireName(random);
      expect(whole.read(name, 0, name.length)).toBe(name.length);
      const shown = whole.bytes.subarray(256 - name.length);
      expect(nameKey(shown)).toBe(nameKey(lowerName(name)));
      for (let label = 0; label <= whole.labels; label++) {
        const length = whole.suffixLength(label);
        const suffix = lowerName(name).subarray(name.length - length);
        part.read(suffix, 0, suffix.length);
        expect(whole.suffixHash(length)).toBe(part.hash);
        expect(whole.endsWith(part, length)).toBe(true);
      }
    }
  });

  it("makes wildcards, and refuses the one that would be too long", () => {
    const name = new NameBuffer();
    const wildcard = new NameBuffer();
    const direct = new NameBuffer();
    const text = nameFromText("a.bcd.example.org.");
    name.read(text, 0, text.length);
    expect(wildcard.becomeWildcard(name, name.suffixLength(1))).toBe(true);
    const star = nameFromText("*.bcd.example.org.");
    direct.read(star, 0, star.length);
    expect(wildcard.hash).toBe(direct.hash);
    const longest = nameFromText(`${`${"x".repeat(63)}.`.repeat(3)}${"y".repeat(61)}.`);
    expect(longest.length).toBe(255);
    name.read(longest, 0, 255);
    expect(wildcard.becomeWildcard(name, 254)).toBe(false);
  });

  it.each([
    ["a label above 63 octets", [64, ...new Array(64).fill(97), 0]],
    ["a compression pointer", [1, 97, 0xc0, 0]],
    ["a name that is cut off in a label", [3, 97, 98]],
    ["a name without its end", [1, 97]],
    ["256 octets", [...new Array(127).fill([1, 97]).flat(), 1, 97, 0]],
  ])("refuses %s", (_, octets) => {
    const bytes = Uint8Array.from(octets);
    expect(new NameBuffer().read(bytes, 0, bytes.length)).toBe(-1);
  });
});

describe("a base", () => {
  it("finds every name it was made of and no other, in any letter case", () => {
    const { reader, names } = baseOf(3000);
    const name = new NameBuffer();
    const view = new RRsetView();
    for (const [number, owner] of names.entries()) {
      name.read(owner, 0, owner.length);
      expect(reader.find(name, name.length, name.hash)).toBe(true);
      expect(reader.openType(TYPE.A, view)).toBe(true);
      expect([...view.bytes.subarray(view.at + 12, view.at + 16)]).toEqual(addressOf(number));
      expect(reader.openType(TYPE.AAAA, view)).toBe(false);
    }
    for (let i = 0; i < 3000; i++) {
      const owner = nameFromText(`miss${i}.example.org.`);
      name.read(owner, 0, owner.length);
      expect(reader.find(name, name.length, name.hash)).toBe(false);
    }
  });

  it("takes at most 80 octets for a name with one address", () => {
    const { octets } = baseOf(20_000);
    expect(octets / 20_000).toBeLessThan(80);
  });

  it("is refused where one RRset is beyond all bounds", () => {
    const rdatas = Array.from({ length: 300 }, (_, i) => new Uint8Array(60_000).fill(i));
    const large = { owner: ORIGIN, type: 65280, ttl: 0, rdatas };
    const zone = Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), large]));
    const writer = new ImageWriter(createImageMemory({ readers: 1 }));
    expect(() => writer.load([{ zone, live: [] }])).toThrow("Cannot compile an RRset");
  });

  it("before the first load nothing is found, and edits ask for a load", () => {
    const memory = createImageMemory({ readers: 1 });
    const reader = new ImageReader(memory, 0);
    const name = new NameBuffer();
    name.read(ORIGIN, 0, ORIGIN.length);
    reader.enter();
    expect(reader.find(name, name.length, name.hash)).toBe(false);
    reader.leave();
    expect(reader.labelsMax).toBe(0);
    expect(new ImageWriter(memory).edit([], [])).toBe("full");
  });
});

describe("an overlay", () => {
  it("says full when its names are used up, and a new base starts an empty one", () => {
    const memory = createImageMemory({ readers: 1, overlayNamesMax: 8 });
    const writer = new ImageWriter(memory);
    const soa = soaOf("example.org.", 1);
    let zone = Zone.unpack(ORIGIN, packRRsets([soa]));
    writer.load([{ zone, live: [] }]);
    const results: string[] = [];
    for (let i = 0; i < 12; i++) {
      const owner = nameFromText(`n${i}.example.org.`);
      const rrset = { owner, type: TYPE.A, ttl: 1, rdatas: [Uint8Array.of(1, 2, 3, 4)] };
      zone = zone.with([{ owner, type: TYPE.A, rrset }]);
      const zones = [{ zone, live: [] }];
      results.push(writer.edit(zones, [{ origin: ORIGIN, touched: [{ owner, type: TYPE.A }] }]));
      if (results.at(-1) === "full") writer.load(zones);
    }
    expect(results.filter((result) => result === "full")).toHaveLength(1);
  });

  it("takes any number of edits of the same names: what they replace is used again", () => {
    const memory = createImageMemory({ readers: 1, overlayNamesMax: 64, overlayOctets: 4096 });
    const writer = new ImageWriter(memory);
    const touched = [{ owner: ORIGIN, type: TYPE.SOA }];
    writer.load([{ zone: Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1)])), live: [] }]);
    for (let serial = 2; serial < 500; serial++) {
      const zone = Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", serial)]));
      expect(writer.edit([{ zone, live: [] }], [{ origin: ORIGIN, touched }])).toBe("published");
    }
  });
});

describe("Blocks", () => {
  it("never gives out the same words twice, also when taken up by a successor", () => {
    const random = seededRandom(11);
    let blocks = new Blocks(16, 16_384, []);
    let used: UsedBlock[] = [];
    for (let step = 0; step < 3000; step++) {
      if (below(random, 100) === 0) blocks = new Blocks(16, 16_384, used);
      const [victim] = below(random, 2) === 0 ? used.splice(below(random, used.length), 1) : [];
      if (victim !== undefined) blocks.give(victim);
      else {
        const block = blocks.take(1 + below(random, 200));
        if (block !== undefined) used = [...used, block];
      }
    }
    const sorted = [...used].sort((a, b) => a.at - b.at);
    for (const [i, block] of sorted.entries()) {
      expect(block.at + block.words).toBeLessThanOrEqual(sorted[i + 1]?.at ?? 16_384);
    }
  });
});

describe("compressibleNames()", () => {
  it("knows the types that dns calls well known, and no other", () => {
    for (let type = 1; type < 300; type++) {
      expect([type, compressibleNames(type) !== 0]).toEqual([type, hasCompressibleNames(type)]);
    }
  });
});

function baseOf(count: number) {
  const names = Array.from({ length: count }, (_, i) => nameFromText(`Host-${i}.example.org.`));
  const rrsets = names.map((owner, i) => {
    return { owner, type: TYPE.A, ttl: 300, rdatas: [Uint8Array.from(addressOf(i))] };
  });
  const zone = Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), ...rrsets]));
  const memory = createImageMemory({ readers: 1 });
  const set = new ImageWriter(memory).load([{ zone, live: [] }]);
  const reader = new ImageReader({ ...memory, set }, 0);
  reader.enter();
  return { reader, names, octets: set.base.byteLength };
}

function addressOf(number: number): number[] {
  return [192, 0, number >> 8, number & 255];
}

function randomWireName(random: Parameters<typeof below>[0]): Uint8Array {
  const octets: number[] = [];
  for (let label = below(random, 6); label > 0; label--) {
    const size = 1 + below(random, below(random, 4) === 0 ? 40 : 9);
    octets.push(size, ...Array.from({ length: size }, () => below(random, 256)));
  }
  return Uint8Array.of(...octets, 0);
}
