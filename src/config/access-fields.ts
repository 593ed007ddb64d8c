// What access lists are made of: prefixes, names of keys.

import { ipToBytes } from "../base/ip.ts";
import type { Prefix } from "../dns/access.ts";
import { equalNames, type Name, nameFromText, nameToDisplay, ROOT } from "../dns/name.ts";
import { bad, leaf, ok, type Reading } from "./fields.ts";
import type { KeyRing } from "./keys.ts";
import type { YamlPath, YamlReader } from "./yaml.ts";

/** What to write instead of a rule that names nobody. */
export const RULE_MEND = "write a prefix such as 192.0.2.0/24, or { key: NAME }";

/** The name of a key, as the configuration writes it. */
export const keyName = leaf({ what: "the name of a key", mend: "write a key's name" }, (value) => {
  try {
    return ok(nameFromText(String(value), ROOT));
  } catch {
    return bad(`"${value}" is not a name; write a key's name`);
  }
});

/** An address prefix. */
export const prefix = leaf({ what: "a prefix", mend: RULE_MEND }, (value) =>
  readPrefix(String(value)),
);

/** A list under way: where it stands and what it holds. */
export interface ListReading {
  readonly at: YamlPath;
  readonly entries: readonly unknown[];
  readonly ring: KeyRing;
}

/** Reads an address prefix; a single address is a prefix of its whole length. */
export function readPrefix(value: string): Reading<Prefix> {
  const [host = "", length] = value.split("/");
  const octets = ipToBytes(host);
  const widest = (octets?.length ?? 0) * 8;
  const bits = length === undefined ? widest : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (octets === undefined || bits < 0 || bits > widest) {
    return bad(`"${value}" is not an address prefix; write one such as 192.0.2.0/24`);
  }
  return ok({ address: octets, bits });
}

/** Complains about a key that no file holds. */
export function checkKey(
  reader: YamlReader,
  at: YamlPath,
  key: Name | undefined,
  ring: KeyRing,
): void {
  if (key === undefined || !ring.isComplete) return;
  if (ring.keys.some(({ name }) => equalNames(name, key))) return;
  const known = ring.keys.map(({ name }) => `"${nameToDisplay(name)}"`).join(", ");
  const mend = known === "" ? 'list its file under "keys"' : `use one of ${known}`;
  reader.complain(at, `no key file holds "${nameToDisplay(key)}"; ${mend}`);
}
