// What dig is told of pools: the text beside an answer, and the lines of class CH below "livezone".
// Times are UTC, so that two terminals and the log say the same.

import { counted } from "../base/count.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import type { Decision, MemberView } from "../failover/decision.ts";
import type { CandidateExplanation, FamilyExplanation } from "../view/explanation.ts";
import type { PoolStatus } from "../view/status.ts";
import type { OperatorDesk } from "./operator-desk.ts";

/** Every pool in a line. */
const ALL = "pools.livezone";
/** One pool: its owner stands before this. */
const ONE = ".pool.livezone";
/** Pools that are listed; the first line counts them all. */
const LISTED_MAX = 100;
/** Futures that are told of one family. */
const NEXT_MAX = 4;
const NOTHING = "nothing";

/** "primary-down: 192.0.2.10 is down (…); serving 192.0.2.20; since …, swap 42; 192.0.2.10 down since …". */
export function answerReason(
  decided: {
    readonly decision: Decision;
    readonly views: readonly MemberView[];
    readonly sinceWallMs: number;
    readonly swapId: number;
  },
  toWallMs: (monotonicMs: number) => number,
): string {
  const { decision, views, sinceWallMs, swapId } = decided;
  const down = views.filter(({ belief }) => belief === "down");
  return [
    `${decision.code}: ${decision.why}`,
    sinceAnd(sinceWallMs, swapId),
    ...down.map(({ id, sinceMs }) => `${id} down since ${instant(toWallMs(sinceMs))}`),
  ].join("; ");
}

/** The lines of a name of class CH; undefined where it names nothing. */
export function digLines(
  name: Name,
  sources: {
    readonly pools: readonly PoolStatus[];
    readonly desk: Pick<OperatorDesk, "explain"> | undefined;
  },
): readonly string[] | undefined {
  const text = nameToDisplay(name).toLowerCase();
  if (text === ALL) return allLines(sources.pools);
  const owner = text.endsWith(ONE) ? text.slice(0, -ONE.length) : undefined;
  const isPool = sources.pools.some(({ pool }) => pool.toLowerCase() === owner);
  if (owner === undefined || !isPool) return undefined;
  return sources.desk?.explain(owner).families.flatMap(familyLines);
}

/** Pools that ask for a look come first. */
function allLines(pools: readonly PoolStatus[]): readonly string[] {
  const open = pools.filter((pool) => pool.isFailOpen);
  const worried = pools.filter((pool) => !pool.isFailOpen && hasDown(pool));
  const well = pools.filter((pool) => !pool.isFailOpen && !hasDown(pool));
  const listed = [...open, ...worried, ...well];
  const more = listed.length - LISTED_MAX;
  return [
    `${counted(listed.length, "pool answer")}: ${open.length} failing open, ${worried.length} with a member down`,
    ...listed.slice(0, LISTED_MAX).map(poolLine),
    ...(more > 0 ? [`and ${more} more: livezone status`] : []),
  ];
}

function hasDown({ members }: PoolStatus): boolean {
  return members.some(({ belief }) => belief === "down");
}

function poolLine(pool: PoolStatus): string {
  const { type, serving, ttlSeconds, code, reason, sinceWallMs, swap } = pool;
  const answer = `${pool.pool} ${type} answers ${serving.join(" ") || NOTHING}`;
  const open = pool.isFailOpen ? ", fails open" : "";
  const why = code === "" ? "no decision yet" : `${code}: ${reason}`;
  return `${answer}, TTL ${ttlSeconds}${open}; ${why}; ${sinceAnd(sinceWallMs, swap)}`;
}

function familyLines(family: FamilyExplanation): readonly string[] {
  const { type, policy, serving, ttlSeconds, sinceWallMs, swap, wanted } = family;
  const answer = `${family.pool} ${type} answers ${serving.join(" ") || NOTHING}`;
  const next = family.next.slice(0, NEXT_MAX).map(({ cause, member, atWallMs, serve, code }) => {
    const when =
      cause === "time" ? `at ${instant(atWallMs ?? 0)}` : [member, cause].join(" ").trim();
    return `next: ${when}: ${serve.join(" ") || NOTHING}, ${code}`;
  });
  return [
    `${answer}, TTL ${ttlSeconds}, ${policy}; ${sinceAnd(sinceWallMs, swap)}`,
    family.code === "" ? "no decision yet" : `${family.code}: ${family.reason}`,
    ...(wanted === undefined ? [] : [`wanted: ${wanted.join(" ") || NOTHING}`]),
    ...family.candidates.map(candidateLine),
    ...next,
  ];
}

function candidateLine(candidate: CandidateExplanation): string {
  const { member, isServed, reason, sinceWallMs, targets } = candidate;
  const served = isServed ? "served" : "not served";
  const last = targets.flatMap(({ target, observations }) => {
    const seen = observations.at(-1);
    if (seen === undefined) return [];
    return [`${target}: ${seen.code} in ${seen.durationMs} ms at ${instant(seen.endedWallMs)}`];
  });
  return [`${member} ${served}: ${reason}, since ${instant(sinceWallMs)}`, ...last].join("; ");
}

function sinceAnd(sinceWallMs: number, swap: number): string {
  return `since ${instant(sinceWallMs)}${swap > 0 ? `, swap ${swap}` : ""}`;
}

/** Whole seconds: "2026-11-28T12:00:03Z". */
function instant(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
