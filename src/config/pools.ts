// The pools file of one zone: which names follow health, and what is asked of their addresses.
// Pure; refuses the whole file for one bad entry, and says everything that is wrong at once.

import { z } from "zod";
import { formatDuration } from "../base/duration.ts";
import { isAtOrBelow, type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import type { Pool } from "../failover/pool.ts";
import { formatSum, worstCases } from "../failover/rto.ts";
import { doubtsOf } from "../health/settings.ts";
import type { Zone } from "../zone/zone.ts";
import { type Check, checkShape, type FileRefusal, readCheck } from "./checks.ts";
import { combiningKeys, readCombined } from "./combining.ts";
import { drillKeys, readDrill } from "./drills.ts";
import { duration, flag, memberPlace, word } from "./fields.ts";
import { handoverKeys, readHandover } from "./handover.ts";
import { readOrigin } from "./main.ts";
import { maintenanceKeys, readMaintenance } from "./maintenance.ts";
import { addressIn, isHost, type MembersReading, memberShape, readMembers } from "./members.ts";
import { ownerRules } from "./owners.ts";
import { memberOf, sizeOf, type TargetsReading } from "./pool-members.ts";
import { checkFloor, readRestraints, restraintKeys } from "./restraints.ts";
import { type ConfiguredTarget, TargetSet } from "./targets.ts";
import { familiesKey, joined, readTogether, refuseUncovered } from "./together.ts";
import { entryList, namedEntries, openYaml, section, type YamlPath } from "./yaml.ts";

/** What a pools file is read against. */
export interface PoolsContext {
  readonly origin: Name;
  /** The zone file's content; without it nothing is said about owners. */
  readonly zone: Zone | undefined;
  /** Targets of other zones' pools, whose ids are not to be used with other thresholds. */
  readonly others?: readonly ConfiguredTarget[];
  /** Why a file that a check names cannot be used so; without it nothing is said about files. */
  readonly fileRefusal?: FileRefusal;
  /** Whether the main configuration names anchors: a `fall` of 1 counts as 2 then. */
  readonly hasAnchors?: boolean;
  /** Whether thresholds that are allowed but doubtful are warned of too: it is only a check. */
  readonly isThorough?: boolean;
  /** Other zones that are given the same file: pools of theirs are left to them. */
  readonly otherOrigins?: readonly Name[];
}

/** A whole pools file, or every complaint about it and nothing else. */
export type PoolsReading =
  | {
      readonly kind: "ok";
      readonly pools: readonly Pool[];
      readonly targets: readonly ConfiguredTarget[];
      readonly warnings: readonly string[];
      /** For each pool with an `rto`, the sum that shows it is met. */
      readonly proofs: readonly string[];
    }
  | { readonly kind: "bad"; readonly errors: readonly string[] };

const TTL_DEFAULT = { minSeconds: 5, maxSeconds: 60 };
const HOLD_DEFAULT_MS = 60_000;
const DAY_MS = 86_400_000;

const ttlValue = duration({ minMs: 0, maxMs: 7 * DAY_MS });

const poolSchema = section({
  policy: word(["priority", "all", "weighted", "sticky"]).optional(),
  targets: entryList("write a list, such as [192.0.2.10, 192.0.2.20]", memberShape).optional(),
  ...combiningKeys,
  ttl: section({ min: ttlValue.optional(), max: ttlValue.optional() }).optional(),
  failback: section({
    mode: word(["auto", "manual"]).optional(),
    hold: duration({ minMs: 0, maxMs: 30 * DAY_MS }).optional(),
  }).optional(),
  ecs: flag.optional(),
  allDown: word(["fail-open", "all", "empty"]).optional(),
  rto: duration({ minMs: 1000, maxMs: 30 * DAY_MS }).optional(),
  ...restraintKeys,
  ...drillKeys,
  ...maintenanceKeys,
  ...familiesKey,
  ...handoverKeys,
});

const sections = { checks: namedEntries(checkShape()), pools: namedEntries(poolSchema) };

/** The whole file. */
export const poolsFileSchema = section(sections);

type RawPool = z.infer<typeof poolSchema>;

interface Reading extends Omit<MembersReading, "policy">, TargetsReading {
  readonly context: PoolsContext;
  /** `undefined`: there is such a check, but it is bad, which was said already. */
  readonly file: string;
  readonly checks: ReadonlyMap<string, Check | undefined>;
  readonly used: Set<string>;
  readonly proofs: string[];
}

/**
 * Reads the pools file of one zone.
 *
 * @param file what complaints call it.
 */
export function parsePools(text: string, file: string, context: PoolsContext): PoolsReading {
  const reader = openYaml(text, file, { checks: "check", pools: "pool" });
  const root = reader.root ?? {};
  const raw = reader.read([], root, poolsFileSchema) ?? outline(root);
  const checks = new Map<string, Check | undefined>();
  for (const [name, value] of Object.entries(raw.checks)) {
    const at = ["checks", name];
    const { fileRefusal = () => undefined } = context;
    checks.set(name, readCheck({ reader, at, name, value, file, fileRefusal }));
  }
  const reading: Reading = {
    reader,
    context,
    file,
    rules: context.zone === undefined ? undefined : ownerRules(context.zone),
    checks,
    used: new Set(),
    members: new Set(),
    targets: new TargetSet(nameToDisplay(context.origin), context.others ?? []),
    proofs: [],
  };
  const pools = readPools(reading, raw.pools);
  for (const [name, check] of checks) {
    if (!reading.used.has(name)) reader.warn(["checks", name], "no pool uses it");
    else for (const each of check?.named ?? []) warnOfStray(reading, name, each);
    if (context.isThorough !== true || check === undefined) continue;
    for (const doubt of doubtsOf(check.settings, check.isTcp)) {
      reader.warn(["checks", name, doubt.key], doubt.sentence);
    }
  }
  const { errors, warnings } = reader.finish();
  if (errors.length > 0) return { kind: "bad", errors };
  return { kind: "ok", pools, targets: reading.targets.all, warnings, proofs: reading.proofs };
}

/** A check asks another address in place of one that no pool answers with: a slip, most probably. */
function warnOfStray({ reader, members }: Reading, check: string, address: string): void {
  if (members.has(`${check} ${address}`)) return;
  const state = "no pool with this check has such a member";
  reader.warn(["checks", check, "address", address], state);
}

/** What can still be looked at in a file whose outermost map is bad. */
function outline(root: unknown): z.infer<typeof poolsFileSchema> {
  const parts = z.looseObject(sections).safeParse(root);
  return parts.success ? parts.data : { checks: {}, pools: {} };
}

function readPools(reading: Reading, entries: Readonly<Record<string, unknown>>): readonly Pool[] {
  const pools: Pool[] = [];
  const seen = new Map<string, string>();
  for (const [key, value] of Object.entries(entries)) {
    const at: YamlPath = ["pools", key];
    const owner = readOwner(reading, at, key);
    const raw = reading.reader.read(at, value, poolSchema);
    if (owner !== undefined && isElsewhere(owner, reading.context)) {
      for (const name of raw?.checks ?? []) reading.used.add(String(name));
      continue;
    }
    const refusal = owner === undefined ? undefined : refusalOf(reading, owner, raw);
    if (refusal !== undefined) reading.reader.complainOfKey(at, refusal);
    if (owner !== undefined) {
      const twin = seen.get(nameKey(owner));
      if (twin !== undefined) {
        reading.reader.complainOfKey(at, `"${twin}" is the same name; keep one of the two pools`);
      }
      seen.set(nameKey(owner), key);
    }
    if (raw === undefined) continue;
    const pool = readPool(reading, at, raw, refusal === undefined ? owner : undefined);
    if (pool !== undefined) pools.push(pool);
  }
  return pools;
}

/** What its targets are decides what its owner must hold; without any it is as its owner is. */
function refusalOf({ rules }: Reading, owner: Name, raw: RawPool | undefined): string | undefined {
  const [first] = raw?.targets ?? [];
  const place = z.object({ address: z.unknown() }).safeParse(first).data?.address ?? first;
  const isListed = first !== undefined;
  const isOfHosts = isListed
    ? memberPlace.safeParse(place).success && isHost(String(place))
    : rules?.alias(owner) !== undefined;
  return rules?.refusal(owner, isOfHosts ? "hosts" : "addresses");
}

function readOwner(reading: Reading, at: YamlPath, key: string): Name | undefined {
  const owner = readOrigin(key);
  if (owner.kind === "ok") return owner.value;
  reading.reader.complainOfKey(at, owner.sentence);
  return undefined;
}

/** Whether another zone that is given the same file is the one to read this pool. */
function isElsewhere(owner: Name, context: PoolsContext): boolean {
  const depth = isAtOrBelow(owner, context.origin) ? context.origin.length : 0;
  return (context.otherOrigins ?? []).some(
    (origin) => origin.length > depth && isAtOrBelow(owner, origin),
  );
}

function readPool(
  reading: Reading,
  at: YamlPath,
  raw: RawPool,
  owner: Name | undefined,
): Pool | undefined {
  const ttl = readTtl(reading, at, raw);
  const { reader, used } = reading;
  const combined = readCombined({ reader, at, raw, checks: reading.checks, used });
  const checks = combined?.checks;
  const policy = raw.policy ?? "priority";
  const { fileRefusal = () => undefined } = reading.context;
  const { file } = reading;
  const handover = readHandover({ reader, at, raw, file, fileRefusal, checks: reading.checks });
  const { gateCheck, wantedBy, ...terms } = handover;
  if (raw.gate !== undefined) used.add(raw.gate.check);
  const families = { reader, at, raw, policy, wantedBy, hasHooks: terms.hooks !== undefined };
  const isTogether = readTogether(families);
  const listed = readMembers({ ...reading, policy }, at, raw.targets, owner);
  const members = isTogether && listed !== undefined ? joined(families, listed) : listed;
  if (raw.ecs !== undefined && policy !== "sticky") {
    const state = `policy "${policy}" answers whoever asks alike`;
    reader.complain([...at, "ecs"], `${state}; remove it, or use policy "sticky"`);
  }
  const restraints = readRestraints({ reader, at, raw, policy });
  if (ttl !== undefined && checks !== undefined && raw.rto !== undefined) {
    const { fence, promote } = terms.hooks ?? {};
    const hooksMs = (fence?.timeoutMs ?? 0) + (promote?.timeoutMs ?? 0);
    proveRto(reading, at, { rtoMs: raw.rto, ttl, checks, hooksMs });
  }
  if (owner === undefined || ttl === undefined || checks === undefined) return undefined;
  if (members === undefined) return undefined;
  const held = ([4, 6, "host"] as const).filter((family) =>
    members.some((member) => addressIn(member, family) !== undefined),
  );
  if (held.includes("host")) refuseManyAliases(reading, at, raw);
  if (isTogether) refuseUncovered(families, owner, held, reading.rules);
  checkFloor({ reader, at, raw }, sizeOf(members, held, isTogether));
  const placed = members.map((listed) => memberOf(reading, listed, checks, gateCheck));
  return {
    owner,
    origin: reading.context.origin,
    policy,
    members: placed,
    families: held,
    ...(isTogether && { isTogether }),
    ...terms,
    ...(combined?.rule !== undefined && { rule: combined.rule }),
    ttl,
    failback: {
      mode: raw.failback?.mode ?? "auto",
      holdMs: raw.failback?.hold ?? HOLD_DEFAULT_MS,
    },
    allDown: raw.allDown ?? "fail-open",
    ...(raw.ecs === true && { isBySubnet: true }),
    ...(raw.rto !== undefined && { rtoMs: raw.rto }),
    ...restraints,
    ...readDrill(reader, at, raw.drill, { members: placed, ...restraints, ...terms }),
    ...readMaintenance(reader, at, raw.maintenance, { members: placed, ...restraints }),
  };
}

/** Transfers carry all that may be answered: two aliases of one name would spoil the zone. */
function refuseManyAliases({ reader }: Reading, at: YamlPath, { policy, allDown }: RawPool): void {
  const state = "a name has one alias (RFC 2181 section 10.1)";
  if (policy !== undefined && policy !== "priority") {
    reader.complain([...at, "policy"], `${state}, here and on secondaries; use "priority"`);
  }
  if (allDown === "all") {
    reader.complain([...at, "allDown"], `${state}; use "fail-open" or "empty"`);
  }
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
    const spelled = (key: "min" | "max", seconds: number): string =>
      `${formatDuration(seconds * 1000)}${raw.ttl?.[key] === undefined ? " by default" : ""}`;
    const [min, max] = [spelled("min", minSeconds), spelled("max", maxSeconds)];
    const key = raw.ttl?.min === undefined ? "max" : "min";
    refuse(key, `min (${min}) is more than max (${max}); write both, min first`);
  }
  return isGood ? { minSeconds, maxSeconds } : undefined;
}

