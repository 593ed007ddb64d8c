import { describe, expect, it } from "vitest";
import { ipToText } from "../../src/base/ip.ts";
import { ACCESS_DEFAULTS } from "../../src/config/access.ts";
import type { ReadText } from "../../src/config/keys.ts";
import {
  type MainConfig,
  parseMainConfig,
  type ZoneConfig,
  zoneConfig,
} from "../../src/config/main.ts";
import { quickConfig, withOverrides } from "../../src/config/quick.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { runTable } from "./tables.ts";

const FILE = "zones/livezone.yaml";

/** Stands in for node-cron, which this room may not know. */
function cronError(expression: string): string | undefined {
  return /^(?:[1-5]?\d|\*)(?: [\d*]+){4}$/.test(expression) ? undefined : "a field is out of range";
}

/** Key files that cases name. */
const KEY_FILES: Readonly<Record<string, string>> = {
  "zones/keys/ns2.key": `key "ns2.example.org" {
\talgorithm hmac-sha256;
\tsecret "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
};
`,
  "zones/keys/two.key": `# as dig -y takes them
hmac-sha384:ns3.example.org:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
hmac-sha512:acme.:MDEyMzQ1Njc4//FiY2RlZjAxMjM0NTY3ODlhYmNkZWY= // trailing words
`,
  "zones/keys/sha1.key": "hmac-sha1:old.example.org:MDEyMzQ1Njc4OWFiY2RlZg==",
  "zones/keys/md5.key": "hmac-md5:old.example.org:MDEyMzQ1Njc4OWFiY2RlZg==",
  "zones/keys/short.key": "hmac-sha256:short.example.org:c2hvcnQ=",
  "zones/keys/plain.key": "hmac-sha256:plain.example.org:not base64!",
  "zones/keys/empty.key": "# nothing\n",
  "zones/keys/other.key": "ns2.example.org. IN TXT hello",
};

function readKeyFile(path: string): ReturnType<ReadText> {
  const content = KEY_FILES[path];
  if (content === undefined) return { kind: "failed", message: "unused" };
  return { kind: "read", bytes: new TextEncoder().encode(content) };
}

function fileRefusal(path: string): string | undefined {
  const isOpen = path.includes("open");
  return isOpen ? `"${path}" is open to others than its owner; chmod 600 it` : undefined;
}

describe("parseMainConfig() of the table", () => {
  runTable(new URL("../data/config-main.txt", import.meta.url), (input) => {
    const help = { cronError, fileRefusal, readFile: readKeyFile };
    const reading = parseMainConfig(input, FILE, help);
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
  const { listen, zones, keys, ...rest } = config;
  return [
    ...listen.map((each) => `listen ${JSON.stringify(each)}`),
    ...zones.map((each) => `zone ${showZone(each)}`),
    ...keys.map(({ name, algorithm, secret }) => {
      return `key ${nameToText(name)} ${algorithm}, ${secret.length} octets`;
    }),
    ...Object.entries(rest).map(([key, value]) => `${key} ${JSON.stringify(value, readable)}`),
  ];
}

/** What a zone says of other servers is shown where it says anything. */
function showZone({ access, ...zone }: ZoneConfig): string {
  const shown = { ...zone, origin: nameToText(zone.origin) };
  const isDefault = JSON.stringify(access) === JSON.stringify(ACCESS_DEFAULTS);
  return JSON.stringify(isDefault ? shown : { ...shown, access }, readable);
}

/** Addresses and names as text: octets one by one say nothing to a reader. */
function readable(key: string, value: unknown): unknown {
  if ((key === "key" || key === "name") && value instanceof Uint8Array) return nameToText(value);
  return value instanceof Uint8Array ? ipToText(value) : value;
}
