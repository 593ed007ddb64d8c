// The past of beliefs as a bar of a few columns. Readable without colours: height says it too.

import type { Span as TimeSpan } from "../../view/availability.ts";
import type { BeliefSpan } from "../../view/state.ts";
import type { Span } from "./line.ts";

type Mark = "up" | "down" | "unknown" | "nothing";

const GLYPHS: Readonly<Record<Mark, Omit<Span, never>>> = {
  up: { text: "▇", ink: "green" },
  down: { text: "▂", ink: "red" },
  unknown: { text: "▄", ink: "yellow" },
  nothing: { text: "·", ink: "dim" },
};
const WORST: readonly Mark[] = ["down", "unknown", "up", "nothing"];

/** A column for each part of the window, with the worst that any of the histories held then. */
export function beliefBar(
  histories: readonly (readonly BeliefSpan[])[],
  window: TimeSpan,
  columns: number,
): Span[] {
  const partMs = (window.toMs - window.fromMs) / Math.max(1, columns);
  const bar: Span[] = [];
  for (let column = 0; column < columns; column++) {
    const fromMs = window.fromMs + column * partMs;
    const marks = histories.flatMap((history) => marksIn(history, fromMs, fromMs + partMs));
    const { text, ink } = GLYPHS[WORST.find((mark) => marks.includes(mark)) ?? "nothing"];
    const last = bar.at(-1);
    if (last?.ink === ink) bar[bar.length - 1] = { text: last.text + text, ink };
    else bar.push({ text, ink });
  }
  return bar;
}

function marksIn(history: readonly BeliefSpan[], fromMs: number, toMs: number): Mark[] {
  const marks: Mark[] = [];
  for (const [i, { atMs, belief }] of history.entries()) {
    const endMs = history[i + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    if (atMs < toMs && endMs > fromMs) marks.push(belief);
  }
  return marks;
}
