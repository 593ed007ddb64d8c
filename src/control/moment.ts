// What is the same for many pools in one moment. Ten thousand names on the same servers have the same
// members and see the same of them: what follows from that alone is worked out once for all of them.

import type { Decision, MemberView } from "../failover/decision.ts";
import type { AnswerFamily } from "../failover/family.ts";
import type { Pool } from "../failover/pool.ts";
import { sameAnswer } from "../failover/same.ts";
import type { LiveAnswerData } from "./pool-family.ts";

/** A decision, and what was believed of the members that it is about. */
export interface Decided {
  readonly views: readonly MemberView[];
  readonly decision: Decision;
}

/** A TTL, and until when it stays. */
export interface SteadyTtl {
  readonly ttlSeconds: number;
  readonly untilMs: number;
}

/** What something of a pool follows from, beside the state of its targets and addresses. */
export interface Alikeness {
  /** Equal for pools whose decisions differ in nothing but their names (`likenessOf`). */
  readonly likeness: string;
  readonly family: AnswerFamily;
  /** Those that are answered. */
  readonly members: readonly string[] | undefined;
}

/**
 * Keeps what was worked out, while nothing that it follows from can change: make one for a loop over
 * pools, in which no target is stepped and no time passes, and let go of it then.
 */
export class Moment {
  #decisions: Alike<Decided> | undefined;
  #answers: Alike<LiveAnswerData> | undefined;
  #ttls: Alike<SteadyTtl> | undefined;

  get decisions(): Alike<Decided> {
    this.#decisions ??= new Alike();
    return this.#decisions;
  }

  get answers(): Alike<LiveAnswerData> {
    this.#answers ??= new Alike();
    return this.#answers;
  }

  get ttls(): Alike<SteadyTtl> {
    this.#ttls ??= new Alike();
    return this.#ttls;
  }
}

/** Values by what they follow from. */
class Alike<T> {
  readonly #kept = new Map<string, (Omit<Alikeness, "likeness"> & { readonly value: T })[]>();

  /** The value of pools like this one; `make` works it out for the first of them. */
  of({ likeness, family, members }: Alikeness, make: () => T): T {
    const kept = this.#kept.get(likeness) ?? [];
    for (const one of kept) {
      if (one.family === family && isSame(one.members, members)) return one.value;
    }
    const value = make();
    if (kept.length === 0) this.#kept.set(likeness, kept);
    kept.push({ family, members, value });
    return value;
  }
}

/** All that decisions about a pool follow from of its definition, as text. */
export function likenessOf({ owner: _owner, origin: _origin, ...rules }: Pool): string {
  return JSON.stringify(rules);
}

function isSame(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === b || (b !== undefined && sameAnswer(a, b));
}
