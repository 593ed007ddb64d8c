import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { Secondaries } from "../../src/control/secondaries.ts";
import type { ServedZone } from "../../src/control/served-zone.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { receiveView } from "../../src/transfer/transfer-stream.ts";
import {
  PLANE_SETTLES_MS,
  Plane,
  POOLS,
  POOLS_TEXT,
  ZONE,
  ZONE_TEXT,
} from "../simulation/plane.ts";
import { lineOf, SimulatedSecondary, transferred } from "../simulation/secondary.ts";
import { SimulatedTime, settle } from "../support/simulated-time.ts";

const ORIGIN = nameFromText("lab.example.");
const SECONDARY = { address: "192.0.2.99", port: 53, key: undefined };

interface World {
  readonly plane: Plane;
  readonly secondary: SimulatedSecondary;
}

function world(options: { readonly seed?: number; readonly diskMs?: number } = {}): World {
  let plane: Plane | undefined;
  const secondary = new SimulatedSecondary(ORIGIN, async (since) => {
    return (await plane?.session({ kind: "view", origin: ORIGIN, since })) ?? { kind: "unready" };
  });
  const zones = [{ origin: ORIGIN, isNotifying: true, alsoNotify: [SECONDARY] }];
  plane = new Plane({
    seed: options.seed ?? 1,
    diskMs: () => options.diskMs ?? 0,
    neighbours: { servers: secondary, zones, own: new Set() },
  });
  return { plane, secondary };
}

/** The zone as a whole transfer brings it, sorted. */
async function truth(plane: Plane): Promise<string[]> {
  const reply = await plane.session({ kind: "view", origin: ORIGIN, since: undefined });
  if (reply.kind !== "view") throw new Error(reply.kind);
  const [soa, ...records] = transferred(ORIGIN, receiveView(reply.view), "whole").map(lineOf);
  return [soa ?? "", ...records.slice(0, -1).sort()];
}

function held({ soa, records }: SimulatedSecondary): string[] {
  return [soa === undefined ? "" : lineOf(soa), ...[...records].sort()];
}

