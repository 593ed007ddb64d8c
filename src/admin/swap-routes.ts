// The routes that tell of swaps: which there were, and where they have spread to.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import type { PropagationReport, SwapReport } from "../view/propagation.ts";

/** Who knows. `propagation` throws a `Refusal` where nothing is known. */
export interface SwapHandlers {
  /** Newest first. */
  swaps(limit: number): Promise<readonly SwapReport[]>;
  /** Of the newest swap where none is named. */
  propagation(swap: number | undefined): PropagationReport;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 1000;

const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(LIMIT_MAX).optional() });
const swapPath = z.object({ swap: z.union([z.literal("last"), z.coerce.number().int().min(1)]) });

/** Adds the routes. */
export function addSwapRoutes(server: FastifyInstance, handlers: SwapHandlers): void {
  server.get("/v1/swaps", async ({ query }) => {
    const read = listQuery.safeParse(query);
    if (read.success) return { swaps: await handlers.swaps(read.data.limit ?? LIMIT_DEFAULT) };
    const mend = `write a whole number from 1 to ${LIMIT_MAX}`;
    throw new Refusal("unfit", "BAD_REQUEST", `Cannot read "limit": it is none; ${mend}`);
  });
  server.get("/v1/swaps/:swap/propagation", async ({ params }) => {
    const read = swapPath.safeParse(params);
    if (read.success)
      return handlers.propagation(read.data.swap === "last" ? undefined : read.data.swap);
    const mend = 'write the number of a swap, or "last"';
    throw new Refusal("unfit", "BAD_REQUEST", `Cannot read the swap: it is no number; ${mend}`);
  });
}
