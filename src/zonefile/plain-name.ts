// Names without escapes, from the octets of a file straight to wire form.

import { LABEL_OCTETS_MAX, NAME_OCTETS_MAX, type Name } from "../dns/name.ts";
import { AT_SIGN, DOT, KIND, LF, ORDINARY } from "./octets.ts";

/** The text is no name, or one that only `nameFromText` can read. */
export const NOT_PLAIN = -1;

/** Reads names; what it finds out beside the offset it returns is in a field. */
export class PlainName {
  /** Octets of the name that was read last. */
  length = 0;

  /**
   * Reads the name at `start` into `out`, which has room for one octet more than the longest name
   * and is spoilt where the result is `NOT_PLAIN`.
   *
   * @returns the offset of the first octet behind the name.
   */
  read(bytes: Uint8Array, start: number, origin: Name, out: Uint8Array): number {
    let at = start;
    let labelAt = 0;
    let to = 1;
    for (; ; at++) {
      const octet = bytes[at] ?? LF;
      if (octet === DOT) {
        const size = to - labelAt - 1;
        if (size === 0 || size > LABEL_OCTETS_MAX) return NOT_PLAIN;
        out[labelAt] = size;
        labelAt = to++;
      } else if (KIND[octet] === ORDINARY) {
        out[to++] = octet;
      } else {
        break;
      }
      if (to > NAME_OCTETS_MAX) return NOT_PLAIN;
    }
    const size = to - labelAt - 1;
    if (size > LABEL_OCTETS_MAX || at === start) return NOT_PLAIN;
    if (size === 0) {
      out[labelAt] = 0;
      this.length = to;
      return at;
    }
    if (at === start + 1 && out[1] === AT_SIGN) to = 0;
    else out[labelAt] = size;
    const length = to + origin.length;
    if (length > NAME_OCTETS_MAX) return NOT_PLAIN;
    for (let i = 0; i < origin.length; i++) out[to + i] = origin[i] ?? 0;
    this.length = length;
    return at;
  }
}
