import { describe, expect, it } from "vitest";
import { lowerName, nameFromText, nameKey } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { createImageMemory, type ImageMemory } from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { ImageReader } from "../../src/image/reader.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { copySlots, restoreImage, setSerials } from "../../src/image/snapshot.ts";
import { ImageWriter, type ImageZone } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { readSoa } from "../../src/zone/soa.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "./building.ts";

const ORIGIN = nameFromText("Example.org.");
const WWW = nameFromText("www.example.org.");
const POOL = nameFromText("pool.example.org.");
const SIZES = { readers: 1, slotsMax: 8, slotOctets: 2048, overlayNamesMax: 16 } as const;
const zone = Zone.unpack(
  ORIGIN,
  packRRsets([
    soaOf("Example.org.", 7),
    { owner: WWW, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, 1)] },
    { owner: POOL, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, 2)] },
  ]),
);

/** An image with a live answer, and its writer. */
function written(): { memory: ImageMemory; writer: ImageWriter; served: ImageZone } {
  const memory = createImageMemory(SIZES);
  const writer = new ImageWriter(memory);
  const soa = writer.slotFor(ORIGIN, TYPE.SOA);
  const pool = writer.slotFor(POOL, TYPE.A);
  writer.publishSlot(pool, answer(21));
  writer.publishSlot(pool, answer(22));
  const live = [
    { owner: ORIGIN, type: TYPE.SOA, slot: soa },
    { owner: POOL, type: TYPE.A, slot: pool },
  ];
  const served = { zone, live };
  const set = writer.load([served]);
  return { memory: { ...memory, set }, writer, served };
}

function answer(last: number): Parameters<ImageWriter["publishSlot"]>[1] {
  return { picker: "first", ttl: 5, variants: [[Uint8Array.of(192, 0, 2, last)]] };
}

/** A new memory with what `writer` says is to be copied. */
function copied(writer: ImageWriter): ImageMemory {
  const snapshot = writer.snapshot();
  if (snapshot === undefined) throw new Error("there is nothing to copy");
  const { set, edits, slots } = snapshot;
  const copy = { base: set.base, edits: edits.slice(), slots: slots.slice() };
  const memory = restoreImage(createImageMemory(SIZES), copy);
  if (memory === undefined) throw new Error("the copy is refused");
  return memory;
}

/** The last octet of each name's address, as a reader of the memory finds it. */
function addresses(memory: ImageMemory): (number | undefined)[] {
  return [WWW, POOL].map((name) => rdataOf(memory, name, TYPE.A)?.at(-1));
}

function rdataOf(memory: ImageMemory, owner: Uint8Array, type: number): Uint8Array | undefined {
  const reader = new ImageReader(memory, 0);
  const name = new NameBuffer();
  const view = new RRsetView();
  name.read(owner, 0, owner.length);
  reader.enter();
  const isFound = reader.find(name, name.length, name.hash) && reader.openType(type, view);
  reader.leave();
  return isFound ? view.bytes.slice(view.at + 12, view.at + view.length) : undefined;
}

