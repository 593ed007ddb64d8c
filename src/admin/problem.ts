// Errors of the API as problem documents (RFC 9457).

import { STATUS_CODES } from "node:http";

/** The media type of a problem document (RFC 9457 section 3). */
export const PROBLEM_TYPE = "application/problem+json";

/** A problem document. `code` is stable; `detail` is a sentence for people. */
export interface Problem {
  /** Always "about:blank": `title` is then the status phrase (RFC 9457 section 4.2.1). */
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}

/** A problem document of an HTTP status (400 to 599). */
export function problem(status: number, code: string, detail: string): Problem {
  return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, code };
}
