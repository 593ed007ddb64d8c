// The members of one pool: those listed, or the addresses of the zone file, in order.

import { z } from "zod";
import { familyOf } from "../base/ip.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { type AnswerFamily, answerType, answerTypeText } from "../failover/family.ts";
import type { Policy } from "../failover/pool.ts";
import { count, address as ip, memberPlace } from "./fields.ts";
import type { OwnerRules } from "./owners.ts";
import { entryList, section, type YamlPath, type YamlReader } from "./yaml.ts";

/** Members of one family that a pool can have: the image keeps that many variants of an answer. */
const MEMBERS_MAX = 64;

const WEIGHT_MAX = 1000;

/** A member written as a map, for more about it than its address. */
const memberMap = section({
  address: memberPlace,
  weight: count({ min: 1, max: WEIGHT_MAX }).optional(),
});

const PAIR_MEND = 'write both, such as [192.0.2.10, "2001:db8::10"]';

/** A member that answers both families. */
const pairMap = section({ addresses: entryList(PAIR_MEND, ip) });

/** How an entry is written. */
export const memberShape = z.union([memberPlace, memberMap, pairMap]);

/** A member as it is listed. */
export interface ListedMember {
  /** Canonical IP text, or a host name. */
  readonly address: string;
  /** Its address of the other family. */
  readonly other?: string;
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
    const refusal =
      member &&
      [member.address, ...(member.other === undefined ? [] : [member.other])]
        .map((address) => refusalOf(reading, owner, address, members))
        .find((refusal) => refusal !== undefined);
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
  if ("addresses" in entry) return readPair(reader, at, entry);
  const read = reader.read(at, entry, memberMap);
  if (read === undefined) return undefined;
  const { address, weight } = read;
  if (weight === undefined) return { address };
  if (policy === "weighted") return { address, weight };
  const state = `policy "${policy}" goes by no weights`;
  reader.complainOfKey([...at, "weight"], `${state}; remove it, or use policy "weighted"`);
  return undefined;
}

/** Two addresses of one host, one of each family. */
function readPair(reader: YamlReader, at: YamlPath, entry: object): ListedMember | undefined {
  const addresses = reader.read(at, entry, pairMap)?.addresses;
  if (addresses === undefined) return undefined;
  const here = [...at, "addresses"];
  const [address, other, ...rest] = addresses.map((each, i) => reader.read([...here, i], each, ip));
  const isBad = addresses.length > 0 && address === undefined;
  if (isBad || (other === undefined && addresses.length > 1)) return undefined;
  if (
    address === undefined ||
    other === undefined ||
    rest.length > 0 ||
    familyOf(address) === familyOf(other)
  ) {
    reader.complain(here, `it is not one IPv4 and one IPv6 address; ${PAIR_MEND}`);
    return undefined;
  }
  return { address, other };
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
  const isTwin = members.some((member) => [member.address, member.other].includes(address));
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
    const size = members.filter((member) => addressIn(member, family) !== undefined).length;
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

/** What the member answers in a family, if it has anything there. */
export function addressIn(
  { address, other }: ListedMember,
  family: AnswerFamily,
): string | undefined {
  return [address, other].find((each) => each !== undefined && familyOfMember(each) === family);
}

function typeTextOf(family: AnswerFamily): string {
  return answerTypeText(answerType(family));
}
