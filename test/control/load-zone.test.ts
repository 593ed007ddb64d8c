import { describe, expect, it } from "vitest";
import { type LoadedZone, loadZone } from "../../src/control/load-zone.ts";
import { nameFromText } from "../../src/dns/name.ts";

const origin = nameFromText("lab.example.");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const load = (text: string): LoadedZone => {
  const files: Readonly<Record<string, string>> = {
    "lab.zone": text,
    "more.zone": "mail A 192.0.2.5\n",
    "/etc/passwd": "root A 192.0.2.6\n",
  };
  return loadZone(origin, "lab.zone", (path) => {
    const content = files[path];
    return content === undefined
      ? { kind: "failed", message: `Cannot read "${path}": it is not there` }
      : { kind: "read", bytes: bytes(content) };
  });
};

const HEAD = "$TTL 60\n@ SOA ns admin 7 3600 600 86400 60\n@ NS ns\nns A 192.0.2.1\n";

describe("loadZone()", () => {
  it("yields the zone, and every file that has to be watched", () => {
    const loaded = load(`${HEAD}$INCLUDE more.zone\n`);
    expect(loaded.kind).toBe("good");
    if (loaded.kind !== "good") return;
    expect(loaded.zone.serial).toBe(7);
    expect(loaded.zone.recordCount).toBe(4);
    expect(loaded.files).toEqual(["lab.zone", "more.zone"]);
  });

  it("reports every syntax error with its position, and nothing of the zone", () => {
    const loaded = load(`${HEAD}www A 192.0.2.300\nmx MX ten mail\n`);
    expect(loaded.kind).toBe("bad");
    if (loaded.kind !== "bad") return;
    expect(loaded.errors.map((error) => error.split(": ")[0])).toEqual([
      "lab.zone:5:7",
      "lab.zone:6:7",
    ]);
  });

  it.each([
    ["another folder", "/etc/passwd", "it lies outside the folder of the zone file"],
    ["a parent folder", "../other.zone", "it lies outside the folder of the zone file"],
    ["a file that is missing", "less.zone", "it is not there"],
  ])("refuses to include %s", (_case, path, state) => {
    const loaded = load(`${HEAD}$INCLUDE ${path}\n`);
    expect(loaded.kind === "bad" && loaded.errors.join()).toContain(state);
  });

  it("refuses a zone that parses and makes no sense, naming the line", () => {
    const loaded = load(`${HEAD}www CNAME ns\nwww A 192.0.2.1\n`);
    expect(loaded.kind).toBe("bad");
    if (loaded.kind !== "bad") return;
    expect(loaded.errors.join("\n")).toMatch(/^lab\.zone:[56]: .*CNAME/);
  });
});
