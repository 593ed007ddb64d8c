import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beginHandover,
  type Handover,
  type HandoverInput,
  isUnderWay,
  resumeHandover,
  stepHandover,
} from "../../src/failover/handover.ts";
import type { Hook, Hooks } from "../../src/failover/pool.ts";
import { testTextCases } from "../scenarios/text-cases.ts";

const PLAN = { from: "a", to: "b", code: "primary-down", why: "a is down" } as const;

describe("stepHandover() of the table", () => {
  testTextCases("failover-handover.txt", ([hooks = "", ...inputs]) => {
    const written = hooksOf(hooks);
    let handover = beginHandover(PLAN, written);
    return [
      told(handover, "note"),
      ...inputs.map((line) => {
        if (line === "dies") {
          handover = resumeHandover(handover, written);
          return told(handover, isUnderWay(handover) ? "run" : "nothing");
        }
        const stepped = stepHandover(handover, inputOf(line), written);
        handover = stepped.handover;
        return told(handover, stepped.next);
      }),
    ];
  });
});

describe("stepHandover()", () => {
  it("never serves anybody before every hook that aborts has ended well", () => {
    const anyInput = fc.constantFrom("noted", "good", "bad", "dies");
    const anyHooks = fc.constantFrom(...["fence promote", "fence promote*", "fence", "promote"]);
    fc.assert(
      fc.property(anyHooks, fc.array(anyInput, { maxLength: 30 }), (text, inputs) => {
        const hooks = hooksOf(text);
        let handover = beginHandover(PLAN, hooks);
        let isRunning = false;
        let isFenced = false;
        for (const line of inputs) {
          const { stage } = handover;
          if (line === "dies") {
            handover = resumeHandover(handover, hooks);
            isRunning = false;
            if (isUnderWay(handover)) isFenced = false;
          } else if ((line === "noted") !== isRunning) {
            const stepped = stepHandover(handover, inputOf(line), hooks);
            if (stage === "fence" && line === "good") isFenced = true;
            handover = stepped.handover;
            isRunning = stepped.next === "run";
          }
          const isServed = handover.stage === "done" || handover.stage === "promote";
          if (isServed && hooks.fence !== undefined) expect(isFenced).toBe(true);
        }
      }),
    );
  });
});

function told({ stage, isBegun, isPromoteTried, failure }: Handover, next: string): string {
  const words = [stage, isBegun ? "begun" : "", isPromoteTried ? "tried" : "", failure, next];
  return words.filter((word) => word !== "").join(", ");
}

function inputOf(line: string): HandoverInput {
  if (line === "noted") return { kind: "noted" };
  return { kind: "ended", isGood: line === "good", outcome: "exit status 1" };
}

/** "fence promote*": a star for a hook whose failure does not stop the swap. */
function hooksOf(text: string): Hooks {
  const hooks = text.split(" ").map((word): [string, Hook] => {
    const onFailure = word.endsWith("*") ? "continue" : "abort";
    return [word.replace("*", ""), { command: ["/hook"], timeoutMs: 1000, onFailure }];
  });
  return Object.fromEntries(hooks) as Hooks;
}