describe("a secondary of the simulated plane", () => {
  it("is told of a swap at once, and follows by the difference", async () => {
    const { plane, secondary } = world();
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    expect(held(secondary)).toEqual(await truth(plane));
    const { notifies } = secondary;
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(300);
    expect(secondary.notifies).toBe(notifies + 1);
    expect(secondary.differences).toBeGreaterThan(0);
    expect(secondary.misfits).toEqual([]);
    const lines = [...secondary.records].filter((line) => /^www\S+ \d+ A /.test(line));
    expect(lines).toEqual(["www.lab.example. 5 A 192.0.2.20"]);
    await plane.time.advance(1000);
    expect(plane.takeEvents("secondary.current").length).toBeGreaterThan(1);
  });

  it("is led on from the SOA that it has, whatever else than the serial has changed", async () => {
    const { plane, secondary } = world();
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    const { wholes } = secondary;
    const texts = ["ns admin 100 7200", "www root 100 7200", "ns admin 100 3600"];
    for (const soa of texts) {
      secondary.isDeaf = soa.startsWith("www");
      plane.files.save(ZONE, ZONE_TEXT.replace("ns admin 100 3600", soa));
      await plane.time.advance(10_000);
    }
    await plane.time.advance(120_000);
    expect(secondary.misfits).toEqual([]);
    expect(secondary.wholes).toBe(wholes);
    expect(held(secondary)).toEqual(await truth(plane));
  });

  it("is told of a serial that somebody else on its host was sent", async () => {
    const { plane, secondary } = world();
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(300);
    const { notifies, serial } = secondary;
    plane.network.set("192.0.2.20", { kind: "refuses" });
    plane.files.save(ZONE, `${ZONE_TEXT}txt TXT "soon after"\n`);
    await plane.time.advance(500);
    const reply = await plane.session({ kind: "view", origin: ORIGIN, since: undefined });
    if (reply.kind !== "view") throw new Error(reply.kind);
    expect([secondary.notifies, secondary.serial]).toEqual([notifies, serial]);
    expect(reply.serial).not.toBe(serial);
    const dug = {
      kind: "seen",
      origin: ORIGIN,
      address: "192.0.2.99",
      serial: reply.serial,
    } as const;
    await plane.session(dug);
    await plane.time.advance(5000);
    expect(held(secondary)).toEqual(await truth(plane));
  });

  it("is told while the disk hangs, and is sent what is not stored yet", async () => {
    const { plane, secondary } = world();
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    plane.disk.state = "hangs";
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(3000);
    const lines = [...secondary.records].filter((line) => /^www\S+ \d+ A /.test(line));
    expect(lines).toEqual(["www.lab.example. 5 A 192.0.2.20"]);
    expect(secondary.misfits).toEqual([]);
  });

  it.each([
    ["ended in order", (plane: Plane) => plane.stop()],
    ["was killed", async (plane: Plane) => plane.kill()],
    ["lost its control", async (plane: Plane) => plane.crash()],
  ])("is told of a least TTL that was edited while the primary %s", async (_case, end) => {
    for (const policy of ["priority", "all"]) {
      const pools = POOLS_TEXT.replace("policy: priority", `policy: ${policy}`);
      const { plane, secondary } = world();
      plane.files.save(POOLS, pools);
      await plane.start();
      await plane.time.advance(PLANE_SETTLES_MS);
      const { wholes } = secondary;
      for (const min of [9, 7]) {
        await end(plane);
        plane.files.save(POOLS, `${pools}    ttl: { min: ${min}s, max: 60s }\n`);
        await plane.start();
        await plane.time.advance(120_000);
        expect(held(secondary)).toEqual(await truth(plane));
        const lines = [...secondary.records].filter((line) => /^www\S+ \d+ A /.test(line));
        expect(lines).not.toEqual([]);
        for (const line of lines) expect(line).toContain(`www.lab.example. ${min} A 192.0.2.`);
      }
      expect(secondary.misfits).toEqual([]);
      expect(secondary.wholes).toBe(wholes);
    }
  });

  it("is told nothing by a start where a pool answers as before, though it never swapped", async () => {
    const { plane, secondary } = world();
    plane.files.save(POOLS, POOLS_TEXT.replace("policy: priority", "policy: all"));
    await plane.start();
    await plane.time.advance(PLANE_SETTLES_MS);
    const { differences } = secondary;
    for (let starts = 0; starts < 3; starts++) {
      await plane.stop();
      await plane.start();
      await plane.time.advance(120_000);
    }
    expect(secondary.misfits).toEqual([]);
    expect(secondary.differences).toBe(differences);
    expect(held(secondary)).toEqual(await truth(plane));
  });

  it("is waited for: a swap is drained when it has the answer and its last copies have ended", async () => {
    const { plane, secondary } = world();
    await plane.start();
    // The swaps of the start are drained when the secondary's copies of the zone's own records are.
    await plane.time.advance(400_000);
    secondary.isDeaf = true;
    plane.takeEvents();
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(600_000);
    expect(plane.takeEvents("propagation.drained")).toEqual([]);
    expect(plane.swaps.propagation(undefined)).toMatchObject({
      behind: ["192.0.2.99"],
      isAtLeast: true,
    });
    secondary.isDeaf = false;
    while (plane.takeEvents("secondary.current").length === 0) await plane.time.advance(100);
    const currentWallMs = plane.time.wallMs();
    await plane.time.advance(10_000);
    const { behind, drainedWallMs = 0 } = plane.swaps.propagation(undefined);
    expect(behind).toEqual([]);
    // A copy that it gave a moment before lives for the pool's least TTL, 5 s; then the slack.
    expect(drainedWallMs).toBeGreaterThanOrEqual(currentWallMs - 100 + 5000);
    expect(drainedWallMs).toBeLessThan(currentWallMs + 8000);
  });

  it("is waited for no longer than the zone's expire, when it is dead for good", async () => {
    const { plane, secondary } = world();
    plane.files.save(ZONE, ZONE_TEXT.replace("600 86400 60", "600 1800 60"));
    await plane.start();
    await plane.time.advance(400_000);
    secondary.isDeaf = true;
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(1_700_000);
    expect(plane.swaps.propagation(undefined)).toMatchObject({ behind: ["192.0.2.99"] });
    expect(plane.takeEvents("secondary.gone")).toEqual([]);
    await plane.time.advance(200_000);
    expect(plane.takeEvents("secondary.gone")).toEqual(["secondary.gone"]);
    expect(plane.swaps.propagation(undefined)).toMatchObject({
      behind: [],
      drainedWallMs: expect.any(Number),
    });
    // The next swap waits for the dead one not at all.
    plane.network.set("192.0.2.20", { kind: "refuses" });
    plane.network.set("192.0.2.10", { kind: "answers", afterMs: 2 });
    await plane.time.advance(400_000);
    expect(plane.swaps.propagation(undefined).drainedWallMs).toBeDefined();
  });

  it("is waited for over the death of control", async () => {
    const { plane, secondary } = world();
    await plane.start();
    await plane.time.advance(60_000);
    secondary.isDeaf = true;
    plane.network.set("192.0.2.10", { kind: "refuses" });
    await plane.time.advance(60_000);
    await plane.start();
    await plane.time.advance(600_000);
    expect(plane.swaps.propagation(undefined).drainedWallMs).toBeUndefined();
    secondary.isDeaf = false;
    await plane.time.advance(120_000);
    expect(plane.swaps.propagation(undefined).drainedWallMs).toBeDefined();
  });

  it.each(Array.from({ length: 30 }, (_, seed) => seed))(
    "ends where a whole transfer ends, by differences alone (seed %i)",
    async (seed) => {
      const { plane, secondary } = world({ seed, diskMs: seed % 3 === 0 ? 20 : 0 });
      const random = seededRandom(seed);
      await plane.start();
      await plane.time.advance(PLANE_SETTLES_MS);
      for (let turn = 0; turn < 25; turn++) {
        await act(plane, random, turn);
        await plane.time.advance(below(random, 4000));
      }
      await plane.time.advance(90_000);
      expect(secondary.misfits).toEqual([]);
      expect(held(secondary)).toEqual(await truth(plane));
      expect(secondary.differences).toBeGreaterThan(3);
    },
  );
});

