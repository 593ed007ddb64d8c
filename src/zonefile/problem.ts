// What is wrong with a master file, where, and how it is shown.

import { LF } from "./octets.ts";

/** One complaint about one place. A file with any error is refused whole by whoever asked for it. */
export interface ZoneFileProblem {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Of the offending token, from 1; counts characters, with the file taken as UTF-8. */
  readonly column: number;
  /** One sentence: what was expected, and the mend where it is not plain from that. */
  readonly message: string;
  /** The line without its end; of a long one the part around `column`, with "…" where it was cut. */
  readonly lineText: string;
  /** Where `column` is within `lineText`, from 1, if it differs. */
  readonly caretColumn?: number;
}

/** A place in the octets of a file. */
interface Place {
  readonly bytes: Uint8Array;
  /** Offset of the line's first octet. */
  readonly lineStart: number;
  /** Offset of the octet that is pointed at; behind the last one where something is missing. */
  readonly at: number;
}

const LINE_OCTETS_MAX = 240;
const WINDOW_OCTETS = 80;
const SHOWN_CHARACTERS_MAX = 60;

/** `file:line:column: message`, the line's text, and a caret below the column. */
export function formatProblem(problem: ZoneFileProblem): string {
  const { file, line, column, message, lineText } = problem;
  const before = [...lineText].slice(0, (problem.caretColumn ?? column) - 1);
  // Tabs stay tabs: whatever width the terminal gives them, the caret moves along.
  const indent = before.map((character) => (character === "\t" ? "\t" : " ")).join("");
  return `${file}:${line}:${column}: ${message}\n${lineText}\n${indent}^`;
}

/** The parts of a problem that come from its place. */
export function describePlace(
  place: Place,
): Pick<ZoneFileProblem, "column" | "lineText" | "caretColumn"> {
  const { bytes, lineStart, at } = place;
  const newline = bytes.indexOf(LF, lineStart);
  const lineEnd = newline < 0 ? bytes.length : newline;
  let column = 1;
  for (let i = lineStart; i < at; i++) if (!isContinuation(bytes[i])) column++;
  let from = lineStart;
  let to = lineEnd;
  if (lineEnd - lineStart > LINE_OCTETS_MAX) {
    from = Math.max(lineStart, at - WINDOW_OCTETS);
    to = Math.min(lineEnd, at + WINDOW_OCTETS);
    while (from > lineStart && isContinuation(bytes[from])) from--;
    while (to < lineEnd && isContinuation(bytes[to])) to++;
  }
  const head = from > lineStart ? "…" : "";
  const tail = to < lineEnd ? "…" : "";
  const lineText = head + decoded(bytes.subarray(from, to)).replace(/\r$/, "") + tail;
  const caretColumn = [...head, ...decoded(bytes.subarray(from, at))].length + 1;
  const shown = printable(lineText);
  return { column, lineText: shown, ...(caretColumn === column ? {} : { caretColumn }) };
}

/** A token (one character per octet) between quotes for a message, shortened when it is long. */
export function quoted(token: string): string {
  const octets = Uint8Array.from(token.slice(0, SHOWN_CHARACTERS_MAX * 4), (character) =>
    character.charCodeAt(0),
  );
  const characters = [...printable(decoded(octets)).replaceAll("\n", "␊")];
  const isCut = token.length > octets.length || characters.length > SHOWN_CHARACTERS_MAX;
  return `"${characters.slice(0, SHOWN_CHARACTERS_MAX).join("")}${isCut ? "…" : ""}"`;
}

function decoded(octets: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets);
}

/** Control characters would let a zone file drive the terminal of whoever reads the message. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, "\ufffd");
}

function isContinuation(octet: number | undefined): boolean {
  return octet !== undefined && (octet & 0xc0) === 0x80;
}
