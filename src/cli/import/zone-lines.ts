// A master file as its author wrote it: entries with the lines they cover, so that single records can
// be replaced and every other line stays as it is, comments included.

import { familyOf } from "../../base/ip.ts";
import { joined, type PlacedPool, type ReportLine, type Translation } from "./imported.ts";

/** One entry: a directive or a record, possibly over several lines within brackets. */
interface Entry {
  /** From 1. */
  readonly line: number;
  readonly raw: string;
  readonly tokens: readonly string[];
  readonly isIndented: boolean;
}

/** A record that only another server understands. */
export interface ForeignRecord {
  readonly type: string;
  readonly rdata: readonly string[];
}

/** How a zone is carried over. */
export interface ZoneDialect {
  /** With its final dot. */
  readonly origin: string;
  readonly file: string;
  /** Types to translate. */
  readonly foreign: readonly string[];
  readonly translate: (record: ForeignRecord) => Translation;
  /** Without a lower bound written, the part of the TTL that a pool's answer may fall to. */
  readonly ttlMin: (max: number) => number;
  /** Rewrites names that only the other server understands. */
  readonly rewrite: (line: string) => string;
}

/** The zone as plain records, its pools, and what became of each foreign record. */
export interface CarriedZone {
  readonly text: string;
  readonly pools: readonly PlacedPool[];
  readonly report: readonly ReportLine[];
}

const TTL_DEFAULT = 86_400;
const CLASSES = ["IN", "CH", "HS"];
const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** Carries a zone over. */
export function carryZone(source: string, dialect: ZoneDialect): CarriedZone {
  const { file, foreign } = dialect;
  const out: string[] = [];
  const pools = new Map<string, PlacedPool>();
  const report: ReportLine[] = [];
  let origin = dialect.origin;
  let ttlDefault = TTL_DEFAULT;
  let owner = "@";
  let isOwnerMissing = false;
  if (!/^\s*\$TTL\s/im.test(source)) out.push(`$TTL ${TTL_DEFAULT}`);
  for (const entry of entriesOf(source)) {
    const tokens = entry.tokens.map(dialect.rewrite);
    const raw = dialect.rewrite(entry.raw);
    const [first = ""] = tokens;
    if (first.startsWith("$")) {
      if (first.toUpperCase() === "$ORIGIN") origin = absolute(tokens[1] ?? "@", origin);
      if (first.toUpperCase() === "$TTL") ttlDefault = ttlSeconds(tokens[1] ?? "") ?? ttlDefault;
      if (first.toUpperCase() === "$INCLUDE") {
        const text = "the included file was not looked into; import it by itself";
        report.push({ place: `${file}:${entry.line}`, text, isLost: true });
      }
      out.push(raw);
      continue;
    }
    if (tokens.length === 0) {
      out.push(raw);
      continue;
    }
    if (!entry.isIndented) owner = first;
    const head = headOf(entry.isIndented ? tokens : tokens.slice(1));
    if (!foreign.includes(head.type)) {
      out.push(entry.isIndented && isOwnerMissing ? `${owner} ${raw.trimStart()}` : raw);
      isOwnerMissing = false;
      continue;
    }
    const name = absolute(owner, origin);
    const max = head.ttlMax ?? ttlDefault;
    const ttl = { min: Math.max(1, head.ttlMin ?? dialect.ttlMin(max)), max: Math.max(1, max) };
    const translation = dialect.translate({ type: head.type, rdata: head.rdata });
    const written = `${head.type} ${head.rdata.join(" ")}`;
    out.push(`; ${written}`);
    out.push(...recordsOf(translation, name, ttl.max));
    isOwnerMissing = translation.kind === "none";
    place({ pools, report }, { translation, name, ttl, at: `${file}:${entry.line}`, written });
  }
  return { text: `${out.join("\n").trimEnd()}\n`, pools: [...pools.values()], report };
}

