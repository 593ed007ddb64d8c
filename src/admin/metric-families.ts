// What a family of metrics is, and those that tell what was seen of others: resolvers, parents, and who
// still holds old answers.

import type { StatusReport } from "../view/status.ts";

/** Labels of a sample. */
export type Labels = Readonly<Record<string, string | number>>;
export type Sample = readonly [Labels, number];
/** Name, help, label names, samples. */
export type Family = readonly [
  string,
  string,
  readonly string[],
  (moment: Moment) => Iterable<Sample>,
];

/** What is known when somebody asks. */
export interface Moment {
  readonly status: StatusReport;
  readonly counters: Readonly<Record<string, number>>;
  readonly storeOctets: number;
  readonly readers: number;
}

/** What was seen of others. */
export const OTHERS_SEEN: readonly Family[] = [
  [
    "propagation_open_swaps",
    "Swaps whose old answer an honest cache may still hold",
    [],
    ({ status: { spread } }) => (spread === undefined ? [] : [[{}, spread.open]]),
  ],
  [
    "propagation_oldest_open_swap_seconds",
    "How old the oldest of them is; 0 where there is none",
    [],
    ({ status: { spread, nowWallMs } }) => {
      if (spread === undefined) return [];
      const { oldestWallMs = nowWallMs } = spread;
      return [[{}, Math.max(0, nowWallMs - oldestWallMs) / 1000]];
    },
  ],
  [
    "propagation_overdue_resolvers",
    "Resolvers that keep an old answer longer than they may",
    [],
    ({ status: { spread } }) => (spread === undefined ? [] : [[{}, spread.overdue]]),
  ],
  [
    "resolver_failing",
    "Whether a resolver that is asked what it answers does not answer",
    ["resolver"],
    ({ status: { resolvers = [] } }) =>
      resolvers.map(({ resolver, state }) => [{ resolver }, Number(state === "failing")]),
  ],
  [
    "zone_delegation_broken",
    "Whether a zone's parent says something else than the zone",
    ["zone"],
    ({ status: { zones } }) =>
      zones.flatMap(({ zone, delegation }): Sample[] => {
        return delegation === undefined ? [] : [[{ zone }, Number(delegation.faults.length > 0)]];
      }),
  ],
  [
    "zone_primary_failing",
    "Whether no primary confirms a copied zone",
    ["zone"],
    ({ status: { zones } }) =>
      zones.flatMap(({ zone, primary }): Sample[] => {
        return primary === undefined ? [] : [[{ zone }, Number(primary.state !== "current")]];
      }),
  ],
  [
    "zone_expires_seconds",
    "How long a copied zone is still answered without its primaries; 0 once it has expired",
    ["zone"],
    ({ status: { zones, nowWallMs } }) =>
      zones.flatMap(({ zone, primary }): Sample[] => {
        const endsWallMs = primary?.expiresWallMs;
        if (endsWallMs === undefined) return [];
        return [[{ zone }, Math.max(0, endsWallMs - nowWallMs) / 1000]];
      }),
  ],
];
