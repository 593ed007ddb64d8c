// The pools file of one zone: which names follow health, and what is asked of their addresses.
// Pure; refuses the whole file for one bad entry, and says everything that is wrong at once.

import { z } from "zod";
import { formatDuration } from "../base/duration.ts";
import { type Family, familyOf } from "../base/ip.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import type { Member, Pool } from "../failover/pool.ts";
import type { Zone } from "../zone/zone.ts";
import { type Check, readCheck } from "./checks.ts";
import { address, duration, text, word } from "./fields.ts";
import { readOrigin } from "./main.ts";
import { type OwnerRules, ownerRules, typeTextOf } from "./owners.ts";
import { mendWord } from "./suggest.ts";
import { type ConfiguredTarget, TargetSet } from "./targets.ts";
import {
  entryList,
  namedEntries,
  openYaml,
  section,
  type YamlPath,
  type YamlReader,
} from "./yaml.ts";

/** What a pools file is read against. */
export interface PoolsContext {
  readonly origin: Name;
  /** The zone file's content; without it nothing is said about owners. */
  readonly zone: Zone | undefined;
  /** Targets of other zones' pools, whose ids are not to be used with other thresholds. */
  readonly others?: readonly ConfiguredTarget[];
}

/** A whole pools file, or every complaint about it and nothing else. */
export type PoolsReading =
  | {
      readonly kind: "ok";
      readonly pools: readonly Pool[];
      readonly targets: readonly ConfiguredTarget[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "bad"; readonly errors: readonly string[] };

/** Members of one family that a pool can have: the image keeps that many variants of an answer. */
const MEMBERS_MAX = 64;
const TTL_DEFAULT = { minSeconds: 5, maxSeconds: 60 };
const HOLD_DEFAULT_MS = 60_000;
const DAY_MS = 86_400_000;

const ttlValue = duration({ minMs: 0, maxMs: 7 * DAY_MS });

const poolSchema = section({
  policy: word(["priority"], ["all", "weighted", "sticky"]).optional(),
  targets: entryList.optional(),
  checks: entryList,
  ttl: section({ min: ttlValue.optional(), max: ttlValue.optional() }).optional(),
  failback: section({
    mode: word(["auto", "manual"]).optional(),
    hold: duration({ minMs: 0, maxMs: 30 * DAY_MS }).optional(),
  }).optional(),
  allDown: word(["fail-open", "all", "empty"]).optional(),
  rto: duration({ minMs: 1000, maxMs: 30 * DAY_MS }).optional(),
});

const fileSchema = section({ checks: namedEntries, pools: namedEntries });
const memberMap = section({ address });
const checkName = text("the name of a check");

type RawPool = z.infer<typeof poolSchema>;

interface Reading {
  readonly reader: YamlReader;
  readonly context: PoolsContext;
  readonly rules: OwnerRules | undefined;
  /** `undefined`: there is such a check, but it is bad, which was said already. */
  readonly checks: ReadonlyMap<string, Check | undefined>;
  readonly used: Set<string>;
  readonly targets: TargetSet;
}

/**
 * Reads the pools file of one zone.
 *
 * @param file what complaints call it.
 */
export function parsePools(text: string, file: string, context: PoolsContext): PoolsReading {
  const reader = openYaml(text, file, { checks: "check", pools: "pool" });
  const root = reader.root ?? {};
  const raw = reader.read([], root, fileSchema) ?? outline(root);
  const checks = new Map<string, Check | undefined>();
  for (const [name, value] of Object.entries(raw.checks)) {
    checks.set(name, readCheck(reader, name, value));
  }
  const reading: Reading = {
    reader,
    context,
    rules: context.zone === undefined ? undefined : ownerRules(context.zone),
    checks,
    used: new Set(),
    targets: new TargetSet(nameToDisplay(context.origin), context.others ?? []),
  };
  const pools = readPools(reading, raw.pools);
  for (const name of checks.keys()) {
    if (!reading.used.has(name)) reader.warn(["checks", name], "no pool uses it");
  }
  const { errors, warnings } = reader.finish();
  if (errors.length > 0) return { kind: "bad", errors };
  return { kind: "ok", pools, targets: reading.targets.all, warnings };
}

/** What can still be looked at in a file whose outermost map is bad. */
function outline(root: unknown): z.infer<typeof fileSchema> {
  const parts = z.looseObject({ checks: namedEntries, pools: namedEntries }).safeParse(root);
  return parts.success ? parts.data : { checks: {}, pools: {} };
}

function readPools(reading: Reading, entries: Readonly<Record<string, unknown>>): readonly Pool[] {
  const pools: Pool[] = [];
  const seen = new Map<string, string>();
  for (const [key, value] of Object.entries(entries)) {
    const at: YamlPath = ["pools", key];
    const owner = readOwner(reading, at, key);
    const raw = reading.reader.read(at, value, poolSchema);
    if (owner !== undefined) {
      const twin = seen.get(nameKey(owner));
      if (twin !== undefined) {
        reading.reader.complainOfKey(at, `"${twin}" is the same name; keep one of the two pools`);
      }
      seen.set(nameKey(owner), key);
    }
    if (raw === undefined) continue;
    const pool = readPool(reading, at, raw, owner);
    if (pool !== undefined) pools.push(pool);
  }
  return pools;
}

function readOwner(reading: Reading, at: YamlPath, key: string): Name | undefined {
  const owner = readOrigin(key);
  if (owner.kind === "bad") {
    reading.reader.complainOfKey(at, owner.sentence);
    return undefined;
  }
  const refusal = reading.rules?.refusal(owner.value);
  if (refusal === undefined) return owner.value;
  reading.reader.complainOfKey(at, refusal);
  return undefined;
}

function readPool(
  reading: Reading,
  at: YamlPath,
  raw: RawPool,
  owner: Name | undefined,
): Pool | undefined {
  const ttl = readTtl(reading, at, raw);
  const checks = readChecks(reading, at, raw.checks);
  const addresses = readAddresses(reading, at, raw, owner);
  if (owner === undefined || ttl === undefined || checks === undefined) return undefined;
  if (addresses === undefined) return undefined;
  const families = [...new Set(addresses.map(familyOfKnown))].sort();
  return {
    owner,
    origin: reading.context.origin,
    policy: raw.policy ?? "priority",
    members: addresses.map((each) => member(reading, each, checks)),
    families,
    ttl,
    failback: {
      mode: raw.failback?.mode ?? "auto",
      holdMs: raw.failback?.hold ?? HOLD_DEFAULT_MS,
    },
    allDown: raw.allDown ?? "fail-open",
  };
}

function member(reading: Reading, address: string, checks: readonly Check[]): Member {
  const ids = [...new Set(checks.map((check) => reading.targets.add(check, address)))];
  return familyOfKnown(address) === 4
    ? { id: address, v4: address, targetsV4: ids, targetsV6: [] }
    : { id: address, v6: address, targetsV4: [], targetsV6: ids };
}

function readTtl(reading: Reading, at: YamlPath, raw: RawPool): Pool["ttl"] | undefined {
  let isGood = true;
  const refuse = (key: string, sentence: string): void => {
    isGood = false;
    reading.reader.complain([...at, "ttl", key], sentence);
  };
  for (const key of ["min", "max"] as const) {
    const valueMs = raw.ttl?.[key];
    if (valueMs === 0) refuse(key, "0 breaks serve-stale (RFC 8767 section 7); write 1s or more");
    else if (valueMs !== undefined && valueMs % 1000 !== 0) {
      refuse(key, `"${formatDuration(valueMs)}" is not whole seconds, as TTLs are; round it`);
    }
  }
  const minSeconds = (raw.ttl?.min ?? TTL_DEFAULT.minSeconds * 1000) / 1000;
  const maxSeconds = (raw.ttl?.max ?? TTL_DEFAULT.maxSeconds * 1000) / 1000;
  if (isGood && minSeconds > maxSeconds) {
    const note = raw.ttl?.max === undefined ? " (the default)" : "";
    const [min, max] = [formatDuration(minSeconds * 1000), formatDuration(maxSeconds * 1000)];
    const key = raw.ttl?.min === undefined ? "max" : "min";
    refuse(key, `min, ${min}, is more than max, ${max}${note}; swap them or change one`);
  }
  return isGood ? { minSeconds, maxSeconds } : undefined;
}

function readChecks(
  reading: Reading,
  at: YamlPath,
  entries: readonly unknown[],
): readonly Check[] | undefined {
  const checks: Check[] = [];
  let isGood = true;
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const here = [...at, "checks", index];
    const name = reading.reader.read(here, entry, checkName);
    const check = name === undefined ? undefined : reading.checks.get(name);
    if (check === undefined) isGood = false;
    if (name === undefined) continue;
    reading.used.add(name);
    if (seen.has(name)) reading.reader.complain(here, `"${name}" is named twice; remove one`);
    seen.add(name);
    if (check !== undefined) checks.push(check);
    else if (!reading.checks.has(name)) {
      const known = [...reading.checks.keys()];
      const mend = known.length === 0 ? `define it under "checks"` : mendWord(name, known);
      reading.reader.complain(here, `there is no check "${name}"; ${mend}`);
    }
  }
  if (entries.length === 0) {
    reading.reader.warn([...at, "checks"], "no check is named: its members always count as up");
  }
  return isGood ? checks : undefined;
}

