import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { below, seededRandom } from "../../src/base/random.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import {
  clearReader,
  createImageMemory,
  type ImageMemory,
  readerWord,
} from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { ImageReader } from "../../src/image/reader.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { ImageWriter, type LiveBinding, type SlotAnswer } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "./building.ts";

const ORIGIN = nameFromText("example.org.");
const POOL = nameFromText("pool.example.org.");
const A1 = Uint8Array.of(192, 0, 2, 1);
const A2 = Uint8Array.of(192, 0, 2, 2);
const A3 = Uint8Array.of(192, 0, 2, 3);

describe("publishSlot()", () => {
  it("lets a reader in a batch keep the whole old answer through two publishes", () => {
    const { writer, reader, slot } = poolOf([A1, A2]);
    const view = new RRsetView();
    reader.enter();
    open(reader, view);
    const before = octetsOf(view);
    writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [[A3]] });
    expect(octetsOf(view)).toEqual(before);
    // The second one needs the half that the reader may be in: it must not be touched.
    const second = () => writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [[A2]] });
    expect(second).toThrow("reader 0 does not leave its batch");
    expect(octetsOf(view)).toEqual(before);
    reader.leave();
    second();
    reader.enter();
    open(reader, view);
    expect(addressesOf(view)).toEqual([[...A2]]);
    reader.leave();
  });

  it("goes on as soon as the reader leaves its batch", async () => {
    const { memory, writer, reader, slot } = poolOf([A1], { readerWaitMs: 10_000 });
    reader.enter();
    writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [[A2]] });
    const leave = `
      const { workerData } = require("node:worker_threads");
      const words = new Int32Array(workerData.control);
      Atomics.wait(words, 0, words[0], 20);
      Atomics.add(words, workerData.word, 1);`;
    const workerData = { control: memory.control, word: readerWord(0) };
    const worker = new Worker(leave, { eval: true, workerData });
    await once(worker, "online");
    writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [[A3]] });
    expect(Atomics.load(new Int32Array(memory.control), readerWord(0)) & 1).toBe(0);
    await once(worker, "exit");
  });

  it("does not wait for a reader that was cleared, nor for one that is not working", () => {
    const { memory, writer, reader, slot } = poolOf([A1]);
    reader.enter();
    clearReader(memory.control, 0);
    for (const rdata of [A2, A3, A1, A2]) {
      writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [[rdata]] });
    }
    const next = new ImageReader(memory, 0);
    next.enter();
    next.leave();
    writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [[A3]] });
  });

  it("takes turns among variants, and an empty one is no records with its own negative TTL", () => {
    const { writer, reader, slot } = poolOf([A1]);
    const variants = [[A1], [A2], []];
    writer.publishSlot(slot, { picker: "rotate", ttl: 5, variants, negativeTtl: 7 });
    const view = new RRsetView();
    const seen = Array.from({ length: 6 }, () => {
      open(reader, view);
      return view.count === 0 ? view.negativeTtl : addressesOf(view)[0]?.[3];
    });
    expect(seen.slice(0, 3)).toEqual(seen.slice(3));
    expect([...seen.slice(0, 3)].sort()).toEqual([1, 2, 7]);
  });

  const both: SlotAnswer = { picker: "first", ttl: 5, variants: [[A1, A2]] };
  const either: SlotAnswer = { picker: "first", ttl: 5, variants: [[A1], [A2]] };
  const none: SlotAnswer = { picker: "first", ttl: 5, variants: [[]], negativeTtl: 7 };

  // What is asked twice in a row, behind a neighbour of the same type that was given the first.
  it.each<[string, SlotAnswer, Partial<SlotAnswer>, string]>([
    ["nothing", both, {}, "5s 1 2, 5s 1 2"],
    ["the TTL", both, { ttl: 6 }, "6s 1 2, 6s 1 2"],
    ["one record of two", both, { variants: [[A1, A3]] }, "5s 1 3, 5s 1 3"],
    ["the number of records", both, { variants: [[A1]] }, "5s 1, 5s 1"],
    ["a choice between them", both, { variants: [[A2], [A1, A2]] }, "5s 2, 5s 2"],
    ["having none", both, none, "none 7s, none 7s"],
    ["how long there are none", none, { negativeTtl: 8 }, "none 8s, none 8s"],
    ["taking turns", either, { picker: "rotate" }, "5s 2, 5s 1"],
  ])("shows what it is given behind an answer that differs by %s", (_by, first, other, wanted) => {
    const { writer, reader, slot } = poolOf([A3]);
    const neighbour = writer.slotFor(ORIGIN, TYPE.A);
    writer.publishSlot(neighbour, first);
    writer.publishSlot(slot, { ...first, ...other });
    const view = new RRsetView();
    const shown = Array.from({ length: 2 }, () => {
      open(reader, view);
      if (view.count === 0) return `none ${view.negativeTtl}s`;
      const octets = addressesOf(view).map((address) => address[3]);
      return `${ttlOf(view)}s ${octets.join(" ")}`;
    });
    expect(shown.join(", ")).toBe(wanted);
    expect(writer.eraOf(slot)).not.toBe(writer.eraOf(neighbour));
  });

  it("draws by a slot's own weights, whichever its neighbour was given", () => {
    const { writer, reader, slot } = poolOf([A3]);
    const variants = [[A1], [A2]];
    const shown = (at: number, weights: number[]): void => {
      writer.publishSlot(at, { picker: "alias", ttl: 5, variants, weights });
    };
    shown(writer.slotFor(ORIGIN, TYPE.A), [999_999, 1]);
    shown(slot, [1, 999_999]);
    const view = new RRsetView();
    open(reader, view);
    expect(addressesOf(view)).toEqual([[...A2]]);
  });

  it("goes on with a slot's own era where its records stay, whoever was shown them before", () => {
    const { writer, slot } = poolOf([A1]);
    const answer: SlotAnswer = { picker: "first", ttl: 5, variants: [[A1]] };
    const era = writer.eraOf(slot);
    writer.publishSlot(writer.slotFor(ORIGIN, TYPE.A), answer);
    writer.publishSlot(slot, { ...answer, isSame: true });
    expect(writer.eraOf(slot)).toBe(era);
  });

  it("keeps every slot's last answer, whatever the sizes, through restarts of the writer", () => {
    const random = seededRandom(7);
    const memory = createImageMemory({ readers: 1, slotsMax: 40, slotOctets: 200_000 });
    const owners = Array.from({ length: 30 }, (_, i) => nameFromText(`p${i}.example.org.`));
    const last = new Map<number, number>();
    let writer = new ImageWriter(memory);
    for (let step = 0; step < 2000; step++) {
      if (below(random, 50) === 0) writer = new ImageWriter(memory);
      const number = below(random, owners.length);
      const slot = writer.slotFor(owners[number] ?? ORIGIN, TYPE.A);
      const count = 1 + below(random, below(random, 10) === 0 ? 60 : 4);
      const rdatas = Array.from({ length: count }, (_, i) => Uint8Array.of(10, number, count, i));
      writer.publishSlot(slot, { picker: "first", ttl: count, variants: [rdatas] });
      last.set(number, count);
    }
    const live = owners.map((owner) => {
      return { owner, type: TYPE.A, slot: writer.slotFor(owner, TYPE.A) };
    });
    expect(new Set(live.map(({ slot }) => slot)).size).toBe(owners.length);
    const reader = new ImageReader({ ...memory, set: writer.load([zoneWith(live)]) }, 0);
    const view = new RRsetView();
    for (const [number, count] of last) {
      open(reader, view, owners[number]);
      const wanted = Array.from({ length: count }, (_, i) => [10, number, count, i]);
      expect(addressesOf(view)).toEqual(wanted);
    }
  });
});

