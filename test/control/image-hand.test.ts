import { describe, expect, it } from "vitest";
import { ImageHand } from "../../src/control/image-hand.ts";
import type { LoaderPort } from "../../src/control/ports.ts";
import { newServedZone, type ServedZone } from "../../src/control/served-zone.ts";
import { nameFromText, nameKey } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { compileBase } from "../../src/image/compile.ts";
import { createImageMemory, type ImageSet } from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { ImageReader } from "../../src/image/reader.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { SimulatedTime, settle } from "../support/simulated-time.ts";

const ORIGIN = nameFromText("example.org.");
const WWW = nameFromText("www", ORIGIN);

describe("ImageHand.load()", () => {
  it("shows edits while a base is compiled, and holds them in the new base's set", async () => {
    const world = newWorld();
    await world.loaded();
    const loading = world.hand.load();
    await settle();
    world.set(2);
    expect(world.hand.show(world.served, [{ owner: WWW, type: TYPE.A }])).toBeUndefined();
    expect(world.asked()).toBe(2);
    world.compiled();
    await loading;
    expect(world.sets).toHaveLength(2);
    expect(world.asked()).toBe(2);
  });

  it("compiles again when zones came or went meanwhile", async () => {
    const world = newWorld();
    const first = world.hand.load();
    const second = world.hand.load();
    await settle();
    world.compiled();
    await settle();
    expect(world.sets).toHaveLength(1);
    world.compiled();
    await Promise.all([first, second]);
    expect(world.sets).toHaveLength(2);
  });

  it("fails with the first base, and tries again with later ones while the old one serves", async () => {
    const failing = newWorld();
    const first = failing.hand.load();
    await settle();
    failing.broken();
    await expect(first).rejects.toThrow("no memory");
    const world = newWorld();
    await world.loaded();
    const loading = world.hand.load();
    await settle();
    world.broken();
    await settle();
    expect(world.events.map((event) => event.event)).toEqual(["image.failing"]);
    expect(world.asked()).toBe(1);
    await world.time.advance(5000);
    world.compiled();
    await loading;
    expect(world.sets).toHaveLength(2);
  });
});

describe("ImageHand.show()", () => {
  it("has nothing to show before the first base, which holds it", async () => {
    const world = newWorld();
    expect(world.hand.show(world.served, [{ owner: WWW, type: TYPE.A }])).toBeUndefined();
    const loading = world.hand.load();
    await settle();
    world.set(2);
    const shown = world.hand.show(world.served, [{ owner: WWW, type: TYPE.A }]);
    world.compiled();
    await Promise.all([loading, shown]);
    expect(world.asked()).toBe(2);
  });

  it("waits for a new base where the room for edits is used up, and folds before it is", async () => {
    const world = newWorld({ overlayNamesMax: 8 });
    await world.loaded();
    const names = Array.from({ length: 20 }, (_, i) => nameFromText(`n${i}`, ORIGIN));
    let isAsked = false;
    for (const owner of names.slice(0, 6)) {
      world.add(owner, 1);
      expect(world.hand.show(world.served, [{ owner, type: TYPE.A }])).toBeUndefined();
      await settle();
      isAsked ||= world.isCompiling();
    }
    expect(isAsked).toBe(true);
    for (const owner of names) world.add(owner, 1);
    const touched = names.map((owner) => ({ owner, type: TYPE.A }));
    const shown = world.hand.show(world.served, touched);
    expect(shown).toBeDefined();
    world.compiled();
    await settle();
    // More names than fit were touched since the base was begun: another one is compiled for them.
    if (world.isCompiling()) world.compiled();
    await shown;
    expect(world.asked(names[5])).toBe(1);
  });

  it("compiles on its own thread when edits overtake the loader again and again", async () => {
    const world = newWorld({ overlayNamesMax: 4 });
    await world.loaded();
    const touched = Array.from({ length: 9 }, (_, i) => {
      return { owner: nameFromText(`n${i}`, ORIGIN), type: TYPE.A };
    });
    const addAll = (): void => {
      for (const { owner } of touched) world.add(owner, 9);
      void world.hand.show(world.served, touched);
    };
    const loading = world.hand.load();
    for (let round = 0; round < 3; round++) {
      await settle();
      addAll();
      world.compiled();
    }
    await loading;
    expect(world.asked(touched[8]?.owner)).toBe(9);
  });
});

/** A hand over one zone, with a loader that waits to be told to end its work. */
function newWorld(sizes: { readonly overlayNamesMax?: number } = {}) {
  const time = new SimulatedTime();
  const events: LivezoneEvent[] = [];
  const sets: ImageSet[] = [];
  const memory = createImageMemory({ readers: 1, ...sizes });
  const reader = new ImageReader(memory, 0);
  const image = new ImageWriter(memory);
  let ends: { done(): void; fail(): void } | undefined;
  const loader: LoaderPort = {
    load: () => Promise.reject(new Error("not asked for")),
    pools: () => Promise.reject(new Error("not asked for")),
    receive: () => Promise.reject(new Error("not asked for")),
    unpack: () => Promise.reject(new Error("not asked for")),
    compile: (zones) => {
      const base = compileBase(zones);
      return new Promise((resolve, reject) => {
        ends = { done: () => resolve(base), fail: () => reject(new Error("no memory")) };
      });
    },
  };
  const served: ServedZone = newServedZone({
    ...{ zone: zoneOf(1), serial: 1, fileSerial: 1, reservedSerial: 1, wallMs: 0 },
    soaSlot: image.slotFor(ORIGIN, TYPE.SOA),
  });
  const sendSet = (set: ImageSet): void => {
    sets.push(set);
    reader.adopt(set);
  };
  const emit = (event: LivezoneEvent): void => void events.push(event);
  const zones = new Map([[nameKey(ORIGIN), served]]);
  const hand = new ImageHand({ image, loader, sendSet, time, emit }, zones);
  const end = (how: "done" | "fail"): void => {
    const ended = ends;
    ends = undefined;
    ended?.[how]();
  };
  return {
    ...{ time, events, sets, hand, served },
    set: (value: number) => {
      served.zone = zoneOf(value);
    },
    add: (owner: Uint8Array, value: number) => {
      const rrset = { owner, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(value, 0, 0, 1)] };
      served.zone = served.zone.with([{ owner, type: TYPE.A, rrset }]);
    },
    isCompiling: () => ends !== undefined,
    compiled: () => end("done"),
    broken: () => end("fail"),
    loaded: async () => {
      const loading = hand.load();
      await settle();
      end("done");
      await loading;
    },
    asked: (owner = WWW) => ask(reader, owner),
  };
}

function zoneOf(value: number): Zone {
  const www = { owner: WWW, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(value, 0, 0, 1)] };
  return Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), www]));
}

/** The first octet of an owner's address. */
function ask(reader: ImageReader, owner: Uint8Array): number | undefined {
  const name = new NameBuffer();
  const view = new RRsetView();
  name.read(owner, 0, owner.length);
  reader.enter();
  const isThere = reader.find(name, name.length, name.hash) && reader.openType(TYPE.A, view);
  reader.leave();
  return isThere ? view.bytes[view.at + 12] : undefined;
}
