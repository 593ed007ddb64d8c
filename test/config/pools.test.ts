import { describe, expect, it } from "vitest";
import { parsePools } from "../../src/config/pools.ts";
import type { ConfiguredTarget } from "../../src/config/targets.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";
import type { Pool } from "../../src/failover/pool.ts";
import { LAB_ORIGIN, labZone } from "./lab-zone.ts";
import { runTable } from "./tables.ts";

const FILE = "lab.example.pools.yaml";
const zone = labZone();

describe("parsePools() of the table", () => {
  runTable(new URL("../data/config-pools.txt", import.meta.url), (input) => {
    const reading = parsePools(input, FILE, {
      ...{ origin: LAB_ORIGIN, zone, fileRefusal },
      isThorough: input.startsWith("# thorough"),
    });
    // Large files are read in another thread.
    expect(structuredClone(reading)).toStrictEqual(reading);
    if (reading.kind === "bad") return reading.errors;
    return [
      ...reading.pools.map(showPool),
      ...reading.targets.map(showTarget),
      ...reading.warnings.map((warning) => `warning ${warning}`),
      ...reading.proofs,
    ];
  });
});

describe("parsePools()", () => {
  const web = "checks: { web: { kind: http } }\n";

  it("keeps a target's id when thresholds, names and order change", () => {
    const before = ids(`${web}pools: { www.lab.example: { checks: [web] } }`);
    const after = ids(
      "pools: { www.lab.example: { targets: [192.0.2.20, 192.0.2.10], checks: [site] } }\n" +
        "checks: { site: { kind: http, rise: 9, interval: 9s, tripwire: false } }",
    );
    expect(after.toSorted()).toEqual(before.toSorted());
  });

  it("gives another id when something else is asked", () => {
    const asks = [
      "",
      ", port: 81",
      ", path: /x",
      ", host: a",
      ", method: HEAD",
      ", source: 192.0.2.9",
    ];
    const all = asks.flatMap((ask) =>
      ids(`checks: { web: { kind: http${ask} } }\npools: { www.lab.example: { checks: [web] } }`),
    );
    expect(new Set(all).size).toBe(2 * asks.length);
  });

  it("does not take an id that another zone's file uses with other thresholds", () => {
    const text = `${web}pools: { www.lab.example: { checks: [web] } }`;
    const others = targetsOf(text).map((target) => ({
      ...target,
      settings: { ...target.settings, fall: 9 },
    }));
    const reading = parsePools(text, FILE, { origin: LAB_ORIGIN, zone, others });
    expect(reading.kind === "ok" && reading.targets.map((target) => target.id)).toEqual([
      "http://192.0.2.10:80/~web",
      "http://192.0.2.20:80/~web",
    ]);
  });

  it("shares an id with another zone's file that means the same", () => {
    const text = `${web}pools: { www.lab.example: { checks: [web] } }`;
    const others = targetsOf(text);
    const reading = parsePools(text, FILE, { origin: LAB_ORIGIN, zone, others });
    expect(reading.kind === "ok" && reading.targets).toEqual(others);
  });

  it("leaves pools of other zones that are given the same file to them", () => {
    const reading = parsePools(
      `checks: { web: { kind: http }, far: { kind: http } }\n` +
        "pools:\n  www.lab.example: { checks: [web] }\n  www.example.org: { checks: [far] }\n",
      FILE,
      { origin: LAB_ORIGIN, zone, otherOrigins: [nameFromText("example.org.")] },
    );
    expect(reading).toMatchObject({ kind: "ok", warnings: [] });
    expect(reading.kind === "ok" && reading.pools.map((pool) => nameToDisplay(pool.owner))).toEqual(
      ["www.lab.example"],
    );
  });

  it("says nothing about owners when the zone itself could not be read", () => {
    const text = `${web}pools: { nobody.lab.example: { targets: [192.0.2.1], checks: [wbe] } }`;
    const reading = parsePools(text, FILE, { origin: LAB_ORIGIN, zone: undefined });
    expect(reading.kind === "bad" && reading.errors).toEqual([
      `${FILE}:2:63: Cannot read entry 1 of "checks" of pool "nobody.lab.example": there is no check "wbe"; did you mean "web"?`,
    ]);
  });

  it("refuses more members of a family than an answer has variants", () => {
    const many = Array.from({ length: 65 }, (_, i) => `198.51.100.${i}`).join(", ");
    const text = `${web}pools: { www.lab.example: { targets: [${many}], checks: [web] } }`;
    const reading = parsePools(text, FILE, { origin: LAB_ORIGIN, zone });
    expect(reading.kind === "bad" && reading.errors[0]).toContain(
      "it has 65 A members, more than 64; list fewer",
    );
  });

  it("uses a source address for targets of its family alone", () => {
    const text =
      "checks: { web: { kind: tcp, port: 1, source: 192.0.2.9 } }\n" +
      "pools: { dual.lab.example: { checks: [web] } }";
    expect(targetsOf(text).map((target) => target.ask.source)).toEqual(["192.0.2.9", undefined]);
  });

  it("shows the first hundred complaints and counts the rest", () => {
    const lines = Array.from({ length: 150 }, (_, i) => `  c${i}: { kind: http, fall: 0 }`);
    const reading = parsePools(`checks:\n${lines.join("\n")}\n`, FILE, {
      origin: LAB_ORIGIN,
      zone,
    });
    expect(reading.kind === "bad" && reading.errors.length).toBe(101);
    expect(reading.kind === "bad" && reading.errors.at(-1)).toContain("50 more complaints");
  });
});

