import { describe, expect, it } from "vitest";
import { type Name, nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { createImageMemory, type ImageSet } from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { BATCH_MAX, ImageReader } from "../../src/image/reader.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "./building.ts";

const ORIGIN = nameFromText("example.org.");
const MANY = 20_000;

describe("Lookahead", () => {
  it.each([
    [1000, false],
    [MANY, true],
    // Names that are there only because of others below them end in a node without entries.
    [-MANY, true],
  ])("of a base of %i names is worth it: %s", (names, isWorthIt) => {
    const { reader, set } = readerOf(names);
    expect(reader.ahead.isWorthIt).toBe(isWorthIt);
    const before = Buffer.from(set.base).toString("latin1");
    // Names that are there, names that are not, and more than one batch may hold.
    for (let i = 0; i < 50 * BATCH_MAX; i++) {
      reader.ahead.add(hashOf(nameFromText(`h${i * 7}.${i % 3}.example.org.`)));
      if (i % (2 * BATCH_MAX) === 0) reader.ahead.fetch();
    }
    reader.ahead.fetch();
    expect(Buffer.from(set.base).toString("latin1") === before).toBe(true);
  });

  it("looks into the base that its reader has adopted last", () => {
    const { reader, writer } = readerOf(1000);
    reader.adopt(writer.load([{ zone: zoneOf(MANY), live: [] }]));
    expect(reader.ahead.isWorthIt).toBe(true);
    reader.adopt(writer.load([{ zone: zoneOf(10), live: [] }]));
    expect(reader.ahead.isWorthIt).toBe(false);
  });
});

describe("Lookahead of live answers", () => {
  it.each([
    [100, false],
    [300, true],
  ])("is worth it with %i slots: %s, and again without them", (slots, isWorthIt) => {
    const { reader, writer } = readerOf(1000, slots);
    expect(reader.ahead.isWorthIt).toBe(isWorthIt);
    for (let i = 0; i < 400; i++) {
      reader.ahead.add(hashOf(nameFromText(`h${i}.0.example.org.`)));
      if (i % BATCH_MAX === 0) reader.ahead.fetch();
    }
    reader.ahead.fetch();
    for (const slot of Array.from({ length: slots }, (_, i) => slotOf(writer, i))) {
      writer.freeSlot(slot);
    }
    reader.adopt(writer.load([{ zone: zoneOf(1000), live: [] }]));
    // What is given back is free once another set is out that every reader has adopted.
    reader.adopt(writer.load([{ zone: zoneOf(1000), live: [] }]));
    expect(reader.ahead.isWorthIt).toBe(false);
  });
});

function slotOf(writer: ImageWriter, i: number): number {
  return writer.slotFor(nameFromText(`h${i}.0.example.org.`), TYPE.A);
}

/** A reader of so many names, of which the first `slots` have live answers. */
function readerOf(names: number, slots = 0) {
  const memory = createImageMemory({ readers: 1, slotsMax: 512, overlayNamesMax: 64 });
  const writer = new ImageWriter(memory);
  const reader = new ImageReader(memory, 0);
  const live = Array.from({ length: slots }, (_, i) => ({
    ...{ owner: nameFromText(`h${i}.0.example.org.`), type: TYPE.A, slot: slotOf(writer, i) },
  }));
  const set: ImageSet = writer.load([{ zone: zoneOf(names), live }]);
  reader.adopt(set);
  return { reader, writer, set };
}

/** So many names with an address; less than 0: as many, each two labels deep. */
function zoneOf(names: number): Zone {
  const rrsets = Array.from({ length: Math.abs(names) }, (_, i) => ({
    owner: nameFromText(names < 0 ? `x.h${i}.example.org.` : `h${i}.0.example.org.`),
    type: TYPE.A,
    ttl: 60,
    rdatas: [Uint8Array.of(192, 0, 2, i & 255)],
  }));
  return Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), ...rrsets]));
}

function hashOf(name: Name): number {
  const buffer = new NameBuffer();
  buffer.read(name, 0, name.length);
  return buffer.hash;
}
