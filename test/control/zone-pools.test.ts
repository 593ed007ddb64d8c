// A pools file that is read elsewhere, while pools of other zones come.

import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { SteppedTime } from "../../src/base/stepped-time.ts";
import { parsePools } from "../../src/config/pools.ts";
import { Aftermath } from "../../src/control/aftermath.ts";
import { ENGINE_DEFAULTS, Engine } from "../../src/control/engine.ts";
import { InlineLoader } from "../../src/control/loading.ts";
import { NoHooks } from "../../src/control/no-hooks.ts";
import type { LoaderPort } from "../../src/control/ports.ts";
import type { PoolsRequest } from "../../src/control/ports-pools.ts";
import type { Publisher } from "../../src/control/publisher.ts";
import { newPoolsFile, ZonePools } from "../../src/control/zone-pools.ts";
import { type Name, nameFromText } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { MemoryFiles } from "../simulation/memory-files.ts";

const PATH = "pools.yaml";
const LAB = nameFromText("lab.example.");
const OTHER = nameFromText("other.example.");

describe("ZonePools.read()", () => {
  it.each<[string, string, readonly number[]]>([
    ["come nowhere", "", [0]],
    ["ask other addresses", "192.0.2.30, interval: 5s", [0]],
    ["ask the same as often", "192.0.2.10, interval: 5s", [0]],
    // Read again: the second time it knows what it must not take.
    ["ask the same at another pace", "192.0.2.10, interval: 9s", [0, 1]],
  ])(
    "reads on where pools of other zones that come meanwhile %s",
    async (_which, others, known) => {
      const world = newWorld();
      const reading = world.pools.read(world.file, zoneOf(LAB), []);
      if (others !== "") world.set(OTHER, others);
      const read = await reading;
      if (read.kind !== "good") throw new Error(`the pools are ${read.kind}`);
      expect(world.asked.map((request) => request.others?.length)).toEqual(known);
      const ids = read.targets.map(({ id }) => id);
      expect(ids.length).toBe(1);
      expect(world.engine.targets.has(ids[0] ?? "")).toBe(others.includes(".10, interval: 5s"));
    },
  );
});

function textOf(zone: string, target: string): string {
  const [address, ...interval] = target.split(", ");
  const check = `checks: { web: { kind: http, ${interval.join("")} } }\n`;
  return `${check}pools: { www.${zone}: { targets: [${address}], checks: [web] } }\n`;
}

function zoneOf(origin: Name): Zone {
  const name = origin === LAB ? "lab.example." : "other.example.";
  const owner = nameFromText("www", origin);
  const www = { owner, type: TYPE.A, ttl: 60, rdatas: [Uint8Array.of(192, 0, 2, 10)] };
  return Zone.unpack(origin, packRRsets([soaOf(name, 1), www]));
}

function newWorld() {
  const time = new SteppedTime();
  const files = new MemoryFiles();
  files.save(PATH, textOf("lab.example", "192.0.2.10, interval: 5s"));
  const engine = new Engine({
    ...{ time, random: seededRandom(1), settings: ENGINE_DEFAULTS, hooks: new NoHooks(time) },
    ...{ emit: () => undefined, remember: () => undefined, note: async () => true },
    aftermath: new Aftermath(),
    publish: { show: () => undefined, swap: () => 1, staticAnswer: () => [] },
    prober: () => ({
      ...{ watch: () => undefined, plan: () => undefined, unwatch: () => undefined },
      ...{ heartbeat: () => false, close: () => undefined },
    }),
  });
  const asked: PoolsRequest[] = [];
  const inline = new InlineLoader(files);
  const loader: LoaderPort = {
    load: (request) => inline.load(request),
    receive: (request) => inline.receive(request),
    unpack: (origin, packed) => inline.unpack(origin, packed),
    compile: (zones) => inline.compile(zones),
    pools: (request) => {
      asked.push(request);
      return inline.pools(request);
    },
  };
  const set = (origin: Name, target: string): void => {
    const parsed = parsePools(textOf("other.example", target), PATH, {
      ...{ origin, zone: zoneOf(origin) },
    });
    if (parsed.kind !== "ok") throw new Error(parsed.errors.join("\n"));
    engine.setPools(origin, parsed.pools, parsed.targets);
  };
  // Reading has no effect: nothing is published.
  const publisher = {} as Publisher;
  const pools = new ZonePools({ files, loader, publisher, engine, emit: () => undefined });
  const file = newPoolsFile({ origin: LAB, pools: PATH, isPoolsRequired: true });
  return { pools, file, engine, asked, set };
}
