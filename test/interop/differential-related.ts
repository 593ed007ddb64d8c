// The lines of generated zones that have to do with one question: its name and those above it,
// wildcards there, and whatever those lines point at.

import { isAtOrBelow, labelStarts, type Name, nameFromText, nameKey } from "../../src/dns/name.ts";
import { typeToText } from "../../src/dns/types.ts";
import type { Question } from "./differential-questions.ts";
import type { GeneratedZone } from "./differential-zones.ts";

/** How often names in the data of chosen lines are followed. */
const ROUNDS = 4;
const LINES_PER_OWNER_AND_TYPE = 3;

/** Blocks of "zone ORIGIN" and lines, as the zones of the answer room's tables are written. */
export function relatedLines(zones: readonly GeneratedZone[], question: Question): string[] {
  const lines = zones.flatMap((zone) => zone.lines);
  const chosen = new Set<string>();
  /** Owners of chosen lines: one line at least shows that a name is there. */
  const shown = new Set<string>();
  let names: Name[] = [question.name];
  for (let round = 0; round < ROUNDS; round++) {
    const exact = new Set(names.flatMap(keysBeside));
    const above = new Set(names.flatMap(keysAbove));
    const next: Name[] = [];
    for (const line of lines) {
      const [owner = "", , type = "", ...data] = line.split(" ");
      const key = nameKey(nameFromText(owner));
      const isAsked = round === 0 ? type === typeToText(question.type) : TYPES_PASSED.has(type);
      const isHere = exact.has(key) && (isAsked || TYPES_LEADING.has(type) || !shown.has(key));
      const isWanted = isHere || (above.has(key) && TYPES_ABOVE.has(type));
      if (chosen.has(line) || !isWanted) continue;
      chosen.add(line);
      shown.add(key);
      if (type !== "SOA") next.push(...data.filter(isName).flatMap(nameOrNone));
    }
    names = next;
  }
  return zones.flatMap(({ origin, lines: all }) => {
    const kept = all.filter((line) => chosen.has(line));
    const isNear = kept.length > 0 || isAtOrBelow(question.name, nameFromText(origin));
    return isNear ? [`zone ${origin}`, ...shortened(kept), ""] : [];
  });
}

/** What a name above a question may hold that decides about names below it. */
const TYPES_ABOVE = new Set(["SOA", "NS", "DNAME"]);
/** What leads to other names, whatever is asked. */
const TYPES_LEADING = new Set(["CNAME", "DNAME", "NS"]);
/** What is asked of the names in other records' data. */
const TYPES_PASSED = new Set(["A", "AAAA"]);

/** The name and the wildcards that may stand for it. */
function keysBeside(name: Name): string[] {
  return [
    nameKey(name),
    ...suffixesOf(name).map((above) => nameKey(Uint8Array.of(1, 42, ...above))),
  ];
}

function keysAbove(name: Name): string[] {
  return suffixesOf(name).map(nameKey);
}

function suffixesOf(name: Name): Name[] {
  return labelStarts(name).map((start) => name.subarray(start + 1 + (name[start] ?? 0)));
}

function isName(word: string): boolean {
  return /[^\\]\.$/.test(word);
}

function nameOrNone(text: string): Name[] {
  try {
    return [nameFromText(text)];
  } catch {
    return [];
  }
}

/** Large RRsets cut short, with a comment that tells how many records they have. */
function shortened(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  const out: string[] = [];
  for (const line of lines) {
    const [owner = "", , type = ""] = line.split(" ");
    const count = (counts.get(`${owner} ${type}`) ?? 0) + 1;
    counts.set(`${owner} ${type}`, count);
    if (count <= LINES_PER_OWNER_AND_TYPE || !/^(A|AAAA|TXT)$/.test(type)) out.push(line);
  }
  for (const [key, count] of counts) {
    if (count > LINES_PER_OWNER_AND_TYPE) out.push(`; ${key}: ${count} records in all`);
  }
  return out;
}
