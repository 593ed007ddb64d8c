// What the following of swaps is given: its world, and what it is told by whoever publishes.

import type { LedgerMemory } from "../answer/ledger-memory.ts";
import type { Time } from "../base/clock.ts";
import type { Name } from "../dns/name.ts";
import type { RRset } from "../zone/rrset.ts";
import type { LiveRequest, SwapStory } from "./announce.ts";
import type { EventSink } from "./ports.ts";
import type { PropagationStore } from "./ports-propagation.ts";
import type { LiveAnswer } from "./served-zone.ts";
import type { SwapMoments } from "./swap-moments.ts";

/** What it is given. */
export interface PropagationPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly store: PropagationStore;
  readonly ledger: LedgerMemory;
  readonly addresses: "prefix" | "full";
  /** Keys of the zones that earlier processes have served. */
  readonly servedBefore: ReadonlySet<string>;
  /** What the other name servers of a zone have; undefined: nobody knows yet. */
  readonly others?: ((zone: Name, serial: number) => OthersHave | undefined) | undefined;
  /** A swap has moved the answer of this key. */
  readonly moved?: ((key: string) => void) | undefined;
}

/** How many other name servers a zone has, and which have not shown that they have a serial. */
export interface OthersHave {
  readonly count: number;
  readonly behind: readonly string[];
}

/** An answer that this life of control begins to show. */
export interface Bound {
  readonly request: LiveRequest;
  readonly slot: number;
  /** What the slot answered until now, and answers from now on. */
  readonly eraBefore: number;
  readonly era: number;
  /** The TTL of the records that the zone itself has; undefined where it has none. */
  readonly staticTtlSeconds: number | undefined;
}

/** A swap that has just become visible. */
export interface Swapped {
  readonly id: number;
  readonly request: LiveRequest;
  readonly story: SwapStory;
  /** The pool's answer before; undefined: the zone's own records were answered, `before`. */
  readonly known: LiveAnswer | undefined;
  readonly before: RRset | undefined;
  readonly slot: number;
  /** The zone has the new answer from this serial on. */
  readonly serial: number;
  readonly eraBefore: number;
  readonly atMs: number;
  /** Ends well when the store has it. */
  readonly stored: Promise<void>;
  readonly moments: SwapMoments;
}
