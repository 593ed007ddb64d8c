// When copies are looked at and expire: the stories of test/data/transfer-refresh.txt.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  confirmed,
  emptyCopy,
  expiresMs,
  heldCopy,
  looking,
  notifiedOf,
  type Refresh,
  type RefreshTimes,
  unconfirmed,
} from "../../src/transfer/refresh.ts";

const TEXT = readFileSync(new URL("../data/transfer-refresh.txt", import.meta.url), "utf8");
const STORIES = TEXT.trimEnd()
  .split(/\n{2,}/)
  .slice(1);

function timesOf(text = ""): RefreshTimes {
  const [refresh = 0, retry = 0, expire = 0] = text.split("/").map(Number);
  return { refresh, retry, expire };
}

function step(state: Refresh, nowMs: number, words: readonly string[]): Refresh {
  const [act, ...rest] = words;
  const spread = Number(rest.find((word) => word.startsWith("~"))?.slice(1) ?? 0);
  switch (act) {
    case "empty":
      return emptyCopy(nowMs);
    case "held":
      return heldCopy(timesOf(rest[0]), Number(rest[2]) * 1000, nowMs);
    case "look":
      return looking(state, nowMs);
    case "confirmed":
      return confirmed(state, timesOf(rest[0]), { nowMs, spread });
    case "unconfirmed":
      return unconfirmed(state, { nowMs, spread });
    case "notified":
      return notifiedOf(state, nowMs);
    default:
      throw new Error(`unknown act "${act}"`);
  }
}

function seconds(ms: number | undefined): string {
  return ms === undefined || !Number.isFinite(ms) ? "-" : String(ms / 1000);
}

describe("a copy", () => {
  for (const story of STORIES) {
    const [title = "", ...lines] = story.split("\n");
    it(title.slice(2), () => {
      let state = emptyCopy(0);
      const told = lines.map((line) => {
        const [time = "", ...words] = (line.split(" due ")[0] ?? "").trim().split(/\s+/);
        state = step(state, Number(time) * 1000, words);
        return [time, ...words, "due", seconds(state.dueMs), "expires", seconds(expiresMs(state))];
      });
      expect(told.map((words) => words.join(" "))).toEqual(
        lines.map((line) => line.trim().replace(/\s+/g, " ")),
      );
    });
  }
});
