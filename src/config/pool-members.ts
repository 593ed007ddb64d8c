// Members as decisions know them: with the targets that their checks make of their addresses.

import type { AnswerFamily } from "../failover/family.ts";
import type { Member } from "../failover/pool.ts";
import type { Check } from "./checks.ts";
import type { PoolCheck } from "./combining.ts";
import { addressIn, type ListedMember } from "./members.ts";
import type { TargetSet } from "./targets.ts";

/** What targets are noted in. */
export interface TargetsReading {
  /** Checks with the addresses of members they are for, as "web 192.0.2.10". */
  readonly members: Set<string>;
  readonly targets: TargetSet;
}

/** How many members there are to choose from, where a decision has the fewest. */
export function sizeOf(
  members: readonly ListedMember[],
  families: readonly AnswerFamily[],
  isTogether: boolean,
): number {
  if (isTogether) return members.length;
  const sizes = families.map(
    (family) => members.filter((member) => addressIn(member, family) !== undefined).length,
  );
  return Math.min(...sizes);
}

/** A listed member with the targets that its checks make of its addresses. */
export function memberOf(
  reading: TargetsReading,
  listed: ListedMember,
  checks: readonly PoolCheck[],
  gate: Check | undefined,
): Member {
  const asked = (of: readonly Check[], address: string | undefined): readonly string[] => {
    if (address === undefined) return [];
    for (const { name } of of) reading.members.add(`${name} ${address}`);
    return [...new Set(of.map((check) => reading.targets.add(check, address)))];
  };
  const ids = (address: string | undefined): readonly string[] => asked(checks, address);
  const terms = termsOf(checks, (check, address) => reading.targets.add(check, address), listed);
  const [v4, v6, host] = ([4, 6, "host"] as const).map((family) => addressIn(listed, family));
  return {
    id: listed.address,
    ...(v4 !== undefined && { v4 }),
    ...(v6 !== undefined && { v6 }),
    ...(host !== undefined && { host, targetsHost: ids(host) }),
    targetsV4: ids(v4),
    targetsV6: ids(v6),
    ...(listed.weight !== undefined && { weight: listed.weight }),
    ...(Object.keys(terms).length > 0 && { terms }),
    // The data of a host is one, whichever address it is asked at.
    ...(gate !== undefined && { gateTargets: asked([gate], listed.address) }),
  };
}

/** What targets count for, by id, where it is not the usual. */
function termsOf(
  checks: readonly PoolCheck[],
  idOf: (check: Check, address: string) => string,
  { address, other }: ListedMember,
): NonNullable<Member["terms"]> {
  const addresses = other === undefined ? [address] : [address, other];
  const entries = checks
    .filter((check) => check.weight !== undefined || check.isRequired === true)
    .flatMap((check) => {
      const { weight, isRequired } = check;
      const terms = { ...(weight !== undefined && { weight }), ...(isRequired && { isRequired }) };
      return addresses.map((each): [string, typeof terms] => [idOf(check, each), terms]);
    });
  return Object.fromEntries(entries);
}
