// Who is asking, and what they may. On the unix socket the file's mode has decided already; on a TCP
// address a bearer token does (RFC 6750 section 2.1), of which only the SHA-256 is known here.

import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { AdminScope, AdminToken } from "../config/admin.ts";

export type { AdminScope } from "../config/admin.ts";

/** Who sent a request. */
export interface Client {
  /** As the audit names the way in: `socket`, `token NAME`, `anybody`. */
  readonly via: string;
  /** A token's name, for changes that name no author. */
  readonly name: string | undefined;
  readonly scopes: readonly AdminScope[];
}

/** Who is on the unix socket. */
export const SOCKET_CLIENT: Client = {
  via: "socket",
  name: undefined,
  scopes: ["read", "operate", "edit"],
};

/** What the door says: come in, or why not. */
export type Entry =
  | { readonly kind: "in"; readonly client: Client }
  | { readonly kind: "out"; readonly why: "NO_TOKEN" | "BAD_TOKEN" | "BAD_HOST" };

/** What is told of a request at the door. */
export interface Knock {
  readonly authorization: string | undefined;
  readonly host: string | undefined;
}

/** Decides by the tokens of the configuration who comes in at a TCP address. */
export class Door {
  readonly #tokens: readonly { readonly token: AdminToken; readonly hash: Buffer }[];
  readonly #anonymous: readonly AdminScope[];

  constructor(options: {
    readonly tokens: readonly AdminToken[];
    readonly anonymous: readonly AdminScope[];
  }) {
    this.#tokens = options.tokens.map((token) => ({
      token,
      hash: Buffer.from(token.sha256, "hex"),
    }));
    this.#anonymous = options.anonymous;
  }

  /** Takes as long for a wrong token as for a right one: every hash is compared in full. */
  knock({ authorization, host }: Knock): Entry {
    if (authorization === undefined) {
      if (this.#anonymous.length === 0) return { kind: "out", why: "NO_TOKEN" };
      // A page elsewhere may point a name of its own at this address; it then asks by that name.
      if (!isPlainHost(host)) return { kind: "out", why: "BAD_HOST" };
      const client = { via: "anybody", name: undefined, scopes: this.#anonymous };
      return { kind: "in", client };
    }
    const [, given] = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization) ?? [];
    const hash = createHash("sha256")
      .update(given ?? "")
      .digest();
    let found: AdminToken | undefined;
    for (const { token, hash: known } of this.#tokens) {
      if (timingSafeEqual(hash, known)) found = token;
    }
    if (given === undefined || found === undefined) return { kind: "out", why: "BAD_TOKEN" };
    const { name, scopes } = found;
    return { kind: "in", client: { via: `token ${name}`, name, scopes } };
  }
}

/** What each scope allows beside itself: whoever edits may look. */
const IMPLIED: Readonly<Record<AdminScope, readonly AdminScope[]>> = {
  read: ["read", "operate", "edit"],
  operate: ["operate"],
  edit: ["edit"],
};

/** Whether a client may use a route of this scope. */
export function may(client: Client, scope: AdminScope): boolean {
  return client.scopes.some((held) => IMPLIED[scope].includes(held));
}

/** An address, or `localhost`: names that nobody else can point here. */
function isPlainHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return name !== undefined && (name.toLowerCase() === "localhost" || isIP(name) !== 0);
}
