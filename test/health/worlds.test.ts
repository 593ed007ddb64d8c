// Health against simulated targets: what is believed when, and which probes it took.

import { describe } from "vitest";
import type { Belief } from "../../src/health/target.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import {
  type Behaviour,
  readMs,
  readSettings,
  runWorld,
  type World,
  type WorldEvent,
  type WorldStep,
} from "./world.ts";

describe("step() in a simulated world", () => {
  testTextCases("health-worlds.txt", (input) => runText(input));
});

interface Script {
  world: World;
  shows: "all" | "changes";
}

function runText(lines: readonly string[]): readonly string[] {
  const script = readScript(lines);
  const out: string[] = [];
  const counts = { regular: 0, confirm: 0, recover: 0 };
  const end = runWorld(script.world, (worldStep) => {
    const { input } = worldStep;
    if (input.kind === "started") counts[input.purpose]++;
    for (const line of describeStep(worldStep)) {
      if (script.shows === "all" || line.isChange) out.push(line.text);
    }
  });
  const { regular, confirm, recover } = counts;
  out.push(`end: ${end.belief}, probes ${regular} regular ${confirm} confirm ${recover} recover`);
  return out;
}

function describeStep({ atMs, input, result }: WorldStep): { text: string; isChange: boolean }[] {
  const at = (atMs / 1000).toFixed(3);
  const lines: { text: string; isChange: boolean }[] = [];
  if (input.kind === "started") {
    lines.push({ text: `${at} #${input.probe} ${input.purpose}`, isChange: false });
  }
  if (input.kind === "late") lines.push({ text: `${at} #${input.probe} late`, isChange: false });
  if (input.kind === "tripped") lines.push({ text: `${at} tripped`, isChange: false });
  if (input.kind === "observed") {
    lines.push({ text: `${at} #${input.probe} ${input.observation.code}`, isChange: false });
  }
  const { change, staleForMs } = result;
  if (staleForMs !== undefined) {
    lines.push({ text: `${at} stale for ${(staleForMs / 1000).toFixed(3)}`, isChange: true });
  }
  if (change !== undefined) {
    const fault =
      change.firstFaultMs === undefined ? "" : `, since ${(change.firstFaultMs / 1000).toFixed(3)}`;
    const hard = change.isHard ? " hard" : "";
    lines.push({ text: `${at} ${change.to}${hard}: ${change.reason}${fault}`, isChange: true });
  }
  return lines;
}

function readScript(lines: readonly string[]): Script {
  let settings = readSettings([]);
  let stored: World["stored"];
  let untilMs = 0;
  let shows: Script["shows"] = "all";
  const options = { phase: 0, jitter: 0, hasTripwire: false, mustEarnRise: false };
  const events: WorldEvent[] = [];
  for (const line of lines) {
    const [first = "", ...rest] = line.trim().split(/\s+/);
    if (first === "settings") settings = readSettings(rest);
    else if (first === "show") shows = rest[0] === "changes" ? "changes" : "all";
    else if (first === "until") untilMs = readMs(rest[0] ?? "");
    else if (first === "phase") options.phase = Number(rest[0]);
    else if (first === "jitter") options.jitter = Number(rest[0]);
    else if (first === "tripwire") options.hasTripwire = true;
    else if (first === "earns") options.mustEarnRise = true;
    else if (first === "stored") stored = readStored(rest);
    else events.push(readEvent(first, rest));
  }
  const { jitter, ...others } = options;
  const world = { settings, events, untilMs, jitter: () => jitter, ...others };
  return { world: stored === undefined ? world : { ...world, stored }, shows };
}

/** "up since -60s observed -3s" */
function readStored(words: readonly string[]): NonNullable<World["stored"]> {
  const belief: Belief = words[0] === "up" ? "up" : "down";
  const code = belief === "up" ? "ok" : "connect-refused";
  return { belief, sinceMs: readMs(words[2] ?? ""), observedMs: readMs(words[4] ?? ""), code };
}

function readEvent(time: string, words: readonly string[]): WorldEvent {
  const atMs = readMs(time);
  const [what = "", value = ""] = words;
  if (what === "trip") return { atMs, kind: "trip" };
  if (what === "hold") return { atMs, kind: "hold", forMs: readMs(value) };
  return { atMs, kind: "behave", behaviour: readBehaviour(what, value) };
}

function readBehaviour(kind: string, value: string): Behaviour {
  switch (kind) {
    case "answers":
    case "wrong":
      return { kind, afterMs: value === "" ? 3 : readMs(value), pattern: "" };
    case "refuses":
    case "silent":
    case "faulty":
      return { kind, afterMs: 0, pattern: "" };
    case "pattern":
      return { kind, afterMs: 3, pattern: value };
    default:
      throw new Error(`Cannot read behaviour "${kind}"`);
  }
}
