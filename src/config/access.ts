// Who may transfer, notify and update a zone, and who is notified: settings of one zone.

import { z } from "zod";
import { canonicalIp, ipToBytes } from "../base/ip.ts";
import type { AccessRule, Prefix } from "../dns/access.ts";
import { equalNames, type Name, nameFromText, nameToDisplay, ROOT } from "../dns/name.ts";
import { address, bad, flag, leaf, ok, port, type Reading, readAddressPort } from "./fields.ts";
import type { KeyRing } from "./keys.ts";
import { entryList, section, type YamlPath, type YamlReader } from "./yaml.ts";

/** A server that is told of changes, or asked. */
export interface ServerAddress {
  /** Canonical IP text. */
  readonly address: string;
  readonly port: number;
  /** The name of the key that messages to it are signed with. */
  readonly key: Name | undefined;
}

/** What a zone says of other servers. */
export interface ZoneAccess {
  /** Each list admits nobody while it is empty. */
  readonly allowTransfer: readonly AccessRule[];
  readonly allowNotify: readonly AccessRule[];
  readonly allowUpdate: readonly AccessRule[];
  /** Whether the servers of the NS set are notified of changes: where anybody may transfer, unless said. */
  readonly isNotifying: boolean;
  /** Servers that are notified beside those, or with a key instead of them. */
  readonly alsoNotify: readonly ServerAddress[];
}

/** A zone that says nothing of other servers: it has none. */
export const ACCESS_DEFAULTS: ZoneAccess = {
  allowTransfer: [],
  allowNotify: [],
  allowUpdate: [],
  isNotifying: false,
  alsoNotify: [],
};

const DNS_PORT = 53;
const RULE_MEND = "write a prefix such as 192.0.2.0/24, or { key: NAME }";
const RULES = `write a list such as [192.0.2.53, { key: ns2.example.org }]`;

/** The name of a key, as the configuration writes it. */
const keyName = leaf({ what: "the name of a key", mend: "write a key's name" }, (value) => {
  try {
    return ok(nameFromText(String(value), ROOT));
  } catch {
    return bad(`"${value}" is not a name; write a key's name`);
  }
});

const prefix = leaf({ what: "a prefix", mend: RULE_MEND }, (value) => readPrefix(String(value)));
const rule = section({ from: prefix.optional(), key: keyName.optional() });
const server = section({ address, port: port.optional(), key: keyName.optional() });
const serverText = leaf({ what: "an address", mend: "write 192.0.2.53" }, (value) => {
  const bare = canonicalIp(String(value));
  return bare === undefined
    ? readAddressPort(String(value))
    : ok({ address: bare, port: DNS_PORT });
});

/** The keys that a zone's section may have beside those of `config/main`. */
export const accessFields = {
  allowTransfer: entryList(RULES, z.union([prefix, rule])).optional(),
  allowNotify: entryList(RULES, z.union([prefix, rule])).optional(),
  allowUpdate: entryList(RULES, z.union([prefix, rule])).optional(),
  notify: flag.optional(),
  alsoNotify: entryList(
    "write a list of addresses, such as [192.0.2.53]",
    z.union([serverText, server]),
  ).optional(),
};

type Lists = {
  readonly [K in "allowTransfer" | "allowNotify" | "allowUpdate" | "alsoNotify"]?:
    | readonly unknown[]
    | undefined;
} & { readonly notify?: boolean | undefined };

/** Reads a zone's section; names of keys that are in no file are complained about. */
export function readAccess(
  reader: YamlReader,
  zone: { readonly at: YamlPath; readonly lists: Lists; readonly ring: KeyRing },
): ZoneAccess {
  const { at, lists, ring } = zone;
  const rules = (name: "allowTransfer" | "allowNotify" | "allowUpdate"): readonly AccessRule[] =>
    readRules(reader, { at: [...at, name], entries: lists[name] ?? [], ring });
  return {
    allowTransfer: rules("allowTransfer"),
    allowNotify: rules("allowNotify"),
    allowUpdate: rules("allowUpdate"),
    isNotifying: lists.notify ?? (lists.allowTransfer ?? []).length > 0,
    alsoNotify: readServers(reader, {
      at: [...at, "alsoNotify"],
      entries: lists.alsoNotify ?? [],
      ring,
    }),
  };
}

/** A list under way: where it stands and what it holds. */
interface ListReading {
  readonly at: YamlPath;
  readonly entries: readonly unknown[];
  readonly ring: KeyRing;
}

/** Reads an access list. */
export function readRules(reader: YamlReader, list: ListReading): readonly AccessRule[] {
  const rules: AccessRule[] = [];
  for (const [index, entry] of list.entries.entries()) {
    const at = [...list.at, index];
    const isMap = typeof entry === "object" && entry !== null;
    const from = isMap ? undefined : reader.read(at, entry, prefix);
    const read = isMap ? reader.read(at, entry, rule) : from && { from };
    if (read === undefined) continue;
    const key = "key" in read ? read.key : undefined;
    if (read.from === undefined && key === undefined) {
      reader.complain(at, `it names nobody; ${RULE_MEND}`);
      continue;
    }
    checkKey(reader, [...at, "key"], key, list.ring);
    rules.push({
      ...(read.from !== undefined && { from: read.from }),
      ...(key !== undefined && { key }),
    });
  }
  return rules;
}

/** Reads a list of servers: "192.0.2.53", "192.0.2.53:5353" or a map with a key. */
export function readServers(reader: YamlReader, list: ListReading): readonly ServerAddress[] {
  const servers: ServerAddress[] = [];
  for (const [index, entry] of list.entries.entries()) {
    const at = [...list.at, index];
    const isMap = typeof entry === "object" && entry !== null;
    const read = isMap ? reader.read(at, entry, server) : reader.read(at, entry, serverText);
    if (read === undefined) continue;
    const key = "key" in read ? read.key : undefined;
    checkKey(reader, [...at, "key"], key, list.ring);
    const { address: host, port: number = DNS_PORT } = read;
    if (servers.some((other) => other.address === host && other.port === number)) {
      reader.complain(at, "it is listed twice; remove one of the two");
    }
    servers.push({ address: host, port: number, key });
  }
  return servers;
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

function checkKey(reader: YamlReader, at: YamlPath, key: Name | undefined, ring: KeyRing): void {
  if (key === undefined || !ring.isComplete) return;
  if (ring.keys.some(({ name }) => equalNames(name, key))) return;
  const known = ring.keys.map(({ name }) => `"${nameToDisplay(name)}"`).join(", ");
  const mend = known === "" ? 'list its file under "keys"' : `use one of ${known}`;
  reader.complain(at, `no key file holds "${nameToDisplay(key)}"; ${mend}`);
}
