// What the last run answered, as the store tells it: from there the journal goes on.

import { ipToBytes } from "../base/ip.ts";
import { isAtOrBelow, type Name, nameFromText } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import type { RRset } from "../zone/rrset.ts";
import type { StoredServing } from "./ports.ts";
import { answerKey, type LiveAnswer } from "./served-zone.ts";

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

/** What the last run left of a zone's pools. */
export interface Recalled {
  readonly servings: readonly StoredServing[];
  /** What secondaries were told last, of pools that have never swapped too. */
  readonly told: readonly RRset[];
}

export const NOTHING: Recalled = { servings: [], told: [] };

/** What was stored, as the answers that they were. */
export function recalledAnswers(
  { servings, told }: Recalled,
  image: { slotFor(owner: Name, type: number): number },
): LiveAnswer[] {
  const answers = new Map<string, LiveAnswer>();
  for (const rrset of told) {
    const { owner, type } = rrset;
    const slot = image.slotFor(owner, type);
    answers.set(answerKey(owner, type), { owner, type, slot, rrset, told: rrset, isShown: false });
  }
  for (const serving of servings) {
    const rrset = recalledRRset(serving);
    if (rrset === undefined) continue;
    const { owner, type } = serving;
    const key = answerKey(owner, type);
    const known = answers.get(key);
    const slot = known?.slot ?? image.slotFor(owner, type);
    const from = known === undefined ? { told: rrset, isTtlLost: true } : { told: known.told };
    answers.set(key, { owner, type, slot, rrset, ...from, isShown: false });
  }
  return [...answers.values()];
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
