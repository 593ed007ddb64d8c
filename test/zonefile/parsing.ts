// Zone files as tests write them: several named files in one text, records as printed lines.

import { nameFromText } from "../../src/dns/name.ts";
import {
  formatProblem,
  type IncludeReader,
  type ParsedRecord,
  type ParsedZoneFile,
  parseZoneFile,
  type ZoneFileSource,
} from "../../src/zonefile/parse.ts";
import { printRecord } from "../../src/zonefile/print.ts";

export const ORIGIN = nameFromText("example.org.");

/** One character per octet. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Parses one file called "zone" and copies what it holds. */
export function parseBytes(
  bytes: Uint8Array,
  include?: IncludeReader,
): { parsed: ParsedZoneFile; records: ParsedRecord[] } {
  const records: ParsedRecord[] = [];
  const options = { origin: ORIGIN, ...(include === undefined ? {} : { include }) };
  const parsed = parseZoneFile({ path: "zone", bytes }, options, (record) => {
    records.push({ ...record, owner: record.owner.slice(), rdata: record.rdata.slice() });
  });
  return { parsed, records };
}

/**
 * Files written as `| line` each, `[name]` before any but the first; ⇥ is a tab, ␍ a carriage
 * return, and ␄ says that a file ends without a newline.
 */
export function filesOf(lines: readonly string[]): Map<string, Uint8Array> {
  const texts = new Map([["zone", ""]]);
  let name = "zone";
  for (const line of lines) {
    const heading = /^\[(.+)\]$/.exec(line);
    if (heading === null) {
      const text = line.replace(/^\| ?/, "").replaceAll("⇥", "\t").replaceAll("␍", "\r");
      texts.set(name, `${texts.get(name) ?? ""}${text}\n`.replace("␄\n", ""));
    } else {
      name = heading[1] ?? "";
      texts.set(name, "");
    }
  }
  return new Map([...texts].map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

/** Opens files of a map; paths are relative to the folder of the including file. */
export function readerOf(files: ReadonlyMap<string, Uint8Array>): IncludeReader {
  return (path, from): ZoneFileSource | { refused: string } => {
    const resolved = new URL(path, `memory:/${from}`).pathname.slice(1);
    const bytes = files.get(resolved);
    return bytes === undefined ? { refused: "there is no such file" } : { path: resolved, bytes };
  };
}

/** What a test table expects of a text: records with their lines, then problems with their carets. */
export function outcomeOf(lines: readonly string[]): string[] {
  const files = filesOf(lines);
  const { parsed, records } = parseBytes(files.get("zone") ?? new Uint8Array(), readerOf(files));
  const printed = records.map((record) => {
    const { file, line } = parsed.locate(record.position);
    const place = file === "zone" ? `${line}` : `${file}:${line}`;
    return `${place}: ${printRecord(record).replaceAll("\t", " ")}`;
  });
  const problems = parsed.problems.flatMap((problem) => {
    const [head = "", text, caret] = formatProblem(problem).split("\n");
    return [`${problem.severity} ${head}`, `    ${text}`, `    ${caret}`];
  });
  const outcome = [...printed, ...problems];
  return outcome.length === 0 ? ["nothing"] : outcome;
}
