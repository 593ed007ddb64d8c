import { describe, expect, it } from "vitest";
import { type Name, nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import {
  BASE_INDEX_MASK,
  BASE_OFFSET_BITS,
  entriesOffset,
  SLOT_HALVES,
  SLOT_STATE,
  SLOT_WORDS,
  SLOTS_DIRECTORY,
} from "../../src/image/layout.ts";
import { Lookahead } from "../../src/image/lookahead.ts";
import { createImageMemory, type ImageMemory, type ImageSet } from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { BATCH_MAX, ImageReader } from "../../src/image/reader.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "./building.ts";

const ORIGIN = nameFromText("example.org.");
const NAMES = 2000;

describe("a look ahead", () => {
  it.each([
    ["small", 1000, 0, false],
    ["large", 20_000, 0, true],
    ["small, with some live answers", 1000, 100, false],
    ["small, with many of them", 1000, 300, true],
  ])("into a base that is %s is worth it or not", (_, names, slots, isWorthIt) => {
    expect(imageOf({ names, slots }).reader.ahead.isWorthIt).toBe(isWorthIt);
  });

  it("goes by the base that was adopted last, and by the slots that are in use now", () => {
    const { reader, writer } = imageOf({ names: 1000, slots: 300 });
    for (let i = 0; i < 300; i++) writer.freeSlot(slotOf(writer, i));
    // What is given back is free once another set is out that every reader has adopted.
    for (const names of [10, 10]) reader.adopt(writer.load([{ zone: zoneOf(names), live: [] }]));
    expect(reader.ahead.isWorthIt).toBe(false);
    reader.adopt(writer.load([{ zone: zoneOf(20_000), live: [] }]));
    expect(reader.ahead.isWorthIt).toBe(true);
  });

  it("touches the node, the entry, the slot and the half that a search will read", () => {
    const image = imageOf({ names: NAMES, slots: 300 });
    const { reader, slots } = image;
    let others = 0;
    for (let i = 0; i < NAMES; i++) {
      const name = nameOf(`x.h${i}.example.org.`);
      expect(reader.find(name, name.length, name.hash)).toBe(true);
      const { node, words } = reader;
      const entry = node + entriesOffset(words[node + 1] ?? 0);
      const { base, live } = touchedFor(image, [name]);
      // Behind a name whose hash begins alike, the search goes on where this does not.
      if (!base.has(node)) {
        others++;
        continue;
      }
      expect(base.has(entry + 1)).toBe(true);
      if (i >= 300) continue;
      const at = SLOTS_DIRECTORY + slotOf(image.writer, i) * SLOT_WORDS;
      expect(live.has(at + SLOT_STATE)).toBe(true);
      const state = slots[at + SLOT_STATE] ?? 0;
      expect(live.has(slots[at + SLOT_HALVES + (state & 1)] ?? 0)).toBe(true);
    }
    expect(others).toBeLessThan(NAMES / 3);
  });

  it("stays inside the memory, whatever is asked and however much", () => {
    const image = imageOf({ names: NAMES, slots: 300 });
    // Names with addresses, names that only lead to them and have no entries, and none at all.
    for (let i = 0; i < NAMES; i += BATCH_MAX / 2) {
      const names = Array.from({ length: 2 * BATCH_MAX }, (_, j) => {
        return nameOf(`${["x.", "", "no."][j % 3]}h${i + j}.example.org.`);
      });
      const { base, live } = touchedFor(image, names);
      for (const word of base) expect(isWordOf(image.words, word)).toBe(true);
      for (const word of live) expect(isWordOf(image.slots, word)).toBe(true);
    }
  });
});

type Image = ReturnType<typeof imageOf>;

/** So many names, of which the first `slots` have live answers. */
function imageOf({ names, slots }: { readonly names: number; readonly slots: number }) {
  const memory: ImageMemory = createImageMemory({ readers: 1, slotsMax: 512, overlayNamesMax: 64 });
  const writer = new ImageWriter(memory);
  const reader = new ImageReader(memory, 0);
  const live = Array.from({ length: slots }, (_, i) => ({
    ...{ owner: nameFromText(`x.h${i}.example.org.`), type: TYPE.A, slot: slotOf(writer, i) },
  }));
  const set: ImageSet = writer.load([{ zone: zoneOf(names), live }]);
  reader.adopt(set);
  return { writer, reader, words: new Int32Array(set.base), slots: new Int32Array(memory.slots) };
}

function slotOf(writer: ImageWriter, i: number): number {
  return writer.slotFor(nameFromText(`x.h${i}.example.org.`), TYPE.A);
}

function zoneOf(names: number): Zone {
  const rrsets = Array.from({ length: names }, (_, i) => ({
    owner: nameFromText(`x.h${i}.example.org.`),
    type: TYPE.A,
    ttl: 60,
    rdatas: [Uint8Array.of(192, 0, 2, i & 255)],
  }));
  return Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), ...rrsets]));
}

function nameOf(text: string): NameBuffer {
  const buffer = new NameBuffer();
  const name: Name = nameFromText(text);
  buffer.read(name, 0, name.length);
  return buffer;
}

/** The words of both memories that a look ahead at these names reads. */
function touchedFor({ words, slots }: Image, names: readonly NameBuffer[]) {
  const base = new Set<number>();
  const live = new Set<number>();
  const ahead = new Lookahead(recorded(slots, live), BATCH_MAX);
  const mask = words[BASE_INDEX_MASK] ?? 0;
  ahead.adopt(recorded(words, base), mask, words[BASE_OFFSET_BITS] ?? 0);
  for (const { hash } of names) ahead.add(hash);
  ahead.fetch();
  return { base, live };
}

function isWordOf(memory: Int32Array, word: number): boolean {
  return Number.isInteger(word) && word >= 0 && word < memory.length;
}

/** The same words, with a note of each that is read, be it there or not. */
function recorded(words: Int32Array, read: Set<number>): Int32Array {
  return new Proxy(words, {
    get: (target, key) => {
      if (!(key in Int32Array.prototype)) read.add(Number(key));
      return Reflect.get(target, key, target);
    },
  });
}
