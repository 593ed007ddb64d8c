// The `admin` section of the main configuration: by which ways the API is offered, and to whom.

import type { z } from "zod";
import { bad, leaf, ok, text, word } from "./fields.ts";
import { type ListenAddress, listenShape, readListen } from "./listen.ts";
import { pathBeside } from "./paths.ts";
import { entryList, section, type YamlReader } from "./yaml.ts";

/** read: look at everything; operate: force, approve, reload; edit: change records. */
export type AdminScope = "read" | "operate" | "edit";

/** A bearer token of the API. The token itself is known to its bearer alone. */
export interface AdminToken {
  readonly name: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly scopes: readonly AdminScope[];
}

/** The API at TCP addresses. */
export interface AdminTcp {
  readonly listen: readonly ListenAddress[];
  readonly tokens: readonly AdminToken[];
  /** What is allowed without a token; only where every address is a loopback address. */
  readonly anonymous: readonly AdminScope[];
  /** PEM files; undefined: plain HTTP. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined;
}

/** Where the API is offered. */
export interface AdminConfig {
  /** Undefined only beside a store in memory: then there is no socket unless a path is given. */
  readonly socket: string | undefined;
  readonly tcp: AdminTcp | undefined;
}

const SCOPES = ["read", "operate", "edit"] as const;

const scopeWord = word(SCOPES);

const tokenEntry = section({
  name: leaf({ what: "a name", mend: "write letters, digits, dots and hyphens" }, readTokenName),
  sha256: leaf(
    { what: "a SHA-256", mend: "write the 64 digits that livezone token prints" },
    readSha256,
  ),
  scopes: entryList("write scopes such as [read, operate, edit]", scopeWord).optional(),
});

export const adminSection = section({
  socket: text("a path").optional(),
  listen: entryList('write addresses below it, such as "- 127.0.0.1:8053"', listenShape).optional(),
  tokens: entryList("write what livezone token prints", tokenEntry).optional(),
  anonymous: word(["read"]).optional(),
  tls: section({ certificate: text("a path"), key: text("a path") }).optional(),
});

/** The API's TCP addresses, if there are any. */
export function readAdminTcp(
  reader: YamlReader,
  raw: z.infer<typeof adminSection> | undefined,
  file: string,
): AdminTcp | undefined {
  if (raw?.listen === undefined) {
    for (const key of ["tokens", "anonymous", "tls"] as const) {
      if (raw?.[key] === undefined) continue;
      const state = 'it is of no use without "listen"; write an address such as 127.0.0.1:8053';
      reader.complain(["admin", key], state);
    }
    return undefined;
  }
  const listen = readListen(reader, ["admin", "listen"], raw.listen);
  const tokens = readTokens(reader, raw.tokens ?? []);
  const anonymous = raw.anonymous === undefined ? [] : ([raw.anonymous] as const);
  if (raw.tokens === undefined && anonymous.length === 0) {
    const state = "it would be open to nobody; add tokens (livezone token makes one)";
    reader.complain(["admin", "listen"], state);
  }
  const open = listen.find(({ address }) => !isLoopback(address));
  if (open !== undefined && anonymous.length > 0) {
    const state = `others can reach ${open.address}; remove it and use tokens, or listen on 127.0.0.1`;
    reader.complain(["admin", "anonymous"], state);
  }
  if (open !== undefined && raw.tls === undefined) {
    const state = `tokens go to ${open.address} unencrypted; add tls, or listen on 127.0.0.1`;
    reader.warn(["admin", "listen"], state);
  }
  const tls = raw.tls && {
    certificateFile: pathBeside(file, raw.tls.certificate),
    keyFile: pathBeside(file, raw.tls.key),
  };
  return { listen, tokens, anonymous, tls };
}

function readTokens(reader: YamlReader, entries: readonly unknown[]): readonly AdminToken[] {
  const tokens: AdminToken[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = ["admin", "tokens", index];
    const read = reader.read(at, entry, tokenEntry);
    if (read === undefined) continue;
    const { name, sha256 } = read;
    if (tokens.some((other) => other.name === name)) {
      reader.complain([...at, "name"], `token "${name}" is listed twice; give each its own name`);
    }
    const scopes = (read.scopes ?? ["read"]).map((scope, place) =>
      reader.read([...at, "scopes", place], scope, scopeWord),
    );
    tokens.push({ name, sha256, scopes: scopes.filter((scope) => scope !== undefined) });
  }
  return tokens;
}

function readTokenName(value: unknown) {
  const name = String(value);
  const mend = "write letters, digits, dots and hyphens";
  return /^[\w.-]{1,60}$/.test(name) ? ok(name) : bad(`"${name}" is no name for a token; ${mend}`);
}

function readSha256(value: unknown) {
  const digits = String(value).toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return ok(digits);
  const isToken = String(value).startsWith("lz_");
  const state = isToken ? "this is the token itself, which must not be here" : "it is no SHA-256";
  return bad(`${state}; write the 64 digits that livezone token prints`);
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}
