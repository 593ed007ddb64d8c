// What health asks of the prober: probes to start, as plain values.

/** Why a probe is made: the regular cadence, to confirm a doubt, or to earn `rise`. */
export type ProbePurpose = "regular" | "confirm" | "recover";

/** A probe that is to start at `atMs` (monotonic; the past means at once). */
export interface PlannedProbe {
  readonly atMs: number;
  readonly purpose: ProbePurpose;
  /** The probe is to be reported late when it has run this long without a result. */
  readonly lateAfterMs: number;
  /** The probe ends as a time-out when it has run this long. */
  readonly timeoutMs: number;
}

/** Whether two plans ask for the same probes, within a millisecond. */
export function samePlan(a: readonly PlannedProbe[], b: readonly PlannedProbe[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((probe, i) => {
    const other = b[i];
    return probe.purpose === other?.purpose && Math.abs(probe.atMs - other.atMs) < 1;
  });
}
