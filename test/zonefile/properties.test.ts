import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { TYPE } from "../../src/dns/types.ts";
import { formatProblem, type ZoneFileProblem } from "../../src/zonefile/parse.ts";
import { type PrintableRecord, printRecord } from "../../src/zonefile/print.ts";
import { filesOf, octets, parseBytes, readerOf } from "./parsing.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const CASES = Number(process.env["FUZZ_CASES"] ?? 2_000);

const octet = fc.integer({ min: 0, max: 255 });
const label = fc.array(octet, { minLength: 1, maxLength: 12 });
const name = fc
  .array(label, { maxLength: 6 })
  .map((labels) => [...labels.flatMap((one) => [one.length, ...one]), 0]);
const uint16 = fc.array(octet, { minLength: 2, maxLength: 2 });
const string = fc.array(octet, { maxLength: 40 }).map((one) => [one.length, ...one]);
const strings = fc.array(string, { minLength: 1, maxLength: 4 }).map((list) => list.flat());

const record: fc.Arbitrary<PrintableRecord> = fc
  .record({
    owner: name.map((wire) => Uint8Array.from(wire)),
    ttl: fc.integer({ min: 0, max: 0x7fff_ffff }),
    data: fc.oneof(
      fc.tuple(fc.constant(TYPE.A), fc.array(octet, { minLength: 4, maxLength: 4 })),
      fc.tuple(fc.constant(TYPE.AAAA), fc.array(octet, { minLength: 16, maxLength: 16 })),
      fc.tuple(
        fc.constant(TYPE.AAAA),
        fc.array(fc.constantFrom(0, 0, 1), { minLength: 16, maxLength: 16 }),
      ),
      fc.tuple(fc.constantFrom(TYPE.NS, TYPE.CNAME, TYPE.PTR), name),
      fc.tuple(
        fc.constant(TYPE.MX),
        fc.tuple(uint16, name).map((parts) => parts.flat()),
      ),
      fc.tuple(fc.constant(TYPE.TXT), strings),
      fc.tuple(fc.constant(65_280), fc.array(octet, { maxLength: 40 })),
    ),
  })
  .map(({ owner, ttl, data: [type, rdata] }) => {
    return { owner, ttl, type, rdata: Uint8Array.from(rdata) };
  });

describe("parseZoneFile() of what printRecord() printed", () => {
  it("gives the same records", () => {
    const property = fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      const text = records.map((one) => `${printRecord(one)}\n`).join("");
      const { parsed, records: read } = parseBytes(octets(text));
      expect(parsed.problems).toEqual([]);
      expect(read).toEqual(records.map((one, i) => ({ ...one, position: i })));
    });
    fc.assert(property, { seed: 20, numRuns: 500 });
  });
});

const OWNERS = [
  "a",
  "a.b",
  "c.",
  "@",
  ".",
  "a..b",
  ".a",
  "*",
  "x@y",
  "$",
  "A",
  "60",
  "",
  "\xe4",
  "a\\.b",
];
const HEADERS = [
  "60 A",
  "IN 60 A",
  "60 IN AAAA",
  "60 NS",
  "1h CNAME",
  "0 PTR",
  "60 60 A",
  "2147483648 A",
  "IN IN 60 A",
  "60 AAA",
];

/** A line such as the quick way takes, or nearly: most are right, many off by an octet. */
function nearlySimpleLine(random: Random): string {
  const pick = (list: readonly string[]): string => list[below(random, list.length)] ?? "";
  const long = "l".repeat(60 + below(random, 6));
  const owner = pick([...OWNERS, long, `${long}.`, `${long}.${long}.${long}.${long}`]);
  const groups = Array.from({ length: 1 + below(random, 9) }, () =>
    pick(["0", "1", "ab", "FFFF", "0001", "12345", "", "g"]),
  );
  const quad = Array.from({ length: 3 + below(random, 2) }, () =>
    pick(["0", "1", "255", "256", "01"]),
  );
  const data = pick([groups.join(":"), quad.join("."), quad.join("."), pick(OWNERS), long]);
  return `${owner}${pick([" ", "\t", "  "])}${pick(HEADERS)} ${data}`;
}

