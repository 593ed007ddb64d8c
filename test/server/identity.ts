// Certificates of ns.example.org that nobody trusts but these tests, with their keys; valid until 2126.

import { readFileSync } from "node:fs";
import type { TlsIdentity } from "../../src/server/stream.ts";

function read(name: string): TlsIdentity {
  const pem = readFileSync(new URL(`../data/${name}`, import.meta.url), "utf8");
  const keyAt = pem.indexOf("-----BEGIN PRIVATE KEY-----");
  return { certificatePem: pem.slice(0, keyAt), keyPem: pem.slice(keyAt) };
}

export const TEST_IDENTITY = read("server-tls-1.pem");

/** The certificate that replaces the first one. */
export const RENEWED_IDENTITY = read("server-tls-2.pem");
