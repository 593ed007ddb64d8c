// Zones for the differential tests, drawn from a seed: small, full of corners, and good enough for
// the checkers of every peer. Two to a seed, the second often a child of the first.

import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { equalNames, isAtOrBelow, nameFromText, nameKey } from "../../src/dns/name.ts";
import { chance, odds, pick, pickSome } from "./differential-random.ts";
import { hostRecords, largeRecords, mixedRecords, ttlOf } from "./differential-records.ts";

/** What stands at a name; "glue" lies below a cut and "empty" holds nothing itself. */
export type NameKind = "apex" | "host" | "mixed" | "alias" | "large" | "cut" | "redirect" | "glue";

/** One owner of a generated zone. */
export interface GeneratedName {
  /** Absolute master-file text. */
  readonly name: string;
  readonly kind: NameKind;
}

/** A zone as plain master-file lines, each with absolute names, a TTL and no class. */
export interface GeneratedZone {
  /** Absolute, with its final dot, lower case, letters and digits alone. */
  readonly origin: string;
  readonly names: readonly GeneratedName[];
  readonly lines: readonly string[];
}

interface Draft {
  readonly origin: string;
  readonly names: GeneratedName[];
  /** `nameKey` of every owner and of every name above one. */
  readonly taken: Set<string>;
  readonly lines: string[];
}

/** Names that no zone of any seed holds. */
const OUTSIDE = ["www.elsewhere.test.", "ns1.elsewhere.test.", "Mail.Outside.TEST.", "test."];

const LABELS = [
  ...[
    "www",
    "mail",
    "ns1",
    "a",
    "b",
    "c",
    "x",
    "y",
    "api",
    "_tcp",
    "_sip",
    "0",
    "10",
    "MiXeD",
    "UP",
  ],
  ...["dot\\.ted", "back\\\\slash", "sp\\032ace", "\\200\\255", "\\000nul", "at\\@", "par\\(en"],
  ...[
    "semi\\;colon",
    'quo\\"te',
    "dol\\$lar",
    "a*b",
    "**",
    "-dash-",
    "\\195\\188",
    "xn--bcher-kva",
  ],
  "this-label-is-as-long-as-a-label-may-be-and-not-one-octet-longer",
].map((label) => label.slice(0, 63));

const NAMES_MIN = 12;
const NAMES_SPREAD = 22;

/** The zones of one seed. Names hold the seed, so that many seeds share one run of the peers. */
export function generateZones(seed: number): readonly [GeneratedZone, GeneratedZone] {
  const random = seededRandom(seed);
  const first = emptyDraft(`s${seed}.example.`);
  const relation = odds(random, { child: 5, grandchild: 2, undelegated: 1, beside: 3 });
  const second = emptyDraft(secondOrigin(relation, first.origin, seed));
  if (relation === "child" || relation === "grandchild") addName(first, second.origin, "cut");
  grow(random, first);
  // Not in a child: NSD would refuse the parent's glue for lying below that DNAME.
  if (relation === "beside" && chance(random, 0.25)) addName(second, second.origin, "redirect");
  else grow(random, second);
  const drafts = [first, second] as const;
  for (const draft of drafts) fill(random, draft, drafts);
  return [evened(withoutShadowedGlue(first, second)), evened(second)];
}

/**
 * NSD takes a parent's glue below a child's DNAME for the child's, and refuses the child for it.
 */
function withoutShadowedGlue(parent: Draft, child: Draft): Draft {
  const redirects = child.names.filter(({ kind }) => kind === "redirect");
  const names = redirects.map(({ name }) => nameFromText(name));
  const lines = parent.lines.filter((line) => {
    const owner = nameFromText(line.slice(0, line.indexOf(" ")));
    return !names.some((name) => isAtOrBelow(owner, name) && !equalNames(owner, name));
  });
  return { ...parent, lines };
}

