// The members of one pool: those listed, or the addresses of the zone file, in order.

import { z } from "zod";
import { familyOf } from "../base/ip.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { type AnswerFamily, answerType, answerTypeText } from "../failover/family.ts";
import type { Policy } from "../failover/pool.ts";
import { count, memberPlace } from "./fields.ts";
import type { OwnerRules } from "./owners.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

/** Members of one family that a pool can have: the image keeps that many variants of an answer. */
const MEMBERS_MAX = 64;

const WEIGHT_MAX = 1000;

/** A member written as a map, for more about it than its address. */
const memberMap = section({
  address: memberPlace,
  weight: count({ min: 1, max: WEIGHT_MAX }).optional(),
});

/** How an entry is written. */
export const memberShape = z.union([memberPlace, memberMap]);

/** A member as it is listed. */
export interface ListedMember {
  /** Canonical IP text, or a host name. */
  readonly address: string;
  /** Absent: 1. */
  readonly weight?: number;
}

/** What the addresses of a pool are read with. */
export interface MembersReading {
  readonly reader: YamlReader;
  readonly rules: OwnerRules | undefined;
  readonly policy: Policy;
}

/** The pool's members: the listed ones, else the zone file's addresses. */
export function readMembers(
  reading: MembersReading,
  at: YamlPath,
  listed: readonly unknown[] | undefined,
  owner: Name | undefined,
): readonly ListedMember[] | undefined {
  if (listed === undefined) {
    if (owner === undefined || reading.rules === undefined) return undefined;
    const { rules } = reading;
    const alias = rules.alias(owner);
    if (alias !== undefined) return [{ address: alias }];
    const addresses = [...rules.addresses(owner, 4), ...rules.addresses(owner, 6)];
    return capped(
      reading,
      at,
      addresses.map((address) => ({ address })),
    );
  }
  const members: ListedMember[] = [];
  let isGood = listed.length > 0;
  if (!isGood) {
    const mend = "list addresses, or leave it out to take those of the zone file";
    reading.reader.complain([...at, "targets"], `it is empty; ${mend}`);
  }
  for (const [index, entry] of listed.entries()) {
    const here = [...at, "targets", index];
    const member = readMember(reading, here, entry);
    const refusal = member && refusalOf(reading, owner, member.address, members);
    if (refusal !== undefined) reading.reader.complain(here, refusal);
    if (member === undefined || refusal !== undefined) isGood = false;
    else members.push(member);
  }
  return isGood ? capped(reading, at, members) : undefined;
}

/** An address, or a map with it. */
function readMember(
  { reader, policy }: MembersReading,
  at: YamlPath,
  entry: unknown,
): ListedMember | undefined {
  const isMap = typeof entry === "object" && entry !== null && !Array.isArray(entry);
  if (!isMap) {
    const address = reader.read(at, entry, memberPlace);
    return address === undefined ? undefined : { address };
  }
  const read = reader.read(at, entry, memberMap);
  if (read === undefined) return undefined;
  const { address, weight } = read;
  if (weight === undefined) return { address };
  if (policy === "weighted") return { address, weight };
  const state = `policy "${policy}" goes by no weights`;
  reader.complainOfKey([...at, "weight"], `${state}; remove it, or use policy "weighted"`);
  return undefined;
}

function refusalOf(
  { rules }: MembersReading,
  owner: Name | undefined,
  address: string,
  members: readonly ListedMember[],
): string | undefined {
  const [first] = members;
  if (first !== undefined && isHost(first.address) !== isHost(address)) {
    return `"${address}" stands among ${isHost(address) ? "addresses" : "host names"}; list one or the other`;
  }
  if (isHost(address) && owner !== undefined && nameToDisplay(owner).toLowerCase() === address) {
    return `"${address}" is the pool's own name; name the hosts behind it`;
  }
  const isTwin = members.some((member) => member.address === address);
  const twin = isTwin ? `"${address}" is listed twice; remove one of the two` : undefined;
  return wrongFamily(rules, owner, address) ?? twin;
}

/** A family that the static records lack is refused: other servers and the store answer those. */
function wrongFamily(
  rules: OwnerRules | undefined,
  owner: Name | undefined,
  address: string,
): string | undefined {
  if (rules === undefined || owner === undefined) return undefined;
  const family = familyOf(address);
  if (family === undefined) return undefined;
  if (rules.addresses(owner, family).length > 0) return undefined;
  const type = typeTextOf(family);
  const name = nameToDisplay(owner);
  return `"${address}" is IPv${family}, and ${name} has no ${type} record; add one to the zone file`;
}

function capped(
  reading: MembersReading,
  at: YamlPath,
  members: readonly ListedMember[],
): readonly ListedMember[] | undefined {
  for (const family of [4, 6, "host"] as const) {
    const size = members.filter(({ address }) => familyOfMember(address) === family).length;
    if (size <= MEMBERS_MAX) continue;
    const state = `it has ${size} ${typeTextOf(family)} members, more than ${MEMBERS_MAX}`;
    reading.reader.complain([...at, "targets"], `${state}; list fewer`);
    return undefined;
  }
  return members;
}

/** Whether a member's text is a host name: all other text is an address. */
export function isHost(address: string): boolean {
  return familyOf(address) === undefined;
}

/** The family of a member's text. */
export function familyOfMember(address: string): AnswerFamily {
  return familyOf(address) ?? "host";
}

function typeTextOf(family: AnswerFamily): string {
  return answerTypeText(answerType(family));
}
