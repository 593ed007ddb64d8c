// What every route has in common: schemas that are both the check and the documentation, the scope
// that a client must hold, and who is told of changes.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import type { LivezoneEvent } from "../events/event.ts";
import { event } from "../events/event.ts";
import { type AdminScope, type Client, may } from "./access.ts";

declare module "fastify" {
  interface FastifyRequest {
    client: Client;
  }
  interface FastifyContextConfig {
    /** What a client must hold; absent: open to everybody who comes in. */
    scope?: AdminScope;
    /** Answered without a token too: it says nothing that a secret is. */
    isOpen?: boolean;
  }
}

/** Takes what has happened. */
export type Announce = (happened: LivezoneEvent) => void;

/** A server whose routes are typed by their schemas. */
export function typed(server: FastifyInstance) {
  return server.withTypeProvider<ZodTypeProvider>();
}

/** Who says so, and why: what every change brings. Over TCP the author is the token's name by default. */
export const author = z.string().trim().min(1).max(100);
export const reason = z.string().trim().min(1).max(500);

/** The author of a change. @throws Refusal where nobody is named. */
export function authorOf(request: FastifyRequest, named: string | undefined): string {
  const found = named ?? request.client.name;
  if (found !== undefined) return found;
  throw new Refusal("unfit", "BAD_REQUEST", 'Cannot read the request: "author" is missing');
}

/** Says who changed what, and why. */
export function announceChange(
  announce: Announce,
  request: FastifyRequest,
  change: {
    readonly action: string;
    readonly object: string;
    readonly author: string;
    readonly reason: string | undefined;
    readonly serial?: number;
    readonly detail?: string;
  },
): void {
  const { reason: why = "no reason was given", ...fields } = change;
  const msg = `${change.author}: ${change.action} ${change.object} (${why})`;
  announce(event("api.changed", msg, { ...fields, reason: why, via: request.client.via }));
}

/** Holds every route to its scope. */
export function addScopes(server: FastifyInstance): void {
  server.addHook("preValidation", async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined || may(request.client, scope)) return;
    const { via } = request.client;
    const state =
      request.client.scopes.length === 0 || via === "anybody"
        ? `it needs a token with the scope "${scope}"`
        : `it needs the scope "${scope}", which ${via} has not`;
    throw new Forbidden("forbidden", `Cannot ${request.method} ${request.url}: ${state}`);
  });
}

/** A request of a known client that is not allowed to make it. */
export class Forbidden extends Error {
  readonly code: string;
  readonly statusCode: 401 | 403;

  constructor(kind: "forbidden" | "unknown", message: string, code = "SCOPE") {
    super(message);
    this.code = code;
    this.statusCode = kind === "forbidden" ? 403 : 401;
  }
}

/**
 * Checks what a client sent by a schema, for fastify.
 *
 * @throws Refusal, through fastify, that says what is wrong with it.
 */
export function compileValidator({
  schema,
  httpPart = "body",
}: {
  readonly schema: z.ZodType;
  readonly httpPart?: string;
}): (value: unknown) => { value: unknown } | { error: Refusal } {
  const what = PARTS[httpPart] ?? httpPart;
  return (value) => {
    const result = schema.safeParse(value ?? {});
    if (result.success) return { value: result.data };
    const issues = result.error.issues.map(({ path, message }) => {
      const sentence = message.replace(/^(?:Invalid \w+|Too small|Too big): /, "");
      return path.length === 0 ? sentence : `"${path.join(".")}" ${sentence}`;
    });
    const message = `Cannot read ${what}: ${issues.join("; ")}`;
    return { error: new Refusal("unfit", "BAD_REQUEST", message) };
  };
}

const PARTS: Readonly<Record<string, string>> = {
  body: "the body",
  querystring: "the query",
  params: "the path",
  headers: "the headers",
};