/** One TTL for each RRset, and each record once. */
function evened({ origin, names, lines }: Draft): GeneratedZone {
  const ttls = new Map<string, string>();
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const line of lines) {
    const [owner = "", ttl = "", type = "", ...data] = line.split(" ");
    const key = `${type} ${nameKey(nameFromText(owner))}`;
    const record = `${key} ${type === "TXT" ? data.join(" ") : data.join(" ").toLowerCase()}`;
    if (seen.has(record)) continue;
    seen.add(record);
    if (!ttls.has(key)) ttls.set(key, ttl);
    kept.push([owner, ttls.get(key), type, ...data].join(" "));
  }
  return { origin, names, lines: kept };
}

/** A label that generated names are made of. */
export function anyLabel(random: Random): string {
  return pick(random, LABELS);
}

/** A name for a record to point at: one there is, one there is not, one below something. */
function anyTarget(random: Random, zones: readonly Pick<Draft, "origin" | "names">[]): string {
  const zone = chance(random, 0.75) ? zones[0] : pick(random, zones);
  if (zone === undefined || chance(random, 0.08)) return pick(random, OUTSIDE);
  const owner = pick(random, zone.names);
  const name = owner.name.replace(/^\*\./, `${anyLabel(random)}.`);
  const isAbove = owner.kind === "cut" || owner.kind === "redirect";
  if (chance(random, isAbove ? 0.6 : 0.12)) return `${anyLabel(random)}.${name}`;
  return chance(random, 0.03) ? `nowhere.${zone.origin}` : name;
}

function secondOrigin(relation: string, first: string, seed: number): string {
  if (relation === "beside") return `t${seed}.example.`;
  return relation === "grandchild" ? `child.empty.${first}` : `child.${first}`;
}

function emptyDraft(origin: string): Draft {
  const draft: Draft = { origin, names: [], taken: new Set(), lines: [] };
  addName(draft, origin, "apex");
  return draft;
}

/** Adds names below those there are, some with empty non-terminals between. */
function grow(random: Random, draft: Draft): void {
  const count = NAMES_MIN + below(random, NAMES_SPREAD);
  for (let i = 0; i < count; i++) {
    const above = pick(random, draft.names.filter(mayHoldNames)).name;
    const isWild = chance(random, 0.18) && !above.startsWith("*");
    const between = chance(random, 0.2) ? `${anyLabel(random)}.` : "";
    const name = `${isWild ? "*" : anyLabel(random)}.${between}${above}`;
    if (isTaken(draft, name) || name.length > 180 || isHidden(draft, between + above)) continue;
    addName(draft, name, isWild ? wildKind(random) : plainKind(random));
  }
}

function mayHoldNames({ kind }: GeneratedName): boolean {
  return kind !== "cut" && kind !== "redirect" && kind !== "glue";
}

function plainKind(random: Random): NameKind {
  return odds(random, { host: 30, mixed: 22, alias: 22, cut: 11, redirect: 9, large: 5 });
}

function wildKind(random: Random): NameKind {
  return odds(random, { host: 35, mixed: 40, alias: 25 });
}

function addName(draft: Draft, name: string, kind: NameKind): void {
  draft.names.push({ name, kind });
  const apex = nameFromText(draft.origin);
  for (let wire = nameFromText(name); wire.length >= apex.length; ) {
    draft.taken.add(nameKey(wire));
    wire = wire.subarray(1 + (wire[0] ?? 0));
  }
}

function isTaken(draft: Draft, name: string): boolean {
  return draft.taken.has(nameKey(nameFromText(name)));
}

/** Whether a delegation or a DNAME stands at a name. */
function isHidden(draft: Draft, name: string): boolean {
  const key = nameKey(nameFromText(name));
  return draft.names.some(
    (each) => !mayHoldNames(each) && nameKey(nameFromText(each.name)) === key,
  );
}

