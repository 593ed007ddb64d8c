// Swaps and how far they have spread, as plain data. Times are wall milliseconds, or milliseconds
// after the swap where the name says so.

/** A swap, how soon it came, and how soon the old answer was gone. */
export interface SwapReport {
  readonly swap: number;
  readonly pool: string;
  readonly type: "A" | "AAAA" | "CNAME";
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly code: string;
  readonly reason: string;
  readonly publishedWallMs: number;
  /** From the first fault to the new answer: the recovery time that was measured. */
  readonly rtoMs?: number;
  readonly chain: SwapChain;
  /** None: nothing is known of it, it was made before the ledger was or is no longer kept. */
  readonly drain?: {
    readonly isDrained: boolean;
    /** When the last honest copy ended, or will. */
    readonly afterMs: number;
    readonly isAtLeast: boolean;
    readonly overdue: number;
  };
}

/**
 * Everything a client's recovery is made of, in the order in which it mostly happens; what is absent
 * did not happen, has not yet, or was not seen.
 */
export interface SwapChain {
  readonly firstFaultWallMs?: number;
  /** The belief that the swap follows from. */
  readonly detectedWallMs?: number;
  /** With hooks: when they were begun. */
  readonly decidedWallMs: number;
  readonly publishedWallMs: number;
  /** The first answer to anybody that held it, to a tenth of a second. */
  readonly firstGivenWallMs?: number;
  readonly storedWallMs?: number;
  /** No honest cache holds the old answer any more. */
  readonly drainedWallMs?: number;
}

/** One resolver that held the old answer. */
export interface HolderReport {
  /** Its /24 or /48, or its address where the configuration says so. */
  readonly resolver: string;
  readonly queries: number;
  readonly isProven: boolean;
  readonly state: "holding" | "confirmed" | "expired" | "overdue";
  readonly untilWallMs: number;
  /** How much longer than it may it has kept the old answer. */
  readonly lateMs?: number;
  /** How long it keeps answers by its habit. */
  readonly keepsMs?: number;
}

/** Somebody who was asked. */
export interface WitnessReport {
  /** Its name in the configuration, or its address. */
  readonly resolver: string;
  readonly answer: "old" | "new";
  /** Since when it was seen to answer that. */
  readonly sinceWallMs: number;
  readonly seenWallMs: number;
  /** What it said is left of it. */
  readonly leftMs: number;
  /** It answers the old records, and no honest cache could. */
  readonly isLate: boolean;
}

/** How far one swap has spread. */
export interface PropagationReport {
  readonly swap: number;
  readonly pool: string;
  readonly type: "A" | "AAAA" | "CNAME";
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly nowWallMs: number;
  readonly openedWallMs: number;
  /** The last moment an honest cache can hold the old answer; none: nobody was given it. */
  readonly boundWallMs?: number;
  readonly drainedWallMs?: number;
  readonly storedWallMs?: number;
  readonly firstGivenWallMs?: number;
  readonly isAtLeast: boolean;
  readonly resolvers: number;
  readonly queries: number;
  readonly counts: Readonly<Record<HolderReport["state"], number>>;
  readonly movedPercent: number;
  /** As the TTLs given say: at the latest. */
  readonly t50Ms: number;
  readonly t90Ms: number;
  readonly t99Ms: number;
  /** When so much had moved, where it has: by percent. */
  readonly reachedMs: Readonly<Record<string, number>>;
  /** Shares in percent that may hold the old answer, evenly from the swap to the last end. */
  readonly curve: readonly number[];
  readonly overdue: readonly HolderReport[];
  /** Those that still hold it and weigh most. */
  readonly holding: readonly HolderReport[];
  /** Other name servers of the zone that have not taken the new answer: they give the old one. */
  readonly behind: readonly string[];
  /** Those that were asked, and what they answered last. */
  readonly witnesses: readonly WitnessReport[];
  /** What nobody here can see: caches behind caches, and those that lengthen TTLs. */
  readonly estimate: {
    readonly programsWallMs: number;
    readonly lengtheningPercent: number;
    readonly lengthenedMs: readonly number[];
  };
}
