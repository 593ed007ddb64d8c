// What a pool is, as the configuration gives it to the decisions: members, policy and guards.

import type { Family } from "../base/ip.ts";
import type { Name } from "../dns/name.ts";

/** A target's place in a pool: an A address, an AAAA address, both, or (later) a host name. */
export interface Member {
  /** What people and logs call it: the address, or the first of the two. Unique in its pool. */
  readonly id: string;
  /** Canonical IPv4 text. */
  readonly v4?: string;
  /** Canonical IPv6 text. */
  readonly v6?: string;
  /** Target ids whose beliefs make up this member's, by family. Empty: never probed, always up. */
  readonly targetsV4: readonly string[];
  readonly targetsV6: readonly string[];
}

/** The members that may be answered for one owner name, and the policy that picks among them. */
export interface Pool {
  readonly owner: Name;
  /** Apex of the zone the owner lies in. */
  readonly origin: Name;
  readonly policy: "priority";
  readonly members: readonly Member[];
  /** Families the pool replaces; the owner's other RRsets stay static. At least one. */
  readonly families: readonly Family[];
  readonly ttl: { readonly minSeconds: number; readonly maxSeconds: number };
  readonly failback: { readonly mode: "auto" | "manual"; readonly holdMs: number };
  /** What is answered when every member is down: the last good answer, every member, or nothing. */
  readonly allDown: "fail-open" | "all" | "empty";
}
