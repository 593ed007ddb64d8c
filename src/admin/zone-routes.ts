// Zones and their records: what is there, and edits of zones whose records the store owns.

import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { Refusal } from "../base/refusal.ts";
import type { RetransferReport } from "../view/orders.ts";
import type { EditReport, RecordEdit, RecordPage, RecordQuery } from "../view/records.ts";
import type { ZoneStatus } from "../view/status.ts";
import { addRetransferRoute } from "./retransfer-route.ts";
import { type Announce, announceChange, author, authorOf, reason, typed } from "./routes.ts";

/** What can be asked of zones. Each throws a `Refusal` that says why it does nothing. */
export interface ZoneHandlers {
  zones(): readonly ZoneStatus[];
  records(zone: string, query: RecordQuery): RecordPage;
  edit(zone: string, edit: RecordEdit): Promise<EditReport>;
  /** Has all of a copied zone taken from its primary. */
  retransfer(zone: string): RetransferReport;
}

const CHANGES_MAX = 1000;
const PAGE_MAX = 10_000;

const name = z.string().min(1).max(1100).describe("absolute; the final dot may be left out");
const type = z.string().min(1).max(20).describe("a mnemonic, or TYPE123 (RFC 3597)");
const ttl = z.int().min(0).max(0x7fff_ffff);
const rdata = z
  .array(z.string().min(1).max(70_000))
  .min(1)
  .max(10_000)
  .describe("data as in a master file; names in it are absolute");
const change = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("replace"), name, type, ttl, rdata }),
  z.strictObject({ action: z.literal("add"), name, type, ttl: ttl.optional(), rdata }),
  z.strictObject({ action: z.literal("remove"), name, type, rdata }),
  z.strictObject({ action: z.literal("delete"), name, type }),
]);
const editBody = z.strictObject({
  changes: z.array(change).min(1).max(CHANGES_MAX),
  author: author.optional(),
  reason,
  force: z.boolean().optional().describe("also where it takes a pool's last healthy member"),
});
const zonePath = z.object({ zone: z.string() });
const recordsQuery = z.strictObject({
  name: z.string().optional(),
  type: z.string().optional(),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(1000),
});

/** Adds the routes. */
export function addZoneRoutes(
  server: FastifyInstance,
  handlers: ZoneHandlers,
  announce: Announce,
): void {
  const routes = typed(server);
  const read = { config: { scope: "read" } } as const;
  routes.get(
    "/v1/zones",
    { ...read, schema: { summary: "Every zone that is served", tags: ["zones"] } },
    async () => ({ zones: handlers.zones() }),
  );
  routes.get(
    "/v1/zones/:zone",
    { ...read, schema: { summary: "One zone", tags: ["zones"], params: zonePath } },
    async ({ params }, reply) => {
      const wanted = params.zone.replace(/\.$/, "").toLowerCase();
      const found = handlers.zones().find(({ zone }) => zone.toLowerCase() === wanted);
      if (found === undefined) throw noZone(params.zone);
      tag(reply, found.serial);
      return found;
    },
  );
  routes.get(
    "/v1/zones/:zone/records",
    {
      ...read,
      schema: {
        summary: "Records of a zone, RRset by RRset, in the order they were written",
        tags: ["zones"],
        params: zonePath,
        querystring: recordsQuery,
      },
    },
    async ({ params, query }, reply) => {
      const { name, type, offset, limit } = query;
      const page = handlers.records(params.zone, {
        ...{ offset, limit },
        ...(name !== undefined && { name }),
        ...(type !== undefined && { type }),
      });
      tag(reply, page.serial);
      return page;
    },
  );
  addEditRoute(server, handlers, announce);
  addRetransferRoute(server, handlers, announce);
}

function addEditRoute(server: FastifyInstance, handlers: ZoneHandlers, announce: Announce): void {
  typed(server).post(
    "/v1/zones/:zone/edits",
    {
      config: { scope: "edit" },
      schema: {
        summary: "Change records: all of the changes, or none; wants If-Match with the serial",
        tags: ["zones"],
        params: zonePath,
        headers: z.object({ "if-match": z.string().optional() }),
        body: editBody,
      },
    },
    async (request, reply) => {
      const { changes, reason, force } = request.body;
      const author = authorOf(request, request.body.author);
      const ifSerial = serialOf(request.headers["if-match"]);
      const edit = { changes, ifSerial, author, reason, isFloorIgnored: force === true };
      const report = await handlers.edit(request.params.zone, edit);
      const { serial, added, removed } = report;
      const detail = `${added} added, ${removed} removed`;
      const change = { action: "edit", object: report.zone, author, reason, serial, detail };
      announceChange(announce, request, change);
      tag(reply, serial);
      return report;
    },
  );
}

/** There is no such zone. */
export function noZone(zone: string): Refusal {
  return new Refusal("absent", "NO_ZONE", `There is no zone ${zone} here`);
}

function tag(reply: FastifyReply, serial: number): void {
  reply.header("etag", `"${serial}"`);
}

/** The serial of an `If-Match` header (RFC 9110 section 13.1.1), which an edit must bring. */
function serialOf(header: string | undefined): number | "any" {
  if (header === undefined) {
    const mend =
      'send the zone\'s serial as If-Match: "2026010101" (it is the ETag of its records)';
    throw new Refusal("unsaid", "NO_IF_MATCH", `Cannot edit without If-Match; ${mend}`);
  }
  if (header.trim() === "*") return "any";
  const [, digits] = /^"?(\d{1,10})"?$/.exec(header.trim()) ?? [];
  if (digits !== undefined && Number(digits) <= 0xffff_ffff) return Number(digits);
  const mend = 'write one serial such as "2026010101", or *';
  throw new Refusal(
    "unfit",
    "BAD_REQUEST",
    `Cannot read If-Match: ${header} is no serial; ${mend}`,
  );
}
