// The timeline on a terminal, or as plain text: entries as they come, then one line for each lane.

import { stripVTControlCharacters } from "node:util";
import type { Paint } from "../../src/cli/paint.ts";
import { formatTable } from "../../src/cli/table.ts";
import { isMet, type Verdict } from "./judge.ts";
import { type Entry, FAILED, type Tally, type Tone } from "./timeline.ts";

/** Columns of a line, and of a lane's track within it. */
const WIDTH = 100;
const TRACK = 72;
const SOURCE = 8;
const INDENT = 23;
const TICKS_S = [1, 2, 5, 10, 20, 30, 60, 120] as const;

const MARKS: Readonly<Record<Tone, string>> = {
  deed: "▶",
  bad: "✗",
  good: "✓",
  warn: "!",
  plain: "·",
};

/** A title with what it is about. */
export function drawTitle(title: string, about: readonly string[], paint: Paint): string[] {
  const text = about.flatMap((paragraph, index) => [
    ...(index === 0 ? [] : [""]),
    ...wrap(paragraph, WIDTH - 2).map((line) => `  ${line}`),
  ]);
  return ["", `  ${paint.bold(title)}`, ...text];
}

/** One entry, with the expectations that it settles at its right. */
export function drawEntry(entry: Entry, verdicts: readonly Verdict[], paint: Paint): string[] {
  const time = `${(entry.atMs / 1000).toFixed(3)} s`.padStart(11);
  const said = entry.event === "" ? entry.text : `${entry.event}  ${entry.text}`;
  const tone = painterOf(entry.tone, paint);
  const lines = wrap(said, WIDTH - INDENT).map((line, index) => {
    const text = index === 0 ? boldFirst(line, entry, paint) : line;
    return entry.tone === "deed" ? paint.bold(text) : text;
  });
  const head = `${paint.dim(time)} ${tone(MARKS[entry.tone])} ${entry.source.padEnd(SOURCE)} `;
  const shown = lines.map((text, index) => (index === 0 ? head : " ".repeat(INDENT)) + text);
  const last = shown.pop() ?? "";
  const marks = verdicts.map((verdict) => drawVerdict(verdict, paint)).join("  ");
  const before = entry.tone === "deed" ? [""] : [];
  return [...before, ...shown, ...(marks === "" ? [last] : besides(last, marks))];
}

/** `marks` at the right edge of a line, or of one of their own. */
function besides(line: string, marks: string): string[] {
  const room = (text: string): number => WIDTH - widthOf(text) - widthOf(marks);
  if (room(line) >= 2) return [line + " ".repeat(room(line)) + marks];
  return [line, " ".repeat(Math.max(INDENT, room(""))) + marks];
}

/** The name of an event stands out from its sentence. */
function boldFirst(line: string, { event, tone }: Entry, paint: Paint): string {
  if (event === "" || !line.startsWith(event)) return line;
  return painterOf(tone, paint)(event) + line.slice(event.length);
}

function drawVerdict(verdict: Verdict, paint: Paint): string {
  const { text } = verdict.expected;
  const [window = ""] = text.split(":");
  return isMet(verdict) ? paint.green(`✓ ${window}`) : paint.red(`✗ ${text}`);
}

/** What was expected and not seen. */
export function drawMissing(verdicts: readonly Verdict[], paint: Paint): string[] {
  const missing = verdicts.filter((verdict) => !isMet(verdict) && verdict.seen === undefined);
  return missing.map(({ expected, stepMs }) => {
    const from = `after ${(stepMs / 1000).toFixed(1)} s`;
    return `  ${paint.red(`✗ not seen ${from}: ${expected.text}`)}`;
  });
}

/** What the lanes' drawing needs. */
export interface Picture {
  readonly durationMs: number;
  readonly lanes: readonly { readonly name: string; readonly tally: Tally }[];
  readonly deeds: readonly Entry[];
}

/** A line for each lane: whose page it led to, over time. */
export function drawLanes({ durationMs, lanes, deeds }: Picture, paint: Paint): string[] {
  const whole = Math.max(durationMs, 1000);
  const pages = new Set(lanes.flatMap(({ tally }) => tally.track.map(({ what }) => what)));
  pages.delete(FAILED);
  pages.delete("-");
  const letters = new Map([...pages].sort().map((page) => [page, page.slice(-1)]));
  const rows = lanes.map(({ name, tally }) => {
    const tiles = runsOf(cellsOf(tally, whole)).map((run) => paintRun(run, letters, paint));
    return `  ${paint.bold(name.padEnd(SOURCE))}  ${tiles.join("")}`;
  });
  const legend = [
    ...[...letters.keys()].map(
      (page) => `${paintRun({ what: page, length: 1 }, letters, paint)} ${page}`,
    ),
    ...(lanes.some(({ tally }) => tally.failed > 0)
      ? [`${paintRun({ what: FAILED, length: 1 }, letters, paint)} failed`]
      : []),
    `${paint.dim("▲")} a step`,
  ];
  const blanks = " ".repeat(SOURCE + 4);
  return [
    "",
    paint.dim(blanks + axisOf(whole)),
    ...rows,
    paint.dim(blanks + marksOf(deeds, whole)),
    `${blanks}${legend.join("   ")}`,
    "",
  ];
}

