// The routes by which operators give orders: reads what is asked, passes it on, answers what became
// of it.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import { memberPlace } from "../config/fields.ts";
import type { DrillOrder, DrillReport } from "../view/drills.ts";
import type { ExplanationReport } from "../view/explanation.ts";
import type {
  ApproveReport,
  FailbackOrder,
  FailbackReport,
  ForceOrder,
  ForceReport,
} from "../view/orders.ts";
import type { DrainHandlers } from "./drain-routes.ts";
import { addDrillRoutes } from "./drill-routes.ts";
import { addFailbackRoute } from "./failback-route.ts";
import { type Announce, announceChange, author, authorOf, reason, typed } from "./routes.ts";

/** What operators may order. Each throws a `Refusal` that says why it does nothing. */
export interface OperatorHandlers {
  force(order: ForceOrder): Promise<ForceReport>;
  unforce(address: string, author: string): Promise<ForceReport>;
  approve(owner: string, author: string): ApproveReport;
  failback(owner: string, order: FailbackOrder): FailbackReport;
  drill(order: DrillOrder): DrillReport;
  readonly drains: DrainHandlers;
  readonly drills: {
    report(id: number): DrillReport;
    list(): readonly DrillReport[];
  };
  explain(owner: string, type?: "A" | "AAAA" | "CNAME"): ExplanationReport;
}

/** A year: longer than anybody means. */
const FOR_MAX_MS = 366 * 86_400_000;

const forceBody = z.strictObject({
  state: z.enum(["up", "down"]),
  author: author.optional(),
  reason,
  forMs: z.int().min(1000).max(FOR_MAX_MS).optional(),
  force: z.boolean().optional().describe("also where it leaves a pool fewer than its floor"),
});
/** Who takes an order back, or says yes. */
export const who = z.strictObject({ author: author.optional(), reason: reason.optional() });
const typeOnly = z.strictObject({ type: z.enum(["A", "AAAA", "CNAME"]).optional() });
export const addressPath = z.object({ address: z.string() });
const ownerPath = z.object({ owner: z.string() });

/** Adds the routes. */
export function addOperatorRoutes(
  server: FastifyInstance,
  handlers: OperatorHandlers,
  announce: Announce,
): void {
  addDrillRoutes(server, handlers, announce);
  addFailbackRoute(server, handlers, announce);
  const routes = typed(server);
  const operate = { config: { scope: "operate" } } as const;
  routes.put(
    "/v1/targets/:address/forced",
    {
      ...operate,
      schema: {
        summary: "Force an address up or down, over its probes",
        tags: ["targets"],
        params: addressPath,
        body: forceBody,
      },
    },
    async (request) => {
      const { state, reason, forMs, force } = request.body;
      const address = readAddress(request.params.address);
      const author = authorOf(request, request.body.author);
      const report = await handlers.force({
        ...{ address, state, author, reason },
        ...(forMs !== undefined && { forMs }),
        isFloorIgnored: force === true,
      });
      const change = { action: "force", object: address, author, reason, detail: state };
      announceChange(announce, request, change);
      return report;
    },
  );
  routes.delete(
    "/v1/targets/:address/forced",
    {
      ...operate,
      schema: {
        summary: "Let the probes of an address decide again",
        tags: ["targets"],
        params: addressPath,
        querystring: who,
      },
    },
    async (request) => {
      const address = readAddress(request.params.address);
      const author = authorOf(request, request.query.author);
      const report = await handlers.unforce(address, author);
      const { reason } = request.query;
      announceChange(announce, request, { action: "unforce", object: address, author, reason });
      return report;
    },
  );
  routes.post(
    "/v1/pools/:owner/approval",
    {
      ...operate,
      schema: {
        summary: "Say yes to the answer that a pool waits for",
        tags: ["pools"],
        params: ownerPath,
        body: who,
      },
    },
    async (request) => {
      const { owner } = request.params;
      const author = authorOf(request, request.body.author);
      const report = handlers.approve(owner, author);
      const { reason } = request.body;
      announceChange(announce, request, { action: "approve", object: owner, author, reason });
      return report;
    },
  );
  routes.get(
    "/v1/pools/:owner/explanation",
    {
      config: { scope: "read" },
      schema: {
        summary: "Why a pool answers what it answers, down to observations",
        tags: ["pools"],
        params: ownerPath,
        querystring: typeOnly,
      },
    },
    async ({ params, query }) => handlers.explain(params.owner, query.type),
  );
}

/** The address that a path names, in its canonical form. */
export function readAddress(address: string): string {
  const place = memberPlace.safeParse(address);
  if (place.success) return place.data;
  const mend = 'name an address that a pool answers, such as 192.0.2.10 or "2001:db8::10"';
  throw new Refusal(
    "unfit",
    "BAD_REQUEST",
    `Cannot read "${address}": it is no IP address; ${mend}`,
  );
}
