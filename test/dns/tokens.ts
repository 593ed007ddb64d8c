// Splits one record's data into tokens the way the master-file lexer does, for tests of this room.

import type { RdataToken } from "../../src/dns/rdata.ts";

/** Words, quoted strings, and words that contain a quoted part (`alpn="h2,h3"`). */
export function tokensOf(text: string): RdataToken[] {
  const tokens: RdataToken[] = [];
  for (const [word] of text.matchAll(/"(?:\\.|[^"\\])*"|(?:\\.|="(?:\\.|[^"\\])*"|[^\s"\\])+/gs)) {
    const isQuoted = word.startsWith('"');
    tokens.push({ text: isQuoted ? word.slice(1, -1) : word, isQuoted });
  }
  return tokens;
}

/** Octets of hexadecimal digits with blanks between. */
export function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

/** Lower-case hexadecimal digits. */
export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