/** Every file is there but for those that say otherwise. */
function fileRefusal(path: string, use: string): string | undefined {
  return path.includes("missing") ? `there is no ${use} "${path}"; write another` : undefined;
}

function targetsOf(text: string): readonly ConfiguredTarget[] {
  const reading = parsePools(text, FILE, { origin: LAB_ORIGIN, zone });
  if (reading.kind === "bad") throw new Error(reading.errors.join("\n"));
  return reading.targets;
}

function ids(text: string): readonly string[] {
  return targetsOf(text).map((target) => target.id);
}

function showPool(pool: Pool): string {
  const { ttl, failback } = pool;
  const shares = pool.members.map(({ weight }) => (weight === undefined ? "" : `*${weight}`));
  const members = pool.members.map((member, i) => member.id + shares[i]).join(" ");
  const { panicFloor, answersMax, isBySubnet, guards, mode, isUndamped, drill } = pool;
  const { isTogether, gate, hooks, rule, maintenance } = pool;
  const terms = pool.members.find((member) => member.terms !== undefined)?.terms;
  const restraints = JSON.stringify({
    ...{ panicFloor, answersMax, isBySubnet, guards, mode, isUndamped, drill },
    ...{ isTogether, gate, hooks, rule, terms, maintenance },
  });
  return [
    `pool ${nameToDisplay(pool.owner)} ${pool.policy} [${members}] ${pool.families.map((each) => (each === "host" ? "CNAME" : `IPv${each}`)).join(" ")}`,
    `ttl ${ttl.minSeconds}..${ttl.maxSeconds}`,
    `failback ${failback.mode} ${failback.holdMs} ms`,
    `all down ${pool.allDown}`,
    ...(restraints === "{}" ? [] : [restraints]),
  ].join(", ");
}

function showTarget(target: ConfiguredTarget): string {
  const { address: _, ...ask } = target.ask;
  const { intervalMs, timeoutMs, jitterFraction, fall, rise, restartGraceMs, staleAfterMs } =
    target.settings;
  const settings = [
    intervalMs,
    timeoutMs,
    jitterFraction,
    fall,
    rise,
    restartGraceMs,
    staleAfterMs,
  ];
  const { errorRate } = target.settings;
  const rate = errorRate === undefined ? "" : ` ${JSON.stringify(errorRate)}`;
  return `target ${target.id} ${target.display} ${JSON.stringify(ask)} ${settings.join(" ")}${rate}`;
}
