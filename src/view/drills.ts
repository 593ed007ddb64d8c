// What is asked for and said of drills: plain data, as JSON carries it. Times are wall milliseconds.

/** An operator, or a schedule, wants a drill. */
export interface DrillOrder {
  /** The pool's owner. */
  readonly pool: string;
  /** Absent: the first member that is answered. */
  readonly member?: string;
  readonly author: string;
  /** How long the member is out. */
  readonly forMs: number;
}

/** A drill, as far as it has come. */
export interface DrillReport {
  readonly drill: number;
  readonly pool: string;
  readonly member: string;
  readonly author: string;
  readonly forMs: number;
  readonly startedWallMs: number;
  readonly outcome: "running" | "passed" | "failed";
  readonly reason: string;
  readonly movedMs?: number;
  readonly backMs?: number;
  /** What has happened, the oldest first; empty for a drill of an earlier run of the server. */
  readonly timeline: readonly DrillMoment[];
}

/** A line of a drill's timeline. */
export interface DrillMoment {
  /** Milliseconds after the drill began. */
  readonly atMs: number;
  readonly what: string;
}
