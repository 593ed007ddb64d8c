// The HTTP/JSON API on a unix socket. Says and does nothing itself: the handlers are control's.

import { chmodSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { type FastifyInstance, fastify } from "fastify";
import type { Timers } from "../base/clock.ts";
import { AppError, codeOf, messageOf } from "../base/errors.ts";
import { Refusal } from "../base/refusal.ts";
import type { StatusReport } from "../view/status.ts";
import { addDrainRoutes } from "./drain-routes.ts";
import { AdminError } from "./errors.ts";
import type { EventFeed } from "./event-feed.ts";
import { addEventRoutes } from "./event-routes.ts";
import { addOperatorRoutes, type OperatorHandlers } from "./operator-routes.ts";
import { PROBLEM_TYPE, problem } from "./problem.ts";
import { claimSocketPath } from "./socket.ts";
import { addSwapRoutes, type SwapHandlers } from "./swap-routes.ts";
import { addSecurityHeaders, addWebFolder } from "./web-folder.ts";

/** What the API can ask of the server behind it. */
export interface AdminHandlers {
  status(): StatusReport | Promise<StatusReport>;
  /** Looks at every file now, as SIGHUP asks. What comes of it is logged and shown by `status`. */
  reload(): void | Promise<void>;
  readonly operators: OperatorHandlers;
  readonly swaps: SwapHandlers;
  readonly feed: EventFeed;
  readonly timers: Timers;
  /** Where the web page was built; absent: there is none. */
  readonly webFolder?: string;
}

/** An API that is being offered. */
export interface AdminServer {
  /** Ends open connections and removes the socket file. */
  close(): Promise<void>;
}

/** Owner and group may use the API; the folder's owner decides who the group is. */
const SOCKET_MODE = 0o660;
const BODY_OCTETS_MAX = 1024 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

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
  return { close: () => server.close() };
}

/** The routes without a socket, as tests ask them. */
export function createAdmin(handlers: AdminHandlers): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: BODY_OCTETS_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  addSecurityHeaders(server);
  server.get("/v1/status", () => handlers.status());
  server.post("/v1/reload", async (_request, reply) => {
    await handlers.reload();
    return reply.code(202).send({ accepted: true });
  });
  addOperatorRoutes(server, handlers.operators);
  addDrainRoutes(server, handlers.operators.drains);
  addSwapRoutes(server, handlers.swaps);
  addEventRoutes(server, handlers.feed, handlers.timers);
  if (handlers.webFolder !== undefined) addWebFolder(server, handlers.webFolder);
  server.setNotFoundHandler((request, reply) => {
    const detail = `Cannot ${request.method} ${request.url}: there is no such route`;
    return reply
      .code(404)
      .type(PROBLEM_TYPE)
      .send(problem(404, "NO_ROUTE", detail));
  });
  server.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    const code = error instanceof AppError ? error.code : (codeOf(error) ?? "INTERNAL");
    return reply
      .code(status)
      .type(PROBLEM_TYPE)
      .send(problem(status, code, messageOf(error)));
  });
  return server;
}

const REFUSED = { absent: 404, unfit: 400, conflict: 409 } as const;

/** fastify marks what the client did wrong with a status of its own; all else is ours. */
function statusOf(error: unknown): number {
  if (error instanceof Refusal) return REFUSED[error.kind];
  const isMarked = error instanceof Error && "statusCode" in error;
  const status = isMarked ? Number(error.statusCode) : 500;
  return status >= 400 && status <= 599 ? status : 500;
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
