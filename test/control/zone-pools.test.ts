// Pools files that are read while pools of other zones come.

import { describe, expect, it } from "vitest";
import { seededRandom } from "../../src/base/random.ts";
import { SteppedTime } from "../../src/base/stepped-time.ts";
import { Aftermath } from "../../src/control/aftermath.ts";
import { ENGINE_DEFAULTS, Engine } from "../../src/control/engine.ts";
import { InlineLoader } from "../../src/control/inline-loader.ts";
import { NoHooks } from "../../src/control/no-hooks.ts";
import type { Publisher } from "../../src/control/publisher.ts";
import { newServedZone } from "../../src/control/served-zone.ts";
import type { TargetRuntime } from "../../src/control/targets.ts";
import { newPoolsFile, ZonePools } from "../../src/control/zone-pools.ts";
import { type Name, nameFromText, nameKey } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { packRRsets } from "../../src/zone/pack.ts";
import { Zone } from "../../src/zone/zone.ts";
import { soaOf } from "../image/building.ts";
import { MemoryFiles } from "../simulation/memory-files.ts";

const LAB = nameFromText("lab.example.");
const OTHER = nameFromText("other.example.");

describe("ZonePools.reload()", () => {
  const own = "http://192.0.2.10:80/";

  it.each<[string, string, readonly string[]]>([
    ["other addresses", "192.0.2.30, interval: 5s", [`${own} 5 s`, "http://192.0.2.30:80/ 5 s"]],
    ["the same as often", "192.0.2.10, interval: 5s", [`${own} 5 s`]],
    // One of the two is read again: now it knows what it must not take.
    ["the same at another pace", "192.0.2.10, interval: 9s", [`${own} 5 s`, `${own}~web 9 s`]],
  ])("takes files of two zones at once that ask %s", async (_what, target, wanted) => {
    const world = newWorld();
    const lab = world.open(LAB, "lab.example", "192.0.2.10, interval: 5s");
    const other = world.open(OTHER, "other.example", target);
    const taken = [lab, other].map(({ file, served }) => world.pools.reload(file, served, []));
    expect(await Promise.all(taken)).toEqual([true, true]);
    const targets = [...world.engine.targets.values()];
    expect(targets.map(paceOf)).toEqual(wanted);
    const pools = targets.flatMap((each) => [...each.pools].map(({ pool }) => nameKey(pool.owner)));
    expect(new Set(pools).size).toBe(2);
    expect(pools.length).toBe(2);
  });

  it("leaves a zone as it was whose file is good no more when it has to be read again", async () => {
    const world = newWorld();
    const program = "exec, command: [/bin/ask]";
    const lab = world.open(LAB, "lab.example", "192.0.2.10, interval: 5s", program);
    const other = world.open(OTHER, "other.example", "192.0.2.10, interval: 9s", program);
    const taken = [lab, other].map(({ file, served }) => world.pools.reload(file, served, []));
    world.files.refusal = () => "it is gone; write another";
    expect(await Promise.all(taken)).toEqual([true, false]);
    expect([...world.engine.pools.keys()]).toEqual([nameKey(nameFromText("www.lab.example."))]);
    expect(other.file.said).toContain("it is gone; write another");
  });

  it("changes nothing any more once the engine is closed", async () => {
    const world = newWorld();
    const { file, served } = world.open(LAB, "lab.example", "192.0.2.10, interval: 5s");
    const taken = world.pools.reload(file, served, []);
    world.engine.close();
    await taken;
    expect([...world.engine.targets.keys(), ...world.engine.pools.keys()]).toEqual([]);
  });
});

function paceOf({ id, settings }: TargetRuntime): string {
  return `${id} ${settings.intervalMs / 1000} s`;
}

function textOf(zone: string, target: string, kind: string): string {
  const [address, ...interval] = target.split(", ");
  const check = `checks: { web: { kind: ${kind}, ${interval.join("")} } }\n`;
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
  const files: MemoryFiles & { refusal: () => string | undefined } = new MemoryFiles();
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
  const publisher: Pick<Publisher, "unbind"> = { unbind: async () => undefined };
  const pools = new ZonePools({
    ...{ files, engine, loader: new InlineLoader(files), emit: () => undefined },
    publisher: publisher as Publisher,
  });
  /** A zone whose pools file holds one pool, which was not read yet. */
  const open = (origin: Name, zone: string, target: string, kind = "http") => {
    const path = `${zone}.pools.yaml`;
    files.save(path, textOf(zone, target, kind));
    const served = newServedZone({
      ...{ zone: zoneOf(origin), serial: 1, fileSerial: 1, reservedSerial: 1 },
      ...{ soaSlot: 0, wallMs: 0 },
    });
    return { served, file: newPoolsFile({ origin, pools: path, isPoolsRequired: true }) };
  };
  return { pools, engine, files, open };
}
