// What a store keeps of drills.

/** One drill: a member taken out on purpose, to see its pool move and come back. */
export interface DrillRecord {
  /** Counts from 1 and grows. */
  readonly id: number;
  /** The pool's owner, as people write it. */
  readonly pool: string;
  readonly member: string;
  readonly author: string;
  readonly forMs: number;
  readonly startedWallMs: number;
  /** "running" in the store after a crash: its end was never seen. */
  readonly outcome: "running" | "passed" | "failed";
  /** One sentence. */
  readonly reason: string;
  /** From the order until the answer was another one; absent: it never was. */
  readonly movedMs?: number;
  /** From the end of what was forced until the member was answered again. */
  readonly backMs?: number;
}

/** The store's part. */
export interface DrillStore {
  /** Replaces what is kept of this drill. Durable when it resolves. */
  saveDrill(drill: DrillRecord): Promise<void>;
  /** Newest first, at most `limit`. */
  readDrills(limit: number): Promise<readonly DrillRecord[]>;
}
