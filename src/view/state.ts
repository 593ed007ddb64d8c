// What every dashboard shows, as plain data: the state that events fold into (`fold.ts`). Times are
// wall milliseconds; histories are bounded, oldest first.

import type { EventName } from "../events/catalog.ts";
import type { EventLevel } from "../events/kind.ts";
import type { DrainStatus } from "./drains.ts";

/** What is remembered of each thing. */
export const LIMITS = {
  log: 1000,
  swaps: 500,
  drills: 100,
  changes: 300,
  edits: 50,
  beliefs: 500,
  answers: 500,
  observations: 180,
  spread: 200,
} as const;

export type Belief = "up" | "down" | "unknown";

/** Everything, at the moment of the newest event. */
export interface ViewState {
  /** 0: nothing was read yet. */
  readonly atMs: number;
  readonly server: ServerView;
  readonly zones: ReadonlyMap<string, ZoneView>;
  /** By `poolKey`. */
  readonly pools: ReadonlyMap<string, PoolView>;
  readonly targets: ReadonlyMap<string, TargetView>;
  /** What counts of an address beside its probes; those of which nothing is to be said are left out. */
  readonly addresses: ReadonlyMap<string, AddressView>;
  readonly swaps: ReadonlyMap<number, SwapView>;
  readonly drills: ReadonlyMap<number, DrillView>;
  readonly changes: readonly ChangeView[];
  readonly log: readonly LogEntry[];
  /** While everything is being told: what was named so far. */
  readonly telling: Telling | undefined;
}

export interface ServerView {
  /** unknown: nothing was said of it yet. */
  readonly phase: "unknown" | "starting" | "ready" | "stopping" | "stopped";
  readonly version: string;
  readonly startedMs: number;
  readonly listen: readonly string[];
  readonly transport: string;
  /** By kind and index, as "answer 0". */
  readonly threads: ReadonlyMap<string, ThreadView>;
  readonly store: {
    readonly state: "ok" | "failing";
    readonly waiting: number;
    readonly why: string;
  };
  /** Why nothing is believed down; absent: the brake is off. */
  readonly brake?: { readonly sinceMs: number; readonly reason: string };
  /** Nothing is decided until then: time had jumped or stood still. */
  readonly holdUntilMs: number;
  /** What the prober itself suffers from; absent: nothing. */
  readonly fault?: { readonly sinceMs: number; readonly detail: string };
}

export interface ThreadView {
  readonly state: "alive" | "dead" | "stalled";
  readonly deaths: number;
}

export interface ZoneView {
  readonly zone: string;
  readonly serial: number;
  readonly records: number;
  readonly source: string;
  readonly publishedMs: number;
  /** Sentences of the last refused save of the zone or its pools, until a good one. */
  readonly rejected: readonly string[];
  readonly edits: readonly EditView[];
}

/** A published change of a zone. */
export interface EditView {
  readonly atMs: number;
  readonly cause: string;
  readonly serial: number;
  readonly added: number;
  readonly removed: number;
  readonly file?: string;
  readonly author?: string;
  readonly reason?: string;
}

/** One family of one pool. */
export interface PoolView {
  readonly pool: string;
  readonly type: string;
  readonly zone: string;
  readonly policy: string;
  readonly mode: string;
  readonly serving: readonly string[];
  readonly code: string;
  readonly reason: string;
  readonly sinceMs: number;
  /** The last swap's id, 0 where there was none. */
  readonly swap: number;
  readonly ttlSeconds: number;
  readonly isFailOpen: boolean;
  readonly wanted?: readonly string[];
  readonly rtoMs?: number;
  /** When it decides again by itself. */
  readonly nextMs?: number;
  readonly members: readonly MemberView[];
  readonly history: readonly AnswerSpan[];
}

/** What a pool answered from a moment on. */
export interface AnswerSpan {
  readonly atMs: number;
  readonly serving: readonly string[];
  readonly isFailOpen: boolean;
}

export interface MemberView {
  readonly member: string;
  readonly address: string;
  readonly belief: Belief;
  readonly sinceMs: number;
  readonly isServed: boolean;
  readonly reason: string;
  readonly targets: readonly string[];
}

export interface TargetView {
  readonly target: string;
  readonly belief: Belief;
  readonly sinceMs: number;
  readonly reason: string;
  readonly lastCode: string;
  readonly lastMs: number;
  readonly usualMs: number;
  readonly tripwire: string;
  readonly intervalMs: number;
  /** A cron expression, in UTC, by which it is asked; absent: each interval. */
  readonly schedule?: string;
  readonly warning?: string;
  /** Not observed for too long: its belief is held. */
  readonly isStale: boolean;
  readonly history: readonly BeliefSpan[];
  /** Only where single probes are told. */
  readonly observations: readonly ObservationView[];
}

