// The addresses of one pool: those listed, or those of the zone file, in order.

import { type Family, familyOf } from "../base/ip.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { memberAddress } from "./fields.ts";
import { type OwnerRules, typeTextOf } from "./owners.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

/** Members of one family that a pool can have: the image keeps that many variants of an answer. */
const MEMBERS_MAX = 64;

/** A member written as a map, which leaves room for more about it than its address. */
const memberMap = section({ address: memberAddress });

/** What the addresses of a pool are read with. */
export interface MembersReading {
  readonly reader: YamlReader;
  readonly rules: OwnerRules | undefined;
}

/** The pool's addresses: the listed ones, else the zone file's. */
export function readAddresses(
  reading: MembersReading,
  at: YamlPath,
  listed: readonly unknown[] | undefined,
  owner: Name | undefined,
): readonly string[] | undefined {
  if (listed === undefined) {
    if (owner === undefined || reading.rules === undefined) return undefined;
    const { rules } = reading;
    return capped(reading, at, [...rules.addresses(owner, 4), ...rules.addresses(owner, 6)]);
  }
  const addresses: string[] = [];
  let isGood = listed.length > 0;
  if (!isGood) {
    const mend = "list addresses, or leave it out to take those of the zone file";
    reading.reader.complain([...at, "targets"], `it is empty; ${mend}`);
  }
  for (const [index, entry] of listed.entries()) {
    const here = [...at, "targets", index];
    const isMap = typeof entry === "object" && entry !== null && !Array.isArray(entry);
    const read = isMap
      ? reading.reader.read(here, entry, memberMap)?.address
      : reading.reader.read(here, entry, memberAddress);
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
  reading: MembersReading,
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
export function familyOfKnown(address: string): Family {
  return familyOf(address) ?? 4;
}
