// The prober's named bounds, with their defaults.

/** Caps on what the prober does at once; all at least 1. */
export interface ProberLimits {
  /** Probes running at the same time. */
  readonly inFlightMax: number;
  /** Probes running at the same time towards one address. */
  readonly perAddressMax: number;
  /** Probes started per second, in the long run; a twentieth of it may start in one moment. */
  readonly startsPerSecond: number;
  /** Idle connections held as tripwires; further targets go without. */
  readonly tripwiresMax: number;
}

export const DEFAULT_LIMITS: ProberLimits = {
  inFlightMax: 4096,
  perAddressMax: 8,
  startsPerSecond: 2000,
  tripwiresMax: 16_384,
};
