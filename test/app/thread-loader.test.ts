// The loader with its real thread, so it runs on built output.

import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realTime } from "../../src/app/real-time.ts";
import { ThreadLoader } from "../../src/app/thread-loader.ts";
import type { PoolsReading } from "../../src/config/pools.ts";
import { InlineLoader, readPools } from "../../src/control/inline-loader.ts";
import type { FileLook, LoadedFile, LoadRequest } from "../../src/control/ports.ts";
import type { PoolsRequest } from "../../src/control/ports-pools.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { lookAt } from "../../src/files/read.ts";
import { fileRefusal } from "../../src/files/refusal.ts";
import { compileBase } from "../../src/image/compile.ts";
import { diffZones } from "../../src/zone/diff.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { type Sandbox, sandbox } from "../support/server-process.ts";

const THREAD = "dist/app/loader-thread.js";
const ORIGIN = nameFromText("lab.example.");
const NAMES = 6000;
const HEAD = "$TTL 60\n@ SOA ns admin 7 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\n";

describe("ThreadLoader", () => {
  let box: Sandbox;
  let loader: ThreadLoader;
  let inline: string[];
  let looks: FileLook[];
  let rests = 0;

  beforeEach(() => {
    if (!existsSync(THREAD)) throw new Error(`Cannot test the loader: ${THREAD} is not built`);
    box = sandbox();
    inline = [];
    looks = [];
    rests = 0;
    const small = new InlineLoader({
      read: (path) => {
        inline.push(path);
        return { kind: "failed", code: "ENOENT", message: `Cannot read "${path}"` };
      },
      refusal: (path) => {
        inline.push(path);
        return undefined;
      },
    });
    loader = new ThreadLoader({
      url: pathToFileURL(THREAD),
      inline: small,
      time: realTime,
      noted: (noted) => looks.push(...noted),
      rested: () => rests++,
    });
  });
  afterEach(async () => {
    await loader.close();
    box.remove();
  });

  const request = (more: Partial<LoadRequest> = {}): LoadRequest => ({
    ...{ origin: ORIGIN, file: box.file("lab.zone"), before: undefined, digest: "", ...more },
  });
  const loadedZone = async (text: string, more: Partial<LoadRequest> = {}) => {
    box.write("lab.zone", text);
    return mustBeGood(await loader.load(request(more)));
  };

  it("leaves small zones to the calling thread", async () => {
    box.write("lab.zone", HEAD);
    expect((await loader.load(request())).kind).toBe("bad");
    expect(inline).toEqual([box.file("lab.zone")]);
    const zone = Zone.unpack(ORIGIN, packRRsets([soaOf("lab.example.", 7)]));
    expect((await loader.unpack(ORIGIN, zone.pack())).serial).toBe(7);
    expect((await loader.compile([{ zone, live: [] }])).byteLength).toBeGreaterThan(0);
  });

  it("loads large ones in its thread, and has noted which files it saw there", async () => {
    box.write("more.zone", "more A 192.0.2.9\n");
    const { zone, changes, files } = await loadedZone(`${large()}$INCLUDE more.zone\n`);
    expect([zone.recordCount, changes.length, inline.length]).toEqual([NAMES + 4, 0, 0]);
    expect(files).toEqual([box.file("lab.zone"), box.file("more.zone")]);
    expect(looks.map(({ path, signature }) => [path, signature])).toEqual(
      files.map((path) => [path, lookAt(path).signature]),
    );
  });

  it("brings few changes on top of the zone that is there, many with a zone of their own", async () => {
    const { zone: before } = await loadedZone(large());
    const few = await loadedZone(large("10.9.9.9").replace(" 7 ", " 8 "), { before });
    expect(few.changes.map(({ owner }) => nameToDisplay(owner))).toEqual(["h7.lab.example"]);
    expect([few.zone.serial, few.zone.changedOwners]).toEqual([8, 2]);
    const reread = await loadedZone(large("10.9.9.9").replace(" 7 ", " 8 "));
    expect(diffZones(few.zone, reread.zone)).toEqual([]);
    const many = await loadedZone(large().replaceAll(" A 10.0", " A 10.1"), { before: few.zone });
    expect(many.changes.length).toBeGreaterThan(NAMES - 2);
    expect(many.zone.changedOwners).toBe(0);
  });

  it("parses nothing while the files are the same, and brings every complaint", async () => {
    const { zone: before, digest } = await loadedZone(large());
    expect(await loader.load(request({ before, digest }))).toMatchObject({ kind: "same", digest });
    box.write("lab.zone", `${large()}www A 192.0.2\n`);
    const bad = await loader.load(request({ before, digest }));
    expect(bad.kind === "bad" && bad.errors[0]).toContain(`lab.zone:${NAMES + 5}:7:`);
  });

  it("reads pools as the calling thread would, large files in its own", async () => {
    const { zone } = await loadedZone(large());
    const few = await loader.pools(poolsRequest(zone, 2));
    expect([few.kind, inline]).toEqual(["ok", [process.execPath]]);
    const many = poolsRequest(zone, 400);
    expect(await loader.pools(many)).toStrictEqual(parsedHere(many));
    const bad = { ...many, text: many.text.replaceAll("checks: [own]", "check: own") };
    const refused = await loader.pools(bad);
    expect(refused.kind === "bad" && refused.errors.length).toBe(101);
    expect(refused).toStrictEqual(parsedHere(bad));
    expect(inline.length).toBe(1);
  });

  it("unpacks and compiles as the calling thread would", async () => {
    const { zone } = await loadedZone(large());
    const unpacked = await loader.unpack(ORIGIN, zone.pack());
    expect(diffZones(zone, unpacked)).toEqual([]);
    const edited = unpacked.with([
      { owner: nameFromText("h7", ORIGIN), type: 1, rrset: undefined },
    ]);
    const live = [{ owner: ORIGIN, type: TYPE.SOA, slot: 3 }];
    const base = await loader.compile([{ zone: edited, live }]);
    expect(Buffer.from(base).equals(Buffer.from(compileBase([{ zone: edited, live }])))).toBe(true);
    const cutOff = zone.pack().subarray(0, -1);
    await expect(loader.unpack(ORIGIN, cutOff)).rejects.toMatchObject({ code: "PACK_BAD" });
  });

  it("says when its thread dies, and goes on with another one", async () => {
    const { zone } = await loadedZone(large());
    const broken = { zone, live: [{ owner: ORIGIN, type: TYPE.A, slot: -1 }] };
    const dying = loader.compile([broken, broken]);
    await expect(dying).rejects.toMatchObject({ code: "INVARIANT" });
    const lost = new ThreadLoader({
      url: pathToFileURL(box.write("dies.mjs", "process.exit(3)")),
      inline: new InlineLoader({
        read: () => ({ kind: "failed", code: "", message: "" }),
        refusal: () => undefined,
      }),
      time: realTime,
      noted: () => undefined,
      rested: () => undefined,
    });
    await expect(lost.load(request())).rejects.toMatchObject({ code: "LOADER_DIED" });
    await expect(lost.load(request())).rejects.toThrow("the loader died");
    // Pools are too dear to be left as they were: they are read all the same.
    expect(await lost.pools(poolsRequest(zone, 200))).toMatchObject({ kind: "ok" });
    await lost.close();
  });

  it("ends its thread when there is no more work, and starts it again", async () => {
    await loadedZone(large());
    await waitUntil(() => rests === 1);
    expect((await loadedZone(large())).zone.recordCount).toBe(NAMES + 3);
    await waitUntil(() => rests === 2);
  });
});

