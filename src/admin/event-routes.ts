// `GET /v1/events`: what happens, as server-sent events; each one's data is the log's line.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Timers } from "../base/clock.ts";
import type { EventFeed } from "./event-feed.ts";
import { placeOf } from "./event-feed.ts";
import { PROBLEM_TYPE, problem } from "./problem.ts";

const BEAT_MS = 15_000;
/** Octets that may wait for a reader. A reader further behind is dropped. */
const WAITING_OCTETS_MAX = 4 * 1024 * 1024;
/** After this, a reader that lost its connection tries again. */
const RETRY_MS = 2000;

const query = z.object({
  level: z.enum(["debug", "info"]).optional(),
  /** For readers who cannot set the header `Last-Event-ID`. */
  after: z.string().max(40).optional(),
});

/** Adds the route; the feed's heart beats until the server is closed. */
export function addEventRoutes(server: FastifyInstance, feed: EventFeed, timers: Timers): void {
  let cancel = timers.after(BEAT_MS, beat);
  function beat(): void {
    feed.beat();
    cancel = timers.after(BEAT_MS, beat);
  }
  server.addHook("preClose", async () => {
    cancel();
    feed.close();
  });
  const schema = {
    summary: "What happens, live, as server-sent events; Last-Event-ID continues",
    tags: ["server"],
    querystring: query,
  };
  const options = { config: { scope: "read" }, schema } as const;
  server.get("/v1/events", options, (request, reply) => follow(feed, request, reply));
}

function follow(feed: EventFeed, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { level, after } = query.catch({}).parse(request.query);
  const header = request.headers["last-event-id"];
  const { raw } = reply;
  let isBegun = false;
  const begin = (): void => {
    isBegun = true;
    reply.hijack();
    // A stream is meant to be idle at times.
    request.raw.socket.setTimeout(0);
    raw.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    raw.write(`retry: ${RETRY_MS}\n\n`);
  };
  const reader = {
    isDebugWanted: level === "debug",
    take: (frame: string): boolean => {
      if (!isBegun) begin();
      if (raw.destroyed) return false;
      if (frame !== "") raw.write(frame);
      return raw.writableLength <= WAITING_OCTETS_MAX;
    },
    end: () => void raw.destroy(),
  };
  const leave = feed.follow(reader, placeOf(typeof header === "string" ? header : after));
  if (leave === undefined) {
    const detail = "Cannot follow the events: too many readers follow already";
    return reply
      .code(503)
      .type(PROBLEM_TYPE)
      .send(problem(503, "TOO_MANY_READERS", detail));
  }
  raw.once("close", leave);
  return reply;
}
