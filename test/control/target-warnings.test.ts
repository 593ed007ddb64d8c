import { expect, it } from "vitest";
import { TargetWarnings } from "../../src/control/target-warnings.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import type { Observation } from "../../src/health/observation.ts";

it("tells a warning once, again when it changes, and its end", () => {
  const said: string[] = [];
  const emit = (happened: LivezoneEvent): void => void said.push(happened.msg);
  const warnings = new TargetWarnings(emit);
  const note = (warning: string | undefined, code: Observation["code"] = "ok"): string[] => {
    const base = { startedMs: 0, endedMs: 1, isHard: false, phases: {}, detail: "" };
    warnings.note("t", "site@192.0.2.1", { ...base, code, ...(warning && { warning }) });
    return said.splice(0);
  };
  expect(note(undefined)).toEqual([]);
  expect(note("it ends in 3 days")).toEqual(["site@192.0.2.1 is well, but it ends in 3 days"]);
  expect(note("it ends in 3 days")).toEqual([]);
  // A failure looks at nothing else: what was doubtful is so still.
  expect(note(undefined, "connect-refused")).toEqual([]);
  expect(note("it ends in 2 days")).toEqual(["site@192.0.2.1 is well, but it ends in 2 days"]);
  expect(note(undefined)).toEqual(["site@192.0.2.1: what was doubtful is over"]);
  note("it ends in 2 days");
  warnings.forget("t");
  expect(note(undefined)).toEqual([]);
});
