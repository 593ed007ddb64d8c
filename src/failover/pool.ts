// What a pool is, as the configuration gives it to the decisions: members, policy and guards.

import type { Name } from "../dns/name.ts";
import type { MemberRule, MemberTarget } from "../health/member.ts";
import type { AnswerFamily } from "./family.ts";

/** A target's place in a pool: an A address, an AAAA address, both, or a host name. */
export interface Member {
  /** What people and logs call it: the address, or the first of the two. Unique in its pool. */
  readonly id: string;
  /** Canonical IPv4 text. */
  readonly v4?: string;
  /** Canonical IPv6 text. */
  readonly v6?: string;
  /** A host name, absolute and without its final dot: answered as CNAME. Then no address. */
  readonly host?: string;
  /** Target ids whose beliefs make up this member's, by family. Empty: never probed, always up. */
  readonly targetsV4: readonly string[];
  readonly targetsV6: readonly string[];
  readonly targetsHost?: readonly string[];
  /** What single targets count for, by id; the others count 1 and are not required. */
  readonly terms?: Readonly<Record<string, Pick<MemberTarget, "weight" | "isRequired">>>;
  /** Target ids that must be up before it is served in place of another. */
  readonly gateTargets?: readonly string[];
  /** Its share of the answers with policy "weighted": a whole number, 1 by default. */
  readonly weight?: number;
}

/**
 * How a pool picks: `priority` answers one member, the first usable one; the others answer every
 * usable member, all of them at once, or one to each client by weight or by the client's prefix.
 */
export type Policy = "priority" | "all" | "weighted" | "sticky";

/** The members that may be answered for one owner name, and the policy that picks among them. */
export interface Pool {
  readonly owner: Name;
  /** Apex of the zone the owner lies in. */
  readonly origin: Name;
  readonly policy: Policy;
  readonly members: readonly Member[];
  /** Families the pool replaces; the owner's other RRsets stay static. At least one; host alone. */
  readonly families: readonly AnswerFamily[];
  /** One decision for both families: one member serves them, and one that it lacks is NODATA. */
  readonly isTogether?: boolean;
  readonly ttl: { readonly minSeconds: number; readonly maxSeconds: number };
  readonly failback: { readonly mode: "auto" | "manual"; readonly holdMs: number };
  /** What is answered when every member is down: the last good answer, every member, or nothing. */
  readonly allDown: "fail-open" | "all" | "empty";
  /**
   * Below this share of healthy members every member is answered, 0 to 1: by default 0.5 with `all`,
   * and 0 (never) where an answer holds one member. With `weighted` a share of weight. Not for
   * `priority`, where one healthy member is enough.
   */
  readonly panicFloor?: number;
  /** Policy "all" answers at most this many members; all of them by default. */
  readonly answersMax?: number;
  /** Policy "sticky" tells clients apart by the subnet that their resolver names (RFC 7871). */
  readonly isBySubnet?: boolean;
  /** What delays or refuses a swap; nothing by default. */
  readonly guards?: Guards;
  /** Who carries a decision out: livezone, an operator's yes, or nobody (it is only told). */
  readonly mode?: "auto" | "manual" | "shadow";
  /** The recovery time that the operator wants; its settings were shown to meet it. */
  readonly rtoMs?: number;
  /** When its failover is rehearsed: five fields of cron; without `member` whoever is answered. */
  readonly drill?: { readonly cron: string; readonly forMs: number; readonly member?: string };
  /** When members are taken out by the calendar; at least one. */
  readonly maintenance?: readonly MaintenanceWindow[];
  /** How many of its targets a member must have up; all of them by default. */
  readonly rule?: MemberRule;
  /** Whether a member whose gate is closed is not served, or served and pointed at. */
  readonly gate?: "required" | "advisory";
  /** Programs that are run before another member is served. */
  readonly hooks?: Hooks;
  /** Flapping of its members is none of this pool's business. */
  readonly isUndamped?: boolean;
}

/** A time in which a member is forced down, if enough others are healthy as it begins. */
export interface MaintenanceWindow {
  readonly member: string;
  /** Five fields of cron: when it begins. */
  readonly cron: string;
  readonly forMs: number;
  readonly reason: string;
}

/** Guards over swaps. None of them keeps an answer that has no healthy member left in it. */
export interface Guards {
  /** The least time between two swaps. */
  readonly spacingMs?: number;
  /** At most `swaps` swaps within `windowMs`. */
  readonly budget?: { readonly swaps: number; readonly windowMs: number };
  /** Forced states and windows that would leave fewer healthy members are refused; 1 by default. */
  readonly healthyMin?: number;
}

/** `fence` stops the member that was served, `promote` makes the next one fit; in this order. */
export type HookName = "fence" | "promote";

/** A program that is part of a swap. */
export interface Hook {
  /** Its path and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly timeoutMs: number;
  /** Whether the swap is made although it failed. */
  readonly onFailure: "abort" | "continue";
}

/** The programs of a pool; at least one. */
export type Hooks = Readonly<Partial<Record<HookName, Hook>>>;
