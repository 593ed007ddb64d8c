// PostgreSQL's messages (protocol 3.0): a letter, a length, a body. Pure: octets in, values out.

import type { PostgresAsk } from "../../config/ask.ts";

const PROTOCOL = 196_608;
const LENGTH_MAX = 65_536;

/** A message of the server; `body` has one character per octet. */
export interface PostgresMessage {
  readonly type: string;
  readonly body: string;
}

/** The message at `at` in all that has come, and where the next one begins. */
export function readMessage(
  text: string,
  at: number,
): { readonly message: PostgresMessage; readonly end: number } | "more" | "malformed" {
  if (at >= text.length) return "more";
  const type = text.charAt(at);
  if (!/[A-Za-z1-3]/.test(type)) return "malformed";
  if (text.length < at + 5) return "more";
  const length = Buffer.from(text.slice(at + 1, at + 5), "latin1").readUInt32BE(0);
  if (length < 4 || length > LENGTH_MAX) return "malformed";
  const end = at + 1 + length;
  if (text.length < end) return "more";
  return { message: { type, body: text.slice(at + 5, end) }, end };
}

/** A message of the client. */
export function message(type: string, body: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.write(type, 0, "latin1");
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** The first message of all, which has no letter. */
export function startupMessage({
  user,
  database,
}: Pick<PostgresAsk, "user" | "database">): Uint8Array {
  const pairs = ["user", user, "database", database, "application_name", "livezone"];
  const body = Buffer.from(`${pairs.join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.writeUInt32BE(PROTOCOL, 4);
  return Buffer.concat([head, body]);
}

/** A password, or what stands for it. */
export function passwordMessage(password: string): Uint8Array {
  return message("p", Buffer.from(`${password}\0`));
}

/** The choice of a SASL mechanism, with its first message. */
export function saslInitial(mechanism: string, first: string): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(first));
  return message("p", Buffer.concat([Buffer.from(`${mechanism}\0`), length, Buffer.from(first)]));
}

/** What an error response says: its SQLSTATE and its sentence. */
export function errorOf(body: string): { readonly state: string; readonly text: string } {
  const fields = new Map(body.split("\0").map((field) => [field.charAt(0), field.slice(1)]));
  return { state: fields.get("C") ?? "no SQLSTATE", text: fields.get("M") ?? "" };
}
