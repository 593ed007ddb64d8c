// The API over TLS at a TCP address, as an operator's tools reach it: with the certificate checked
// against its name, and a token that `livezone token` made.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const first = readFileSync("test/data/server-tls-1.pem", "utf8");
const second = readFileSync("test/data/server-tls-2.pem", "utf8");
const PORT = 18_863;
const NAME = "ns.example.org";

interface Reply {
  readonly status: number | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Asked {
  readonly token?: string;
  readonly method?: "GET" | "POST";
  readonly path?: string;
  readonly ca?: string;
  readonly reason?: string;
}

/** Asks with everything checked that a careful client checks. */
function ask({ token, method = "GET", path = "/v1/zones", ca = first, reason }: Asked) {
  const headers = {
    host: `${NAME}:${PORT}`,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(reason !== undefined && { "content-type": "application/json" }),
  };
  const options = { host: "127.0.0.1", port: PORT, path, method, headers, ca, agent: false };
  return new Promise<Reply>((resolve, reject) => {
    const sent = request({ ...options, servername: NAME }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        resolve({ status: response.statusCode, body: JSON.parse(text) as Reply["body"] });
      });
    });
    sent.once("error", reject);
    sent.end(reason === undefined ? undefined : JSON.stringify({ reason }));
  });
}

/** What plain HTTP gets from the same port. */
function askPlain(token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port: PORT, path: "/v1/zones", headers, agent: false };
    const sent = requestPlain(options, (response) => resolve(`status ${response.statusCode}`));
    sent.once("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    sent.end();
  });
}

function livezone(...args: string[]): string {
  return spawnSync(process.execPath, ["dist/app/main.js", ...args], { encoding: "utf8" }).stdout;
}

function makeToken(name: string, scope: string): { token: string; line: string } {
  const made = JSON.parse(livezone("token", name, "--scope", scope, "--json")) as {
    readonly token: string;
    readonly sha256: string;
  };
  return {
    token: made.token,
    line: `{ name: ${name}, scopes: [${scope}], sha256: ${made.sha256} }`,
  };
}

describe("livezone serve with admin.tls", () => {
  const reader = makeToken("reader", "read");
  const operator = makeToken("operator", "operate");
  let box: Sandbox;
  let server: ServerProcess;

  beforeAll(async () => {
    box = sandbox();
    box.write("a.example.zone", "$TTL 60\n@ SOA ns a 1 1 1 1 1\n@ NS ns\nns A 192.0.2.53\n");
    box.write("cert.pem", first);
    box.write("key.pem", first);
    const config = box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT + 1}]
store: { path: livezone.db }
zones: [{ origin: a.example }]
admin:
  listen: [127.0.0.1:${PORT}]
  tokens:
    - ${reader.line}
    - ${operator.line}
  tls: { certificate: cert.pem, key: key.pem }
`,
    );
    server = new ServerProcess(["serve", config]);
    await server.waitFor("server.ready");
    const open = await server.waitFor("api.open");
    expect(open["scheme"]).toBe("https");
  });

  afterAll(async () => {
    await server.stop();
    box.remove();
  });

  it("answers whoever has a token, under the certificate's name", async () => {
    const { status, body } = await ask({ token: reader.token });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('"a.example');
  });

  it("turns away who has none, a wrong one, or one of too small a scope", async () => {
    const reload = { method: "POST", path: "/v1/reload", reason: "a new zone" } as const;
    const replies = [
      await ask({}),
      await ask({ token: `${reader.token}x` }),
      await ask({ ...reload, token: reader.token }),
    ];
    expect(replies.map(({ status, body }) => [status, body["code"]])).toEqual([
      [401, "NO_TOKEN"],
      [401, "BAD_TOKEN"],
      [403, "SCOPE"],
    ]);
    const denied = await server.waitFor("api.denied");
    expect(denied["reason"]).toBe("the token is not known here");
    expect(denied.msg).not.toContain(reader.token);
  });

  it("names the token's bearer as the author, and the command line sees the change", async () => {
    const asked = { method: "POST", path: "/v1/reload", reason: "a new zone" } as const;
    const { status } = await ask({ ...asked, token: operator.token });
    expect(status).toBeLessThan(300);
    const changed = await server.waitFor("api.changed");
    expect(changed).toMatchObject({ author: "operator", reason: "a new zone" });
    const report = livezone("status", "--json", "--socket", box.file("livezone.db.sock"));
    expect(JSON.parse(report)).toMatchObject({ zones: [{ zone: "a.example" }] });
  });

  it("says nothing in plain HTTP", async () => {
    expect(await askPlain(reader.token)).toMatch(/^(ECONNRESET|EPIPE)$/);
  });

  it("is refused by a client that trusts another certificate, until that one is renewed to", async () => {
    const renewed = { token: reader.token, ca: second };
    await expect(ask(renewed)).rejects.toMatchObject({ code: expect.stringMatching(/CERT/) });
    box.write("key.pem", second);
    box.write("cert.pem", second);
    await server.waitFor("tls.loaded");
    expect((await ask(renewed)).status).toBe(200);
  });
});
