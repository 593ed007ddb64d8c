// The same generated zone files, printed by `livezone check-zone --print`, named-checkzone -D and
// ldns-read-zone. kzonecheck only checks; it has no printed form.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { canonicalRdata } from "../../src/dns/rdata.ts";
import { typeToText } from "../../src/dns/types.ts";
import { parseZoneFile } from "../../src/zonefile/parse.ts";
import { run } from "../cli/world.ts";
import { type GeneratedZone, generateZones } from "./differential-zones.ts";

const FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
const NAMED_CHECKZONE = program("named-checkzone");
const LDNS_READ_ZONE = program("ldns-read-zone");
const IS_MISSING = NAMED_CHECKZONE === undefined || LDNS_READ_ZONE === undefined;
const ZONES = [2001, 2002, 2003, 2004, 2005, 2006].flatMap(generateZones);

describe.skipIf(IS_MISSING)("check-zone --print, named-checkzone -D and ldns-read-zone", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "livezone-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(ZONES.map((zone) => [zone.origin, zone] as const))("print %s alike", async (_, zone) => {
    const text = `$TTL 3600\n${zone.lines.join("\n")}\n`;
    const file = join(folder, "zone");
    writeFileSync(file, text);
    const ours = await printed(zone, text);
    const named = namedDump(zone, file);
    const ldns = ldnsDump(file);
    const [our, bind, other] = [ours, named, ldns.text].map((each) => recordsIn(zone, each));
    // The same records, whatever their text.
    expect(keys(our)).toEqual(keys(bind));
    expect(keys(our)).toEqual(expect.arrayContaining(keys(other)));
    expect(other?.size).toBe((our?.size ?? 0) - ldns.unreadable);
    // The same text, where the other two agree on one: "$" and hexadecimal digits part them.
    const agreed = [...(bind ?? [])].filter(([key, line]) => other?.get(key) === line);
    expect(agreed.filter(([key, line]) => our?.get(key) !== line)).toEqual([]);
    expect(agreed.length / (bind?.size ?? 0)).toBeGreaterThan(0.15);
    // The same order of owners.
    expect(ownersIn(ours)).toEqual(ownersIn(named));
  });
});

function program(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(existsSync);
}

async function printed({ origin }: GeneratedZone, text: string): Promise<string> {
  const files = new Map([["zone", text]]);
  const { status, out } = await run(["check-zone", "--print", origin, "zone"], files);
  expect(status).toBe(0);
  return out;
}

function namedDump({ origin }: GeneratedZone, file: string): string {
  const lenient = ["-m", "-M", "-S", "-n", "-r", "-W"].flatMap((check) => [check, "ignore"]);
  const dump = `${file}.dump`;
  const args = ["-D", "-q", "-i", "none", "-k", "ignore", ...lenient, "-o", dump, origin, file];
  const { status, stderr } = spawnSync(NAMED_CHECKZONE ?? "", args, { encoding: "latin1" });
  expect([status, stderr]).toEqual([0, ""]);
  return readFileSync(dump, "latin1");
}

/**
 * What ldns prints, without the lines that cannot be read again: it leaves a quote in a name as it
 * is, where RFC 1035 section 5.1 wants a backslash before it.
 */
function ldnsDump(file: string): { readonly text: string; readonly unreadable: number } {
  const { stdout } = spawnSync(LDNS_READ_ZONE ?? "", [file], { encoding: "latin1" });
  const lines = stdout.trimEnd().split("\n");
  const readable = lines.filter((line) => !/[^\s\\"]"[^\s"]+\.(?=\s|$)/.test(line));
  return { text: readable.join("\n"), unreadable: lines.length - readable.length };
}

/** Records by what they mean, with their text as it was printed but for white space. */
function recordsIn({ origin }: GeneratedZone, text: string): Map<string, string> {
  const records = new Map<string, string>();
  for (const line of text.split("\n").filter((each) => each !== "" && !each.startsWith(";"))) {
    const bytes = Buffer.from(`${line}\n`, "latin1");
    const options = { origin: nameFromText(origin) };
    const { problems } = parseZoneFile({ path: "dump", bytes }, options, (record) => {
      const { owner, type, ttl, rdata } = record;
      const data = Buffer.from(canonicalRdata(type, rdata)).toString("hex");
      const key = `${nameToText(owner).toLowerCase()} ${ttl} ${typeToText(type)} ${data}`;
      records.set(key, line.replace(/\s+/g, " "));
    });
    expect(problems).toEqual([]);
  }
  return records;
}

function keys(records: ReadonlyMap<string, string> | undefined): string[] {
  return [...(records?.keys() ?? [])].sort();
}

function ownersIn(text: string): string[] {
  const owners = text.split("\n").map((line) => line.split(/\s/)[0] ?? "");
  return [...new Set(owners.filter((owner) => owner !== "").map((owner) => owner.toLowerCase()))];
}
