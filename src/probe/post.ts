// What is known of the tripwire at one address and port. Several targets may share it: checks that
// ask different things of the same server.

import type { Ask } from "../config/ask.ts";
import type { TripwireState } from "../control/ports.ts";
import type { Connection } from "./connection.ts";

/** Ends a probe of the tripwire's own, unreported. */
export type DropProbe = () => void;

/** How long a probe of the tripwire's own may take, in milliseconds from its start. */
export interface Patience {
  readonly lateAfterMs: number;
  readonly timeoutMs: number;
}

/** One address and port. Mutable; `Tripwires` alone writes it. */
export interface Post {
  /** The targets that want a tripwire here, with the state each was last told. */
  readonly told: Map<string, TripwireState | undefined>;
  /** What the last planned success asked here, for probes of our own. */
  ask: Ask;
  patience: Patience;
  state: TripwireState;
  held: Connection | undefined;
  heldSinceMs: number;
  /** How long the server says that it keeps an idle connection. */
  announcedIdleMs: number;
  /** It was shown that the idle connection keeps nobody from being served. */
  isTested: boolean;
  /** A probe of our own is under way here. */
  isTrying: boolean;
  drop: DropProbe;
  serialTrials: number;
  /** A probe beside the idle connection failed, which is now gone; the next one's result tells. */
  wasTurnedAway: boolean;
  /** The other side closed; the next result of a probe says whether it is well. */
  isDoubted: boolean;
  closes: number;
  quietRun: number;
  /** A planned probe has succeeded since our last quiet replacement: each may cost one of ours. */
  mayRearm: boolean;
}

/** A post of which nothing is known. */
export function newPost(ask: Ask): Post {
  return {
    told: new Map(),
    ask,
    patience: { lateAfterMs: 0, timeoutMs: 0 },
    state: "idle",
    held: undefined,
    heldSinceMs: 0,
    announcedIdleMs: Number.POSITIVE_INFINITY,
    isTested: false,
    isTrying: false,
    drop: () => {},
    serialTrials: 0,
    wasTurnedAway: false,
    isDoubted: false,
    closes: 0,
    quietRun: 0,
    mayRearm: true,
  };
}

/** The name under which asks share a post. */
export function keyOf(ask: Ask): string {
  return `${ask.address} ${ask.port}`;
}
