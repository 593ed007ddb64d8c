// Pictures of the dashboard as text: a log, the keys that were pressed, and what is seen then.

import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { frameOf } from "../../src/cli/dash/frame.ts";
import { Replay } from "../../src/cli/dash/replay.ts";
import {
  FIRST_SCREEN,
  keysOf,
  type Order,
  pressed,
  type Screen,
} from "../../src/cli/dash/screen.ts";
import { paintFor } from "../../src/cli/paint.ts";
import { fold } from "../../src/view/fold.ts";
import { EMPTY_VIEW } from "../../src/view/state.ts";
import { runTable } from "../config/tables.ts";
import { readEvents } from "../view/lines.ts";
import { run } from "./world.ts";

const KEYS: Readonly<Record<string, string>> = {
  left: "\u001b[D",
  right: "\u001b[C",
  down: "\u001b[B",
  end: "\u001b[F",
  enter: "\r",
  escape: "\u001b",
};

/** `80x24 right down /web enter`, then a log. */
function picture(input: string, hasColours: boolean): string[] {
  const [head = "", ...lines] = input.split("\n");
  const [size = "", ...words] = head.split(" ");
  const [columns = 80, rows = 24] = size.split("x").map(Number);
  const state = fold(EMPTY_VIEW, readEvents(lines.join("\n")));
  const keys = words.map((word) => KEYS[word] ?? word).join("");
  const screen = keysOf(keys).reduce<Screen>((at, key) => pressed(at, key).screen, FIRST_SCREEN);
  const nowMs = state.atMs + 30_000;
  const shown = { state, screen, nowMs, columns, rows, source: "live", isSourceWell: true };
  const frame = frameOf(shown, paintFor(hasColours));
  expect(frame).toHaveLength(rows);
  for (const line of frame) expect([...stripVTControlCharacters(line)]).toHaveLength(columns);
  return frame;
}

describe("frameOf()", () => {
  runTable(new URL("../data/cli-dash.txt", import.meta.url), (input) => {
    const plain = picture(input, false).map((line) => line.trimEnd());
    const bare = picture(input, true).map((line) => stripVTControlCharacters(line).trimEnd());
    const unbracketed = plain.map((line) => line.replace(/\[(\d \w+ \d+)\]/, " $1 ").trimEnd());
    expect(bare).toEqual(unbracketed);
    return plain;
  });

  it("lets nothing of a log command the terminal", () => {
    const reason = "up \u001b]0;owned\u0007\u001b[2J\u202egnp";
    const fields = JSON.stringify({ target: "t\u001b[31m", before: "down", reason });
    const frame = picture(`80x24 2\n12:00:00 target.up ${fields}`, false).join("\n");
    expect(frame).not.toContain("\u001b");
    expect(frame).not.toContain("\u0007");
    expect(frame).not.toContain("\u202e");
  });
});

describe("keysOf()", () => {
  it("cuts what a terminal sends into keys", () => {
    expect(keysOf("q\u001b[Aé\u001b\u001b[5~\u001bOB")).toEqual([
      "q",
      "\u001b[A",
      "é",
      "\u001b",
      "\u001b[5~",
      "\u001bOB",
    ]);
  });
});

describe("Replay", () => {
  const lines = [0, 1, 2, 3600].map((second) => {
    const time = new Date(Date.UTC(2026, 0, 2, 12) + second * 1000).toISOString();
    return JSON.stringify({ time, event: "swap.durable", swap: second, delayMs: 1, msg: "m" });
  });

  async function replay(speed: number, at: { ms: number }): Promise<Replay> {
    const source = new Replay(speed, () => at.ms);
    await source.read(
      (async function* () {
        yield* ["no event", ...lines];
      })(),
    );
    return source;
  }
  const swaps = (source: Replay): unknown[] =>
    source.take().events.map(({ event }) => ("swap" in event ? event.swap : undefined));

  it("tells at the speed that was asked for, and cuts long waits short", async () => {
    const at = { ms: 0 };
    const source = await replay(2, at);
    expect(swaps(source)).toEqual([0]);
    at.ms = 490;
    expect(swaps(source)).toEqual([]);
    at.ms = 510;
    expect(swaps(source)).toEqual([1]);
    at.ms = 1010;
    expect(swaps(source)).toEqual([2]);
    expect(swaps(source)).toEqual([]);
    at.ms = 4100;
    expect(swaps(source)).toEqual([3600]);
    expect(source.state).toEqual({ text: "end of the log", isWell: true });
  });

  it("waits while it is paused, and steps", async () => {
    const at = { ms: 0 };
    const source = await replay(1, at);
    const order = (each: Order): void => source.order(each);
    swaps(source);
    order("pause");
    at.ms = 60_000;
    expect(swaps(source)).toEqual([]);
    order("pause");
    expect(swaps(source)).toEqual([]);
    at.ms = 61_000;
    expect(swaps(source)).toEqual([1]);
    order("next");
    expect(swaps(source)).toEqual([2]);
  });

  it("tells everything at once at speed 0", async () => {
    const source = await replay(0, { ms: 0 });
    expect(swaps(source)).toEqual([0, 1, 2, 3600]);
  });
});

describe("dash --log", () => {
  it("prints one picture where nobody looks", async () => {
    const line = {
      time: "2026-01-02T12:00:00Z",
      ...{
        event: "target.up",
        target: "web@192.0.2.10",
        before: "unknown",
        reason: "r",
        msg: "up",
      },
    };
    const files = new Map([["old.log", `${JSON.stringify(line)}\n`]]);
    const { status, out, err } = await run(["dash", "--log", "old.log"], files);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain("2026-01-02 12:00:00Z  end of the log");
  });

  it.each([
    [["dash", "--log", "no.log"], 1, 'Cannot read "no.log": it does not exist\n'],
    [["dash", "--log", "empty.log"], 1, '"empty.log" holds no event of livezone\n'],
  ])("%s says what is wrong", async (args, status, err) => {
    const found = await run(args, new Map([["empty.log", "hello\n"]]));
    expect(found).toMatchObject({ status, err });
  });

  it("refuses what is no speed", async () => {
    expect((await run(["dash", "--log", "x", "--speed", "fast"])).status).toBe(2);
  });
});
