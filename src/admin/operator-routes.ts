// The routes by which operators give orders: reads what is asked, passes it on, answers what became
// of it.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import { memberPlace } from "../config/fields.ts";
import type { DrillOrder, DrillReport } from "../view/drills.ts";
import type { ExplanationReport } from "../view/explanation.ts";
import type { ApproveReport, ForceOrder, ForceReport } from "../view/orders.ts";
import type { DrainHandlers } from "./drain-routes.ts";

/** What operators may order. Each throws a `Refusal` that says why it does nothing. */
export interface OperatorHandlers {
  force(order: ForceOrder): Promise<ForceReport>;
  unforce(address: string, author: string): Promise<ForceReport>;
  approve(owner: string, author: string): ApproveReport;
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
const TEXT_MAX = 500;
/** A drill is a rehearsal: who wants an address out for longer forces or drains it. */
const DRILL_MAX_MS = 3_600_000;

const author = z.string().trim().min(1).max(100);
/** Who orders something, and why. */
export const reasonedBy = { author, reason: z.string().trim().min(1).max(TEXT_MAX) } as const;
const forceBody = z.strictObject({
  state: z.enum(["up", "down"]),
  ...reasonedBy,
  forMs: z.int().min(1000).max(FOR_MAX_MS).optional(),
  force: z.boolean().optional(),
});
const drillBody = z.strictObject({
  pool: z.string().min(1).max(300),
  member: z.string().min(1).max(300).optional(),
  author,
  forMs: z.int().min(1000).max(DRILL_MAX_MS),
});
const drillPath = z.object({ id: z.coerce.number().int().positive() });
/** Who takes an order back. */
export const authorOnly = z.strictObject({ author });
const typeOnly = z.strictObject({ type: z.enum(["A", "AAAA", "CNAME"]).optional() });
const addressPath = z.object({ address: z.string() });
const ownerPath = z.object({ owner: z.string() });

/** Adds the routes. */
export function addOperatorRoutes(server: FastifyInstance, handlers: OperatorHandlers): void {
  server.put("/v1/targets/:address/forced", async ({ params, body }) => {
    const { state, author, reason, forMs, force } = read(forceBody, body, "the body");
    const address = readAddress(params);
    return handlers.force({
      ...{ address, state, author, reason },
      ...(forMs !== undefined && { forMs }),
      isFloorIgnored: force === true,
    });
  });
  server.delete("/v1/targets/:address/forced", async ({ params, query }) => {
    return handlers.unforce(readAddress(params), read(authorOnly, query, "the query").author);
  });
  server.post("/v1/pools/:owner/approval", async ({ params, body }) => {
    const { owner } = read(ownerPath, params, "the path");
    return handlers.approve(owner, read(authorOnly, body, "the body").author);
  });
  server.post("/v1/drills", async ({ body }, reply) => {
    const { member, ...order } = read(drillBody, body, "the body");
    const report = handlers.drill({ ...order, ...(member !== undefined && { member }) });
    return reply.code(201).send(report);
  });
  server.get("/v1/drills", async () => ({ drills: handlers.drills.list() }));
  server.get("/v1/drills/:id", async ({ params }) => {
    return handlers.drills.report(read(drillPath, params, "the path").id);
  });
  server.get("/v1/pools/:owner/explanation", async ({ params, query }) => {
    const { owner } = read(ownerPath, params, "the path");
    return handlers.explain(owner, read(typeOnly, query, "the query").type);
  });
}

/** The address that a path names, in its canonical form. */
export function readAddress(params: unknown): string {
  const { address } = read(addressPath, params, "the path");
  const place = memberPlace.safeParse(address);
  if (place.success) return place.data;
  const mend = 'name an address that a pool answers, such as 192.0.2.10 or "2001:db8::10"';
  throw new Refusal(
    "unfit",
    "BAD_REQUEST",
    `Cannot read "${address}": it is no IP address; ${mend}`,
  );
}

/** What a client sent, or a `Refusal` that says what is wrong with it. */
export function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => {
    const sentence = message.replace(/^(?:Invalid \w+|Too small|Too big): /, "");
    return path.length === 0 ? sentence : `"${path.join(".")}" ${sentence}`;
  });
  throw new Refusal("unfit", "BAD_REQUEST", `Cannot read ${what}: ${issues.join("; ")}`);
}
