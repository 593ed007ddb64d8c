// The prober's named bounds, with their defaults.

/** Caps on what the prober does at once; all at least 1. */
export interface ProberLimits {
  /** Probes running at the same time. */
  readonly inFlightMax: number;
  /** Probes running at the same time towards one address. */
  readonly perAddressMax: number;
  /** Probes started per second, in the long run; a fiftieth of it may start in one moment. */
  readonly startsPerSecond: number;
  /** Idle connections held as tripwires; further targets go without. */
  readonly tripwiresMax: number;
}

/**
 * Ten thousand targets probed every second fit, with room for their first probes, which are due
 * within half a second of a start, and for a second of them that is answered by nobody.
 */
export const DEFAULT_LIMITS: ProberLimits = {
  inFlightMax: 12_288,
  perAddressMax: 8,
  startsPerSecond: 20_000,
  tripwiresMax: 16_384,
};