describe("a copied image", () => {
  it("answers in another process as in the one it was copied from", () => {
    expect(addresses(copied(written().writer))).toEqual([1, 22]);
  });

  it("is gone on with: slots keep their numbers, edits and publishes show", () => {
    const { writer, served } = written();
    const memory = copied(writer);
    const later = new ImageWriter(memory);
    later.resume();
    expect(served.live.map(({ owner, type }) => later.slotFor(owner, type))).toEqual(
      served.live.map(({ slot }) => slot),
    );
    later.publishSlot(later.slotFor(POOL, TYPE.A), answer(23));
    const rrset = { owner: WWW, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, 9)] };
    const edited = { ...served, zone: zone.with([{ owner: WWW, type: TYPE.A, rrset }]) };
    const touched = [{ owner: WWW, type: TYPE.A }];
    expect(later.edit([edited], [{ origin: ORIGIN, touched }])).toBe("published");
    expect(addresses(memory)).toEqual([9, 23]);
  });

  it("shows the edits that were made since its base, and takes more", () => {
    const { writer, served } = written();
    const set = (of: ImageWriter, owner: Uint8Array, last: number): void => {
      const rrset = { owner, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, last)] };
      now = { ...now, zone: now.zone.with([{ owner, type: TYPE.A, rrset }]) };
      expect(of.edit([now], [{ origin: ORIGIN, touched: [{ owner, type: TYPE.A }] }])).toBe(
        "published",
      );
    };
    let now = served;
    for (const last of [31, 32, 33]) set(writer, WWW, last);
    const added = nameFromText("a.b.example.org.");
    set(writer, added, 41);
    const memory = copied(writer);
    expect(addresses(memory)).toEqual([33, 22]);
    expect(rdataOf(memory, added, TYPE.A)?.at(-1)).toBe(41);
    const later = new ImageWriter(memory);
    later.resume();
    expect(later.editsShare).toBeGreaterThan(0.1);
    for (const last of [34, 35, 36, 37]) {
      set(later, WWW, last);
      expect(addresses(copied(later))).toEqual([last, 22]);
      expect(rdataOf(copied(later), added, TYPE.A)?.at(-1)).toBe(41);
    }
    // Sooner or later it is full, as it would have been without the restart.
    const names = Array.from({ length: 20 }, (_, i) => nameFromText(`n${i}.example.org.`));
    const edits = names.map((owner) => {
      const rrset = { owner, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, 1)] };
      now = { ...now, zone: now.zone.with([{ owner, type: TYPE.A, rrset }]) };
      return later.edit([now], [{ origin: ORIGIN, touched: [{ owner, type: TYPE.A }] }]);
    });
    expect(edits.at(-1)).toBe("full");
    expect(later.snapshot()).toBeUndefined();
  });

  it("is not to be had before there is a base", () => {
    expect(new ImageWriter(createImageMemory(SIZES)).snapshot()).toBeUndefined();
  });

  it("shows another serial where it is given one", () => {
    const memory = copied(written().writer);
    setSerials(memory.slots, (key) => (key === nameKey(lowerName(ORIGIN)) ? 1007 : undefined));
    expect(readSoa(rdataOf(memory, ORIGIN, TYPE.SOA) ?? new Uint8Array()).serial).toBe(1007);
    expect(addresses(memory)).toEqual([1, 22]);
  });

  it("is as large as what is in use", () => {
    expect(copySlots(written().memory.slots).length).toBeLessThan(700);
  });
});

/** A copy of one edit. */
function editedCopy(): Uint8Array {
  const { writer, served } = written();
  writer.edit([served], [{ origin: ORIGIN, touched: [{ owner: WWW, type: TYPE.A }] }]);
  return writer.snapshot()?.edits ?? new Uint8Array(0);
}

describe("restoreImage() refuses", () => {
  const { memory, writer } = written();
  const slots = copySlots(memory.slots);
  const base = writer.snapshot()?.set.base ?? new SharedArrayBuffer(0);
  const edits = editedCopy();
  const changed = (word: number, value: number): Uint8Array => {
    const copy = slots.slice();
    new Int32Array(copy.buffer)[word] = value;
    return copy;
  };
  const other = (): SharedArrayBuffer => {
    const copy = new SharedArrayBuffer(base.byteLength);
    new Uint8Array(copy).set(new Uint8Array(base));
    new Int32Array(copy)[1] = 99;
    return copy;
  };

  const cut = (word: number, value: number): Uint8Array => {
    const copy = edits.slice();
    new Int32Array(copy.buffer)[word] = value;
    return copy;
  };

  it("nothing that is whole", () => {
    expect(restoreImage(createImageMemory(SIZES), { base, slots, edits })).toBeDefined();
  });

  it.each<[string, { base?: SharedArrayBuffer; slots?: Uint8Array; edits?: Uint8Array }]>([
    ["an empty base", { base: new SharedArrayBuffer(0) }],
    ["a base of another layout", { base: other() }],
    ["a base that ends within its index", { base: base.slice(0, 64) }],
    ["no slots", { slots: new Uint8Array(0) }],
    ["slots that are cut off", { slots: slots.slice(0, -4) }],
    ["slots of another number", { slots: changed(2 + 1, 9) }],
    ["a part longer than the copy", { slots: changed(1, 1 << 20) }],
    ["a part of negative length", { slots: changed(1, -1) }],
    ["edits that are cut off", { edits: edits.slice(0, -4) }],
    ["edits of another size", { edits: cut(1, 99) }],
    ["edits of negative length", { edits: cut(2, -1) }],
  ])("%s", (_, damaged) => {
    const memoryOfIts = createImageMemory(SIZES);
    expect(restoreImage(memoryOfIts, { base, slots, edits, ...damaged })).toBeUndefined();
  });
});
