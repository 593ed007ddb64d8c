// Octets as text: what a target sent is kept as latin1, one character per octet, so that searching
// and cutting it is plain string work and no octet is ever malformed.

const EXCERPT_OCTETS = 48;

/** The octets of a chunk, one character each. The text is a copy. */
export function latin1OfChunk(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
}

/** The UTF-8 octets of a phrase that an operator wrote, one character each. */
export function latin1OfPhrase(phrase: string): string {
  return Buffer.from(phrase, "utf8").toString("latin1");
}

/** The first octets of something received, quoted, fit for a log line: nothing unprintable. */
export function excerptOf(latin1: string): string {
  const isCut = latin1.length > EXCERPT_OCTETS;
  const text = latin1
    .slice(0, EXCERPT_OCTETS)
    .replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${text}"${isCut ? "…" : ""}`;
}
