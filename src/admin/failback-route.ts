// Failbacks by hand: a recovered member is brought back, or what that would do is told.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { FailbackOrder, FailbackReport } from "../view/orders.ts";
import { type Announce, announceChange, author, authorOf, reason, typed } from "./routes.ts";

const failbackBody = z.strictObject({
  author: author.optional(),
  reason,
  dryRun: z.boolean().optional().describe("only say what it would do, and why"),
});

/** Adds the route. */
export function addFailbackRoute(
  server: FastifyInstance,
  handlers: { failback(owner: string, order: FailbackOrder): FailbackReport },
  announce: Announce,
): void {
  typed(server).post(
    "/v1/pools/:owner/failback",
    {
      config: { scope: "operate" },
      schema: {
        summary: "Bring the recovered member of a pool back; no hold is waited for",
        tags: ["pools"],
        params: z.object({ owner: z.string() }),
        body: failbackBody,
      },
    },
    async (request) => {
      const { owner } = request.params;
      const { dryRun, reason } = request.body;
      const author = authorOf(request, request.body.author);
      const report = handlers.failback(owner, { author, isDry: dryRun === true });
      if (!report.isDone) return report;
      const detail = report.pools.map(({ type, to }) => `${type} ${to}`).join(", ");
      const change = { action: "failback", object: owner, author, reason, detail };
      announceChange(announce, request, change);
      return report;
    },
  );
}
