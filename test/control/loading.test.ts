import { describe, expect, it } from "vitest";
import { InlineLoader } from "../../src/control/inline-loader.ts";
import { loadFile } from "../../src/control/loading.ts";
import type { FileRead, LoadRequest } from "../../src/control/ports.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { Zone } from "../../src/zone/zone.ts";

const origin = nameFromText("lab.example.");
const HEAD = "$TTL 60\n@ SOA ns admin 7 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\n";

/** Files in memory that count how often each is read. */
function filesOf(contents: Readonly<Record<string, string>>) {
  const reads: string[] = [];
  const read = (path: string): FileRead => {
    reads.push(path);
    const text = contents[path];
    if (text === undefined) return { kind: "failed", code: "ENOENT", message: `no "${path}"` };
    return { kind: "read", bytes: new TextEncoder().encode(text), sha256: text };
  };
  return { reads, read };
}

function request(more: Partial<LoadRequest> = {}): LoadRequest {
  return { origin, file: "lab.zone", before: undefined, digest: "", ...more };
}

function loaded(text: string, more: Partial<LoadRequest> = {}) {
  const outcome = loadFile(request(more), filesOf({ "lab.zone": text }).read);
  if (outcome.kind !== "good") throw new Error(`the file is ${outcome.kind}`);
  return outcome;
}

describe("loadFile()", () => {
  it("brings the zone and, without one to compare with, no changes", () => {
    const outcome = loaded(HEAD);
    expect([outcome.zone.recordCount, outcome.changes.length]).toEqual([3, 0]);
    expect(outcome.files).toEqual(["lab.zone"]);
  });

  it("brings what turns the zone before into the file's", () => {
    const before = loaded(HEAD).zone;
    const { zone, changes } = loaded(`${HEAD}www A 192.0.2.2\n`, { before });
    expect(changes.map(({ owner }) => nameToDisplay(owner))).toEqual(["www.lab.example"]);
    expect(before.with(changes).recordCount).toBe(zone.recordCount);
  });

  it("parses nothing while the files hold what they held, and reads each of them once", () => {
    const contents = { "lab.zone": `${HEAD}$INCLUDE more.zone\n`, "more.zone": "a A 192.0.2.3\n" };
    const first = filesOf(contents);
    const { digest } = loadFile(request(), first.read);
    expect(first.reads).toEqual(["lab.zone", "more.zone"]);
    const second = filesOf(contents);
    const again = loadFile(request({ digest }), second.read);
    expect(again).toEqual({ kind: "same", files: ["lab.zone", "more.zone"], digest });
    expect(second.reads).toEqual(["lab.zone", "more.zone"]);
    const other = filesOf({ ...contents, "more.zone": "a A 192.0.2.4\n" });
    expect(loadFile(request({ digest }), other.read).kind).toBe("good");
    expect(other.reads).toEqual(["lab.zone", "more.zone"]);
  });

  it("brings every complaint about a bad file, and what it held", () => {
    const outcome = loadFile(request(), filesOf({ "lab.zone": `${HEAD}www A 1.2.3\n` }).read);
    expect(outcome).toMatchObject({ kind: "bad", files: ["lab.zone"] });
    expect(outcome.kind === "bad" && outcome.errors[0]).toContain("lab.zone:5:7");
    expect(outcome.digest).not.toBe("");
    expect(loadFile(request(), filesOf({}).read).kind).toBe("bad");
  });

  it("tells how far it is, from 0 to 100 and never back", () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}\n`);
    const told: number[] = [];
    loaded(HEAD + lines.join(""), { progress: (percent) => told.push(percent) });
    expect(told.length).toBeGreaterThan(2);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(Math.min(...told)).toBeGreaterThan(0);
    expect(Math.max(...told)).toBeLessThanOrEqual(100);
  });
});

describe("InlineLoader", () => {
  it("does what a thread would do, at once", async () => {
    const { read } = filesOf({ "lab.zone": HEAD });
    const loader = new InlineLoader({ read, refusal: () => "it is not there" });
    const outcome = await loader.load(request());
    if (outcome.kind !== "good") throw new Error("the file is good");
    const zone = await loader.unpack(origin, outcome.zone.pack());
    expect(zone.get(origin, TYPE.NS)?.ttl).toBe(60);
    const base = await loader.compile([{ zone, live: [] }]);
    expect(base.byteLength).toBeGreaterThan(64);
    await expect(loader.unpack(origin, Uint8Array.of(1))).rejects.toThrow("Cannot unpack RRsets");
    expect(zone).toBeInstanceOf(Zone);
    const text = "checks: { own: { kind: exec, command: [/bin/check], interval: 9s } }\n";
    const pools = await loader.pools({ text, file: "lab.pools.yaml", origin, zone });
    expect(pools).toMatchObject({ kind: "bad", errors: [expect.stringContaining("not there")] });
  });
});
