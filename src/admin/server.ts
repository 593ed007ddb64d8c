// The HTTP/JSON API, on a unix socket and, where asked for, at TCP addresses. Says and does nothing
// itself: the handlers are control's.

import { chmodSync, existsSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { dirname } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import type { Time } from "../base/clock.ts";
import { AppError, codeOf, messageOf } from "../base/errors.ts";
import { Refusal } from "../base/refusal.ts";
import type { AdminTcp } from "../config/admin.ts";
import { Door, SOCKET_CLIENT } from "./access.ts";
import type { Changes } from "./changes.ts";
import { addDoor } from "./door.ts";
import { addDrainRoutes } from "./drain-routes.ts";
import { AdminError } from "./errors.ts";
import type { EventFeed } from "./event-feed.ts";
import { addEventRoutes } from "./event-routes.ts";
import { addHealthRoutes, type HealthHandlers } from "./health-routes.ts";
import { addIdempotency, IdempotencyMemory } from "./idempotency.ts";
import { addDescription, addDescriptionRoute } from "./openapi.ts";
import { addOperatorRoutes, type OperatorHandlers } from "./operator-routes.ts";
import { PROBLEM_TYPE, problem } from "./problem.ts";
import { addScopes, compileValidator } from "./routes.ts";
import { claimSocketPath } from "./socket.ts";
import { addStateRoutes, type StateHandlers } from "./state-routes.ts";
import { addSwapRoutes, type SwapHandlers } from "./swap-routes.ts";
import { addSecurityHeaders, addWebFolder } from "./web-folder.ts";
import { addZoneRoutes, type ZoneHandlers } from "./zone-routes.ts";

/** What the API can ask of the server behind it. */
export interface AdminHandlers extends StateHandlers, HealthHandlers {
  readonly operators: OperatorHandlers;
  readonly swaps: SwapHandlers;
  readonly zones: ZoneHandlers;
  readonly feed: EventFeed;
  readonly changes: Changes;
  readonly time: Time;
  readonly version: string;
  /** Where the web page was built; absent: there is none. */
  readonly webFolder?: string;
}

/** An API that is being offered. */
export interface AdminServer {
  /** Where it is: a path, or the addresses with the ports they really have. */
  readonly at: readonly string[];
  /** Takes another certificate for new connections. */
  setIdentity(identity: AdminIdentity): void;
  /** Ends open connections; removes the socket file. */
  close(): Promise<void>;
}

/** A certificate chain and its key, as PEM. */
export interface AdminIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Owner and group may use the API; the folder's owner decides who the group is. */
const SOCKET_MODE = 0o660;
const BODY_OCTETS_MAX = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTIONS_MAX = 256;

/**
 * Offers the API at `socket` until it is closed. A socket file that a dead server left is replaced.
 *
 * @param options.socket path of the unix socket.
 * @throws AdminError
 */
export async function openAdmin(
  options: AdminHandlers & { readonly socket: string },
): Promise<AdminServer> {
  const { socket } = options;
  await claimSocketPath(socket);
  const server = createAdmin(options);
  try {
    await server.listen({ path: socket });
    chmodSync(socket, SOCKET_MODE);
  } catch (error) {
    await server.close();
    throw unusable(socket, error);
  }
  return { at: [socket], setIdentity: () => undefined, close: () => server.close() };
}

/**
 * Offers the API at TCP addresses, to those who have a token.
 *
 * @throws AdminError
 */
export async function openAdminTcp(
  handlers: AdminHandlers,
  tcp: Pick<AdminTcp, "listen" | "tokens" | "anonymous">,
  identity: AdminIdentity | undefined,
): Promise<AdminServer> {
  const door = new Door(tcp);
  const opened: { readonly at: string; readonly server: FastifyInstance }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(({ server }) => server.close()));
  };
  for (const { address: host, port } of tcp.listen) {
    const server = createAdmin(handlers, { door, identity });
    try {
      opened.push({ at: await server.listen({ host, port }), server });
    } catch (error) {
      await server.close();
      await close();
      const state = codeOf(error) === "EADDRINUSE" ? "it is in use already" : messageOf(error);
      throw new AdminError("ADMIN_ADDRESS_UNUSABLE", `${host} port ${port}`, state, error);
    }
  }
  return {
    at: opened.map(({ at }) => at),
    setIdentity: ({ certificatePem: cert, keyPem: key }) => {
      for (const { server } of opened) {
        if ("setSecureContext" in server.server) {
          (server.server as ReturnType<typeof createTlsServer>).setSecureContext({ cert, key });
        }
      }
    },
    close,
  };
}

