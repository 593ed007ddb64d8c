import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiPage } from "../../scripts/write-api-doc.ts";
import { Door } from "../../src/admin/access.ts";
import { Changes } from "../../src/admin/changes.ts";
import { type AdminHandlers, createAdmin } from "../../src/admin/server.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import type { RecordEdit } from "../../src/view/records.ts";
import { REFUSING } from "../support/admin.ts";
import { SimulatedTime } from "../support/simulated-time.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const TOKENS = [
  { name: "look", sha256: sha256("lz_look"), scopes: ["read"] },
  { name: "ops", sha256: sha256("lz_ops"), scopes: ["operate"] },
  { name: "ci", sha256: sha256("lz_ci"), scopes: ["edit"] },
] as const;
const EDIT = {
  changes: [{ action: "delete", name: "www.example.org", type: "A" }],
  reason: "moved",
};

function api(anonymous: readonly "read"[] = []) {
  const events: LivezoneEvent[] = [];
  const edits: RecordEdit[] = [];
  const time = new SimulatedTime();
  const handlers: AdminHandlers = {
    ...REFUSING,
    time,
    changes: new Changes(time, (happened) => void events.push(happened)),
    reload: () => undefined,
    swaps: { ...REFUSING.swaps, swaps: async () => [] },
    zones: {
      ...REFUSING.zones,
      zones: () => [],
      retransfer: (zone) => ({ zone, primaries: ["192.0.2.53", "192.0.2.54"], serial: 7 }),
      edit: async (zone, edit) => {
        edits.push(edit);
        const serial = 101 + edits.length;
        return { zone, serialBefore: serial - 1, serial, added: 0, removed: 1, notes: [] };
      },
    },
  };
  return {
    tcp: createAdmin(handlers, { door: new Door({ tokens: TOKENS, anonymous }) }),
    events,
    edits,
    time,
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("the TCP door", () => {
  // token, route, status: what each scope opens.
  const TABLE: readonly (readonly [string | undefined, "GET" | "POST", string, number])[] = [
    [undefined, "GET", "/v1/zones", 401],
    ["lz_wrong", "GET", "/v1/zones", 401],
    ["lz_look", "GET", "/v1/zones", 200],
    ["lz_look", "POST", "/v1/reload", 403],
    ["lz_look", "POST", "/v1/zones/example.org/edits", 403],
    ["lz_ops", "GET", "/v1/zones", 200],
    ["lz_ops", "POST", "/v1/reload", 202],
    ["lz_ops", "POST", "/v1/zones/example.org/edits", 403],
    ["lz_look", "POST", "/v1/zones/example.org/retransfer", 403],
    ["lz_ops", "POST", "/v1/zones/example.org/retransfer", 200],
    ["lz_ci", "GET", "/v1/swaps", 200],
    ["lz_ci", "POST", "/v1/reload", 403],
    ["lz_ci", "POST", "/v1/zones/example.org/edits", 200],
    [undefined, "GET", "/healthz", 200],
    [undefined, "GET", "/readyz", 200],
    [undefined, "GET", "/openapi.json", 200],
    [undefined, "GET", "/metrics", 401],
    [undefined, "GET", "/v1/events", 401],
    [undefined, "GET", "/none", 401],
  ];
  it.each(TABLE)("token %s: %s %s answers %i", async (token, method, url, status) => {
    const headers = { ...(token && bearer(token)), "if-match": "*" };
    const payload = url.endsWith("edits") ? EDIT : url.endsWith("reload") ? {} : { reason: "r" };
    const response = await api().tcp.inject({
      ...{ method, url, headers },
      ...(method === "POST" && { payload }),
    });
    expect(response.statusCode).toBe(status);
    if (status < 400) return;
    expect(response.headers["content-type"]).toContain("application/problem+json");
    if (status === 401) expect(response.headers["www-authenticate"]).toContain("Bearer");
  });

  it("lets anybody read where that is allowed, but under no name that others own", async () => {
    const { tcp } = api(["read"]);
    const as = async (host: string) =>
      (await tcp.inject({ url: "/v1/zones", headers: { host } })).statusCode;
    expect(await as("127.0.0.1:8053")).toBe(200);
    expect(await as("localhost:8053")).toBe(200);
    expect(await as("[::1]:8053")).toBe(200);
    expect(await as("rebound.example:8053")).toBe(401);
    const reload = await tcp.inject({
      method: "POST",
      url: "/v1/reload",
      headers: { host: "localhost" },
      payload: {},
    });
    expect(reload.json()).toMatchObject({ status: 403, code: "SCOPE" });
  });

  it("tells of wrong tokens once a minute, with how many there were", async () => {
    const { tcp, events, time } = api();
    const knock = () => tcp.inject({ url: "/v1/zones", headers: bearer("lz_wrong") });
    await knock();
    await knock();
    await knock();
    await time.advance(61_000);
    await knock();
    expect(events).toMatchObject([
      { event: "api.denied", times: 1 },
      { event: "api.denied", times: 3 },
    ]);
  });
});

describe("changes", () => {
  it("are announced with who, what, why and by which door, and listed", async () => {
    const { tcp, events } = api();
    const headers = { ...bearer("lz_ci"), "if-match": '"101"' };
    await tcp.inject({
      method: "POST",
      url: "/v1/zones/example.org/edits",
      headers,
      payload: EDIT,
    });
    const fields = {
      ...{ action: "edit", object: "example.org", author: "ci", reason: "moved" },
      ...{ via: "token ci", serial: 102, detail: "0 added, 1 removed" },
    };
    expect(events).toMatchObject([
      { event: "api.changed", msg: "ci: edit example.org (moved)", ...fields },
    ]);
    const list = await tcp.inject({ url: "/v1/audit", headers: bearer("lz_look") });
    expect(list.json()).toMatchObject({ changes: [fields] });
  });
});

describe("POST /v1/zones/:zone/edits", () => {
  const post = (headers: Record<string, string>, payload: object = EDIT) => {
    const { tcp, edits } = api();
    const url = "/v1/zones/example.org/edits";
    return tcp
      .inject({ method: "POST", url, headers: { ...bearer("lz_ci"), ...headers }, payload })
      .then((response) => ({
        status: response.statusCode,
        body: response.json(),
        edits,
        response,
      }));
  };

  it("wants to know which serial was read", async () => {
    expect(await post({})).toMatchObject({ status: 428, body: { code: "NO_IF_MATCH" }, edits: [] });
    const garbled = await post({ "if-match": "W/x" });
    expect(garbled).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" }, edits: [] });
    const { response, edits } = await post({ "if-match": '"2026010101"' });
    expect(edits).toMatchObject([{ ifSerial: 2026010101 }]);
    expect(response.headers.etag).toBe('"102"');
  });

  it.each([
    [{ changes: [] }, '"changes"'],
    [{ changes: [{ action: "drop", name: "a", type: "A" }] }, '"changes.0.action"'],
    [{ changes: [{ action: "replace", name: "a", type: "A", rdata: ["192.0.2.1"] }] }, "ttl"],
    [{ reason: "" }, '"reason"'],
    [{ author: "x".repeat(101) }, '"author"'],
    [{ colour: "blue" }, "colour"],
  ])("refuses what it cannot read: %j", async (changed, named) => {
    const answer = await post({ "if-match": "*" }, { ...EDIT, ...changed });
    expect(answer).toMatchObject({ status: 400, body: { code: "BAD_REQUEST" }, edits: [] });
    expect(answer.body.detail).toContain(named);
  });
});

describe("Idempotency-Key", () => {
  const url = "/v1/zones/example.org/edits";
  const send = (tcp: ReturnType<typeof api>["tcp"], key: string, payload: object = EDIT) => {
    const headers = { ...bearer("lz_ci"), "if-match": "*", "idempotency-key": key };
    return tcp.inject({ method: "POST", url, headers, payload });
  };

  it("makes a repeated POST harmless: it is answered as the first was", async () => {
    const { tcp, edits } = api();
    const first = await send(tcp, "k1");
    const again = await send(tcp, "k1");
    expect(again.json()).toEqual(first.json());
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect(edits).toHaveLength(1);
    await send(tcp, "k2");
    expect(edits).toHaveLength(2);
  });

  it("refuses a key that was used for something else", async () => {
    const { tcp, edits } = api();
    await send(tcp, "k1");
    const other = await send(tcp, "k1", { ...EDIT, reason: "another" });
    expect(other.json()).toMatchObject({ status: 400, code: "KEY_REUSED" });
    expect(edits).toHaveLength(1);
  });

  it("forgets after a day, and holds 1000 keys at most", async () => {
    const { tcp, edits, time } = api();
    await send(tcp, "k1");
    await time.advance(24 * 3_600_000);
    await send(tcp, "k1");
    expect(edits).toHaveLength(2);
    for (let count = 0; count < 1000; count++) await send(tcp, `x${count}`);
    await send(tcp, "k1");
    expect(edits).toHaveLength(1003);
  });
});

describe("GET /openapi.json", () => {
  it("describes every route, with a sentence and its tags", async () => {
    const { tcp } = api();
    const document = (await tcp.inject({ url: "/openapi.json" })).json();
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations as Record<string, { summary?: string; tags?: string[] }>).map(
        ([method, { summary, tags }]) => {
          expect(`${method} ${path}: ${summary} ${tags}`).not.toContain("undefined");
          return `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`;
        },
      ),
    );
    const nameless = (route: string): string => route.replace(/:[^/]+/g, ":");
    const routes = routesOf(tcp.printRoutes({ commonPrefix: false }));
    expect(described.map(nameless).sort()).toEqual(routes.map(nameless).sort());
  });
});

describe("docs/api.md", () => {
  it("is what the API says of itself", async () => {
    expect(readFileSync("docs/api.md", "utf8")).toBe(await apiPage());
  });
});

/** `METHOD PATH` of each route that fastify has, but those of the description and HEAD. */
function routesOf(printed: string): string[] {
  const routes: string[] = [];
  const path: string[] = [];
  for (const line of printed.split("\n")) {
    const match = /^([│ ]*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line);
    if (match === null) continue;
    const [, indent = "", part = "", methods] = match;
    path.splice(indent.length / 4, Number.POSITIVE_INFINITY, part);
    const whole = path.join("");
    if (methods === undefined || whole === "/openapi.json") continue;
    for (const method of methods.split(", "))
      if (method !== "HEAD") routes.push(`${method} ${whole}`);
  }
  return routes.sort();
}