/** What was believed from a moment on. */
export interface BeliefSpan {
  readonly atMs: number;
  readonly belief: Belief;
  readonly reason: string;
}

export interface ObservationView {
  readonly atMs: number;
  readonly code: string;
  readonly durationMs: number;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs?: number;
  readonly detail: string;
}

export interface AddressView {
  readonly address: string;
  readonly forced?: ForcedView;
  /** Its clients are being moved away. */
  readonly drain?: DrainStatus;
  /** Its worth when it was said; it halves by itself. */
  readonly damping?: {
    readonly penalty: number;
    readonly atMs: number;
    readonly reusableMs?: number;
  };
}

export interface ForcedView {
  readonly state: "up" | "down" | "drain";
  readonly author: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly untilMs?: number;
  readonly isAgainstProbes: boolean;
}

export interface SwapView {
  readonly swap: number;
  readonly pool: string;
  readonly type: string;
  readonly zone: string;
  readonly atMs: number;
  readonly code: string;
  readonly reason: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly serial: number;
  readonly ttlSeconds: number;
  /** From the first failed probe to the decision; absent: no fault led to it. */
  readonly detectMs?: number;
  readonly publishMs: number;
  /** What hooks took of that. */
  readonly hooksMs?: number;
  /** After the new answer: when somebody was given it first, and when the store had it. */
  readonly givenMs?: number;
  readonly storedMs?: number;
  /** What the operator wants of the pool. */
  readonly goalMs?: number;
  readonly isDurable: boolean;
  readonly spread?: SpreadView;
}

/** How far a swap has spread among those who were given the old answer. */
export interface SpreadView {
  readonly openedMs: number;
  /** Resolvers that held the old answer; "at least" where some had to be forgotten. */
  readonly holders: number;
  readonly isAtLeast: boolean;
  /** The last moment at which an honest cache can hold it. */
  readonly lastExpiryMs: number;
  /** How many of them hold it still. */
  readonly holding: number;
  /** What share of the queries has let go of it, in percent: as it was expected, and as it was. */
  readonly forecast: readonly SpreadPoint[];
  readonly points: readonly SpreadPoint[];
  readonly overdue: readonly {
    readonly resolver: string;
    readonly atMs: number;
    readonly detail: string;
  }[];
  readonly drainedMs?: number;
}

export interface SpreadPoint {
  readonly atMs: number;
  readonly percent: number;
}

export interface DrillView {
  readonly drill: number;
  readonly pool: string;
  readonly type: string;
  readonly member: string;
  readonly author: string;
  readonly atMs: number;
  readonly endedMs?: number;
  readonly hasPassed?: boolean;
  readonly reason?: string;
}

/** What somebody changed through the API. */
export interface ChangeView {
  readonly atMs: number;
  /** `force`, `drain`, `edit`, … */
  readonly action: string;
  /** An address, a pool, a zone. */
  readonly object: string;
  readonly author: string;
  readonly reason: string;
  /** By which door: `socket`, or `token NAME`. */
  readonly via: string;
  readonly serial?: number | undefined;
  readonly detail?: string | undefined;
}

/** A line for people, and what it is about. */
export interface LogEntry {
  readonly atMs: number;
  readonly level: EventLevel;
  readonly event: EventName;
  readonly msg: string;
  readonly pool?: string;
  readonly target?: string;
  readonly zone?: string;
  readonly swap?: number;
}

/** What was named since `state.server`. */
export interface Telling {
  readonly zones: readonly string[];
  readonly pools: readonly string[];
  readonly targets: readonly string[];
}

/** Before the first event. */
export const EMPTY_VIEW: ViewState = {
  atMs: 0,
  server: {
    phase: "unknown",
    version: "",
    startedMs: 0,
    listen: [],
    transport: "",
    threads: new Map(),
    store: { state: "ok", waiting: 0, why: "" },
    holdUntilMs: 0,
  },
  zones: new Map(),
  pools: new Map(),
  targets: new Map(),
  addresses: new Map(),
  swaps: new Map(),
  drills: new Map(),
  changes: [],
  log: [],
  telling: undefined,
};

/** How a family of a pool is found. */
export function poolKey({ pool, type }: { readonly pool: string; readonly type: string }): string {
  return `${pool} ${type}`;
}
