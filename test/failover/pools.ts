// Pools and members as text cases write them.

import { nameFromText } from "../../src/dns/name.ts";
import type { MemberView } from "../../src/failover/decide.ts";
import type { Member, Pool } from "../../src/failover/pool.ts";
import { readMs } from "../health/world.ts";

/** The moment that text cases decide at. */
export const NOW_MS = 10_000_000;

const HOUR_MS = 3_600_000;

/** A pool with the design's defaults, of members that are named but have no addresses. */
export const POOL: Pool = {
  owner: nameFromText("www.lab.example."),
  origin: nameFromText("lab.example."),
  policy: "priority",
  members: [],
  families: [4],
  ttl: { minSeconds: 5, maxSeconds: 60 },
  failback: { mode: "auto", holdMs: 60_000 },
  allDown: "fail-open",
};

/** "hold=60s mode=manual allDown=empty ttl=5-60 weights=a*3,b*1" over the defaults. */
export function readPool(words: readonly string[]): Pool {
  let pool = POOL;
  for (const word of words) {
    const [key, value = ""] = word.split("=");
    if (key === "hold") pool = { ...pool, failback: { ...pool.failback, holdMs: readMs(value) } };
    else if (key === "mode" && (value === "auto" || value === "manual")) {
      pool = { ...pool, failback: { ...pool.failback, mode: value } };
    } else if (key === "allDown" && isAllDown(value)) pool = { ...pool, allDown: value };
    else if (key === "ttl") {
      const [minSeconds = 5, maxSeconds = 60] = value.split("-").map(Number);
      pool = { ...pool, ttl: { minSeconds, maxSeconds } };
    } else if (key === "policy" && isPolicy(value)) pool = { ...pool, policy: value };
    else if (key === "own" && (value === "manual" || value === "shadow")) {
      pool = { ...pool, mode: value };
    } else if (key === "floor") pool = { ...pool, panicFloor: Number(value) };
    else if (key === "weights") pool = { ...pool, members: value.split(",").map(readWeight) };
    else if (key === "most") pool = { ...pool, answersMax: Number(value) };
    else if (key === "spacing") {
      pool = { ...pool, guards: { ...pool.guards, spacingMs: readMs(value) } };
    } else if (key === "budget") {
      const [swaps = "", window = ""] = value.split("/");
      const budget = { swaps: Number(swaps), windowMs: readMs(window) };
      pool = { ...pool, guards: { ...pool.guards, budget } };
    } else if (key === "least") {
      pool = { ...pool, guards: { ...pool.guards, healthyMin: Number(value) } };
    } else throw new Error(`Cannot read pool: unknown "${word}"`);
  }
  return pool;
}

/** "a*3". */
function readWeight(text: string): Member {
  const [id = "", weight] = text.split("*");
  return { id, targetsV4: [], targetsV6: [], weight: Number(weight) };
}

function isAllDown(text: string): text is Pool["allDown"] {
  return text === "fail-open" || text === "all" || text === "empty";
}

function isPolicy(text: string): text is Pool["policy"] {
  return ["priority", "all", "weighted", "sticky"].includes(text);
}

/**
 * "a:up:10s:new": since when is how long ago; then "new", "damped=T" (for T more), or
 * "forced-STATE=T" (for T more, ended T ago where negative; no T: for good).
 */
export function readMember(text: string): MemberView {
  const [id = "", belief = "", ago, extra = ""] = text.split(":");
  if (belief !== "up" && belief !== "down" && belief !== "unknown") {
    throw new Error(`Cannot read member "${text}"`);
  }
  const sinceMs = NOW_MS - (ago === undefined || ago === "" ? HOUR_MS : readMs(ago));
  const reason = belief === "down" ? "3 failures in a row" : `it is ${belief}`;
  const view: MemberView = { id, belief, sinceMs, isNew: extra === "new", reason };
  const [key = "", value] = extra.split("=");
  const endMs = value === undefined ? undefined : NOW_MS + readMs(value);
  if (key === "damped" && endMs !== undefined) return { ...view, reusableAtMs: endMs };
  const state = key.replace("forced-", "");
  if (state !== "up" && state !== "down" && state !== "drain") return view;
  const forced = { state, author: "ann", reason: "test", sinceMs: 0, untilMs: endMs } as const;
  return { ...view, forced };
}
