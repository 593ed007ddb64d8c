// The recursive resolvers that the server asks: for the addresses of host names that are members, and
// for what they answer.

import { z } from "zod";
import { address, leaf, ok, port, readAddressPort, text } from "./fields.ts";
import { entryList, section, type YamlReader } from "./yaml.ts";

/** Where a resolver listens. */
export interface ResolverAddress {
  /** What its operator calls it; its address where that is all. */
  readonly name: string;
  /** Canonical IP text. */
  readonly address: string;
  readonly port: number;
}

/** A list of more is a slip: each is asked only when those before it say nothing. */
const RESOLVERS_MAX = 16;
const DNS_PORT = 53;
const MEND = 'write addresses below it, such as "- 127.0.0.1" or "- 127.0.0.1:5353"';

const resolverMap = section({
  name: text("a name").optional(),
  address,
  port: port.optional(),
});

/** An address whose port may be left out, as an IPv6 address looks when it has none. */
const resolverText = leaf({ what: "a resolver's address", mend: MEND }, (value) => {
  const text = String(value);
  const bare = address.safeParse(text);
  if (bare.success) return ok({ address: bare.data, port: DNS_PORT });
  return readAddressPort(text);
});

/** How an entry is written. */
const resolverShape = z.union([resolverText, resolverMap]);

/** The key `resolvers` of the main configuration. */
export const resolversKey = entryList(MEND, resolverShape).optional();

/** Reads the list of resolvers, in the order in which they are asked. */
export function readResolvers(
  reader: YamlReader,
  entries: readonly unknown[] | undefined,
  place: { readonly path: readonly string[]; readonly instead: string } = {
    path: ["resolvers"],
    instead: "ask those of the system",
  },
): readonly ResolverAddress[] {
  const resolvers: ResolverAddress[] = [];
  if (entries === undefined) return resolvers;
  const { path } = place;
  if (entries.length === 0) {
    reader.complain(path, `it is empty; name one, or remove it to ${place.instead}`);
  }
  if (entries.length > RESOLVERS_MAX) {
    reader.complain(path, `it has ${entries.length}, more than ${RESOLVERS_MAX}; list fewer`);
  }
  for (const [index, entry] of entries.entries()) {
    const at = [...path, index];
    const isText = typeof entry !== "object" || entry === null;
    const read = isText
      ? reader.read(at, entry, resolverText)
      : reader.read(at, entry, resolverMap);
    if (read === undefined) continue;
    const name = ("name" in read ? read.name : undefined) ?? shownAt(read);
    const resolver = { name, address: read.address, port: read.port ?? DNS_PORT };
    if (resolvers.some((one) => one.name === name && one.address !== read.address)) {
      reader.complain(at, `another one is called "${name}" too; rename one of the two`);
    }
    if (resolvers.some((one) => one.address === resolver.address && one.port === resolver.port)) {
      reader.complain(at, "it is listed twice; remove one of the two");
    }
    resolvers.push(resolver);
  }
  return resolvers;
}

/** An address, with its port where that is not the usual one. */
function shownAt(place: { readonly address: string; readonly port?: number | undefined }): string {
  const { address: at, port: on = DNS_PORT } = place;
  if (on === DNS_PORT) return at;
  return at.includes(":") ? `[${at}]:${on}` : `${at}:${on}`;
}
