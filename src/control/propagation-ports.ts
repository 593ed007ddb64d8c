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
  /**
   * The other name servers of a zone; undefined: nobody knows yet. As long as nothing is otherwise with
   * any of them, it is the same array.
   */
  readonly others?: ((zone: Name) => readonly OtherStanding[] | undefined) | undefined;
  /** A swap has moved the answer of this key. */
  readonly moved?: ((key: string) => void) | undefined;
}

/** Another name server of a zone, and what it has. */
export interface OtherStanding {
  readonly name: string;
  /** The newest that it has shown; undefined: none yet. */
  readonly serial: number | undefined;
  /** Nothing was heard of it for so long that, honest, it answers no more. */
  readonly isGone: boolean;
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
