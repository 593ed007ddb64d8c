// What control has the store keep of beliefs, for a restart to begin with.

import type { TripwireState } from "./ports.ts";

/** What is believed of a target, for a restart to begin with. Times are wall milliseconds. */
export interface StoredBelief {
  readonly targetId: string;
  readonly belief: "up" | "down" | "unknown";
  readonly sinceWallMs: number;
  /** When the last observation that counted was made. */
  readonly observedWallMs: number;
  readonly code: string;
  readonly tripwire: TripwireState;
  /** Only where it is written: where `BeliefsSeen` speaks of it. */
  readonly watch?: BeliefWatch;
}

/** A target that is observed again and again: of it the store need not be told each time. */
export interface BeliefWatch {
  /** The life of control that watches it. */
  readonly life: number;
  /** Its place among those that this life watches, from 0. */
  readonly place: number;
}

/** Says of all beliefs at once that a life of control watches when they were observed. */
export interface BeliefsSeen {
  readonly life: number;
  readonly wallMs: number;
  /** By place: how long before that the last observation was made, milliseconds; `NOBODY_MS`: none. */
  readonly agesMs: Uint32Array;
}

/** The age of whom there is none: 49 days. */
export const NOBODY_MS = 0xffff_ffff;
