// For machines that look after machines: alive, ready, and the metrics. Open without a token, but for
// the metrics, which tell of names and addresses.

import type { FastifyInstance } from "fastify";
import { PROBLEM_TYPE, problem } from "./problem.ts";

/** What supervisors of services ask. */
export interface HealthHandlers {
  /** Why questions are not answered as they should be; undefined: they are. */
  unready(): string | undefined;
  /** The metrics in the text format of Prometheus, and its media type. */
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}

/** Adds the routes. */
export function addHealthRoutes(server: FastifyInstance, handlers: HealthHandlers): void {
  const open = { config: { isOpen: true } };
  const about = (summary: string) => ({ summary, tags: ["server"] });
  server.get("/healthz", { ...open, schema: about("Whether the control plane is alive") }, () => ({
    status: "alive",
  }));
  const ready = about("Whether questions are answered and zones are loaded");
  server.get("/readyz", { ...open, schema: ready }, (_request, reply) => {
    const why = handlers.unready();
    if (why === undefined) return reply.send({ status: "ready" });
    const detail = `Cannot answer as it should: ${why}`;
    return reply
      .code(503)
      .type(PROBLEM_TYPE)
      .send(problem(503, "NOT_READY", detail));
  });
  const read = { config: { scope: "read" } } as const;
  const metrics = about("Metrics for Prometheus");
  server.get("/metrics", { ...read, schema: metrics }, async (_request, reply) => {
    const { type, text } = await handlers.metrics();
    return reply.type(type).send(text);
  });
}
