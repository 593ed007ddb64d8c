// DNS over TLS (RFC 7858): the same image behind a certificate, which may be renewed while running.

import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import packet from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, ServerProcess, sandbox } from "../support/server-process.ts";

const first = readFileSync("test/data/server-tls-1.pem", "utf8");
const second = readFileSync("test/data/server-tls-2.pem", "utf8");
const PORT = 18_853;

interface TlsReply {
  readonly data: string;
  /** Of the certificate that was shown. */
  readonly fingerprint: string;
}

function askTls(name: string): Promise<TlsReply> {
  const socket = connect({ port: PORT, host: "127.0.0.1", rejectUnauthorized: false });
  return new Promise<TlsReply>((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.once("error", reject);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const answer = packet.streamDecode(received).answers?.[0];
      const data = String(answer !== undefined && "data" in answer ? answer.data : "");
      resolve({ data, fingerprint: socket.getPeerCertificate().fingerprint256 });
    });
    const questions = [{ name, type: "A" as const }];
    socket.write(packet.streamEncode({ type: "query", id: 7, questions }));
  }).finally(() => socket.destroy());
}

describe("livezone serve with tls", () => {
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
store: { path: ":memory:" }
zones: [{ origin: a.example }]
tls: { listen: [127.0.0.1:${PORT}], certificate: cert.pem, key: key.pem }
`,
    );
    server = new ServerProcess(["serve", config]);
    await server.waitFor("server.ready");
  });

  afterAll(async () => {
    await server.stop();
    box.remove();
  });

  it("answers over TLS from the same zones", async () => {
    expect((await askTls("ns.a.example")).data).toBe("192.0.2.53");
  });

  it("keeps its certificate when a renewal is bad, and takes a good one", async () => {
    const before = (await askTls("ns.a.example")).fingerprint;
    box.write("cert.pem", "no certificate\n");
    const rejected = await server.waitFor("tls.rejected");
    expect(rejected.msg).toContain("the old one goes on");
    expect((await askTls("ns.a.example")).fingerprint).toBe(before);
    box.write("key.pem", second);
    box.write("cert.pem", second);
    await server.waitFor("tls.loaded");
    expect((await askTls("ns.a.example")).fingerprint).not.toBe(before);
  });
});
