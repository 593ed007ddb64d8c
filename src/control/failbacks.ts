// Failbacks by hand: an operator brings the recovered member of a pool back, or asks what that would
// do. Whether it may be is `failover/failback`'s to say.

import { Refusal } from "../base/refusal.ts";
import { nameToDisplay } from "../dns/name.ts";
import { type Failback, failbackOf } from "../failover/failback.ts";
import { answerTypeText } from "../failover/family.ts";
import type { FailbackAnswer, FailbackOrder, FailbackReport } from "../view/orders.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";

type Possible = Extract<Failback, { readonly kind: "may" }>;

/**
 * Brings back every family of a pool that has somebody to bring back.
 *
 * @throws Refusal where none has, with the first one's reason.
 */
export function bringBack(pool: PoolRuntime, { author, isDry }: FailbackOrder): FailbackReport {
  const name = nameToDisplay(pool.pool.owner);
  const found = [...pool.families.values()].map((family) => {
    return { family, failback: failbackOf(pool.input(family)) };
  });
  const possible = found.flatMap(({ family, failback }) => {
    return failback.kind === "may" ? [{ family, failback }] : [];
  });
  const [first] = found;
  if (possible.length === 0) {
    const why = first?.failback.kind === "refused" ? first.failback.why : "it answers nobody";
    throw new Refusal("conflict", "NO_FAILBACK", `Cannot fail ${name} back: ${why}`);
  }
  if (isDry) {
    const pools = possible.map((one) => foreseen(name, one.family, one.failback));
    return { isDone: false, pools };
  }
  // One yes is said for all families that go together.
  const said = pool.pool.isTogether === true ? possible.slice(0, 1) : possible;
  for (const { family, failback } of said) pool.bring(family, [failback.to], author);
  return { isDone: true, pools: possible.map((one) => answered(name, one.family, one.failback)) };
}

function foreseen(
  pool: string,
  { type }: FamilyRuntime,
  { from, to, decision }: Possible,
): FailbackAnswer {
  const isWaiting = !decision.serve.includes(to);
  const { serve: serving, code, why: reason } = decision;
  return { ...{ pool, type: answerTypeText(type), serving, code, reason }, from, to, isWaiting };
}

function answered(pool: string, family: FamilyRuntime, { from, to }: Possible): FailbackAnswer {
  const { decision } = family;
  return {
    ...{ pool, type: answerTypeText(family.type), serving: family.serving ?? [] },
    ...{ code: decision?.code ?? "", reason: decision?.why ?? "", from, to },
    isWaiting: family.chosen?.includes(to) !== true,
  };
}
