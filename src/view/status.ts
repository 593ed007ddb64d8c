// What `livezone status` and the API's status route say: plain data, so that it can be JSON.
// Times are wall milliseconds.

import type { DrainStatus } from "./drains.ts";

/** The server as a whole, at one moment. */
export interface StatusReport {
  readonly version: string;
  readonly startedWallMs: number;
  readonly nowWallMs: number;
  readonly transport: "batched" | "portable";
  readonly listen: readonly string[];
  readonly threads: readonly ThreadStatus[];
  readonly store: StoreStatus;
  /** Why nothing is believed down; absent: the brake is off. */
  readonly brake?: BrakeStatus;
  /** What the prober itself suffers from, for which no target is blamed; absent: nothing. */
  readonly fault?: { readonly sinceWallMs: number; readonly detail: string };
  /** Absent: none are named. */
  readonly anchors?: readonly AnchorStatus[];
  /** Resolvers that are asked what they answer; absent: none are named. */
  readonly resolvers?: readonly ResolverStatus[];
  /** Absent: nobody notes what is given. */
  readonly spread?: SpreadStatus;
  readonly zones: readonly ZoneStatus[];
  readonly pools: readonly PoolStatus[];
  readonly targets: readonly TargetStatus[];
}

export interface ThreadStatus {
  readonly kind: "answer" | "stream" | "control" | "store";
  readonly index: number;
  readonly isAlive: boolean;
  readonly deaths: number;
}

export interface StoreStatus {
  readonly path: string;
  /** failing: writes fail or hang, and `waiting` of them are kept until they succeed. */
  readonly state: "ok" | "failing";
  readonly waiting: number;
}

/** The brake while it holds. */
export interface BrakeStatus {
  readonly reason: string;
  readonly sinceWallMs: number;
  /** At the latest. */
  readonly untilWallMs: number;
}

/** An address by which the prober tells that it is cut off itself. */
export interface AnchorStatus {
  readonly anchor: string;
  readonly belief: "up" | "down" | "unknown";
  readonly sinceWallMs: number;
  readonly reason: string;
}

/** A resolver that is asked what it answers. */
export interface ResolverStatus {
  /** Its name in the configuration, or its address. */
  readonly resolver: string;
  /** unknown: it was not asked yet. */
  readonly state: "answers" | "failing" | "unknown";
  readonly lastWallMs?: number;
  /** Names that it is asked for, and those of them that it has not shown the newest answer for. */
  readonly names: number;
  readonly behind: number;
  /** Why its last question had no answer. */
  readonly detail?: string;
  /** It showed an answer with so much left, though no copy was given for so long. */
  readonly lengthensMs?: number;
}

/** Swaps whose old answer may still be held. */
export interface SpreadStatus {
  readonly open: number;
  /** When the oldest of them was made; absent: there is none. */
  readonly oldestWallMs?: number;
  /** Resolvers that keep an old answer longer than they may. */
  readonly overdue: number;
}

export interface ZoneStatus {
  readonly zone: string;
  readonly serial: number;
  readonly records: number;
  readonly source: string;
  readonly publishedWallMs: number;
  /** The sentences of the last refused save, until a good one; empty when all is well. */
  readonly rejected: readonly string[];
  /** What it is copied from; absent: it is no copy. */
  readonly primary?: PrimaryStatus;
  /** What its parent says of it; absent: nobody has asked yet. */
  readonly delegation?: DelegationStatus;
  /** Other servers that are told of changes; absent: there are none. */
  readonly secondaries?: readonly SecondaryStatus[];
}

/** How the copy of a zone stands to its primary. */
export interface PrimaryStatus {
  /** ADDRESS, or ADDRESS:PORT where the port is not 53; in the order they are asked. */
  readonly servers: readonly string[];
  /** empty: nothing was copied yet; expired: nothing is answered but SERVFAIL. */
  readonly state: "current" | "failing" | "expired" | "empty";
  /** The primary's serial of what is held. */
  readonly serial?: number;
  /** What is wrong with each server; absent: nothing. */
  readonly reason?: string;
  /** When a primary last confirmed the copy. */
  readonly confirmedWallMs?: number;
  /** When it is looked at again; absent: that is being done. */
  readonly nextWallMs?: number;
  readonly expiresWallMs?: number;
}

