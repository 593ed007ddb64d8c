// What clients get: never something else than what was decided, and never worse than it must be.

import type { MemberStatus, PoolStatus } from "../../../src/view/status.ts";
import type { End, Invariant, View } from "../invariant.ts";
import { isAllowed } from "../invariant.ts";

/** The answer a client gets is the decision's, whole: no mixture, no other TTL. */
export class AnswersAreDecisions implements Invariant {
  readonly name = "a client gets exactly what was decided";

  check(view: View): string | undefined {
    for (const pool of view.pools) {
      const { rcode, data, ttl } = view.answered(pool.pool, pool.type);
      const decided = pool.serving.map((id) => addressOf(pool, id)).sort();
      const what = `${pool.pool} ${pool.type}`;
      if (rcode !== "NOERROR") return `${what} is answered ${rcode}`;
      if (data.join(" ") !== decided.join(" ")) {
        return `${what} is answered "${data.join(" ")}", decided was "${decided.join(" ")}"`;
      }
      if (data.length > 0 && ttl !== pool.ttlSeconds) {
        return `${what} is answered with TTL ${ttl}, decided was ${pool.ttlSeconds}`;
      }
    }
    return undefined;
  }
}

function addressOf({ members }: PoolStatus, id: string): string {
  return members.find(({ member }) => member === id)?.address ?? id;
}

/** A name that was served is answered on, whatever happens to control, until the process ends. */
export class ServedNamesStayServed implements Invariant {
  readonly name = "a served name is never refused nor empty while a member is up and allowed";
  #served: readonly PoolStatus[] = [];

  check(view: View): string | undefined {
    if (view.isReady) this.#served = view.pools;
    for (const pool of this.#served) {
      const { rcode, data } = view.reply(pool.pool, pool.type);
      if (rcode !== "NOERROR") return `${pool.pool} ${pool.type} is answered ${rcode}`;
      const up = pool.members.filter(isAllowed);
      // One member serves both families, and has no address of this one.
      if (pool.members.some(({ isServed, address }) => isServed && address === "")) continue;
      const wasEmpty = pool.serving.length === 0;
      if (data.length === 0 && (up.length > 0 || !wasEmpty) && !view.isHolding) {
        return `${pool.pool} ${pool.type} is empty`;
      }
    }
    return undefined;
  }

  ending(end: End): undefined {
    if (end !== "control dies") this.#served = [];
    return undefined;
  }
}

/** Hooks run, or have failed; or everybody is answered rather than one crushed. */
const EXPLAINED = ["panic", "handing-over", "hook-failed"];

/** A member that is down is served only where there is no better one. */
export class NoDeadMemberIsServed implements Invariant {
  readonly name = "no member believed down is answered while an up and allowed one exists";

  check(view: View): string | undefined {
    if (view.isHolding) return undefined;
    for (const pool of view.pools) {
      // An operator has the say, or it is explained otherwise.
      if (pool.mode !== undefined || EXPLAINED.includes(pool.code)) continue;
      const dead = pool.members.find(
        (member) => member.isServed && member.belief === "down" && member.forced?.state !== "up",
      );
      const better = pool.members.find(isAllowed);
      if (dead === undefined || better === undefined) continue;
      return `${pool.pool} ${pool.type} serves ${dead.member}, and ${better.member} is up`;
    }
    return undefined;
  }
}

function isGated({ reason }: MemberStatus): boolean {
  return reason.includes("its gate is closed");
}

/** What an operator forced down is served only where all the others are forced down too. */
export class NoForcedDownMemberIsServed implements Invariant {
  readonly name = "no member that is forced down is answered while another one may be";

  check(view: View): string | undefined {
    for (const pool of view.pools) {
      const isOut = (member: MemberStatus): boolean => member.forced?.state === "down";
      const served = pool.members.find((member) => member.isServed && isOut(member));
      const other = pool.members.find((member) => !isOut(member) && !isGated(member));
      if (EXPLAINED.includes(pool.code)) continue;
      if (served === undefined || other === undefined) continue;
      return `${pool.pool} ${pool.type} serves ${served.member}, and ${other.member} may be`;
    }
    return undefined;
  }
}