/** What a lane was in each cell of its track: a failure counts more than anything else. */
function cellsOf({ track }: Tally, wholeMs: number): readonly string[] {
  const cells = new Array<string>(TRACK).fill("");
  for (const { atMs, what } of track) {
    const at = Math.max(0, Math.min(TRACK - 1, Math.floor((atMs / wholeMs) * TRACK)));
    if (atMs <= wholeMs && cells[at] !== FAILED) cells[at] = what;
  }
  // What was before the beginning fills the first cell; nothing new means: as before.
  const before = track.findLast(({ atMs }) => atMs <= 0)?.what ?? " ";
  let last = before;
  return cells.map((what) => {
    if (what !== "") last = what;
    return last;
  });
}

/** Cells that are alike, one after the other. */
interface Run {
  readonly what: string;
  readonly length: number;
}

function runsOf(cells: readonly string[]): readonly Run[] {
  const runs: Run[] = [];
  for (const what of cells) {
    const last = runs.at(-1);
    if (last?.what === what) runs.splice(-1, 1, { what, length: last.length + 1 });
    else runs.push({ what, length: 1 });
  }
  return runs;
}

function paintRun(
  { what, length }: Run,
  letters: ReadonlyMap<string, string>,
  paint: Paint,
): string {
  const letter = letters.get(what) ?? what;
  const text = letter.repeat(length);
  if (what === FAILED) return tile(paint.red(text));
  if (what === "-" || what === " ") return paint.dim(text);
  const index = [...letters.keys()].indexOf(what);
  return tile(index === 0 ? paint.green(text) : paint.yellow(text));
}

/** Painted text with its colour as the ground; plain text stays as it is. */
function tile(painted: string): string {
  return painted.startsWith("\x1b[") ? `\x1b[7m${painted}\x1b[27m` : painted;
}

function axisOf(wholeMs: number): string {
  const tickS = TICKS_S.find((one) => wholeMs / 1000 / one <= 8) ?? 300;
  let line = "";
  for (let at = 0; at * 1000 < wholeMs; at += tickS) {
    const column = Math.round(((at * 1000) / wholeMs) * TRACK);
    line = `${line.padEnd(column)}${at} s`;
  }
  return line;
}

function marksOf(deeds: readonly Entry[], wholeMs: number): string {
  let line = "";
  for (const { atMs } of deeds) {
    const column = Math.floor((atMs / wholeMs) * TRACK);
    if (column >= line.length && column < TRACK) line = `${line.padEnd(column)}▲`;
  }
  return line;
}

/** How the requests went, lane by lane. */
export function drawTallies(lanes: Picture["lanes"], paint: Paint): string[] {
  const asked = lanes.filter(({ tally }) => tally.requests > 0);
  if (asked.length === 0) return [];
  const rows = asked.map(({ name, tally }) => [
    name,
    String(tally.requests),
    tally.failed === 0 ? paint.green("0") : paint.red(String(tally.failed)),
    tally.failed === 0 ? "" : `${(tally.outageMs / 1000).toFixed(1)} s`,
  ]);
  const head = ["through", "requests", "failed", "longest outage"].map((cell) => paint.dim(cell));
  return [...formatTable([head, ...rows], { indent: "  ", right: [1, 2, 3] }), ""];
}

/** The last line. */
export function drawResult(name: string, verdicts: readonly Verdict[], paint: Paint): string {
  const met = verdicts.filter(isMet).length;
  const text = `${name}: ${met} of ${verdicts.length} expectations met`;
  return `  ${met === verdicts.length ? paint.green(text) : paint.red(text)}`;
}

function painterOf(tone: Tone, paint: Paint): (text: string) => string {
  switch (tone) {
    case "deed":
      return paint.bold;
    case "bad":
      return paint.red;
    case "good":
      return paint.green;
    case "warn":
      return paint.yellow;
    case "plain":
      return (text) => text;
  }
}

/** Lines of at most `width` columns, broken at blanks. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && widthOf(longer) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
