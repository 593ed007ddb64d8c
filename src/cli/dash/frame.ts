// One picture of the dashboard: exactly as many lines as the terminal has rows. Pure.

import { counted } from "../../base/count.ts";
import { formatClock as clock, formatAgo } from "../../view/words.ts";
import type { Paint } from "../paint.ts";
import { type Line, render, type Span, span, widthOf } from "./line.ts";
import { type Block, barWindow, blocksOf, logBlock, type Sheet } from "./pages.ts";
import { PAGES, type Screen } from "./screen.ts";

/** All that a picture shows. */
export interface Picture extends Omit<Sheet, "past"> {
  readonly screen: Screen;
  readonly rows: number;
  /** Where events come from: "live", "lost: …", "replay ×60", "paused". */
  readonly source: string;
  readonly isSourceWell: boolean;
}

type Drawn = Picture & Sheet;

const HELP = [
  "1 … 6, ← →, Tab   the pages",
  "↑ ↓ PgUp PgDn g G move",
  "/                 filter: type, Enter keeps it, Esc clears it",
  "t                 only what is not well",
  "Space             pause",
  "+ − n             a replay: faster, slower, on to the next event",
  "q                 quit",
  "",
  "●  answered now        ○  not answered",
  "▇  up    ▂  down    ▄  unknown    ·  nothing known",
];

/** The lines of a picture, painted, each as wide as the terminal. */
export function frameOf(shown: Picture, paint: Paint): string[] {
  const picture = { ...shown, past: barWindow(shown.state, shown.nowMs) };
  const { screen, columns, rows } = picture;
  const head = [serverLine(picture), tabsLine(picture), rule(columns)];
  const strip = screen.page !== "log" && rows >= 18 ? stripOf(picture) : [];
  const foot = [footLine(picture)];
  const space = Math.max(0, rows - head.length - strip.length - foot.length);
  const body = screen.isHelpShown
    ? HELP.map((text): Line => [span(`  ${text}`)])
    : bodyOf(picture, space);
  const filled = [
    ...body.slice(0, space),
    ...Array<Line>(Math.max(0, space - body.length)).fill([]),
  ];
  return [...head, ...filled, ...strip, ...foot]
    .slice(0, rows)
    .map((line) => render(line, columns, paint));
}

function serverLine(picture: Picture): Line {
  const { state, nowMs, columns } = picture;
  const { server } = state;
  const dead = [...server.threads.values()].filter((thread) => thread.state !== "alive").length;
  const up = server.startedMs > 0 ? ` ${formatAgo(Math.max(0, nowMs - server.startedMs))}` : "";
  const isReady = server.phase === "ready";
  const left: Span[] = [
    span(` livezone ${server.version}`.trimEnd(), "bold"),
    span(`  ${server.phase}${up}`, isReady ? "green" : "yellow"),
    ...(server.store.state === "ok"
      ? []
      : [span(`  STORE FAILING, ${counted(server.store.waiting, "write")} waiting`, "red")]),
    ...(dead === 0 ? [] : [span(`  ${counted(dead, "thread")} not well`, "red")]),
    ...(server.brake === undefined ? [] : [span("  BRAKE ON", "yellow")]),
    ...(server.fault === undefined ? [] : [span("  PROBER FAILS", "red")]),
    ...(server.holdUntilMs > nowMs ? [span("  watching only: the clock jumped", "yellow")] : []),
  ];
  const right: Span[] = [
    span(`${new Date(nowMs).toISOString().slice(0, 10)} ${clock(nowMs)}Z  `, "dim"),
    span(`${picture.source} `, picture.isSourceWell ? "green" : "yellow"),
  ];
  return spread(left, right, columns);
}

function tabsLine({ state, screen, columns }: Picture): Line {
  const counts = {
    pools: state.pools.size,
    targets: state.targets.size,
    swaps: state.swaps.size,
    zones: state.zones.size,
    log: state.log.length,
    changes: state.changes.length,
  };
  const tabs = PAGES.flatMap((page, i): Span[] => [
    span(" "),
    span(` ${i + 1} ${page} ${counts[page]} `, page === screen.page ? "chosen" : "plain"),
  ]);
  const filter = screen.isTyping
    ? [span(`/${screen.filter}▏`, "yellow")]
    : screen.filter === ""
      ? []
      : [span(`filter: ${screen.filter}`, "yellow")];
  const trouble = screen.isTroubleOnly ? [span("trouble only  ", "yellow")] : [];
  return spread(tabs, [...trouble, ...filter, span(" ")], columns);
}

/** The blocks around the chosen one, so that it is seen whole. */
function bodyOf(picture: Drawn, space: number): readonly Line[] {
  const blocks = blocksOf(picture, picture.screen);
  if (blocks.length === 0) return [[], [span("  "), span(emptyText(picture), "dim")]];
  const chosen = Math.min(picture.screen.row, blocks.length - 1);
  let first = chosen;
  let lines = heightOf(blocks[chosen]);
  while (first > 0 && lines + heightOf(blocks[first - 1]) <= space) {
    first--;
    lines += heightOf(blocks[first]);
  }
  const shown: Line[] = [];
  for (let i = first; i < blocks.length && shown.length < space; i++) {
    const mark = i === chosen ? span("▌", "green") : span(" ");
    for (const line of blocks[i]?.lines() ?? []) shown.push([mark, ...line]);
  }
  return shown;
}

function heightOf(block: Block | undefined): number {
  return block?.lines().length ?? 0;
}

function emptyText({ state, screen }: Picture): string {
  if (screen.filter !== "") return `Nothing matches "${screen.filter}"; Esc clears the filter.`;
  if (screen.isTroubleOnly) return "All is well; t shows everything.";
  if (state.atMs === 0) return "Waiting for the first event…";
  return screen.page === "swaps" ? "No swap yet." : `No ${screen.page} yet.`;
}

/** The newest lines of the log, below the page. */
function stripOf({ state, columns, rows }: Picture): readonly Line[] {
  const count = rows >= 30 ? 7 : 4;
  const newest = state.log.slice(-count).map((entry): Line => {
    return [span(" "), ...(logBlock(entry).lines()[0] ?? [])];
  });
  const padding = Array<Line>(count - newest.length).fill([]);
  return [rule(columns), ...newest, ...padding];
}

function footLine(picture: Drawn): Line {
  const keys = " ←→ page  ↑↓ move  / filter  t trouble  space pause  ? help  q quit";
  const { fromMs, toMs } = picture.past;
  const bars = span(`bars: ${formatAgo(toMs - fromMs)} `, "dim");
  return spread([span(keys, "dim")], [bars], picture.columns);
}

function rule(columns: number): Line {
  return [span("─".repeat(columns), "dim")];
}

/** Left and right with what is free between them; the right gives way. */
function spread(left: readonly Span[], right: readonly Span[], columns: number): Line {
  const free = columns - widthOf(left) - widthOf(right);
  return free < 1 ? left : [...left, span(" ".repeat(free)), ...right];
}
