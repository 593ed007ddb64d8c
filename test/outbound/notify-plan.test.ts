import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Notice } from "../../src/control/ports-notify.ts";
import { type NotifyRules, type NotifyState, stepNotify } from "../../src/outbound/notify-plan.ts";

const TABLE = new URL("../data/notify.txt", import.meta.url);

describe("stepNotify()", () => {
  const blocks = readFileSync(TABLE, "utf8")
    .trim()
    .split(/\n{2,}/)
    .slice(1);
  it.each(blocks.map((block) => block.split("\n")))("%s", (_title, rules = "", ...lines) => {
    let state: NotifyState = new Map();
    const told = lines.map((line) => {
      const [heard = ""] = line.split(" -> ");
      const [seconds, ...words] = heard.trim().split(" ");
      const nowMs = Number(seconds) * 1000;
      const step = stepNotify(state, noticeOf(words, nowMs), { rules: rulesOf(rules), nowMs });
      state = step.state;
      const messages = step.messages.map((one) => `${one.state} ${one.notice.key}`);
      return `${heard} -> ${messages.join(", ") || "nothing"}`;
    });
    expect(told.join("\n")).toBe(lines.join("\n"));
  });

  it("says when it wants to be asked again, and gives every message its own id", () => {
    const rules = { severity: "warning", delayMs: 30_000, repeatMs: 60_000 } as const;
    const first = stepNotify(new Map(), noticeOf(["opened", "store"], 0), { rules, nowMs: 0 });
    expect(first.wakeAtMs).toBe(30_000);
    const second = stepNotify(first.state, undefined, { rules, nowMs: 30_000 });
    expect(second.wakeAtMs).toBe(90_000);
    const third = stepNotify(second.state, undefined, { rules, nowMs: 90_000 });
    expect([...second.messages, ...third.messages].map(({ id }) => id)).toEqual(["0", "0-2"]);
  });
});

function rulesOf(text: string): NotifyRules {
  const read = Object.fromEntries(text.split(" ").map((pair) => pair.split("=")));
  const severity = read["severity"] ?? "warning";
  const repeatMs = read["repeat"] === undefined ? undefined : Number(read["repeat"]) * 1000;
  return { severity, delayMs: Number(read["delay"]) * 1000, repeatMs };
}

function noticeOf([kind, ...words]: readonly string[], nowMs: number): Notice | undefined {
  if (kind !== "opened" && kind !== "closed" && kind !== "once") return undefined;
  const last = words.at(-1);
  const isGraded = last === "critical" || last === "info";
  const key = (isGraded ? words.slice(0, -1) : words).join(" ");
  const severity = isGraded ? last : "warning";
  return {
    ...{ id: String(nowMs), key, kind, severity },
    event: "x",
    message: "",
    wallMs: 0,
    fields: {},
  };
}
