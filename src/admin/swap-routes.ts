// The routes that tell of swaps: which there were, and where they have spread to.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import type { PropagationReport, SwapReport } from "../view/propagation.ts";
import { typed } from "./routes.ts";

/** Who knows. `propagation` throws a `Refusal` where nothing is known. */
export interface SwapHandlers {
  /** Newest first. */
  swaps(limit: number): Promise<readonly SwapReport[]>;
  /** Of the newest swap where none is named. */
  propagation(swap: number | undefined): PropagationReport;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 1000;

const number = z.coerce.number().int().min(1);
const listQuery = z.strictObject({
  pool: z.string().optional(),
  limit: number.max(LIMIT_MAX).default(LIMIT_DEFAULT),
});
const onePath = z.object({ swap: number });
const lastPath = z.object({
  swap: z.union([z.literal("last"), number], {
    error: 'is no number; write the number of a swap, or "last"',
  }),
});

/** Adds the routes. */
export function addSwapRoutes(server: FastifyInstance, handlers: SwapHandlers): void {
  const routes = typed(server);
  const read = { config: { scope: "read" } } as const;
  const about = (summary: string) => ({ summary, tags: ["swaps"] });
  const list = { ...about("Swaps, newest first"), querystring: listQuery };
  routes.get("/v1/swaps", { ...read, schema: list }, async ({ query }) => {
    const swaps = await handlers.swaps(query.pool === undefined ? query.limit : LIMIT_MAX);
    const wanted = query.pool?.replace(/\.$/, "").toLowerCase();
    const found = swaps.filter(({ pool }) => wanted === undefined || pool.toLowerCase() === wanted);
    return { swaps: found.slice(0, query.limit) };
  });
  const one = { ...about("One swap"), params: onePath };
  routes.get("/v1/swaps/:swap", { ...read, schema: one }, async ({ params }) => {
    const swaps = await handlers.swaps(LIMIT_MAX);
    const found = swaps.find(({ swap }) => swap === params.swap);
    if (found !== undefined) return found;
    const state = `it is none of the newest ${LIMIT_MAX}`;
    throw new Refusal("absent", "NO_SWAP", `There is no swap ${params.swap}: ${state}`);
  });
  const spread = { ...about("Who still holds the answer before a swap"), params: lastPath };
  routes.get("/v1/swaps/:swap/propagation", { ...read, schema: spread }, async ({ params }) =>
    handlers.propagation(params.swap === "last" ? undefined : params.swap),
  );
}