/** The routes without a socket, as tests ask them. */
export function createAdmin(
  handlers: AdminHandlers,
  tcp?: { readonly door: Door; readonly identity?: AdminIdentity | undefined },
): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_OCTETS_MAX,
    forceCloseConnections: true,
    serverFactory: (listener) => serverFor(listener, tcp?.identity),
  });
  server.setValidatorCompiler(compileValidator);
  // Schemas of answers are documentation: what is answered is control's word.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data));
  server.setNotFoundHandler((request, reply) => {
    const detail = `Cannot ${request.method} ${request.url}: there is no such route`;
    return reply
      .code(404)
      .type(PROBLEM_TYPE)
      .send(problem(404, "NO_ROUTE", detail));
  });
  server.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    const isOurs = error instanceof AppError || hasOwnStatus(error);
    const code = isOurs ? String(codeOf(error)) : "INTERNAL";
    return reply
      .code(status)
      .type(PROBLEM_TYPE)
      .send(problem(status, code, messageOf(error)));
  });
  addSecurityHeaders(server);
  addDoor(server, tcp?.door ?? SOCKET_CLIENT, handlers);
  addScopes(server);
  addIdempotency(server, new IdempotencyMemory(handlers.time));
  addDescription(server, handlers.version);
  void server.register(async (routes) => addRoutes(routes, handlers));
  return server;
}

function addRoutes(server: FastifyInstance, handlers: AdminHandlers): void {
  const { changes, webFolder } = handlers;
  const { announce } = changes;
  const audit = { announce, changes: (limit: number) => changes.newest(limit) };
  addStateRoutes(server, handlers, audit);
  addOperatorRoutes(server, handlers.operators, announce);
  addDrainRoutes(server, handlers.operators.drains, announce);
  addSwapRoutes(server, handlers.swaps);
  addZoneRoutes(server, handlers.zones, announce);
  addEventRoutes(server, handlers.feed, handlers.time);
  addHealthRoutes(server, handlers);
  addDescriptionRoute(server);
  if (webFolder !== undefined) addWebFolder(server, webFolder);
}

function serverFor(listener: RequestListener, identity: AdminIdentity | undefined) {
  const limits = { requestTimeout: REQUEST_TIMEOUT_MS };
  const server =
    identity === undefined
      ? createServer(limits, listener)
      : createTlsServer(
          { ...limits, cert: identity.certificatePem, key: identity.keyPem },
          listener,
        );
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

const REFUSED = { absent: 404, unfit: 400, conflict: 409, stale: 412, unsaid: 428 } as const;

/** fastify marks what the client did wrong with a status of its own; all else is ours. */
function statusOf(error: unknown): number {
  if (error instanceof Refusal) return REFUSED[error.kind];
  const status = hasOwnStatus(error) ? Number(error.statusCode) : 500;
  return status >= 400 && status <= 599 ? status : 500;
}

function hasOwnStatus(error: unknown): error is Error & { readonly statusCode: unknown } {
  return error instanceof Error && "statusCode" in error;
}

function unusable(socket: string, error: unknown): AdminError {
  const code = codeOf(error);
  const folder = dirname(socket);
  // Binding into a folder that is not there is reported as EACCES by libuv.
  const isAbsent = (code === "EACCES" || code === "ENOENT") && !existsSync(folder);
  const state = isAbsent
    ? `folder "${folder}" does not exist; make it, or use --socket PATH`
    : code === "EACCES"
      ? `folder "${folder}" may not be written; use --socket PATH`
      : messageOf(error);
  return new AdminError("ADMIN_SOCKET_UNUSABLE", socket, state, error);
}
