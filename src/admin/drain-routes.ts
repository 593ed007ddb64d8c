// The routes by which operators move an address's clients away: orders, their ends, how they go.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { DrainOrder, DrainReport } from "../view/drains.ts";
import { addressPath, readAddress, who } from "./operator-routes.ts";
import { type Announce, announceChange, author, authorOf, reason, typed } from "./routes.ts";

/** What operators may order. Each throws a `Refusal` that says why it does nothing. */
export interface DrainHandlers {
  drain(order: DrainOrder): Promise<DrainReport>;
  undrain(address: string, author: string): Promise<DrainReport>;
  list(): readonly DrainReport[];
}

/** The greatest moment that a date can be. */
const WALL_MAX_MS = 8.64e15;

const drainBody = z.strictObject({
  author: author.optional(),
  reason,
  atWallMs: z.number().min(0).max(WALL_MAX_MS).optional(),
  dryRun: z.boolean().optional().describe("only the plan, with its times"),
});

/** Adds the routes. */
export function addDrainRoutes(
  server: FastifyInstance,
  handlers: DrainHandlers,
  announce: Announce,
): void {
  const routes = typed(server);
  const operate = { config: { scope: "operate" } } as const;
  const about = (summary: string) => ({ summary, tags: ["drains"] });
  const start = {
    ...about("Move the clients of an address away, then take it out"),
    ...{ params: addressPath, body: drainBody },
  };
  routes.put("/v1/targets/:address/drain", { ...operate, schema: start }, async (request) => {
    const { atWallMs, dryRun, reason } = request.body;
    const address = readAddress(request.params.address);
    const author = authorOf(request, request.body.author);
    const report = await handlers.drain({
      ...{ address, author, reason },
      ...(atWallMs !== undefined && { atWallMs }),
      isDryRun: dryRun === true,
    });
    if (dryRun !== true) {
      announceChange(announce, request, { action: "drain", object: address, author, reason });
    }
    return report;
  });
  const end = {
    ...about("Take an address back into its pools"),
    ...{ params: addressPath, querystring: who },
  };
  routes.delete("/v1/targets/:address/drain", { ...operate, schema: end }, async (request) => {
    const address = readAddress(request.params.address);
    const author = authorOf(request, request.query.author);
    const report = await handlers.undrain(address, author);
    const { reason } = request.query;
    announceChange(announce, request, { action: "undrain", object: address, author, reason });
    return report;
  });
  const list = about("How far planned moves have come");
  routes.get("/v1/drains", { config: { scope: "read" }, schema: list }, async () => ({
    drains: handlers.list(),
  }));
}
