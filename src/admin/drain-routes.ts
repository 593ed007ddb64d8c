// The routes by which operators move an address's clients away: orders, their ends, how they go.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { DrainOrder, DrainReport } from "../view/drains.ts";
import { authorOnly, read, readAddress, reasonedBy } from "./operator-routes.ts";

/** What operators may order. Each throws a `Refusal` that says why it does nothing. */
export interface DrainHandlers {
  drain(order: DrainOrder): Promise<DrainReport>;
  undrain(address: string, author: string): Promise<DrainReport>;
  list(): readonly DrainReport[];
}

/** The greatest moment that a date can be. */
const WALL_MAX_MS = 8.64e15;

const drainBody = z.strictObject({
  ...reasonedBy,
  atWallMs: z.number().min(0).max(WALL_MAX_MS).optional(),
  dryRun: z.boolean().optional(),
});

/** Adds the routes. */
export function addDrainRoutes(server: FastifyInstance, handlers: DrainHandlers): void {
  server.put("/v1/targets/:address/drain", async ({ params, body }) => {
    const { atWallMs, dryRun, author, reason } = read(drainBody, body, "the body");
    return handlers.drain({
      ...{ address: readAddress(params), author, reason },
      ...(atWallMs !== undefined && { atWallMs }),
      isDryRun: dryRun === true,
    });
  });
  server.delete("/v1/targets/:address/drain", async ({ params, query }) => {
    return handlers.undrain(readAddress(params), read(authorOnly, query, "the query").author);
  });
  server.get("/v1/drains", async () => ({ drains: handlers.list() }));
}
