// What is said of certificates, by the kinds tls and https alike.

import { copyFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { TlsTerms } from "../../src/config/ask.ts";
import { httpsAsk, pki, TLS, tlsAsk } from "./asks.ts";
import { Recorder } from "./recorder.ts";
import { answering, type Conduct, OK, type ServeOptions, serve } from "./servers.ts";

const DAY_MS = 86_400_000;
/** When the "good" certificate ends. */
const END_MS = Date.UTC(2100, 0, 1);

const recorder = new Recorder();
const running: Conduct[] = [];

afterEach(async () => {
  recorder.prober.unwatch("t");
  recorder.wallShiftMs = 0;
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function observe(
  certificate: ServeOptions["certificate"] & string,
  terms: Partial<TlsTerms> = {},
  kind: typeof tlsAsk | typeof httpsAsk = tlsAsk,
) {
  const server = await serve(answering(OK), { certificate, address: "127.0.0.23" });
  running.push(server);
  recorder.prober.watch("t", kind(server, { tls: { ...TLS, ...terms } }), undefined);
  return recorder.observe("t");
}

describe.each([
  ["tls", tlsAsk],
  ["https", httpsAsk],
] as const)("a certificate, looked at by kind %s,", (_kind, ask) => {
  it("is good for its names and addresses", async () => {
    expect(await observe("good", {}, ask)).toMatchObject({ code: "ok", detail: "" });
    expect(await observe("good", { name: "WWW.example.org" }, ask)).toMatchObject({ code: "ok" });
    expect(await observe("good", { name: "127.0.0.23" }, ask)).toMatchObject({ code: "ok" });
  });

  it("is refused for what is wrong with it, in words", async () => {
    expect(await observe("other", {}, ask)).toMatchObject({
      code: "tls-name",
      isHard: false,
      detail: "the certificate is for DNS:other.example.org, not for www.example.org",
    });
    expect(await observe("expired", {}, ask)).toMatchObject({
      code: "tls-expired",
      detail: "the certificate was good until 2021-01-01",
    });
    expect(await observe("future", {}, ask)).toMatchObject({
      code: "tls-expired",
      detail: "the certificate is good only from 2090-01-01 on",
    });
    const { caFile: _, ...trusting } = TLS;
    const server = await serve(answering(OK), { certificate: "good" });
    running.push(server);
    recorder.prober.watch("t", ask(server, { tls: trusting }), undefined);
    expect(await recorder.observe("t")).toMatchObject({
      code: "tls-untrusted",
      detail: "the certificate is not trusted: unable to verify leaf signature",
    });
  });

  it("is not looked at where that was asked for", async () => {
    expect(await observe("expired", { isInsecure: true }, ask)).toMatchObject({ code: "ok" });
    expect(await observe("other", { isInsecure: true }, ask)).toMatchObject({ code: "ok" });
  });

  it("that ends soon is good, with a warning", async () => {
    const shifted = async (days: number, warnDays = 14) => {
      recorder.wallShiftMs = END_MS - days * DAY_MS - Date.now() - 1000;
      return (await observe("good", { warnDays }, ask)).warning;
    };
    expect(await shifted(15)).toBeUndefined();
    expect(await shifted(14)).toBeUndefined();
    expect(await shifted(13)).toBe("the certificate ends in 13 days, on 2100-01-01");
    expect(await shifted(1)).toBe("the certificate ends in 1 day, on 2100-01-01");
    expect(await shifted(0.5)).toBe("the certificate ends in 0 days, on 2100-01-01");
    expect(await shifted(20, 30)).toBe("the certificate ends in 20 days, on 2100-01-01");
    expect(await shifted(0.5, 0)).toBeUndefined();
  });
});

describe("a file of authorities", () => {
  it("is read anew when it has changed; a bad one is the prober's fault", async () => {
    const folder = await mkdtemp(join(tmpdir(), "livezone-ca-"));
    const caFile = join(folder, "ca.pem");
    expect(await observe("good", { caFile })).toMatchObject({
      code: "prober-config",
      detail: expect.stringContaining("no such file"),
    });
    writeFileSync(caFile, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    expect(await observe("good", { caFile })).toMatchObject({
      code: "prober-config",
      detail: expect.stringContaining("it holds a certificate that cannot be read"),
    });
    writeFileSync(caFile, "no certificate at all\n");
    expect(await observe("good", { caFile })).toMatchObject({
      code: "prober-config",
      detail: expect.stringContaining("it holds no certificate"),
    });
    copyFileSync(pki("ca"), caFile);
    expect(await observe("good", { caFile })).toMatchObject({ code: "ok" });
    await rm(folder, { recursive: true });
  });
});