/** Refuses an `rto` that the worst fault of one of the checks exceeds, with the sum. */
function proveRto(
  reading: Reading,
  at: YamlPath,
  goal: { rtoMs: number; ttl: Pool["ttl"]; checks: readonly Check[]; hooksMs: number },
): void {
  const { rtoMs, ttl, checks, hooksMs } = goal;
  const rto = formatDuration(rtoMs);
  for (const check of checks) {
    const { settings: health, reportTtlMs = 0 } = check;
    const hasAnchors = reading.context.hasAnchors === true;
    const [worst] = worstCases({ health, ttl, reportTtlMs, hooksMs, hasAnchors });
    const counted = hasAnchors && health.fall === 1 ? " (fall 1 counts as 2 beside anchors)" : "";
    const sum = `check "${check.name}"${counted}, ${worst.fault}: ${formatSum(worst)}`;
    if (worst.totalMs <= rtoMs) {
      reading.proofs.push(`Pool "${String(at[1])}" meets its rto, ${rto}: ${sum}`);
      continue;
    }
    const least = formatDuration(Math.ceil(worst.totalMs / 1000) * 1000);
    const mend = `shorten interval, timeout or ttl, or make it ${least}`;
    reading.reader.complain([...at, "rto"], `"${rto}" cannot be met, ${sum}; ${mend}`);
  }
}

export type { ConfiguredTarget } from "./targets.ts";
