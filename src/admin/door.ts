// The door of a server: names the client of every request, or turns it away.

import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../base/clock.ts";
import { event } from "../events/event.ts";
import { type Client, Door, type Entry } from "./access.ts";
import type { Changes } from "./changes.ts";
import { Forbidden } from "./routes.ts";

/** Whoever is turned away is heard of once in so long; guessing at tokens must not fill a log. */
const TELL_MS = 60_000;

const STATES: Readonly<Record<Extract<Entry, { kind: "out" }>["why"], string>> = {
  NO_TOKEN: "it needs a token; send Authorization: Bearer TOKEN (livezone token makes one)",
  BAD_TOKEN: "the token is not known here",
  BAD_HOST: "without a token it answers by its address or as localhost only",
};

/** Puts `door` before every route. @param door a client: everybody is that one. */
export function addDoor(
  server: FastifyInstance,
  door: Door | Client,
  { changes, time }: { readonly changes: Changes; readonly time: Pick<Clock, "nowMs"> },
): void {
  let deniedTimes = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  const tell = (request: FastifyRequest, state: string): void => {
    deniedTimes++;
    if (time.nowMs() < toldMs + TELL_MS) return;
    toldMs = time.nowMs();
    const fields = { reason: state, from: request.ip, times: deniedTimes };
    deniedTimes = 0;
    changes.announce(event("api.denied", `Turned away ${request.ip}: ${state}`, fields));
  };
  server.decorateRequest("client");
  server.addHook("onRequest", async (request) => {
    if (!(door instanceof Door)) {
      request.client = door;
      return;
    }
    const { authorization, host } = request.headers;
    const entry = door.knock({ authorization, host });
    if (entry.kind === "in") {
      request.client = entry.client;
      return;
    }
    if (request.routeOptions.config.isOpen === true) {
      request.client = { via: "anybody", name: undefined, scopes: [] };
      return;
    }
    const state = STATES[entry.why];
    if (entry.why !== "NO_TOKEN") tell(request, state);
    throw new Forbidden("unknown", `Cannot ${request.method} ${request.url}: ${state}`, entry.why);
  });
  server.addHook("onSend", async (_request, reply) => {
    // RFC 6750 section 3: whoever is asked for a token is told which kind.
    if (reply.statusCode === 401) reply.header("www-authenticate", 'Bearer realm="livezone"');
  });
}
