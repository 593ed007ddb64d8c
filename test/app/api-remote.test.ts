// The command line from elsewhere: a server's API over TLS, with everything checked.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Run, run } from "../cli/world.ts";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const AT = "127.0.0.23";
const PORT = 18_875;
const URL = `https://${AT}:${PORT}`;
/** The certificate names the other address alone. */
const OTHER_URL = `https://127.0.0.1:${PORT}`;
const TOKENS = { reader: "lz_reader-reader", operator: "lz_operator-operator" };

const pem = (name: string): string => readFileSync(`test/data/probe-tls-${name}.pem`, "utf8");

const files = new Map([
  ["ca.pem", pem("ca")],
  ["reader.token", `${TOKENS.reader}\n`],
  ["wrong.token", "lz_wrong\n"],
  ["odd.token", "two words\n"],
  ["empty.token", "\n"],
]);

const TRUSTING = ["--ca", "ca.pem", "--token-file", "reader.token"];

/** A verb that asks over TLS, its environment as given. */
function ask(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  return run(args, files, { env: (name) => env[name], now: () => Date.now() });
}

function tokenLine(name: keyof typeof TOKENS, scope: string): string {
  const sha256 = createHash("sha256").update(TOKENS[name]).digest("hex");
  return `{ name: ${name}, scopes: [${scope}], sha256: ${sha256} }`;
}