/** A zone's delegation, as its parent was last seen to say it. */
export interface DelegationStatus {
  /** The zone above; empty: it is not known. */
  readonly parent: string;
  /** In what it differs from the zone, a sentence each. */
  readonly faults: readonly string[];
  readonly checkedWallMs?: number;
  /** Why the last look found nothing. */
  readonly detail?: string;
}

/** A secondary of a zone. */
export interface SecondaryStatus {
  /** ADDRESS, or ADDRESS:PORT where the port is not 53. */
  readonly server: string;
  /** What it has; absent: it has shown nothing yet. */
  readonly serial?: number;
  readonly isCurrent: boolean;
  /** It has not answered several notifications in a row. */
  readonly isDeaf: boolean;
  /** Nothing was heard of it for the zone's expire: swaps wait for it no more. */
  readonly isGone?: boolean;
}

/** One family of one pool. */
export interface PoolStatus {
  readonly pool: string;
  readonly type: "A" | "AAAA" | "CNAME";
  readonly policy: string;
  readonly serving: readonly string[];
  readonly code: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  /** The last swap's id, 0 where there was none. */
  readonly swap: number;
  readonly ttlSeconds: number;
  readonly isFailOpen: boolean;
  /** Absent: decisions are carried out. */
  readonly mode?: "manual" | "shadow";
  /** What would be answered if a guard, an operator or the pool's mode did not hold it back. */
  readonly wanted?: readonly string[];
  /** The recovery time that the operator wants of it; absent: none is said. */
  readonly rtoMs?: number;
  /** When it decides again by itself, such as at the end of a hold; absent: it waits for news. */
  readonly nextWallMs?: number;
  readonly members: readonly MemberStatus[];
}

export interface MemberStatus {
  readonly member: string;
  /** Its address in this family; "" where it has none, in a pool whose families go together. */
  readonly address: string;
  readonly belief: "up" | "down" | "unknown";
  readonly sinceWallMs: number;
  readonly isServed: boolean;
  /** Why it is, or is not, served. */
  readonly reason: string;
  readonly targets: readonly string[];
  /** Absent: its pool goes by no weights. */
  readonly weight?: number;
  /** In force now. */
  readonly forced?: ForcedStatus;
  /** Absent: it has not flapped lately. */
  readonly damping?: DampingStatus;
  /** Absent: nobody has planned to move its clients away. */
  readonly drain?: DrainStatus;
}

/** What an operator forced of an address. */
export interface ForcedStatus {
  readonly state: "up" | "down" | "drain";
  readonly author: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  /** Absent: until somebody ends it. */
  readonly untilWallMs?: number;
  /** Forced up, and its probes say down. */
  readonly isAgainstProbes: boolean;
}

/** How much an address has flapped. */
export interface DampingStatus {
  /** Now; a fall adds 1000 by default, and it halves by itself. */
  readonly penalty: number;
  /** It is kept out until then; absent: it is not. */
  readonly reusableWallMs?: number;
}

export interface TargetStatus {
  readonly target: string;
  readonly belief: "up" | "down" | "unknown";
  readonly sinceWallMs: number;
  /** The evidence, in words: "3 failures in a row, connect-refused". */
  readonly reason: string;
  readonly lastCode: string;
  readonly lastObservedWallMs: number;
  /** Typical duration of its successful probes, in milliseconds; 0 where there were none. */
  readonly usualMs: number;
  readonly tripwire: string;
  /** Start to start of its regular probes. */
  readonly intervalMs?: number;
  /** A cron expression, in UTC, by which it is asked; the interval is then its longest gap. */
  readonly schedule?: string;
}