/** The pool's addresses: the listed ones, else the zone file's. */
function readAddresses(
  reading: Reading,
  at: YamlPath,
  raw: RawPool,
  owner: Name | undefined,
): readonly string[] | undefined {
  if (raw.targets === undefined) {
    if (owner === undefined || reading.rules === undefined) return undefined;
    const { rules } = reading;
    return capped(reading, at, [...rules.addresses(owner, 4), ...rules.addresses(owner, 6)]);
  }
  const addresses: string[] = [];
  let isGood = raw.targets.length > 0;
  if (!isGood) {
    const mend = "list addresses, or leave it out to take those of the zone file";
    reading.reader.complain([...at, "targets"], `it is empty; ${mend}`);
  }
  for (const [index, entry] of raw.targets.entries()) {
    const here = [...at, "targets", index];
    const isMap = typeof entry === "object" && entry !== null && !Array.isArray(entry);
    const read = isMap
      ? reading.reader.read(here, entry, memberMap)?.address
      : reading.reader.read(here, entry, address);
    const refusal =
      read === undefined
        ? undefined
        : (wrongFamily(reading.rules, owner, read) ??
          (addresses.includes(read)
            ? `"${read}" is listed twice; remove one of the two`
            : undefined));
    if (refusal !== undefined) reading.reader.complain(here, refusal);
    if (read === undefined || refusal !== undefined) isGood = false;
    else addresses.push(read);
  }
  return isGood ? capped(reading, at, addresses) : undefined;
}

/** A family that the static records lack is refused: other servers and the store answer those. */
function wrongFamily(
  rules: OwnerRules | undefined,
  owner: Name | undefined,
  address: string,
): string | undefined {
  if (rules === undefined || owner === undefined) return undefined;
  const family = familyOfKnown(address);
  if (rules.addresses(owner, family).length > 0) return undefined;
  const type = typeTextOf(family);
  const name = nameToDisplay(owner);
  return `"${address}" is IPv${family}, and ${name} has no ${type} record; add one to the zone file`;
}

function capped(
  reading: Reading,
  at: YamlPath,
  addresses: readonly string[],
): readonly string[] | undefined {
  for (const family of [4, 6] as const) {
    const size = addresses.filter((each) => familyOfKnown(each) === family).length;
    if (size <= MEMBERS_MAX) continue;
    const state = `it has ${size} ${typeTextOf(family)} members, more than ${MEMBERS_MAX}`;
    reading.reader.complain([...at, "targets"], `${state}; list fewer`);
    return undefined;
  }
  return addresses;
}

/** The family of text that is known to be an address. */
function familyOfKnown(address: string): Family {
  return familyOf(address) ?? 4;
}

export type { ConfiguredTarget } from "./targets.ts";
