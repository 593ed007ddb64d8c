// SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding, and PostgreSQL's older MD5 answer:
// what a client says to prove that it knows a password. Pure but for its nonce, which is given.

import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";

/** A server may ask for this many iterations: more would be an attack on whoever computes them. */
const ITERATIONS_MAX = 20_000;
const SALTED_MAX = 64;

/** The first message and, once the server has spoken, the second and what it must answer. */
export interface Scram {
  readonly first: string;
  /** @returns the second message, or undefined where the server's first is none that can be met. */
  proceed(serverFirst: string): { readonly second: string; readonly signature: string } | undefined;
}

/** One login. The user's name is left empty: PostgreSQL takes that of its startup message. */
export function scram(password: string, nonce: string): Scram {
  const bare = `n=,r=${nonce}`;
  return {
    first: `n,,${bare}`,
    proceed: (serverFirst) => {
      const fields = new Map(serverFirst.split(",").map((part) => [part[0], part.slice(2)]));
      const combined = fields.get("r") ?? "";
      const salt = fields.get("s") ?? "";
      const iterations = Number(fields.get("i"));
      const isSane = iterations >= 1 && iterations <= ITERATIONS_MAX;
      if (!isSane || salt === "" || !combined.startsWith(nonce)) return undefined;
      const salted = saltedPassword(password, salt, iterations);
      const clientKey = hmac(salted, "Client Key");
      const storedKey = createHash("sha256").update(clientKey).digest();
      const withoutProof = `c=biws,r=${combined}`;
      const message = `${bare},${serverFirst},${withoutProof}`;
      const proof = xor(clientKey, hmac(storedKey, message)).toString("base64");
      const signature = hmac(hmac(salted, "Server Key"), message).toString("base64");
      return { second: `${withoutProof},p=${proof}`, signature };
    },
  };
}

/** Whether the server's last message proves that it knows the password too. */
export function isServerProof(serverFinal: string, signature: string): boolean {
  const given = Buffer.from(serverFinal.split(",")[0] ?? "");
  const expected = Buffer.from(`v=${signature}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** PostgreSQL's MD5 answer to a salt of 4 octets. */
export function md5Answer(user: string, password: string, salt: Uint8Array): string {
  const inner = createHash("md5").update(`${password}${user}`).digest("hex");
  return `md5${createHash("md5").update(inner).update(salt).digest("hex")}`;
}

/** The slow part, kept: a server's salt for a user stays, while probes come every few seconds. */
const kept = new Map<string, Buffer>();

function saltedPassword(password: string, salt: string, iterations: number): Buffer {
  const key = JSON.stringify([password, salt, iterations]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= SALTED_MAX) kept.clear();
  // SASLprep is left out: for printable ASCII it changes nothing.
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), iterations, 32, "sha256");
  kept.set(key, salted);
  return salted;
}

function hmac(key: Uint8Array, message: string): Buffer {
  return createHmac("sha256", key).update(message).digest();
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((octet, i) => octet ^ (b[i] ?? 0)));
}