describe("slotFor() and freeSlot()", () => {
  it("gives the same slot for the same owner in any case, and others for other types", () => {
    const { writer, slot } = poolOf([A1]);
    expect(writer.slotFor(nameFromText("POOL.Example.org."), TYPE.A)).toBe(slot);
    expect(writer.slotFor(POOL, TYPE.AAAA)).not.toBe(slot);
  });

  it("gives a freed slot to another only when no reader's set can name it any more", () => {
    const memory = createImageMemory({ readers: 1, slotsMax: 1 });
    const writer = new ImageWriter(memory);
    const slot = writer.slotFor(POOL, TYPE.A);
    const live = [{ owner: POOL, type: TYPE.A, slot }];
    const reader = new ImageReader(memory, 0);
    reader.adopt(writer.load([zoneWith(live)]));
    const other = () => writer.slotFor(ORIGIN, TYPE.A);
    expect(other).toThrow("every slot is in use");
    writer.freeSlot(slot);
    expect(other).toThrow("every slot is in use");
    const set = writer.load([zoneWith([])]);
    expect(other).toThrow("every slot is in use");
    expect(writer.adopted()).toBe(false);
    reader.adopt(set);
    expect(writer.adopted()).toBe(true);
    expect(other()).toBe(slot);
  });

  it("a slot never published starts with the zone's own records", () => {
    const memory = createImageMemory({ readers: 1 });
    const writer = new ImageWriter(memory);
    const slot = writer.slotFor(POOL, TYPE.A);
    const set = writer.load([zoneWith([{ owner: POOL, type: TYPE.A, slot }])]);
    const view = new RRsetView();
    open(new ImageReader({ ...memory, set }, 0), view);
    expect(addressesOf(view)).toEqual([[10, 0, 0, 1]]);
  });
});

function poolOf(rdatas: readonly Uint8Array[], options: { readerWaitMs?: number } = {}) {
  const memory: ImageMemory = createImageMemory({ readers: 2, slotsMax: 8 });
  const writer = new ImageWriter(memory, { readerWaitMs: 2, ...options });
  const slot = writer.slotFor(POOL, TYPE.A);
  writer.publishSlot(slot, { picker: "first", ttl: 5, variants: [rdatas] });
  const reader = new ImageReader(memory, 0);
  reader.adopt(writer.load([zoneWith([{ owner: POOL, type: TYPE.A, slot }])]));
  return { memory, writer, reader, slot };
}

function zoneWith(live: readonly LiveBinding[]) {
  const own = { owner: POOL, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(10, 0, 0, 1)] };
  const packed = packRRsets([soaOf("example.org.", 1), own]);
  return { zone: Zone.unpack(ORIGIN, packed), live };
}

function open(reader: ImageReader, view: RRsetView, owner = POOL): void {
  const name = new NameBuffer();
  name.read(owner, 0, owner.length);
  expect(reader.find(name, name.length, name.hash)).toBe(true);
  expect(reader.openType(TYPE.A, view)).toBe(true);
}

/** The TTL in the first record of what was opened, which follows a pointer, a type and a class. */
function ttlOf({ bytes, at }: RRsetView): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at + 6);
}

function octetsOf(view: RRsetView): number[] {
  return [...view.bytes.subarray(view.at, view.at + view.length)];
}

/** Data of 4 octets each, behind 12 octets of head. */
function addressesOf(view: RRsetView): number[][] {
  const octets = octetsOf(view);
  return Array.from({ length: view.count }, (_, i) => octets.slice(i * 16 + 12, i * 16 + 16));
}
