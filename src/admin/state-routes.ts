// What is: the status report and its parts, changes; and the reports of targets that report
// in by themselves.

import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import type { StatusReport } from "../view/status.ts";
import type { ChangeRecord } from "./changes.ts";
import { type Announce, announceChange, author, reason, typed } from "./routes.ts";

/** What can be asked of the state of things. */
export interface StateHandlers {
  status(): StatusReport | Promise<StatusReport>;
  /** Looks at every file now, as SIGHUP asks. What comes of it is logged and shown by `status`. */
  reload(): void | Promise<void>;
  /** Takes a report of a target that is asked nothing; throws a `Refusal` where none waits for it. */
  heartbeat(target: string, isGood: boolean, detail: string): void;
}

const ownerPath = z.object({ owner: z.string() });
const targetPath = z.object({ target: z.string() });
const heartbeatBody = z.strictObject({
  ok: z.boolean().default(true),
  detail: z.string().max(200).default(""),
});
const reloadBody = z.strictObject({ author: author.optional(), reason: reason.optional() });
const changesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** Adds the routes. @param changes newest first. */
export function addStateRoutes(
  server: FastifyInstance,
  handlers: StateHandlers,
  audit: { readonly announce: Announce; readonly changes: (limit: number) => ChangeRecord[] },
): void {
  const routes = typed(server);
  const read = { config: { scope: "read" } } as const;
  const about = (tag: string, summary: string) => ({ summary, tags: [tag] });
  routes.get(
    "/v1/status",
    { ...read, schema: about("server", "Everything that is served and believed, and why") },
    () => handlers.status(),
  );
  addPoolRoutes(server, handlers);
  const list = { ...about("server", "Changes through the API"), querystring: changesQuery };
  routes.get("/v1/audit", { ...read, schema: list }, async ({ query }) => ({
    changes: audit.changes(query.limit),
  }));
  const reload = { ...about("server", "Look at every file now"), body: reloadBody };
  const operate = { config: { scope: "operate" } } as const;
  routes.post("/v1/reload", { ...operate, schema: reload }, async (request, reply) => {
    await handlers.reload();
    const { reason } = request.body;
    const author = request.body.author ?? request.client.name ?? "somebody";
    const change = { action: "reload", object: "every file", author, reason };
    announceChange(audit.announce, request, change);
    return reply.code(202).send({ accepted: true });
  });
}

function addPoolRoutes(server: FastifyInstance, handlers: StateHandlers): void {
  const routes = typed(server);
  const read = { config: { scope: "read" } } as const;
  const pools = { summary: "Every pool: what it answers, and why", tags: ["pools"] };
  routes.get("/v1/pools", { ...read, schema: pools }, async () => ({
    pools: (await handlers.status()).pools,
  }));
  const onePool = { summary: "One pool, family by family", tags: ["pools"], params: ownerPath };
  routes.get("/v1/pools/:owner", { ...read, schema: onePool }, async ({ params }) => {
    const wanted = params.owner.replace(/\.$/, "").toLowerCase();
    const { pools } = await handlers.status();
    const found = pools.filter(({ pool }) => pool.toLowerCase() === wanted);
    if (found.length > 0) return { pools: found };
    throw new Refusal("absent", "NO_POOL", `There is no pool ${params.owner}`);
  });
  const targets = { summary: "Every target: what is believed of it", tags: ["targets"] };
  routes.get("/v1/targets", { ...read, schema: targets }, async () => ({
    targets: (await handlers.status()).targets,
  }));
  const oneTarget = { summary: "One target", tags: ["targets"], params: targetPath };
  routes.get("/v1/targets/:target", { ...read, schema: oneTarget }, async ({ params }) => {
    const { targets } = await handlers.status();
    const found = targets.find(({ target }) => target === params.target);
    if (found !== undefined) return found;
    throw new Refusal("absent", "NO_TARGET", `There is no target ${params.target}`);
  });
  routes.post(
    "/v1/targets/:target/heartbeat",
    {
      config: { scope: "operate" },
      schema: {
        summary: "A target, or its monitor, reports in (checks of kind push)",
        tags: ["targets"],
        params: targetPath,
        body: heartbeatBody,
      },
    },
    async ({ params, body }, reply) => {
      handlers.heartbeat(params.target, body.ok, body.detail);
      return reply.code(202).send({ accepted: true });
    },
  );
}