describe("livezone VERB --server", () => {
  let box: Sandbox;
  let server: ServerProcess;

  beforeAll(async () => {
    box = sandbox();
    box.write("cert.pem", pem("good"));
    box.write("key.pem", pem("key"));
    const addresses = "@ SOA ns a 1 1 1 1 1\n@ NS ns\nns A 192.0.2.53\n";
    const targets = "www A 127.0.0.1\nwww A 127.0.0.2\n";
    box.write("a.example.zone", `$TTL 60\n${addresses}${targets}`);
    box.write(
      "a.example.pools.yaml",
      `checks: { up: { kind: exec, command: ["/bin/true"], interval: 1h } }
pools: { www.a.example: { checks: [up], ttl: { min: 1s, max: 1s }, policy: priority } }
`,
    );
    const config = box.write(
      "livezone.yaml",
      `listen: [127.0.0.1:${PORT + 1}]
store: { path: livezone.db }
zones: [{ origin: a.example }]
admin:
  listen: [${AT}:${PORT}, 127.0.0.1:${PORT}]
  tokens:
    - ${tokenLine("reader", "read")}
    - ${tokenLine("operator", "operate")}
  tls: { certificate: cert.pem, key: key.pem }
`,
    );
    server = new ServerProcess(["serve", config]);
    await server.waitFor("server.ready");
    await server.waitFor("target.up", ({ target }) => String(target).includes("127.0.0.2"));
  });

  afterAll(async () => {
    await server.stop();
    box.remove();
  });

  it("asks with a token and an authority from files", async () => {
    const { status, out, err } = await ask(["status", "--server", URL, ...TRUSTING, "--json"]);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({ zones: [{ zone: "a.example" }] });
  });

  it("asks as a program of its own, with all of it from the environment", () => {
    const env = {
      ...{ LIVEZONE_SERVER: URL, LIVEZONE_TOKEN: TOKENS.reader },
      ...{ LIVEZONE_CA: "test/data/probe-tls-ca.pem", PATH: process.env["PATH"] },
    };
    const args = ["dist/app/main.js", "explain", "www.a.example"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("127.0.0.1");
  });

  it("orders, waits and watches as on the socket", async () => {
    const env = {
      ...{ LIVEZONE_SERVER: URL, LIVEZONE_TOKEN: TOKENS.operator },
      LIVEZONE_CA: "ca.pem",
    };
    const forced = await ask(["force", "127.0.0.1", "down", "--reason", "patches"], env);
    expect(forced).toMatchObject({ status: 0, err: "" });
    const changed = await server.waitFor("api.changed");
    expect(changed).toMatchObject({ author: "ann", via: "token operator", reason: "patches" });
    const waited = await ask(["wait", "last", "--drained", "--timeout", "30s"], env);
    expect(waited).toMatchObject({ status: 0, err: "" });
    const watched = await ask(["propagation", "--watch"], env);
    expect(watched).toMatchObject({ status: 0, err: "" });
    expect(watched.out).toContain("www.a.example");
    const dash = await ask(["dash"], env);
    expect(dash).toMatchObject({ status: 0, err: "" });
    expect(dash.out).toContain("127.0.0.2");
    const ended = await ask(["unforce", "127.0.0.1", "--reason", "patched"], env);
    expect(ended).toMatchObject({ status: 0, err: "" });
    const isEnd = (line: { readonly [field: string]: unknown }): boolean =>
      line["action"] === "unforce";
    const end = await server.waitFor("api.changed", isEnd);
    expect(end).toMatchObject({ author: "ann", reason: "patched" });
    const report = await ask(["report"], env);
    expect(report.out).toContain("127.0.0.1 is forced down by ann: patches");
  });

  it("prefers a CONFIG that is named, and --socket, to the environment", async () => {
    const env = { LIVEZONE_SERVER: "https://192.0.2.1" };
    const socket = box.file("livezone.db.sock");
    expect((await ask(["status", "--socket", socket], env)).status).toBe(0);
    const config = readFileSync(box.file("livezone.yaml"), "utf8");
    const named = new Map([
      ["main.yaml", config.replace("livezone.db }", `${socket.slice(0, -5)} }`)],
    ]);
    const world = {
      env: (name: string) => (name === "LIVEZONE_SERVER" ? "https://192.0.2.1" : undefined),
    };
    expect(await run(["status", "main.yaml"], named, world)).toMatchObject({ status: 0, err: "" });
  });

  describe("says in one sentence what is wrong", () => {
    let elsewhere: Server;
    let elsewherePort = 0;
    beforeAll(async () => {
      elsewhere = createServer((request, response) => {
        if (request.url === "/v1/swaps?limit=50") {
          response.writeHead(404, { "content-type": "application/json" });
          response.end('{"message":"no"}');
        } else response.end("<html>");
      });
      await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
      const bound = elsewhere.address();
      elsewherePort = typeof bound === "object" && bound !== null ? bound.port : 0;
    });
    afterAll(() => elsewhere.close());

    const trusted = ["--server", URL, "--ca", "ca.pem"];
    const cannot = `Cannot ask the server at "${URL}"`;
    it.each([
      [
        "no token",
        ["status", ...trusted],
        `${cannot}: it wants a token; set LIVEZONE_TOKEN, or name a file that holds it by --token-file`,
      ],
      [
        "a wrong token",
        ["dash", ...trusted, "--token-file", "wrong.token"],
        `${cannot}: it does not know the token that was sent`,
      ],
      [
        "too small a scope",
        ["force", "127.0.0.1", "up", "--reason", "no", "--server", URL, ...TRUSTING],
        'Cannot PUT /v1/targets/127.0.0.1/forced: it needs the scope "operate", which token reader has not',
      ],
      [
        "a certificate of an unknown authority",
        ["status", "--server", URL, "--token-file", "reader.token"],
        `${cannot}: its certificate is not trusted here; name the authority that signed it by --ca FILE`,
      ],
      [
        "a certificate for another name",
        ["status", "--server", OTHER_URL, ...TRUSTING],
        `Cannot ask the server at "${OTHER_URL}": its certificate is for other names: IP: 127.0.0.1 is not in the cert's list: 127.0.0.23`,
      ],
      [
        "nobody there",
        ["status", "--server", `https://${AT}:${PORT + 3}`, ...TRUSTING],
        `No server answers at "https://${AT}:${PORT + 3}": its configuration says "admin: listen:" where it does`,
      ],
      [
        "plain HTTP where TLS is spoken",
        ["status", "--server", `http://${AT}:${PORT}`, "--token-file", "reader.token"],
        `Cannot ask the server at "http://${AT}:${PORT}": it hung up; where it has TLS, write https://`,
      ],
      [
        "a file that is no authority",
        ["status", "--server", URL, "--ca", "reader.token"],
        'Cannot use "reader.token" for --ca: it holds no certificate in PEM',
      ],
      [
        "a token file that is not there",
        ["status", ...trusted, "--token-file", "none"],
        'Cannot read "none": it does not exist',
      ],
      [
        "a token file with other things",
        ["status", ...trusted, "--token-file", "odd.token"],
        'Cannot use the token: "odd.token" holds what is no token',
      ],
      [
        "an empty token file",
        ["status", ...trusted, "--token-file", "empty.token"],
        'Cannot use the token: "empty.token" holds nothing',
      ],
    ])("%s", async (_what, args, sentence) => {
      expect(await ask(args)).toMatchObject({ status: 1, out: "", err: `${sentence}\n` });
    });

    it("another server than livezone", async () => {
      const at = `http://127.0.0.1:${elsewherePort}`;
      const cannotRead = `Cannot understand the server at "${at}"`;
      const page = await ask(["status", "--server", at]);
      expect(page.err).toBe(`${cannotRead}: its answer is no JSON; is it livezone's API?\n`);
      const other = await ask(["swaps", "--server", at]);
      const state = "it answers with status 404, not as livezone does";
      expect(other.err).toBe(`${cannotRead}: ${state}; is it livezone's API?\n`);
      const tls = `https://127.0.0.1:${elsewherePort}`;
      const spoken = await ask(["status", "--server", tls]);
      expect(spoken.err).toMatch(/^Cannot ask the server at "[^"]+": it speaks no TLS/);
    });

    it.each([
      ["http://192.0.2.1:8053", "is not encrypted and goes over the network; write https://"],
      [
        "ns1.example.org:8053",
        "is no address of an API; write one such as https://ns1.example.org:8053",
      ],
      ["https://ns1.example.org/v1", "has more than host and port; write https://ns1.example.org"],
      [
        "https://u:lz_x@ns1.example.org",
        "tokens stand in no address; use LIVEZONE_TOKEN or --token-file",
      ],
    ])("%s", async (url, why) => {
      const flag = await ask(["status", "--server", url]);
      expect(flag.status).toBe(2);
      expect(flag.err).toContain(`${why}.`);
      const environment = await ask(["status"], { LIVEZONE_SERVER: url });
      expect(environment).toMatchObject({ status: 1, out: "" });
      expect(environment.err).toContain(`Cannot use LIVEZONE_SERVER: `);
      expect(environment.err).toContain(why);
    });

    it.each(["--server=https://a.example", "--ca=x", "--token-file=x"])(
      "%s beside --socket",
      async (flag) => {
        const both = await ask(["status", "--socket", "x", flag]);
        expect(both.status).toBe(2);
        expect(both.err).toContain("cannot be used with option '--socket <PATH>'");
      },
    );

    it("an expired certificate", async () => {
      box.write("cert.pem", pem("expired"));
      await server.waitFor("tls.loaded");
      const { err } = await ask(["status", "--server", URL, ...TRUSTING]);
      expect(err).toBe(`${cannot}: its certificate has expired\n`);
    });
  });
});
