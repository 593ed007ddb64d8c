// One family of a running pool: what is kept of it, and the answer that its members make.

import { ipToBytes } from "../base/ip.ts";
import { type Name, nameFromText } from "../dns/name.ts";
import type { Decision, MemberView } from "../failover/decision.ts";
import { type AnswerFamily, type AnswerType, answerType, placeIn } from "../failover/family.ts";
import type { Member, Pool } from "../failover/pool.ts";
import { weightOf } from "../failover/shares.ts";
import type { LivePick, LiveRequest } from "./announce.ts";
import { decidedMembers } from "./member-views.ts";
import { answerKey } from "./served-zone.ts";

/** Takes back the timer of a decision that waits for none. */
export const NO_WAKE = (): void => undefined;

/** One family of a pool. `serving` is undefined until the first decision. */
export interface FamilyRuntime {
  readonly family: AnswerFamily;
  readonly type: AnswerType;
  /** Of its answer in the zone (`answerKey`). */
  readonly key: string;
  serving: readonly string[] | undefined;
  /** What was decided, which may be members that this family cannot answer with. */
  chosen: readonly string[] | undefined;
  /** The definition that it was chosen by: all of them are members in it. */
  chosenOf: Pool | undefined;
  decision: Decision | undefined;
  /** What was believed of its members when it decided. */
  views: readonly MemberView[] | undefined;
  sinceWallMs: number;
  swapId: number;
  ttlSeconds: number;
  /** The last swap and the TTL given before it: the least TTL follows while old copies live. */
  lastSwap: { readonly atMs: number; readonly ttlBeforeSeconds: number } | undefined;
  /** Moments of the last swaps, oldest first. */
  swapsMs: readonly number[];
  /** The answer that an operator said yes to and that is not given yet. */
  approved: readonly string[] | undefined;
  cancelWake: () => void;
}

/**
 * What a family answers of the members that a decision serves: their ids, or where families go
 * together their addresses in this one, as far as they have any.
 */
export function servedIn(
  pool: Pool,
  family: AnswerFamily,
  serve: readonly string[],
): readonly string[] {
  if (pool.isTogether !== true) return serve;
  const members = serve.map((id) => memberCalled(pool, id));
  return members.map((member) => placeIn(member, family)).filter((each) => each !== undefined);
}

/** The serving members that the pool still has; all gone counts as never served. */
export function stillMembers(
  pool: Pool,
  { family, chosen = [], chosenOf }: FamilyRuntime,
): readonly string[] | undefined {
  if (chosenOf === pool) return chosen.length === 0 ? undefined : chosen;
  const members = decidedMembers(pool, family);
  const still = chosen.filter((id) => members.some((member) => member.id === id));
  if (still.length === 0) return undefined;
  return still.length === chosen.length ? chosen : still;
}

/** The member with this id, or with this address. */
export function memberCalled(pool: Pool, name: string): Member | undefined {
  const byId = pool.members.find(({ id }) => id === name);
  return byId ?? pool.members.find(({ v4, v6 }) => v4 === name || v6 === name);
}

/** A family that has decided nothing yet. */
export function newFamily(owner: Name, family: AnswerFamily): FamilyRuntime {
  const type = answerType(family);
  return {
    family,
    type,
    key: answerKey(owner, type),
    serving: undefined,
    chosen: undefined,
    chosenOf: undefined,
    decision: undefined,
    views: undefined,
    sinceWallMs: 0,
    swapId: 0,
    ttlSeconds: 0,
    lastSwap: undefined,
    swapsMs: [],
    approved: undefined,
    cancelWake: NO_WAKE,
  };
}

/** What an answer is made of. */
export type LiveAnswerData = Pick<LiveRequest, "rdatas" | "pick">;

/** The records that serve these members of a family, and how an answer picks among them. */
export function answerData(
  pool: Pool,
  family: AnswerFamily,
  serve: readonly string[],
): LiveAnswerData {
  const rdatas: Uint8Array[] = [];
  const weights: number[] = [];
  for (const name of serve) {
    const octets = rdataOf(placeIn(memberCalled(pool, name), family), family);
    if (octets === undefined) continue;
    rdatas.push(octets);
    weights.push(weightOf(pool, name));
  }
  // A name has one alias (RFC 2181 section 10.1), whatever a pool is open to.
  if (family === "host" && pool.policy === "priority") rdatas.splice(1);
  const pick = pickOf(pool, weights);
  return pick === undefined ? { rdatas } : { rdatas, pick };
}

/** The answer of a family now. */
export function liveRequest(
  pool: Pool,
  runtime: FamilyRuntime,
  { rdatas, pick }: LiveAnswerData,
): LiveRequest {
  return {
    origin: pool.origin,
    owner: pool.owner,
    type: runtime.type,
    key: runtime.key,
    rdatas,
    ...(pick !== undefined && { pick }),
    ttlSeconds: runtime.ttlSeconds,
    ttlMinSeconds: pool.ttl.minSeconds,
    ttlMaxSeconds: pool.ttl.maxSeconds,
  };
}

/** The record data of a member's text, and back from what a family answers to its text. */
function rdataOf(text: string | undefined, family: AnswerFamily): Uint8Array | undefined {
  if (text === undefined) return undefined;
  return family === "host" ? nameFromText(`${text}.`) : ipToBytes(text);
}

/** How the image is to pick among the members that are served. */
function pickOf(pool: Pool, weights: readonly number[]): LivePick | undefined {
  if (pool.policy === "weighted") return { by: "weight", weights };
  if (pool.policy === "sticky") return { by: pool.isBySubnet === true ? "subnet" : "source" };
  return undefined;
}
