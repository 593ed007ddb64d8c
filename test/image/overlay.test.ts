import { describe, expect, it } from "vitest";
import { type Name, nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { compileBase } from "../../src/image/compile.ts";
import { createImageMemory } from "../../src/image/memory.ts";
import { NameBuffer } from "../../src/image/name-buffer.ts";
import { ImageReader } from "../../src/image/reader.ts";
import { RRsetView } from "../../src/image/rrset-view.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "./building.ts";

const ORIGIN = nameFromText("example.org.");
const WWW = nameFromText("www.example.org.");
const MAIL = nameFromText("mail.example.org.");
const TOUCHED = [WWW, MAIL].map((owner) => ({ owner, type: TYPE.A }));

describe("edit()", () => {
  it("shows all of an edit to the next batch and none of it to the one at work", () => {
    const world = served();
    const { reader } = world;
    reader.enter();
    expect(read(reader, WWW)).toBe(1);
    world.edit(2);
    // The batch that began before goes on as it began, for names it has not looked at yet, too.
    expect([read(reader, WWW), read(reader, MAIL)]).toEqual([1, 1]);
    reader.leave();
    reader.enter();
    expect([read(reader, WWW), read(reader, MAIL)]).toEqual([2, 2]);
    reader.leave();
  });

  it("does not rewrite what a reader in a batch may be reading", () => {
    const world = served();
    const { reader } = world;
    world.edit(2);
    reader.enter();
    const view = new RRsetView();
    find(reader, WWW, view);
    world.edit(3);
    // A third edit wants the region and the nodes of the one that this reader began with.
    expect(() => world.edit(4)).toThrow("reader 0 does not leave its batch");
    expect(view.bytes[view.at + 12]).toBe(2);
    expect([read(reader, WWW), read(reader, MAIL)]).toEqual([2, 2]);
    reader.leave();
    world.edit(4);
    reader.enter();
    expect([read(reader, WWW), read(reader, MAIL)]).toEqual([4, 4]);
    reader.leave();
  });

  it("a set that a reader has not adopted yet leaves it with the old one", () => {
    const world = served();
    const { reader } = world;
    const set = world.load(9);
    reader.enter();
    expect(read(reader, WWW)).toBe(1);
    reader.leave();
    expect(world.writer.adopted()).toBe(false);
    reader.adopt(set);
    expect(world.writer.adopted()).toBe(true);
    reader.enter();
    expect(read(reader, WWW)).toBe(9);
    reader.leave();
  });
});

describe("plan() and adopt()", () => {
  it("serve on while a base is compiled, and lose no edit made meanwhile", () => {
    const world = served();
    const { writer, reader } = world;
    const plan = writer.plan([world.zoneOf(1)]);
    const base = compileBase([world.zoneOf(1)]);
    world.edit(2);
    expect(read(reader, WWW)).toBe(1);
    reader.enter();
    expect(read(reader, WWW)).toBe(2);
    reader.leave();
    const since = { zones: [world.zoneOf(2)], edits: [{ origin: ORIGIN, touched: TOUCHED }] };
    const set = writer.adopt(plan, base, since);
    if (set === undefined) throw new Error("two names fit");
    reader.adopt(set);
    reader.enter();
    expect([read(reader, WWW), read(reader, MAIL)]).toEqual([2, 2]);
    reader.leave();
  });

  it("keep the old set where the edits made meanwhile do not fit the new one", () => {
    const world = served();
    const { writer, reader } = world;
    const plan = writer.plan([world.zoneOf(1)]);
    const base = compileBase([world.zoneOf(1)]);
    // A DNAME above other names takes a whole new base.
    const dname = { owner: ORIGIN, type: TYPE.DNAME, ttl: 60, rdatas: [nameFromText("x.test.")] };
    const { zone } = world.zoneOf(1);
    const edited = zone.with([{ owner: ORIGIN, type: TYPE.DNAME, rrset: dname }]);
    const edits = [{ origin: ORIGIN, touched: [{ owner: ORIGIN, type: TYPE.DNAME }] }];
    expect(
      writer.adopt(plan, base, { zones: [{ zone: edited, live: [] }], edits }),
    ).toBeUndefined();
    expect(writer.adopted()).toBe(true);
    world.edit(3);
    reader.enter();
    expect([read(reader, WWW), read(reader, MAIL)]).toEqual([3, 3]);
    reader.leave();
  });

  it("tell how much room for edits is left", () => {
    const { writer, edit } = served();
    expect(writer.editsShare).toBeLessThan(0.1);
    edit(2);
    expect(writer.editsShare).toBeGreaterThan(0.1);
    expect(new ImageWriter(createImageMemory({ readers: 1 })).editsShare).toBe(1);
  });
});

describe("edits and their base", () => {
  it("never meet: a base stays as it was compiled, so that it can be copied at any time", () => {
    const { writer, reader, zoneOf } = served();
    const set = writer.load([zoneOf(1)]);
    reader.adopt(set);
    const before = new Uint8Array(set.base).slice();
    let { zone } = zoneOf(1);
    for (const owner of ["a", "b", "a.b", "c.a.b", "*"].map((text) => nameFromText(text, ORIGIN))) {
      for (const rdatas of [[Uint8Array.of(192, 0, 2, 9)], []]) {
        const rrset = rdatas.length === 0 ? undefined : { owner, type: TYPE.A, ttl: 1, rdatas };
        zone = zone.with([{ owner, type: TYPE.A, rrset }]);
        const edits = [{ origin: ORIGIN, touched: [{ owner, type: TYPE.A }] }];
        expect(writer.edit([{ zone, live: [] }], edits)).toBe("published");
      }
    }
    expect(new Uint8Array(set.base)).toEqual(before);
  });
});

/** Two names whose one address octet is the same number, changed together. */
function served() {
  const memory = createImageMemory({ readers: 1, overlayNamesMax: 16 });
  const writer = new ImageWriter(memory, { readerWaitMs: 2 });
  const zoneOf = (value: number) => {
    const rrsets = [WWW, MAIL].map((owner) => {
      return { owner, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(value, 0, 0, 1)] };
    });
    return {
      zone: Zone.unpack(ORIGIN, packRRsets([soaOf("example.org.", 1), ...rrsets])),
      live: [],
    };
  };
  const load = (value: number) => writer.load([zoneOf(value)]);
  const edit = (value: number) => {
    const edits = [{ origin: ORIGIN, touched: TOUCHED }];
    expect(writer.edit([zoneOf(value)], edits)).toBe("published");
  };
  const reader = new ImageReader(memory, 0);
  reader.adopt(load(1));
  return { writer, reader, zoneOf, load, edit };
}

function find(reader: ImageReader, owner: Name, view: RRsetView): void {
  const name = new NameBuffer();
  name.read(owner, 0, owner.length);
  expect(reader.find(name, name.length, name.hash)).toBe(true);
  expect(reader.openType(TYPE.A, view)).toBe(true);
}

function read(reader: ImageReader, owner: Name): number | undefined {
  const view = new RRsetView();
  find(reader, owner, view);
  return view.bytes[view.at + 12];
}
