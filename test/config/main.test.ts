import { describe, expect, it } from "vitest";
import { ipToText } from "../../src/base/ip.ts";
import { type MainConfig, parseMainConfig, zoneConfig } from "../../src/config/main.ts";
import { quickConfig, withOverrides } from "../../src/config/quick.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { runTable } from "./tables.ts";

const FILE = "zones/livezone.yaml";

/** Stands in for node-cron, which this room may not know. */
function cronError(expression: string): string | undefined {
  return /^(?:[1-5]?\d|\*)(?: [\d*]+){4}$/.test(expression) ? undefined : "a field is out of range";
}

describe("parseMainConfig() of the table", () => {
  runTable(new URL("../data/config-main.txt", import.meta.url), (input) => {
    const reading = parseMainConfig(input, FILE, { cronError, fileRefusal: () => undefined });
    if (reading.kind === "bad") return reading.errors;
    return [...showConfig(reading.config), ...reading.warnings.map((each) => `warning ${each}`)];
  });
});

describe("withOverrides()", () => {
  const zone = zoneConfig({ origin: nameFromText("lab.example."), file: "/srv/lab.example.zone" });
  const nothing = {
    listen: undefined,
    storePath: undefined,
    socket: undefined,
    workers: undefined,
  };

  it("leaves a configuration as it is when nothing is said", () => {
    const config = quickConfig([zone]);
    expect(withOverrides(config, nothing)).toEqual(config);
  });

  it("takes a moved store's socket along, unless one is named", () => {
    const config = quickConfig([zone]);
    const moved = withOverrides(config, { ...nothing, storePath: "/var/x.db" });
    expect(moved.admin.socket).toBe("/var/x.db.sock");
    const named = withOverrides(config, { ...nothing, storePath: "/var/x.db", socket: "/run/s" });
    expect(named.admin.socket).toBe("/run/s");
  });

  it("replaces listen addresses and workers", () => {
    const listen = [{ address: "::1", port: 53 }];
    const config = withOverrides(quickConfig([zone]), { ...nothing, listen, workers: 2 });
    expect(config.listen).toEqual([{ address: "::1", port: 53, isOptional: false }]);
    expect(config.workers).toBe(2);
  });
});

describe("zoneConfig()", () => {
  it("looks for pools beside the zone file", () => {
    const origin = nameFromText("lab.example.");
    expect(zoneConfig({ origin, file: "a/lab.zone" }).poolsDefault).toBe("a/lab.pools.yaml");
    expect(zoneConfig({ origin, file: "a/lab" }).poolsDefault).toBe("a/lab.pools.yaml");
  });
});

function showConfig(config: MainConfig): readonly string[] {
  const { listen, zones, ...rest } = config;
  return [
    ...listen.map((each) => `listen ${JSON.stringify(each)}`),
    ...zones.map((each) => `zone ${JSON.stringify({ ...each, origin: nameToText(each.origin) })}`),
    ...Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value, readable)}`),
  ];
}

/** Addresses as text: octets one by one say nothing to a reader. */
function readable(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? ipToText(value) : value;
}
