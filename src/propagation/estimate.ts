// What the ledger cannot see: caches behind caches, and caches that do not keep to the TTL. Measured
// by others on the Internet at large; never mixed with what is known here.

/** What may remain when the last honest copy has ended. Milliseconds are after the swap. */
export interface Estimate {
  /** Programs and systems keep addresses for up to a minute themselves. */
  readonly programsMs: number;
  /** Of all resolvers, those that lengthen TTLs (8,524 resolvers, Bhowmick et al., PAM 2023). */
  readonly lengtheningPercent: number;
  /** Least TTLs that are often set, in milliseconds: how long such a resolver may keep it. */
  readonly lengthenedMs: readonly number[];
}

const PROGRAMS_MS = 60_000;
const LENGTHENING_PERCENT = 8.74;
const LENGTHENED_MS = [60_000, 300_000, 3_600_000] as const;

/** @param lastMs when the last copy that was given ends, after the swap. */
export function estimateAfter(lastMs: number | undefined): Estimate {
  return {
    programsMs: (lastMs ?? 0) + PROGRAMS_MS,
    lengtheningPercent: LENGTHENING_PERCENT,
    lengthenedMs: LENGTHENED_MS,
  };
}
