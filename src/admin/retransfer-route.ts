// Zones that are copied, taken whole from their primary by hand.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { RetransferReport } from "../view/orders.ts";
import { type Announce, announceChange, author, authorOf, reason, typed } from "./routes.ts";

/** Adds the route. */
export function addRetransferRoute(
  server: FastifyInstance,
  handlers: { retransfer(zone: string): RetransferReport },
  announce: Announce,
): void {
  typed(server).post(
    "/v1/zones/:zone/retransfer",
    {
      config: { scope: "operate" },
      schema: {
        summary: "Ask the primary of a copied zone for all of it now, whatever its serial",
        tags: ["zones"],
        params: z.object({ zone: z.string() }),
        body: z.strictObject({ author: author.optional(), reason }),
      },
    },
    async (request) => {
      const author = authorOf(request, request.body.author);
      const report = handlers.retransfer(request.params.zone);
      const detail = `from ${report.primaries.join(", ")}`;
      const { reason } = request.body;
      const change = { action: "retransfer", object: report.zone, author, reason, detail };
      announceChange(announce, request, change);
      return report;
    },
  );
}