/** A pools file of so many pools, with a program that has to be there. */
function poolsRequest(zone: Zone, count: number): PoolsRequest {
  const check = `  own: { kind: exec, command: ["${process.execPath}"], interval: 5s }\n`;
  const pools = Array.from({ length: count }, (_, i) => {
    return `  h${i}.lab.example: { targets: [10.1.0.7, 10.0.1.${i & 127}], checks: [own] }\n`;
  });
  const text = `checks:\n${check}pools:\n${pools.join("")}`;
  return { text, file: "lab.pools.yaml", origin: ORIGIN, zone };
}

function parsedHere(request: PoolsRequest): PoolsReading {
  return readPools(request, { refusal: fileRefusal });
}

function large(address = "10.0.0.7"): string {
  const lines = Array.from({ length: NAMES }, (_, i) => {
    return `h${i} A ${i === 7 ? address : `10.0.${i >> 8}.${i & 255}`}\n`;
  });
  return HEAD + lines.join("");
}

function mustBeGood(loaded: LoadedFile): Extract<LoadedFile, { readonly kind: "good" }> {
  if (loaded.kind === "good") return loaded;
  throw new Error(loaded.kind === "bad" ? loaded.errors.join("\n") : loaded.kind);
}

async function waitUntil(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !holds(); i++) await new Promise((end) => setTimeout(end, 10));
  expect(holds()).toBe(true);
}
