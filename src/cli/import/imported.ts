// What an import makes: pools and checks as YAML, and a report, line by line.

import { stringify } from "yaml";

/** A check as it will be written. */
export type ImportedCheck = Readonly<Record<string, unknown>>;

/** A member: its address, and its weight where the policy goes by weights. */
export interface ImportedMember {
  readonly address: string;
  readonly weight?: number;
}

/** A pool as it will be written, without its owner and TTLs. */
export interface ImportedPool {
  readonly policy: "priority" | "all" | "weighted" | "sticky";
  readonly members: readonly ImportedMember[];
  /** Names among `checks`; none: its members always count as up. */
  readonly checks: ReadonlyMap<string, ImportedCheck>;
  readonly more?: Readonly<Record<string, unknown>>;
  /** What of it could not be carried over. */
  readonly lost: readonly string[];
}

/** What a dynamic record becomes: a pool, a fixed alias, or nothing, with the reason. */
export type Translation =
  | { readonly kind: "pool"; readonly pool: ImportedPool }
  | { readonly kind: "alias"; readonly name: string; readonly lost: readonly string[] }
  | { readonly kind: "none"; readonly why: string };

/** A pool at its name. */
export interface PlacedPool {
  readonly owner: string;
  readonly ttl: { readonly min: number; readonly max: number };
  readonly pool: ImportedPool;
}

/** A line of the report; `isLost` where something was left behind. */
export interface ReportLine {
  readonly place: string;
  readonly text: string;
  readonly isLost: boolean;
}

/** The pools file of a zone. */
export function poolsText(placed: readonly PlacedPool[], from: string): string {
  const checks: Record<string, unknown> = {};
  const pools: Record<string, unknown> = {};
  for (const { owner, ttl, pool } of placed) {
    for (const [name, check] of pool.checks) checks[name] = check;
    const targets = pool.members.map(({ address, weight }) =>
      pool.policy === "weighted" && weight !== undefined ? { address, weight } : address,
    );
    pools[owner] = {
      policy: pool.policy,
      targets,
      checks: [...pool.checks.keys()],
      ttl: { min: `${ttl.min}s`, max: `${ttl.max}s` },
      ...pool.more,
    };
  }
  const head =
    `# Made from ${from} by "livezone import". What was not written there has livezone's defaults.\n` +
    "# Static A and AAAA records of the same addresses stand in the zone file, for other servers.\n\n";
  return head + stringify({ checks, pools }, { lineWidth: 100 });
}

/** Two pools of one name (its A and its AAAA records) in one; or why they cannot be. */
export function joined(a: ImportedPool, b: ImportedPool): ImportedPool {
  const known = new Set(a.members.map(({ address }) => address));
  const members = [...a.members, ...b.members.filter(({ address }) => !known.has(address))];
  const isAlike =
    a.policy === b.policy && [...a.checks.keys()].join() === [...b.checks.keys()].join();
  const lost = isAlike
    ? []
    : ["its A and AAAA differ in policy or checks: those of the first count"];
  return { ...a, members, lost: [...a.lost, ...b.lost, ...lost] };
}
