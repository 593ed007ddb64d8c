// What the last run answered, as the store tells it: from there the journal goes on.

import { ipToBytes } from "../base/ip.ts";
import { isAtOrBelow, type Name, nameFromText } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import type { RRset } from "../zone/rrset.ts";
import type { StoredServing } from "./ports.ts";
import type { LiveAnswer } from "./served-zone.ts";

/** The code of a serving whose pool has gone: the zone file's records were answered from then on. */
const UNBOUND = "unbound";

/** The servings that stood for answers when the last run ended, of one zone among all. */
export function servingsOf(
  origin: Name,
  origins: readonly Name[],
  servings: readonly StoredServing[],
): readonly StoredServing[] {
  const isInside = ({ owner }: StoredServing): boolean =>
    isAtOrBelow(owner, origin) &&
    !origins.some((other) => other.length > origin.length && isAtOrBelow(owner, other));
  return servings.filter((serving) => isBound(serving) && isInside(serving));
}

/** Whether a stored serving stands for an answer still. */
export function isBound({ code }: StoredServing): boolean {
  return code !== UNBOUND;
}

/** What the store keeps of an answer that was given back to the zone file. */
export function unboundServing(owner: Name, type: number, sinceWallMs: number): StoredServing {
  const why = "its pool has gone";
  return { owner, type, memberIds: [], code: UNBOUND, why, swapId: 0, sinceWallMs };
}

/** Stored servings as the answers that they were. */
export function recalledAnswers(
  servings: readonly StoredServing[],
  image: { slotFor(owner: Name, type: number): number },
): LiveAnswer[] {
  return servings.flatMap((serving) => {
    const rrset = recalledRRset(serving);
    if (rrset === undefined) return [];
    const { owner, type } = serving;
    const slot = image.slotFor(owner, type);
    return [{ owner, type, slot, rrset, told: rrset, isShown: false }];
  });
}

/** The records of a stored serving, without their TTL; undefined where an id is no such address. */
function recalledRRset({ owner, type, memberIds }: StoredServing): RRset | undefined {
  if (type === TYPE.CNAME) return recalledAlias(owner, memberIds);
  const octets = type === TYPE.A ? 4 : 16;
  const rdatas: Uint8Array[] = [];
  for (const id of memberIds) {
    const rdata = ipToBytes(id);
    if (rdata?.length !== octets) return undefined;
    rdatas.push(rdata);
  }
  return { owner, type, ttl: 0, rdatas };
}

/** Names that were members' once: they have been read as such. */
function recalledAlias(owner: Name, hosts: readonly string[]): RRset {
  const rdatas = hosts.map((host) => nameFromText(`${host}.`));
  return { owner, type: TYPE.CNAME, ttl: 0, rdatas };
}
