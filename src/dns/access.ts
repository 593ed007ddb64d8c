// Access lists: who may do something, by address prefix and by TSIG key.

import { equalNames, type Name } from "./name.ts";

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

/** Whether any rule lets the asker in; an empty list lets in nobody. */
export function isAdmitted(rules: readonly AccessRule[], asker: Asker): boolean {
  return rules.some(({ from, key }) => {
    if (from !== undefined && !isWithin(asker.address, from)) return false;
    return key === undefined || (asker.key !== undefined && equalNames(asker.key, key));
  });
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