function place(
  into: { readonly pools: Map<string, PlacedPool>; readonly report: ReportLine[] },
  record: {
    readonly translation: Translation;
    readonly name: string;
    readonly ttl: PlacedPool["ttl"];
    readonly at: string;
    readonly written: string;
  },
): void {
  const { translation, name, ttl, at, written } = record;
  const say = (text: string, isLost: boolean): void => {
    into.report.push({ place: at, text: `${name} ${text}`, isLost });
  };
  if (translation.kind === "none") {
    say(`${written}: ${translation.why}`, true);
    return;
  }
  if (translation.kind === "alias") {
    say(`always answers CNAME ${translation.name}`, true);
    for (const lost of translation.lost) say(lost, true);
    return;
  }
  const owner = name.replace(/\.$/, "") || ".";
  const before = into.pools.get(owner);
  const pool = before === undefined ? translation.pool : joined(before.pool, translation.pool);
  into.pools.set(owner, { owner, ttl, pool });
  const { policy, members, checks } = pool;
  const by = checks.size === 0 ? "without a check" : `by ${[...checks.keys()].join(" and ")}`;
  say(`is a pool: ${policy} of ${members.length}, ${by}`, false);
  const fresh = pool.lost.filter(
    (lost) => before === undefined || !before.pool.lost.includes(lost),
  );
  for (const lost of fresh) say(lost, true);
}

function recordsOf(translation: Translation, name: string, ttl: number): string[] {
  if (translation.kind === "none") return [];
  if (translation.kind === "alias") return [`${name} ${ttl} IN CNAME ${translation.name}`];
  return translation.pool.members.map(({ address }) => {
    return `${name} ${ttl} IN ${familyOf(address) === 6 ? "AAAA" : "A"} ${address}`;
  });
}

interface Head {
  readonly type: string;
  readonly rdata: readonly string[];
  readonly ttlMax?: number;
  readonly ttlMin?: number;
}

/** TTL and class come in either order, and both may be left out. */
function headOf(tokens: readonly string[]): Head {
  let ttl: { ttlMax?: number; ttlMin?: number } = {};
  let at = 0;
  for (; at < 2; at++) {
    const token = tokens[at] ?? "";
    const [max = "", min = ""] = token.split("/");
    const [ttlMax, ttlMin] = [ttlSeconds(max), ttlSeconds(min)];
    if (ttlMax !== undefined) ttl = { ttlMax, ...(ttlMin !== undefined && { ttlMin }) };
    else if (!CLASSES.includes(token.toUpperCase())) break;
  }
  return { type: (tokens[at] ?? "").toUpperCase(), rdata: tokens.slice(at + 1), ...ttl };
}

function ttlSeconds(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count = "", unit = "s"] of text.matchAll(/(\d+)([smhdw])?/gi)) {
    seconds += Number(count) * (UNIT_SECONDS[unit.toLowerCase()] ?? 1);
  }
  return seconds;
}

function absolute(name: string, origin: string): string {
  if (name === "@") return origin;
  if (name.endsWith(".")) return name;
  return origin === "." ? `${name}.` : `${name}.${origin}`;
}

/** Splits a file into entries; quoted text is one token, without its quotes. */
function* entriesOf(source: string): Generator<Entry> {
  const lines = source.split(/\r?\n/);
  let begun: { line: number; raw: string[]; tokens: string[]; depth: number } | undefined;
  for (const [index, raw] of lines.entries()) {
    begun ??= { line: index + 1, raw: [], tokens: [], depth: 0 };
    begun.raw.push(raw);
    for (const [token] of raw.matchAll(/;.*|"(?:\\.|[^"\\])*"|[()]|(?:\\.|[^\s;"()\\])+/g)) {
      if (token.startsWith(";")) continue;
      if (token === "(") begun.depth++;
      else if (token === ")") begun.depth--;
      else begun.tokens.push(token.startsWith('"') ? unquoted(token) : token);
    }
    if (begun.depth > 0 && index < lines.length - 1) continue;
    const { line, tokens } = begun;
    yield { line, tokens, raw: begun.raw.join("\n"), isIndented: /^\s/.test(begun.raw[0] ?? "") };
    begun = undefined;
  }
}

function unquoted(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, "$1");
}
