// What `livezone simulate` says: the same faults under two settings, side by side.

/** What settings made of the faults they were shown. */
export interface SimulationTally {
  /** Real faults: long enough that a client meets them. */
  readonly faults: number;
  /** Of those, how many were found while they lasted. */
  readonly detected: number;
  /** From a fault's begin until its target was down, milliseconds; absent where none was found. */
  readonly detectMedianMs?: number;
  readonly detectWorstMs?: number;
  /** A target was held down while nothing was wrong with it. */
  readonly falseAlarms: number;
  readonly swaps: number;
  /** An answer held a member with a real fault while another member had none. */
  readonly servedDeadMs: number;
  /** An answer had nothing but members with a real fault: no settings could help. */
  readonly hopelessMs: number;
  /** Addresses were kept out for flapping while nothing was wrong with them. */
  readonly dampedMs: number;
  readonly probes: number;
}

/** One run of settings. */
export interface SimulationRun {
  /** What they are called: the file. */
  readonly settings: string;
  readonly tally: SimulationTally;
}

/** Everything. */
export interface SimulationReport {
  /** In words: "7d of generated faults, seed 1". */
  readonly world: string;
  readonly lengthMs: number;
  readonly runs: readonly SimulationRun[];
}
