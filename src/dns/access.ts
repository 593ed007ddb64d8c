// Access lists: who may do something, by address prefix and by TSIG key.

import { equalNames, isAtOrBelow, type Name } from "./name.ts";

/** An address prefix; `bits` counts from its left. */
export interface Prefix {
  /** 4 or 16 network-order octets. */
  readonly address: Uint8Array;
  readonly bits: number;
}

/** One way in: whoever fits all that it names. At least one of the two is there. */
export interface AccessRule {
  readonly from?: Prefix;
  /** The name of the TSIG key that the request must be signed with. */
  readonly key?: Name;
}

/** Who asks, as far as it is known: a key counts only when its signature was verified. */
export interface Asker {
  /** 4 or 16 network-order octets. */
  readonly address: Uint8Array;
  readonly key?: Name;
}

/** One name, or everything below one. */
export interface NameReach {
  readonly name: Name;
  /** Whether names below it are meant instead of itself. */
  readonly isBelow: boolean;
}

/** A way in for updates, and how far it leads; a list that is left out stops at nothing. */
export interface UpdateRule extends AccessRule {
  readonly names?: readonly NameReach[];
  readonly types?: readonly number[];
}

/** The rules that let the asker in. */
export function admitting<T extends AccessRule>(rules: readonly T[], asker: Asker): readonly T[] {
  return rules.filter((rule) => isAdmitted([rule], asker));
}

/** Whether one of the rules reaches as far as an RRset. */
export function mayUpdate(rules: readonly UpdateRule[], owner: Name, type: number): boolean {
  return rules.some(({ names, types }) => {
    if (types !== undefined && !types.includes(type)) return false;
    return names === undefined || names.some((reach) => isReached(reach, owner));
  });
}

/** Whether any rule lets the asker in; an empty list lets in nobody. */
export function isAdmitted(rules: readonly AccessRule[], asker: Asker): boolean {
  return rules.some(({ from, key }) => {
    if (from !== undefined && !isWithin(asker.address, from)) return false;
    return key === undefined || (asker.key !== undefined && equalNames(asker.key, key));
  });
}

function isReached({ name, isBelow }: NameReach, owner: Name): boolean {
  if (!isBelow) return equalNames(name, owner);
  return isAtOrBelow(owner, name) && !equalNames(owner, name);
}

/** Whether an address lies within a prefix; families never mix. */
export function isWithin(address: Uint8Array, prefix: Prefix): boolean {
  if (address.length !== prefix.address.length) return false;
  for (let bit = 0; bit < prefix.bits; bit += 8) {
    const mask = (0xff00 >> Math.min(8, prefix.bits - bit)) & 0xff;
    const at = bit >> 3;
    if ((((address[at] ?? 0) ^ (prefix.address[at] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}
