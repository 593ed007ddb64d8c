// The words of a decision: what it follows from, and what it says.

import type { ForcedState } from "../health/forced.ts";
import type { Belief } from "../health/target.ts";
import type { AnswerFamily } from "./family.ts";
import type { Handover, HandoverPlan } from "./handover.ts";
import type { Pool } from "./pool.ts";

/** What is known of one member when the pool decides. */
export interface MemberView {
  readonly id: string;
  readonly belief: Belief;
  /** Monotonic milliseconds at which the belief became what it is. */
  readonly sinceMs: number;
  /** It was added to a running pool and has not earned `rise` yet. */
  readonly isNew: boolean;
  /** The evidence, in words. */
  readonly reason: string;
  /** What an operator says of it; no longer in force once its end has passed. */
  readonly forced?: ForcedState;
  /** What its gate checks say; absent: it has none. */
  readonly gate?: { readonly isOpen: boolean; readonly reason: string };
  /** Its gate keeps it from being served; set where a decision is made. */
  readonly isGated?: boolean;
  /** Damped for flapping until this moment; absent: not damped. */
  readonly reusableAtMs?: number;
  /** It is about to be taken out, or copies of it are waited for: its answers are kept short. */
  readonly isLeaving?: true;
}

/** All that a decision follows from. */
export interface DecisionInput {
  readonly pool: Pool;
  readonly family: AnswerFamily;
  /** The pool's members that have this family, in the pool's order (`membersOf`). */
  readonly members: readonly MemberView[];
  /** Ids of the members answered now; undefined before the first decision. */
  readonly serving: readonly string[] | undefined;
  readonly nowMs: number;
  /** Moments of the pool's last swaps, in any order; needed where it has guards. */
  readonly swapsMs?: readonly number[];
  /** The answer an operator said yes to, in a pool whose mode is "manual". */
  readonly approved?: readonly string[];
  /** How far its last handover is, in a pool that has hooks. */
  readonly handover?: Handover;
}

/**
 * Why a pool serves what it serves. Stable: logs, the store and alerts hold it.
 *
 *   primary-up          the first member is up and served
 *   primary-down        every member before the served one is not up
 *   all-up              every member is served
 *   some-down           every healthy member is served, and not every member is healthy
 *   failback            back to a member that was up for its hold
 *   failback-hold       a better member is up, its hold has not passed
 *   failback-manual     a better member is up, an operator must bring it back
 *   settling            the served member is unknown, and its first probe is awaited
 *   none-known          none has earned it yet: a new or unknown one is served
 *   last-healthy        the only healthy ones are damped or draining
 *   panic               too few are healthy: every member is served
 *   all-down            none is up: see `Pool.allDown`
 *   no-members          the pool has no member of this family
 *   swap-spacing        the last swap was a moment ago
 *   swap-budget         there were too many swaps lately
 *   awaiting-approval   an operator must say yes
 *   handing-over        hooks run before another member is served
 *   hook-failed         a hook failed: an operator must say whether it is tried again
 *   shadow              the pool only tells what it would do
 */
export type DecisionCode =
  | "primary-up"
  | "primary-down"
  | "all-up"
  | "some-down"
  | "failback"
  | "failback-hold"
  | "failback-manual"
  | "settling"
  | "none-known"
  | "last-healthy"
  | "panic"
  | "all-down"
  | "no-members"
  | "swap-spacing"
  | "swap-budget"
  | "awaiting-approval"
  | "handing-over"
  | "hook-failed"
  | "shadow";

/** A member, and why it is served or not. */
export interface Candidate {
  readonly id: string;
  readonly isServed: boolean;
  readonly reason: string;
}

/** What a pool answers from now on, for one family. */
export interface Decision {
  readonly code: DecisionCode;
  /** One sentence that names members and evidence, without times: equal state, equal words. */
  readonly why: string;
  /** Member ids in the order to answer; empty only with `allDown: empty` or without members. */
  readonly serve: readonly string[];
  /** Too few members are up, and members that are down are served all the same. */
  readonly isFailOpen: boolean;
  readonly candidates: readonly Candidate[];
  /** When the decision can change without new input, in monotonic milliseconds. */
  readonly wakeAtMs?: number;
  /** What would be served if a guard, or the pool's mode, did not hold it back. */
  readonly wanted?: readonly string[];
  /** A handover that is to begin: what is wanted is served when its hooks have run. */
  readonly begins?: HandoverPlan;
}

/** What a policy chooses; `decide` adds why each member was chosen or not. */
export type Choice = Omit<Decision, "candidates">;
