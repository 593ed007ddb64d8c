// RESP2, the protocol of Redis, as far as a health check needs it. Pure: text in, replies out.

/** One reply. */
export type Resp =
  | { readonly kind: "simple" | "error" | "integer"; readonly text: string }
  | { readonly kind: "bulk"; readonly text: string | undefined }
  | { readonly kind: "array"; readonly items: readonly Resp[] };

/** As many whole replies as there are; `isMalformed` where what follows them is none. */
export interface RespReading {
  readonly replies: readonly Resp[];
  readonly isMalformed: boolean;
}

const LINE_OCTETS_MAX = 4096;
const ITEMS_MAX = 1024;
const DEPTH_MAX = 8;

type Part = { readonly reply: Resp; readonly end: number } | "more" | "malformed";

/** Reads at most `countMax` replies from all that has come, one character per octet. */
export function readReplies(text: string, countMax: number): RespReading {
  const replies: Resp[] = [];
  let at = 0;
  while (replies.length < countMax) {
    const part = readReply(text, at, 0);
    if (part === "more") return { replies, isMalformed: false };
    if (part === "malformed") return { replies, isMalformed: true };
    replies.push(part.reply);
    at = part.end;
  }
  return { replies, isMalformed: false };
}

function readReply(text: string, at: number, depth: number): Part {
  if (at >= text.length) return "more";
  const mark = text.charAt(at);
  if (!"+-:$*".includes(mark)) return "malformed";
  const lineEnd = text.indexOf("\r\n", at);
  if (lineEnd < 0) return text.length - at > LINE_OCTETS_MAX ? "malformed" : "more";
  const line = text.slice(at + 1, lineEnd);
  const end = lineEnd + 2;
  if (mark === "+") return { reply: { kind: "simple", text: line }, end };
  if (mark === "-") return { reply: { kind: "error", text: line }, end };
  if (!/^-?\d{1,9}$/.test(line)) return "malformed";
  if (mark === ":") return { reply: { kind: "integer", text: line }, end };
  const count = Number(line);
  return mark === "$" ? readBulk(text, end, count) : readItems(text, end, { count, depth });
}

function readBulk(text: string, at: number, octets: number): Part {
  if (octets < 0) return { reply: { kind: "bulk", text: undefined }, end: at };
  if (text.length < at + octets + 2) return "more";
  return { reply: { kind: "bulk", text: text.slice(at, at + octets) }, end: at + octets + 2 };
}

function readItems(text: string, at: number, list: { count: number; depth: number }): Part {
  if (list.count > ITEMS_MAX || list.depth >= DEPTH_MAX) return "malformed";
  const items: Resp[] = [];
  let end = at;
  while (items.length < list.count) {
    const part = readReply(text, end, list.depth + 1);
    if (part === "more" || part === "malformed") return part;
    items.push(part.reply);
    end = part.end;
  }
  return { reply: { kind: "array", items }, end };
}

/** A command as a server reads it: an array of bulk strings. */
export function commandText(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}
