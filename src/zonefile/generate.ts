// BIND's $GENERATE as text: ranges, and templates with a number in them. Which records come out of
// it is `directive.ts`.

import { unreachable } from "../base/assert.ts";
/** Start to stop in steps: each value a whole number from 0 to 2^31 - 1, the step 1 or more. */
export interface Range {
  readonly start: number;
  readonly stop: number;
  readonly step: number;
}

/** A number to write into a template: the range's value plus an offset, in a base. */
interface Insertion {
  readonly offset: number;
  /** Characters, filled up with zeros; dots count for the nibble forms. */
  readonly width: number;
  readonly base: "d" | "o" | "x" | "X" | "n" | "N";
}

/** Text in which numbers are yet to be written. */
export type Template = readonly (string | Insertion)[];

/** A template, or why the text is none; `offset` counts characters from its start. */
type ParsedTemplate =
  | { readonly kind: "ok"; readonly template: Template }
  | { readonly kind: "bad"; readonly offset: number; readonly why: string };

const VALUE_MAX = 0x7fff_ffff;
/** Wide enough for the 32 nibbles of an IPv6 address with their dots. */
const WIDTH_MAX = 127;

/** Reads `start-stop` or `start-stop/step`. */
export function parseRange(text: string): Range | undefined {
  const match = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text);
  if (match === null) return undefined;
  const [start = 0, stop = 0, step = 1] = match.slice(1).map((part = "1") => Number(part));
  if (start > stop || stop > VALUE_MAX || step < 1 || step > VALUE_MAX) return undefined;
  return { start, stop, step };
}

/** How many values a range has. */
export function countOf(range: Range): number {
  return Math.floor((range.stop - range.start) / range.step) + 1;
}

/**
 * Reads a template: `$` is the value, `${offset,width,base}` the value in another form, `\$` and
 * `$$` a dollar sign. Other escapes stay as they are, for whoever reads the result.
 *
 * @param range is checked against the offsets, so that `expandTemplate` cannot fail.
 */
export function parseTemplate(text: string, range: Range): ParsedTemplate {
  const template: (string | Insertion)[] = [];
  let literal = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") {
      literal += text.slice(at, at + 2);
      at++;
    } else if (character !== "$") {
      literal += character;
    } else if (text[at + 1] === "$") {
      // As a bare dollar sign it could be taken for the value again.
      literal += "\\$";
      at++;
    } else {
      if (literal !== "") template.push(literal);
      literal = "";
      const end = text[at + 1] === "{" ? text.indexOf("}", at) : at;
      const insertion = parseInsertion(end < 0 ? "" : text.slice(at + 2, end), end > at || end < 0);
      const why = insertion === undefined ? FORM : misfit(insertion, range);
      if (insertion === undefined || why !== undefined) {
        return { kind: "bad", offset: at, why: why ?? FORM };
      }
      template.push(insertion);
      at = end;
    }
  }
  if (literal !== "") template.push(literal);
  return { kind: "ok", template };
}

/** The template's text for one value of its range. */
export function expandTemplate(template: Template, value: number): string {
  let text = "";
  for (const part of template) text += typeof part === "string" ? part : insert(part, value);
  return text;
}

const FORM = `expected \${offset,width,base} with a base of d, o, x, X, n or N, a width to ${WIDTH_MAX}`;

function parseInsertion(text: string, hasBraces: boolean): Insertion | undefined {
  if (!hasBraces) return { offset: 0, width: 0, base: "d" };
  const match = /^([-+]?\d{1,10})(?:,(\d{1,3})(?:,([doxXnN]))?)?$/.exec(text);
  if (match === null) return undefined;
  const width = Number(match[2] ?? 0);
  if (width > WIDTH_MAX) return undefined;
  return { offset: Number(match[1]), width, base: (match[3] ?? "d") as Insertion["base"] };
}

function misfit(insertion: Insertion, range: Range): string | undefined {
  if (range.stop + insertion.offset > VALUE_MAX) return `its numbers exceed ${VALUE_MAX}`;
  if (range.start + insertion.offset >= 0 || insertion.base === "d") return undefined;
  return "a number below zero can only be written in base d";
}

function insert(insertion: Insertion, value: number): string {
  const { width, base } = insertion;
  const number = value + insertion.offset;
  switch (base) {
    case "d":
      return number < 0
        ? `-${String(-number).padStart(width - 1, "0")}`
        : String(number).padStart(width, "0");
    case "o":
      return number.toString(8).padStart(width, "0");
    case "x":
      return number.toString(16).padStart(width, "0");
    case "X":
      return number.toString(16).toUpperCase().padStart(width, "0");
    case "n":
      return nibbles(number.toString(16), width);
    case "N":
      return nibbles(number.toString(16).toUpperCase(), width);
    default:
      return unreachable(base);
  }
}

/**
 * Hexadecimal digits from the lowest, parted by dots, as reverse zones want them. Where the width
 * ends behind a dot the dot stays, as in BIND: the text that follows is the next label.
 */
function nibbles(digits: string, width: number): string {
  const text = [...digits].reverse().join(".");
  if (text.length >= width) return text;
  return text + ".0".repeat(Math.ceil((width - text.length) / 2)).slice(0, width - text.length);
}
