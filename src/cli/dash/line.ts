// Text for a terminal as spans with an ink each: cut and padded by what is seen, painted last.
// What comes from zones and logs can hold anything; nothing of it reaches the terminal as a command.

import type { Paint } from "../paint.ts";

export type Ink = "plain" | "bold" | "dim" | "red" | "green" | "yellow" | "chosen";

export interface Span {
  readonly text: string;
  readonly ink: Ink;
}

export type Line = readonly Span[];

/** A span; control characters become dots. */
export function span(text: string, ink: Ink = "plain"): Span {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return { text: text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, "·"), ink };
}

/** A span of exactly `columns`, cut with an ellipsis or padded. */
export function cell(text: string, columns: number, ink: Ink = "plain"): Span {
  const { text: clean } = span(text);
  return { text: cut(clean, columns).padEnd(columns), ink };
}

/** The same at the right edge. */
export function cellRight(text: string, columns: number, ink: Ink = "plain"): Span {
  return { text: cut(span(text).text, columns).padStart(columns), ink };
}

/** How many columns a line takes. */
export function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

/** A line of exactly `columns`, painted. */
export function render(line: Line, columns: number, paint: Paint): string {
  let left = columns;
  let text = "";
  for (const { text: whole, ink } of line) {
    if (left <= 0) break;
    const shown = cut(whole, left);
    left -= shown.length;
    text += inked(shown, ink, paint);
  }
  return text + " ".repeat(Math.max(0, left));
}

function inked(text: string, ink: Ink, paint: Paint): string {
  switch (ink) {
    case "plain":
      return text;
    case "chosen":
      return paint.inverse(text);
    default:
      return paint[ink](text);
  }
}

function cut(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns <= 1 ? text.slice(0, Math.max(0, columns)) : `${text.slice(0, columns - 1)}…`;
}
