// The RRset: the unit that zones are compared, edited, stored and answered in.

import type { Name } from "../dns/name.ts";

/**
 * All records of one owner and type (RFC 2181 section 5), class IN.
 *
 * `rdatas` are in wire form with names uncompressed and their case kept, in the order the operator
 * wrote them (rotation and pools use that order); at least one, no two equal.
 */
export interface RRset {
  readonly owner: Name;
  /** RR type, 1 to 65535, never a meta type (OPT, 128 to 255). */
  readonly type: number;
  /** Seconds, 0 to 2^31 - 1 (RFC 2181 section 8). */
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
}

/** Names one RRset, where its content does not matter. */
export interface RRsetKey {
  readonly owner: Name;
  readonly type: number;
}