function fill(random: Random, draft: Draft, drafts: readonly Draft[]): void {
  const zones = [draft, ...drafts.filter((each) => each !== draft)];
  const target = (): string => anyTarget(random, zones);
  fillApex(random, draft);
  for (const { name, kind } of [...draft.names]) {
    const add = (records: readonly string[]): void => {
      draft.lines.push(...records.map((record) => `${name} ${record}`));
    };
    switch (kind) {
      case "host":
        add(hostRecords(random));
        break;
      case "mixed":
        add(mixedRecords(random, target));
        break;
      case "large":
        add(largeRecords(random));
        break;
      case "alias":
        add([`${ttlOf(random)} CNAME ${chance(random, 0.04) ? name : target()}`]);
        break;
      case "redirect":
        add([`${ttlOf(random)} DNAME ${redirectTarget(random, name, target)}`]);
        if (chance(random, 0.4) && name !== draft.origin) add(hostRecords(random));
        break;
      case "cut":
        fillCut(random, draft, name, target);
        break;
      case "apex":
      case "glue":
        break;
    }
  }
}

/** A DNAME into itself would be refused by some checkers. */
function redirectTarget(random: Random, owner: string, target: () => string): string {
  const chosen = target();
  const isInside = chosen.toLowerCase().endsWith(owner.toLowerCase());
  return isInside ? `${anyLabel(random)}.elsewhere.test.` : chosen;
}

function fillApex(random: Random, draft: Draft): void {
  const { origin, lines } = draft;
  const add = (records: readonly string[]): void => {
    lines.push(...records.map((record) => `${origin} ${record}`));
  };
  const minimum = pick(random, [0, 30, 300, 900, 86400]);
  const serial = 1 + below(random, 4_000_000_000);
  const people = `ns.${origin} Host\\.Master.${origin}`;
  add([`${ttlOf(random)} SOA ${people} ${serial} 7200 3600 1209600 ${minimum}`]);
  const hosts = draft.names.filter(({ name, kind }) => kind === "host" && !name.startsWith("*"));
  const servers = pickSome(random, [...hosts.map(({ name }) => name), ...OUTSIDE.slice(0, 2)], 3);
  const ttl = ttlOf(random);
  add(servers.map((server) => `${ttl} NS ${server}`));
  const isRedirected = draft.names.some(({ name, kind }) => kind === "redirect" && name === origin);
  if (chance(random, 0.5)) add(hostRecords(random));
  if (chance(random, 0.4) && !isRedirected) {
    add(mixedRecords(random, () => pick(random, draft.names).name.replace(/^\*\./, "wild.")));
  }
}

/** A delegation: servers inside it with and without glue, beside it, above it and elsewhere. */
function fillCut(random: Random, draft: Draft, cut: string, target: () => string): void {
  const { names, lines } = draft;
  const servers = new Set<string>();
  // Now and then more servers than have room in a small answer.
  const isLarge = chance(random, 0.12);
  const count = isLarge ? 5 + below(random, 5) : 1 + below(random, 3);
  for (let i = 0; i < count; i++) {
    const place = odds(random, { inside: 5, cut: 1, sibling: 2, zone: 2, outside: 2 });
    const hosts = names.filter(({ kind }) => kind === (place === "sibling" ? "glue" : "host"));
    const label = isLarge ? `ns${i}` : pick(random, ["ns", "ns1", "a.b", "NS"]);
    if (place === "inside") servers.add(`${label}.${cut}`);
    else if (place === "cut") servers.add(cut);
    else if (place === "outside") servers.add(pick(random, OUTSIDE));
    else servers.add(hosts.length > 0 ? pick(random, hosts).name : target());
  }
  const ttl = ttlOf(random);
  for (const server of unique(servers)) {
    lines.push(`${cut} ${ttl} NS ${server}`);
    const isInside = server.endsWith(`.${cut}`) || server === cut;
    if (!isInside || chance(random, 0.1)) continue;
    lines.push(...hostRecords(random).map((record) => `${server} ${record}`));
    if (server !== cut) addName(draft, server, "glue");
  }
  if (chance(random, 0.1)) lines.push(`occluded.${cut} ${ttlOf(random)} A 192.0.2.251`);
  if (chance(random, 0.4)) lines.push(`${cut} ${ttlOf(random)} DS 4711 13 2 ${"5A".repeat(32)}`);
}

/** Without those that differ in letter case alone. */
function unique(names: Iterable<string>): string[] {
  const seen = new Set<string>();
  return [...names].filter((name) => {
    const key = nameKey(nameFromText(name));
    return !seen.has(key) && seen.add(key);
  });
}
