// Families that go together: one member serves A and AAAA, and the one it lacks is NODATA. What a
// pool must be for that, and how the zone file's addresses become members.

import { familyOf } from "../base/ip.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { type AnswerFamily, answerType, answerTypeText } from "../failover/family.ts";
import type { Policy, Pool } from "../failover/pool.ts";
import { word } from "./fields.ts";
import type { ListedMember } from "./members.ts";
import type { OwnerRules } from "./owners.ts";
import type { YamlPath, YamlReader } from "./yaml.ts";

/** The key of a pool. */
export const familiesKey = { families: word(["apart", "together"]).optional() };

/** What is said of a pool's families, and what has to fit to it. */
export interface TogetherReading {
  readonly reader: YamlReader;
  /** The pool. */
  readonly at: YamlPath;
  readonly raw: {
    readonly families?: "apart" | "together" | undefined;
    readonly allDown?: Pool["allDown"] | undefined;
    readonly targets?: unknown;
  };
  readonly policy: Policy;
  /** The first of the pool's keys that can only be meant for one member at a time. */
  readonly wantedBy: "gate" | "fence" | "promote" | undefined;
  readonly hasHooks: boolean;
}

/** Whether a pool's families go together: where it says so, or has a gate or a hook. */
export function readTogether(reading: TogetherReading): boolean {
  const { reader, at, raw, policy, wantedBy } = reading;
  const isTogether = raw.families === "together" || wantedBy !== undefined;
  if (!isTogether) return false;
  const key = raw.families === "together" ? "families" : wantedBy;
  const refuse = (where: string, sentence: string): void =>
    reader.complain([...at, where], sentence);
  if (raw.families === "apart") {
    const state = `"${wantedBy}" is about one member, whichever family asks`;
    refuse("families", `${state}; write "together", or leave it out`);
  }
  if (policy !== "priority") {
    const state = `policy "${policy}" answers several members, and this is for one at a time`;
    reader.complainOfKey([...at, key ?? "families"], `${state}; use policy "priority"`);
  }
  if (raw.allDown === "all" && !reading.hasHooks) {
    const state = "with families together at most one member is answered";
    refuse("allDown", `${state}; use "fail-open" or "empty"`);
  }
  // After an empty answer nobody could tell whom to fence before the next member is promoted.
  if (reading.hasHooks && raw.allDown !== undefined && raw.allDown !== "fail-open") {
    const state = "hooks need the answer to go on naming the member that was promoted last";
    refuse("allDown", `${state}; use "fail-open", or leave it out`);
  }
  return true;
}

/**
 * The members of a pool whose families go together: what is listed, or the zone file's addresses
 * paired in their order.
 */
export function joined(
  { reader, at, raw }: TogetherReading,
  members: readonly ListedMember[],
): readonly ListedMember[] | undefined {
  if (raw.targets !== undefined) return members;
  const v4 = members.filter(({ address }) => familyOf(address) === 4);
  const v6 = members.filter(({ address }) => familyOf(address) === 6);
  if (v4.length === 0 || v6.length === 0) return members;
  if (v4.length !== v6.length) {
    const state = `the zone file has ${v4.length} A and ${v6.length} AAAA records, no pairs`;
    const mend = 'list "targets", each with its "addresses"';
    reader.complainOfKey(at, `${state}; ${mend}`);
    return undefined;
  }
  return v4.map((member, i) => {
    const other = v6[i]?.address;
    return other === undefined ? member : { ...member, other };
  });
}

/** Refuses a family that the zone file answers and no member has: it would be answered beside them. */
export function refuseUncovered(
  { reader, at }: TogetherReading,
  owner: Name,
  families: readonly AnswerFamily[],
  rules: OwnerRules | undefined,
): void {
  for (const family of [4, 6] as const) {
    if (families.includes(family) || rules === undefined) continue;
    if (rules.addresses(owner, family).length === 0) continue;
    const type = answerTypeText(answerType(family));
    const state = `${nameToDisplay(owner)} has ${type} records, and no target has such an address`;
    reader.complain([...at, "targets"], `${state}; add them, or remove the ${type} records`);
  }
}
