// Hooks that exist only in simulated time: what each does is set, and who is promoted by them is kept
// as the world would have it. A process that dies leaves its hooks running, as the real ones are.

import type { Time } from "../../src/base/clock.ts";
import type { HookEnd, HookPort, HookRun } from "../../src/control/ports-hooks.ts";

/** What a hook does: ends well or badly after a while, or never ends by itself. */
export type HookCondition =
  | { readonly kind: "good" | "fails"; readonly afterMs: number }
  | { readonly kind: "hangs" };

/** The world's side of all hooks. */
export class SimulatedHooks {
  /** By pool: members that may be primaries by now. A promotion counts from its start. */
  readonly primaries = new Map<string, Set<string>>();
  readonly #conditions = new Map<string, HookCondition>();
  readonly #time: Time;

  constructor(time: Time) {
    this.#time = time;
  }

  set(hook: string, condition: HookCondition): void {
    this.#conditions.set(hook, condition);
  }

  /** The runner as one life of control knows it. */
  port(lifeTime: Time): HookPort {
    return { start: (run, ended) => this.#start(run, ended, lifeTime) };
  }

  #start(run: HookRun, ended: (end: HookEnd) => void, lifeTime: Time): () => void {
    const {
      LIVEZONE_POOL: pool = "",
      LIVEZONE_HOOK: hook = "",
      LIVEZONE_FROM: from = "",
      LIVEZONE_TO: to = "",
    } = run.environment;
    const primaries = this.primaries.get(pool) ?? new Set([from]);
    this.primaries.set(pool, primaries);
    if (hook === "promote") primaries.add(to);
    const condition = this.#conditions.get(hook) ?? { kind: "good", afterMs: 100 };
    const afterMs = condition.kind === "hangs" ? Number.POSITIVE_INFINITY : condition.afterMs;
    const isTimedOut = afterMs >= run.timeoutMs;
    const durationMs = Math.min(afterMs, run.timeoutMs);
    const isGood = condition.kind === "good" && !isTimedOut;
    const cancelEffect = this.#time.after(durationMs, () => {
      if (isGood && hook === "fence") primaries.delete(from);
    });
    const cancelEnd = lifeTime.after(durationMs, () => {
      const output = `${hook} of ${pool}\n`;
      ended({ ...endOf(isGood, isTimedOut), output, isCut: false, durationMs });
    });
    return () => {
      cancelEffect();
      cancelEnd();
    };
  }
}

function endOf(isGood: boolean, isTimedOut: boolean): Pick<HookEnd, "outcome" | "detail"> {
  if (isTimedOut) return { outcome: "timed-out", detail: "killed at its timeout" };
  return isGood
    ? { outcome: "succeeded", detail: "" }
    : { outcome: "failed", detail: "exit status 1" };
}