/** One thing that happens to a primary. */
async function act(plane: Plane, random: Random, turn: number): Promise<void> {
  const target = below(random, 2) === 0 ? "192.0.2.10" : "192.0.2.20";
  switch (below(random, 8)) {
    case 0:
    case 1:
      plane.network.set(target, { kind: "refuses" });
      break;
    case 2:
    case 3:
      plane.network.set(target, { kind: "answers", afterMs: 2 });
      break;
    case 4:
      plane.files.save(ZONE, `${ZONE_TEXT}txt TXT "turn ${turn}"\nnew${turn % 3} 60 A 192.0.2.7\n`);
      break;
    case 5:
      plane.files.save(
        ZONE,
        ZONE_TEXT.replace('"hello"', `"${turn}"`)
          .replace("$TTL 300", "$TTL 60")
          .replace("3600", below(random, 2) === 0 ? "3600" : `${3600 + turn}`),
      );
      break;
    case 6:
      plane.files.save(POOLS, poolsText(random));
      break;
    default:
      if (below(random, 2) === 0) plane.kill();
      else plane.crash();
      if (below(random, 2) === 0) plane.files.save(POOLS, poolsText(random));
      await plane.start();
  }
}

function poolsText(random: Random): string {
  const ttl = `    ttl: { min: ${5 + below(random, 3)}s, max: 60s }\n`;
  return below(random, 4) === 0 ? "checks: {}\npools: {}\n" : `${POOLS_TEXT}${ttl}`;
}

describe("Secondaries.standing()", () => {
  /** A zone whose name servers are its primary and one outside of all zones that are served here. */
  const served = ((): ServedZone => {
    const soa = Uint8Array.of(...nameFromText("ns.lab.example."), 0, ...new Array(20).fill(1));
    const rdatas = ["ns.lab.example.", "ns.elsewhere.example."].map((name) => nameFromText(name));
    const zone = { soa: { rdatas: [soa] }, get: () => ({ rdatas }) };
    return {
      origin: ORIGIN,
      display: "lab.example",
      shownSerial: 5,
      zone,
    } as unknown as ServedZone;
  })();

  function secondaries(found: Promise<readonly string[]>): Secondaries {
    return new Secondaries({
      time: new SimulatedTime(),
      random: seededRandom(1),
      emit: () => undefined,
      servers: { ask: async () => undefined, addressesOf: () => found, close: () => undefined },
      zones: [{ origin: ORIGIN, isNotifying: true, alsoNotify: [] }],
      own: new Set(),
      served: () => new Map(),
    });
  }

  it.each([
    ["has those that were found", ["192.0.2.99"]],
    ["has none where none was found", []],
  ])("is not known until a host was looked up, and then %s", async (_what, addresses) => {
    const found = Promise.resolve(addresses);
    const all = secondaries(found);
    all.published(served);
    expect(all.standing(ORIGIN)).toBeUndefined();
    await found;
    await settle();
    const standing = addresses.map((name) => ({ name, serial: undefined, isGone: false }));
    expect(all.standing(ORIGIN)).toEqual(standing);
    expect(all.standing(ORIGIN)).toBe(all.standing(ORIGIN));
    all.close();
  });
});