describe("parseZoneFile()", () => {
  it("reads a line without parentheses like one with them, which goes another way", () => {
    const random = seededRandom(4);
    const differences: unknown[] = [];
    let goodCount = 0;
    for (let i = 0; i < 8_000; i++) {
      const line = nearlySimpleLine(random);
      const plain = outcome(`first 60 A 192.0.2.1\n${line}\n`);
      const other = outcome(`first 60 A 192.0.2.1\n${line} ()\n`);
      if (plain !== other) differences.push({ line, plain, other });
      if (plain.startsWith("2 ")) goodCount++;
    }
    expect(differences).toEqual([]);
    expect(goodCount).toBeGreaterThan(1_000);
  });

  it("ends with records or problems on mutated files, whatever they hold", () => {
    const random = seededRandom(SEED);
    const corpus = corpusOf(["good", "bad", "generate", "include"]);
    const complaints: string[] = [];
    let brokenCount = 0;
    for (let i = 0; i < CASES; i++) {
      const bytes = mutated(corpus, random);
      const { parsed, records } = parseBytes(bytes, readerOf(new Map([["more", bytes]])));
      if (parsed.problems.length > 0) brokenCount++;
      const isSound =
        parsed.records === records.length &&
        parsed.problems.every(isSoundProblem) &&
        records.every(({ position }) => parsed.locate(position).line > 0);
      if (!isSound) complaints.push(`seed ${SEED} case ${i}: ${JSON.stringify(parsed.problems)}`);
    }
    expect(complaints).toEqual([]);
    expect(brokenCount).toBeGreaterThan(CASES / 10);
  });
});

function isSoundProblem(problem: ZoneFileProblem): boolean {
  return (
    /^Cannot [^\n]+[^.\n]$/.test(problem.message) &&
    formatProblem(problem).split("\n").length === 3 &&
    problem.line > 0 &&
    problem.column > 0
  );
}

/** Records and messages of a file in one string, their number first. */
function outcome(text: string): string {
  const { parsed, records } = parseBytes(octets(text));
  const printed = records.map((one) => `${one.position} ${printRecord(one)}`);
  const messages = parsed.problems.map((problem) => problem.message);
  return [`${records.length} records`, ...printed, ...messages].join("\n");
}

/** The input files of the text tables. */
function corpusOf(tables: readonly string[]): Uint8Array[] {
  return tables.flatMap((table) => {
    const text = readFileSync(new URL(`../data/zonefile-${table}.txt`, import.meta.url), "utf8");
    return text.split("\n\n").map((block) => {
      const lines = block.split("\n").filter((line) => line.startsWith("| "));
      return filesOf(lines).get("zone") ?? new Uint8Array();
    });
  });
}

const SPLICES = [
  "(",
  ")",
  '"',
  "\\",
  ";",
  "\n",
  "\r\n",
  "\t",
  "$",
  "@",
  ".",
  "\0",
  "\xff",
  "${",
  "$INCLUDE more\n",
  " IN ",
  "\\# ",
];

function mutated(corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = (): number[] => [...(corpus[below(random, corpus.length)] ?? [])];
  const bytes = [...pick(), ...pick()];
  for (let left = below(random, 8); left > 0; left--) {
    const at = below(random, bytes.length + 1);
    const splice = octets(SPLICES[below(random, SPLICES.length)] ?? "");
    switch (below(random, 4)) {
      case 0:
        bytes[Math.min(at, bytes.length - 1)] = below(random, 256);
        break;
      case 1:
        bytes.splice(at, 0, ...splice);
        break;
      case 2:
        bytes.splice(at, 1 + below(random, 10));
        break;
      default:
        bytes.splice(at, 0, ...bytes.slice(at, at + below(random, 40)));
    }
  }
  return Uint8Array.from(bytes);
}
