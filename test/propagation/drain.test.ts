import { describe } from "vitest";
import { parseDurationMs } from "../../src/base/duration.ts";
import {
  beginDrain,
  type Drain,
  type DrainSight,
  drainPlan,
  isLowered,
  stepDrain,
} from "../../src/propagation/drain.ts";
import { testTextCases } from "../scenarios/text-cases.ts";

// order T for T | copies until T ... | answered yes|no | forced yes|no | refused yes|no | pool gone|there | held T|no
// restart T | look T | plan T; the pools' TTLs are 5 s to 60 s
describe("propagation-drains.txt", () => {
  testTextCases("propagation-drains.txt", (input) => new Move().play(input));
});

const STEPS_MAX = 6;

class Move {
  #drain: Drain = beginDrain(0, 0);
  #seen: Omit<DrainSight, "nowMs" | "wallMs"> = {
    ...{ longestTtlMs: 60_000, leastTtlMs: 5000, copies: [] },
    ...{ isForced: false, isAnswered: true, refusal: undefined, heldUntilMs: undefined },
    isWithoutPool: false,
  };

  play(lines: readonly string[]): string[] {
    return lines.flatMap((line) => {
      const told = this.#step(line.split(" "));
      return told.map((one) => `${line}: ${one}`);
    });
  }

  #step([verb = "", one = "", ...rest]: readonly string[]): string[] {
    switch (verb) {
      case "order":
        this.#drain = beginDrain(ms(rest[1] ?? one), ms(one));
        return [];
      case "copies":
        this.#see({ copies: rest.map((until) => ({ untilMs: ms(until), leastTtlMs: 5000 })) });
        return [];
      case "answered":
        this.#see({ isAnswered: one === "yes" });
        return [];
      case "forced":
        this.#see({ isForced: one === "yes" });
        return [];
      case "refused":
        this.#see({ refusal: one === "yes" ? "too few are left" : undefined });
        return [];
      case "pool":
        this.#see({ isWithoutPool: one === "gone" });
        return [];
      case "held":
        this.#see({ heldUntilMs: one === "no" ? undefined : ms(one) });
        return [];
      case "restart":
        this.#drain = { ...this.#drain, sinceMs: ms(one), isRead: false };
        return [];
      case "plan":
        return [this.#plan(ms(one))];
      case "look":
        return [this.#look(ms(one))];
      default:
        throw new Error(`"${verb}" is no step`);
    }
  }

  #see(seen: Partial<DrainSight>): void {
    this.#seen = { ...this.#seen, ...seen };
  }

  /** When it begins to move it is forced, as the shell does. */
  #look(nowMs: number): string {
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const { stage } = this.#drain;
      this.#drain = stepDrain(this.#drain, { ...this.#seen, nowMs, wallMs: nowMs });
      const isBegun = stage === "planned" || stage === "lowering";
      if (this.#drain.stage === "moving" && isBegun) {
        this.#see({ isForced: true, isAnswered: false });
      }
    }
    const { stage, boundMs, held } = this.#drain;
    return [
      stage,
      isLowered(this.#drain) ? ", least TTL" : "",
      boundMs === undefined ? "" : `, until ${boundMs / 1000}`,
      held === undefined ? "" : `, held: ${held}`,
    ].join("");
  }

  #plan(nowMs: number): string {
    const plan = drainPlan(this.#drain, { ...this.#seen, nowMs, wallMs: nowMs });
    const [lower, move, drained] = [plan.lowerWallMs, plan.moveWallMs, plan.drainedWallMs];
    return `lower ${lower / 1000}, move ${move / 1000}, drained ${drained / 1000}`;
  }
}

function ms(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) throw new Error(`"${text}" is no time`);
  return durationMs;
}
