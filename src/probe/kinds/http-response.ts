// HTTP/1.x responses as far as a health check needs them (RFC 9112). Pure: text in, verdict out.

/** Octets of a body that are looked at, as Route 53 does. */
const BODY_OCTETS_MAX = 5120;

const HEAD_OCTETS_MAX = 16_384;
/** Chunk framing may be larger than what it frames, but not without end. */
const FRAMED_OCTETS_MAX = 65_536;
const INTERIM_MAX = 8;

/** What a response says; `body` holds at most `BODY_OCTETS_MAX` characters, one per octet. */
export interface HttpResponse {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  /** The connection may carry another request: this response is read, and nothing follows it. */
  readonly isReusable: boolean;
  /** The `timeout` of a Keep-Alive header (RFC 2068 section 19.7.1), which Node and Apache send. */
  readonly idleMs: number | undefined;
}

/** A response, or why there is none yet. */
export type HttpReading =
  | { readonly kind: "response"; readonly response: HttpResponse }
  | { readonly kind: "more" }
  | { readonly kind: "closed"; readonly why: string }
  | { readonly kind: "malformed"; readonly why: string };

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly isPersistent: boolean;
  readonly bodyAt: number;
}

/**
 * Reads all that a server has sent so far, as latin1 text.
 *
 * It is enough when the response is complete or `BODY_OCTETS_MAX` octets of its body are there.
 * Interim responses (1xx) are skipped. A body's length is found as RFC 9112 section 6.3 says;
 * differing Content-Length values are malformed (section 6.3, point 5), as is one beside
 * Transfer-Encoding: a check need not be as patient as a proxy.
 *
 * @param options.isHead the request was HEAD, so no body follows.
 * @param options.isEnded the server has closed its side.
 */
export function readResponse(
  text: string,
  options: { readonly isHead: boolean; readonly isEnded: boolean },
): HttpReading {
  let at = 0;
  for (let interim = 0; interim <= INTERIM_MAX; interim++) {
    const head = readHead(text, at, options.isEnded);
    if ("kind" in head) return head;
    if (head.status >= 200) return readBody(text, head, options);
    if (head.status === 101) return malformed("status 101 without an Upgrade request");
    at = head.bodyAt;
  }
  return malformed(`more than ${INTERIM_MAX} interim responses`);
}

function readHead(text: string, at: number, isEnded: boolean): Head | HttpReading {
  const lineEnd = text.indexOf("\n", at);
  const start = text.slice(at, lineEnd < 0 ? at + 9 : lineEnd);
  if (!"HTTP/1.".startsWith(start.slice(0, 7))) return malformed("the answer is not HTTP/1");
  const end = /\r?\n\r?\n/g;
  end.lastIndex = at;
  const found = end.exec(text);
  if (found === null || found.index - at > HEAD_OCTETS_MAX) {
    if (text.length - at > HEAD_OCTETS_MAX) {
      return malformed(`the header is longer than ${HEAD_OCTETS_MAX} octets`);
    }
    if (!isEnded) return { kind: "more" };
    return { kind: "closed", why: text === "" ? "no answer" : "within the header" };
  }
  const [statusLine = "", ...lines] = text.slice(at, found.index).split(/\r?\n/);
  const parts = /^HTTP\/1\.(\d) (\d{3})(?: |$)/.exec(statusLine);
  if (parts === null) return malformed("the status line is not one of HTTP/1");
  const headers = readHeaders(lines);
  if (headers === undefined) return malformed("a header line has no colon, or two lengths differ");
  const connection = (headers.get("connection") ?? "").toLowerCase();
  const isPersistent =
    parts[1] === "0" ? connection.includes("keep-alive") : !connection.includes("close");
  return { status: Number(parts[2]), headers, isPersistent, bodyAt: end.lastIndex };
}

function readHeaders(lines: readonly string[]): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) return undefined;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const former = headers.get(name);
    if (name === "content-length" && former !== undefined && former !== value) return undefined;
    headers.set(
      name,
      former === undefined || name === "content-length" ? value : `${former}, ${value}`,
    );
  }
  return headers;
}

function readBody(
  text: string,
  head: Head,
  options: { readonly isHead: boolean; readonly isEnded: boolean },
): HttpReading {
  const length = head.headers.get("content-length");
  const coding = head.headers.get("transfer-encoding")?.toLowerCase();
  if (options.isHead || head.status === 204 || head.status === 304) {
    return complete(head, "", text.length === head.bodyAt);
  }
  if (coding !== undefined) {
    if (length !== undefined) return malformed("both Content-Length and Transfer-Encoding");
    if (coding !== "chunked") return malformed(`Transfer-Encoding "${coding}" is not understood`);
    return readChunks(text, head, options.isEnded);
  }
  const body = text.slice(head.bodyAt, head.bodyAt + BODY_OCTETS_MAX);
  const here = text.length - head.bodyAt;
  if (length === undefined) {
    if (options.isEnded || here >= BODY_OCTETS_MAX) return complete(head, body, false);
    return { kind: "more" };
  }
  if (!/^\d{1,15}$/.test(length)) return malformed(`Content-Length "${length}" is not a number`);
  const octets = Number(length);
  if (here >= octets) return complete(head, body.slice(0, octets), here === octets);
  if (here >= BODY_OCTETS_MAX) return complete(head, body, false);
  if (!options.isEnded) return { kind: "more" };
  return { kind: "closed", why: `after ${here} of ${octets} octets of the body` };
}

/** Chunked transfer coding (RFC 9112 section 7.1); trailers are skipped. */
function readChunks(text: string, head: Head, isEnded: boolean): HttpReading {
  let body = "";
  let at = head.bodyAt;
  const unfinished: HttpReading = isEnded
    ? { kind: "closed", why: "within a chunked body" }
    : { kind: "more" };
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0 && text.length - at > 1024) return malformed("a chunk's size line has no end");
    if (lineEnd < 0) return unfinished;
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;|$)/.exec(text.slice(at, lineEnd))?.[1];
    if (size === undefined) return malformed("a chunk has no size");
    const octets = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (octets === 0) break;
    body += text.slice(at, at + octets);
    if (body.length >= BODY_OCTETS_MAX) {
      return complete(head, body.slice(0, BODY_OCTETS_MAX), false);
    }
    at += octets;
    if (text.length < at + 2) return unfinished;
    if (text.slice(at, at + 2) !== "\r\n") return malformed("a chunk is longer than its size");
    at += 2;
    if (at - head.bodyAt > FRAMED_OCTETS_MAX) return malformed("the chunks are mostly framing");
  }
  // The body is complete here; a check does not wait for trailers that are still under way.
  return complete(head, body, text.slice(at) === "\r\n");
}

function complete(head: Head, body: string, isAllRead: boolean): HttpReading {
  const { status, headers, isPersistent } = head;
  const location = headers.get("location");
  const isReusable = isAllRead && isPersistent;
  const seconds = /\btimeout=(\d{1,6})\b/i.exec(headers.get("keep-alive") ?? "")?.[1];
  const idleMs = seconds === undefined ? undefined : Number(seconds) * 1000;
  return { kind: "response", response: { status, location, body, isReusable, idleMs } };
}

function malformed(why: string): HttpReading {
  return { kind: "malformed", why };
}
