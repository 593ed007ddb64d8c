// What a protocol is to a conversation: octets that came in, what to do about them out. Pure, so
// that every turn of a protocol can be tested without a socket.

import type { ObservationCode } from "../../health/observation.ts";

/** How a conversation ends. */
export interface Verdict {
  readonly code: ObservationCode;
  /** For people; empty on success. */
  readonly detail: string;
}

/** What to do next. */
export type Turn =
  | { readonly kind: "wait" }
  | { readonly kind: "say"; readonly octets: Uint8Array | string }
  | EndTurn
  /** The same question is to be asked elsewhere, on a connection of its own. */
  | { readonly kind: "redirect"; readonly location: string; readonly status: number };

/** There is a verdict. */
export interface EndTurn {
  readonly kind: "end";
  readonly verdict: Verdict;
  /** Said before closing, when the connection is not kept. */
  readonly farewell?: Uint8Array | string;
  /** The other side would take another request on this connection. */
  readonly isReusable: boolean;
  /** How long the other side says that it keeps the connection while it is idle. */
  readonly idleMs?: number;
}

/** One side of a protocol, for one connection. */
export interface Script {
  /** What is said first, once the connection is there; where nothing is, it may end at once. */
  begin(): Turn;
  /**
   * Looks at everything that has come so far, one character per octet; called again with more.
   *
   * @param isEnded the other side has finished sending; "wait" then counts as closed too early.
   */
  read(text: string, isEnded: boolean): Turn;
  /** What is missing in `text`, for a time-out: "nothing sent, expected …". */
  missing(text: string): string;
}

export const WAIT: Turn = { kind: "wait" };

/** The end of a conversation that failed, or whose connection is of no further use. */
export function end(code: ObservationCode, detail: string): EndTurn {
  return { kind: "end", verdict: { code, detail }, isReusable: false };
}
