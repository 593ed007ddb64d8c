// The gateway of IPSECKEY and AMTRELAY: nothing, an address or a name, as an earlier octet says.

import type { Field } from "./description.ts";
import { IPV4, IPV6, NAME } from "./fields.ts";

const NONE: Field = {
  read(cursor) {
    if (cursor.peek() !== ".") return '"." for no gateway';
    cursor.at++;
    return undefined;
  },
  skip: (_octets, at) => at,
  print: () => ".",
};

const KINDS: readonly Field[] = [NONE, IPV4, IPV6, NAME];

/** @param typeAt offset in the data of the octet whose bits in `mask` are the gateway's type. */
export function gateway(typeAt: number, mask: number): Field {
  const kindOf = (octet: number | undefined): Field | undefined => KINDS[(octet ?? 0) & mask];
  return {
    read(cursor, out) {
      const kind = kindOf(out.octetAt(typeAt));
      if (kind !== undefined) return kind.read(cursor, out);
      cursor.at--;
      return "a gateway type from 0 to 3";
    },
    skip: (octets, at, end) => kindOf(octets[typeAt])?.skip(octets, at, end) ?? -1,
    print: (octets, at, end) => kindOf(octets[typeAt])?.print(octets, at, end) ?? "",
    names: (octets, at, end) => kindOf(octets[typeAt])?.names?.(octets, at, end) ?? [],
  };
}
