// What sessions with other servers go by: keys, zones, and who may do what. Structured-clonable.

import type { AccessRule, Prefix, UpdateRule } from "../dns/access.ts";
import type { Name } from "../dns/name.ts";
import type { TsigKey } from "../dns/tsig-key.ts";

/** One zone's doors; an empty list lets in nobody. */
export interface ZoneDoors {
  readonly origin: Name;
  readonly allowTransfer: readonly AccessRule[];
  readonly allowNotify: readonly AccessRule[];
  readonly allowUpdate: readonly UpdateRule[];
  /** Whether it is copied from a primary: only then is a NOTIFY taken. */
  readonly isCopy: boolean;
}

/** Settings of all sessions. */
export interface SessionSettings {
  readonly keys: readonly TsigKey[];
  readonly zones: readonly ZoneDoors[];
  /** Who is told of pools in class CH. */
  readonly explainTo: readonly Prefix[];
  /** Transfers at the same time; one more is answered SERVFAIL. */
  readonly transfersMax: number;
}

/** Nobody may do anything. */
export const SESSIONS_CLOSED: SessionSettings = {
  keys: [],
  zones: [],
  explainTo: [],
  transfersMax: 32,
};
