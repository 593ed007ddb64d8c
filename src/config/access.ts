// Who may transfer, notify and update a zone, and who is notified: settings of one zone.

import { z } from "zod";
import { canonicalIp, ipToBytes } from "../base/ip.ts";
import type { AccessRule, UpdateRule } from "../dns/access.ts";
import type { Name } from "../dns/name.ts";
import { checkKey, keyName, type ListReading, prefix, RULE_MEND } from "./access-fields.ts";
import { address, flag, leaf, ok, port, readAddressPort } from "./fields.ts";
import type { KeyRing } from "./keys.ts";
import { readUpdateRules, updateRule } from "./update-rules.ts";
import { entryList, readLater, section, type YamlPath, type YamlReader } from "./yaml.ts";

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
  readonly allowUpdate: readonly UpdateRule[];
  /** Whether the servers of the NS set are notified of changes: where anybody may transfer, unless said. */
  readonly isNotifying: boolean;
  /** Servers that are notified beside those, or with a key instead of them. */
  readonly alsoNotify: readonly ServerAddress[];
  /** What the zone is copied from, in the order they are asked; empty: it is no copy. */
  readonly primaries: readonly ServerAddress[];
}

/** A zone that says nothing of other servers: it has none. */
export const ACCESS_DEFAULTS: ZoneAccess = {
  allowTransfer: [],
  allowNotify: [],
  allowUpdate: [],
  isNotifying: false,
  alsoNotify: [],
  primaries: [],
};

const DNS_PORT = 53;
const RULES = `write a list such as [192.0.2.53, { key: ns2.example.org }]`;

const rule = section({ from: prefix.optional(), key: keyName.optional() });
const server = section({ address, port: port.optional(), key: keyName.optional() });
const serverText = leaf({ what: "an address", mend: "write 192.0.2.53" }, (value) => {
  const bare = canonicalIp(String(value));
  return bare === undefined
    ? readAddressPort(String(value))
    : ok({ address: bare, port: DNS_PORT });
});

const PRIMARY_MEND = "write an address such as 192.0.2.53, or { address: 192.0.2.53, key: NAME }";

/** The keys that a zone's section may have beside those of `config/main`. */
export const accessFields = {
  allowTransfer: entryList(RULES, z.union([prefix, rule])).optional(),
  allowNotify: entryList(RULES, z.union([prefix, rule])).optional(),
  allowUpdate: entryList(RULES, z.union([prefix, updateRule])).optional(),
  notify: flag.optional(),
  primary: readLater(
    z.union([serverText, server, z.array(z.union([serverText, server]))]),
  ).optional(),
  alsoNotify: entryList(
    "write a list of addresses, such as [192.0.2.53]",
    z.union([serverText, server]),
  ).optional(),
};

type Lists = {
  readonly [K in "allowTransfer" | "allowNotify" | "allowUpdate" | "alsoNotify"]?:
    | readonly unknown[]
    | undefined;
} & {
  readonly notify?: boolean | undefined;
  readonly primary?: unknown;
  readonly file?: string | undefined;
  readonly source?: string | undefined;
};

/** Reads a zone's section; names of keys that are in no file are complained about. */
export function readAccess(
  reader: YamlReader,
  zone: { readonly at: YamlPath; readonly lists: Lists; readonly ring: KeyRing },
): ZoneAccess {
  const { at, lists, ring } = zone;
  const primaries = readPrimaries(reader, zone);
  const rules = (name: "allowTransfer" | "allowNotify"): readonly AccessRule[] =>
    readRules(reader, { at: [...at, name], entries: lists[name] ?? [], ring });
  return {
    allowTransfer: rules("allowTransfer"),
    // Whoever is asked anyway may say when (RFC 1996 section 3.11 checks no more than the address).
    allowNotify: [...rules("allowNotify"), ...primaries.map(ruleOf)],
    allowUpdate: readUpdateRules(reader, {
      at: [...at, "allowUpdate"],
      entries: lists.allowUpdate ?? [],
      ring,
    }),
    isNotifying: lists.notify ?? (lists.allowTransfer ?? []).length > 0,
    alsoNotify: readServers(reader, {
      at: [...at, "alsoNotify"],
      entries: lists.alsoNotify ?? [],
      ring,
    }),
    primaries,
  };
}

function readPrimaries(
  reader: YamlReader,
  zone: { readonly at: YamlPath; readonly lists: Lists; readonly ring: KeyRing },
): readonly ServerAddress[] {
  const { lists, ring } = zone;
  const { primary } = lists;
  if (primary === undefined) return [];
  const at = [...zone.at, "primary"];
  for (const other of ["file", "source", "allowUpdate"] as const) {
    if (lists[other] === undefined) continue;
    const state = `the zone is copied from its primary; remove "${other}", or remove "primary"`;
    reader.complain([...zone.at, other], state);
  }
  if (primary === null) reader.complain(at, `nothing stands there; ${PRIMARY_MEND}`);
  if (Array.isArray(primary) && primary.length === 0) {
    reader.complain(at, `the list is empty; ${PRIMARY_MEND}`);
  }
  if (Array.isArray(primary)) return readServers(reader, { at, entries: primary, ring });
  return primary === null ? [] : readServers(reader, { at, entries: [primary], ring, isOne: true });
}

function ruleOf({ address: host }: ServerAddress): AccessRule {
  const octets = ipToBytes(host) ?? new Uint8Array(4);
  return { from: { address: octets, bits: octets.length * 8 } };
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

/** Reads a list of servers: "192.0.2.53", "192.0.2.53:5353" or a map with a key. @param list.isOne it stands there without a list. */
export function readServers(
  reader: YamlReader,
  list: ListReading & { readonly isOne?: boolean },
): readonly ServerAddress[] {
  const servers: ServerAddress[] = [];
  for (const [index, entry] of list.entries.entries()) {
    const at = list.isOne === true ? list.at : [...list.at, index];
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
