import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { z } from "zod";
import { jsonSchemaOf, SCHEMA_NAMES } from "../../src/config/schema.ts";
import { run } from "../cli/world.ts";

type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

const SAMPLES = { main: "zones/livezone.yaml", pools: "zones/lab.example.pools.yaml" } as const;

/** Whether a JSON Schema validator takes this YAML. */
function isTaken(name: "main" | "pools", yaml: string): boolean {
  const validator = z.fromJSONSchema(jsonSchemaOf(name) as JsonSchema);
  return validator.safeParse(parseDocument(yaml).toJS()).success;
}

describe.each(SCHEMA_NAMES)("jsonSchemaOf(%s)", (name) => {
  it("is what docs/schema holds (UPDATE_EXPECTED=1 writes it)", async () => {
    const file = `docs/schema/${name}.json`;
    const { status, out } = await run(["schema", name]);
    if (process.env["UPDATE_EXPECTED"] === "1") writeFileSync(file, out);
    expect(out).toBe(readFileSync(file, "utf8"));
    expect(status).toBe(0);
  });

  it("takes the sample, which names it", () => {
    const sample = readFileSync(SAMPLES[name], "utf8");
    expect(sample).toContain(`# yaml-language-server: $schema=../docs/schema/${name}.json\n`);
    expect(isTaken(name, sample)).toBe(true);
  });
});

describe("jsonSchemaOf()", () => {
  it("takes every commented setting of the main sample", () => {
    const sample = readFileSync(SAMPLES.main, "utf8");
    const settings = sample.slice(sample.indexOf("# workers:")).replace(/^# ?/gm, "");
    const text = `listen: [127.0.0.1:53]\nstore: { path: a.db }\nzones: []\n${settings}`;
    expect(
      isTaken("main", text.replace(/^ {2}(allowTransfer|allowUpdate|alsoNotify|notify).*$/gm, "")),
    ).toBe(true);
  });

  it.each([
    ["an unknown key", "pools: { a.example: { checks: [], polcy: all } }"],
    ["a policy there is not", "pools: { a.example: { checks: [], policy: random } }"],
    ["a duration without its unit", "checks: { web: { kind: tcp, interval: 5 } }"],
    ["a key of another kind of check", "checks: { web: { kind: icmp, port: 80 } }"],
    ["a count beyond its bounds", "checks: { web: { kind: tcp, fall: 101 } }"],
    ["a member that is a list", "pools: { a.example: { checks: [], targets: [[]] } }"],
  ])("refuses %s", (_, yaml) => {
    expect(isTaken("pools", yaml)).toBe(false);
  });

  it.each([
    ["a status range and a list", "expect: { status: [200-299, 304] }"],
    ["another place to ask", "address: { 192.0.2.1: 198.51.100.1 }"],
    ["one address for all", 'address: "2001:db8::1"'],
    ["an interval in parts", "interval: 1m30s"],
    ["a bare nought", "restartGrace: 0"],
  ])("takes %s", (_, key) => {
    expect(isTaken("pools", `checks:\n  web:\n    kind: http\n    ${key}\n`)).toBe(true);
  });
});
