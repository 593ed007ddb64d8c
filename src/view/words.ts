// Times, durations and planned moves as people read them, on a terminal and on a page.

import type { DrainStatus } from "./drains.ts";

/** A planned move, beside the member whose clients leave; its reason as long as nothing is forced. */
export function drainWords(drain: DrainStatus, nowMs: number): string {
  const { stage, author, reason, held } = drain;
  const soon = (wallMs: number | undefined): string => {
    return wallMs === undefined || wallMs < nowMs + 1000
      ? "soon"
      : `in ${formatAgo(wallMs - nowMs)}`;
  };
  const leaves = `leaves ${soon(drain.moveWallMs)}`;
  const is: Readonly<Record<DrainStatus["stage"], string>> = {
    planned: `to be drained by ${author}, ${leaves}: ${reason}`,
    lowering: `to be drained by ${author}, TTL lowered, ${leaves}: ${reason}`,
    moving: "being taken out",
    draining:
      drain.drainedWallMs === undefined
        ? "draining"
        : `draining, old copies end ${soon(drain.drainedWallMs)} at the latest`,
    drained: "drained, no honest cache holds it",
    ended: "drained no more",
  };
  return held === undefined ? is[stage] : `${is[stage]}, HELD BACK: ${held}`;
}

/** How long ago, with its two largest units: `2h13m`. */
export function formatAgo(agoMs: number): string {
  const seconds = Math.floor(agoMs / 1000);
  if (seconds < 1) return "now";
  const units = [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  let text = "";
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** `3 ms`, `101 ms`, `2.35 s`, `1m10s`. */
export function formatTook(durationMs: number): string {
  if (durationMs < 10) return `${Number(durationMs.toPrecision(2))} ms`;
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  return durationMs < 60_000 ? `${(durationMs / 1000).toFixed(2)} s` : formatAgo(durationMs);
}

/** `12:00:03` of the day, UTC as the log has it. */
export function formatClock(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

/** `2026-01-02 12:00:03Z`. */
export function formatMoment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
