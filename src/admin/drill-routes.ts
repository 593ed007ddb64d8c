// Drills: failovers that are rehearsed on the running server, and how they went.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { OperatorHandlers } from "./operator-routes.ts";
import { type Announce, announceChange, author, authorOf, reason, typed } from "./routes.ts";

/** A drill is a rehearsal: who wants an address out for longer forces or drains it. */
const DRILL_MAX_MS = 3_600_000;

const drillBody = z.strictObject({
  pool: z.string().min(1).max(300),
  member: z.string().min(1).max(300).optional(),
  author: author.optional(),
  reason: reason.optional(),
  forMs: z.int().min(1000).max(DRILL_MAX_MS),
});
const drillPath = z.object({ id: z.coerce.number().int().positive() });

/** Adds the routes. */
export function addDrillRoutes(
  server: FastifyInstance,
  handlers: Pick<OperatorHandlers, "drill" | "drills">,
  announce: Announce,
): void {
  const routes = typed(server);
  const read = { config: { scope: "read" } } as const;
  const about = (summary: string) => ({ summary, tags: ["drills"] });
  const start = { ...about("Rehearse a failover: take a member out for a while"), body: drillBody };
  const operate = { config: { scope: "operate" } } as const;
  routes.post("/v1/drills", { ...operate, schema: start }, async (request, reply) => {
    const { member, reason, pool, forMs } = request.body;
    const author = authorOf(request, request.body.author);
    const order = { pool, forMs, author };
    const report = handlers.drill({ ...order, ...(member !== undefined && { member }) });
    announceChange(announce, request, { action: "drill", object: pool, author, reason });
    return reply.code(201).send(report);
  });
  const list = about("The last drills, and how they went");
  routes.get("/v1/drills", { ...read, schema: list }, async () => ({
    drills: handlers.drills.list(),
  }));
  const one = { ...about("One drill"), params: drillPath };
  routes.get("/v1/drills/:id", { ...read, schema: one }, async ({ params }) => {
    return handlers.drills.report(params.id);
  });
}
