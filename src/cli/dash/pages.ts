// The pages of the dashboard as blocks of lines: one block for each row that can be chosen. Pure.

import { measuredRtoMs, type Span as TimeSpan } from "../../view/availability.ts";
import {
  type AddressView,
  type Belief,
  type ChangeView,
  type LogEntry,
  type MemberView,
  type PoolView,
  poolKey,
  type SwapView,
  type TargetView,
  type ViewState,
  type ZoneView,
} from "../../view/state.ts";
import { type SwapStep, stepsOf } from "../../view/swap-steps.ts";
import {
  formatClock as clock,
  drainWords,
  formatAgo,
  formatMoment,
  formatTook,
} from "../../view/words.ts";
import { beliefBar } from "./bar.ts";
import { cell, cellRight, type Ink, type Line, span } from "./line.ts";
import type { Page, Screen } from "./screen.ts";

/** A row that can be chosen. */
export interface Block {
  /** Drawn only when it is seen: there may be 10,000 of them. */
  lines(): readonly Line[];
  readonly isTrouble: boolean;
  /** What the filter looks at. */
  readonly words: string;
}

/** What pages are drawn with. */
export interface Sheet {
  readonly state: ViewState;
  readonly nowMs: number;
  readonly columns: number;
  /** What bars show: `barWindow`, looked for once for all of them. */
  readonly past: TimeSpan;
}

/** How far back bars look: an hour, or as far as anything is known. */
export function barWindow(state: ViewState, nowMs: number): TimeSpan {
  let firstMs = nowMs;
  for (const { history } of state.targets.values()) {
    firstMs = Math.min(firstMs, history[0]?.atMs ?? nowMs);
  }
  const pastMs = Math.min(BAR_MS_MOST, Math.max(BAR_MS_LEAST, nowMs - firstMs));
  return { fromMs: nowMs - pastMs, toMs: nowMs };
}

const BAR_MS_LEAST = 60_000;
const BAR_MS_MOST = 3_600_000;

/** The blocks of a page that the filter lets through. */
export function blocksOf(sheet: Sheet, screen: Screen): readonly Block[] {
  const needle = screen.filter.toLowerCase();
  return PAGE_BLOCKS[screen.page](sheet).filter(
    ({ words, isTrouble }) =>
      (!screen.isTroubleOnly || isTrouble) && words.toLowerCase().includes(needle),
  );
}

const PAGE_BLOCKS: Readonly<Record<Page, (sheet: Sheet) => Block[]>> = {
  pools: (sheet) => [...sheet.state.pools.values()].map((pool) => poolBlock(pool, sheet)),
  targets: (sheet) => [...sheet.state.targets.values()].map((target) => targetBlock(target, sheet)),
  swaps: (sheet) => [...sheet.state.swaps.values()].reverse().map((swap) => swapBlock(swap, sheet)),
  zones: (sheet) => [...sheet.state.zones.values()].map((zone) => zoneBlock(zone, sheet)),
  log: ({ state }) => [...state.log].reverse().map(logBlock),
  changes: (sheet) => [...sheet.state.changes].reverse().map((one) => changeBlock(one, sheet)),
};

function poolBlock(pool: PoolView, sheet: Sheet): Block {
  const { state } = sheet;
  const forcedBadly = pool.members.some(
    ({ address }) => state.addresses.get(address)?.forced?.isAgainstProbes === true,
  );
  const alarms = [
    ...(pool.isFailOpen ? ["FAIL-OPEN"] : []),
    ...(forcedBadly ? ["FORCED AGAINST PROBES"] : []),
    ...(pool.wanted === undefined ? [] : [`WANTS ${pool.wanted.join(" ") || "nothing"}`]),
  ];
  const why = pool.code === "" ? pool.reason : `${pool.code}: ${pool.reason}`;
  return {
    lines: () => [
      poolHead(pool, alarms, sheet),
      [span("  "), span(why || "nothing was said of it yet", "dim")],
      ...pool.members.map((member) => memberLine(member, pool, sheet)),
    ],
    isTrouble: alarms.length > 0 || pool.members.some(({ belief }) => belief !== "up"),
    words: `${poolKey(pool)} ${pool.zone} ${pool.members.map(({ address }) => address).join(" ")} ${why}`,
  };
}

function poolHead(pool: PoolView, alarms: readonly string[], sheet: Sheet): Line {
  const { state, nowMs } = sheet;
  const facts = [
    ...(pool.policy === "" ? [] : [pool.policy]),
    ...(pool.mode === "auto" ? [] : [pool.mode]),
    `TTL ${pool.ttlSeconds}s`,
    ...(pool.swap === 0 ? [] : [`swap ${pool.swap}`]),
    ...drillFacts(pool, state),
    ...(pool.nextMs !== undefined && pool.nextMs > nowMs
      ? [`next in ${formatAgo(pool.nextMs - nowMs)}`]
      : []),
  ];
  return [
    span(poolKey(pool), "bold"),
    span("  "),
    span(pool.serving.join(" ") || "nothing", pool.isFailOpen ? "red" : "green"),
    ...alarms.flatMap((alarm) => [span("  "), span(alarm, "red")]),
    span(`  ${facts.join(", ")}`, "dim"),
  ];
}

/** How its last drill went. */
function drillFacts({ pool }: PoolView, state: ViewState): string[] {
  const drill = [...state.drills.values()].findLast((each) => each.pool === pool);
  if (drill === undefined) return [];
  const outcome = drill.hasPassed === undefined ? "runs" : drill.hasPassed ? "passed" : "FAILED";
  return [`drill ${drill.drill} ${outcome}`];
}

function memberLine(member: MemberView, pool: PoolView, sheet: Sheet): Line {
  const { state, nowMs, columns } = sheet;
  const isServed = member.isServed || pool.serving.includes(member.member);
  const targets = member.targets.flatMap((id) => state.targets.get(id) ?? []);
  const notes = addressNotes(state.addresses.get(member.address), nowMs);
  const barColumns = columns >= 100 ? 24 : columns >= 72 ? 12 : 0;
  const histories = targets.map(({ history }) => history);
  const bar = beliefBar(histories, sheet.past, barColumns);
  return [
    span("  "),
    isServed ? span("● ", "green") : span("○ ", "dim"),
    cell(member.address || member.member, columns >= 100 ? 26 : 16),
    span(" "),
    cell(member.belief, 7, beliefInk(member.belief)),
    span(" "),
    cellRight(agoOf(member.sinceMs, nowMs), 6, "dim"),
    span(" "),
    ...bar,
    span(barColumns > 0 ? " " : ""),
    ...notes.flatMap((note) => [span(note, "yellow"), span("; ")]),
    span(member.reason),
  ];
}

function targetBlock(target: TargetView, sheet: Sheet): Block {
  const { nowMs, columns } = sheet;
  const barColumns = columns >= 110 ? 40 : 16;
  const last = target.observations.at(-1);
  const took = last === undefined ? target.usualMs : last.durationMs;
  return {
    lines: () => [
      [
        cell(target.target, Math.max(20, Math.min(44, columns - barColumns - 36)), "bold"),
        span(" "),
        cell(target.belief, 7, beliefInk(target.belief)),
        span(" "),
        cellRight(agoOf(target.sinceMs, nowMs), 6, "dim"),
        span(" "),
        ...beliefBar([target.history], sheet.past, barColumns),
        cellRight(took > 0 ? `${Number(took.toPrecision(3))} ms` : "–", 9),
        cellRight(target.lastMs > 0 ? `${agoOf(target.lastMs, nowMs)}` : "–", 7, "dim"),
      ],
      [
        span("  "),
        ...(target.isStale ? [span("stale; ", "yellow")] : []),
        ...(target.warning === undefined ? [] : [span(`${target.warning}; `, "yellow")]),
        span(target.reason, "dim"),
        ...(target.tripwire === "" ? [] : [span(`; tripwire ${target.tripwire}`, "dim")]),
      ],
    ],
    isTrouble: target.belief !== "up" || target.isStale || target.warning !== undefined,
    words: `${target.target} ${target.belief} ${target.reason}`,
  };
}

function swapBlock(swap: SwapView, { nowMs }: Sheet): Block {
  const rtoMs = measuredRtoMs(swap);
  const isLate = rtoMs !== undefined && swap.goalMs !== undefined && rtoMs > swap.goalMs;
  const times = [
    ...(rtoMs === undefined ? [] : [`RTO ${formatTook(rtoMs)}`]),
    ...(swap.goalMs === undefined ? [] : [`goal ${formatTook(swap.goalMs)}`]),
    `TTL ${swap.ttlSeconds}s`,
    `serial ${swap.serial}`,
  ];
  const spread = swap.spread === undefined ? "" : spreadText(swap.spread, nowMs);
  return {
    lines: () => [
      [
        span(`#${swap.swap}`.padEnd(6), "bold"),
        span(`${clock(swap.atMs)}  `, "dim"),
        span(`${swap.pool} ${swap.type}  `),
        span(swap.before.join(" ") || "nothing", "dim"),
        span(" → "),
        span(swap.after.join(" ") || "nothing", "green"),
        span(`  ${times.join(", ")}`, isLate || !swap.isDurable ? "yellow" : "dim"),
      ],
      [span("      "), span(swap.reason, "dim")],
      [span("      "), span(stepsText(swap)), span(spread)],
    ],
    isTrouble: isLate || !swap.isDurable,
    words: `#${swap.swap} ${swap.pool} ${swap.type} ${swap.reason} ${swap.after.join(" ")}`,
  };
}

/** `fault → sure 101 ms → answered 0.2 ms; given +3 ms, stored +5 ms, drained not yet`. */
function stepsText(swap: SwapView): string {
  const steps = stepsOf(swap);
  const timeOf = ({ tookMs }: SwapStep): string => {
    return tookMs === undefined ? "not yet" : formatTook(tookMs);
  };
  const chain = steps.filter(({ after }) => after !== "answered");
  const behind = steps.filter(({ after }) => after === "answered");
  const begin = swap.detectMs === undefined ? "decided" : "fault";
  const lead = [begin, ...chain.map((step) => `${step.what} ${timeOf(step)}`)].join(" → ");
  const rest = behind.map((step) => {
    return `${step.what} ${step.tookMs === undefined ? "" : "+"}${timeOf(step)}`;
  });
  return [lead, ...(rest.length === 0 ? [] : [rest.join(", ")])].join("; ");
}

/** What is left of a drain that goes on: the steps say when it is over. */
function spreadText(spread: NonNullable<SwapView["spread"]>, nowMs: number): string {
  if (spread.drainedMs !== undefined) return "";
  const percent = spread.points.at(-1)?.percent ?? 0;
  const left = spread.lastExpiryMs - nowMs;
  const end = left > 0 ? `, last copy ends in ${formatAgo(left)}` : "";
  const overdue = spread.overdue.length === 0 ? "" : `, ${spread.overdue.length} overdue`;
  return `: ${percent} %${end}${overdue}`;
}

function zoneBlock(zone: ZoneView, { nowMs }: Sheet): Block {
  const edits = zone.edits.slice(-3).reverse();
  return {
    lines: () => [
      [
        cell(zone.zone, 30, "bold"),
        cellRight(String(zone.serial), 12),
        cellRight(`${zone.records} records`, 17),
        span(`  ${zone.source}  `, "dim"),
        span(`published ${agoOf(zone.publishedMs, nowMs)} ago`, "dim"),
      ],
      ...zone.rejected.map((sentence): Line => [span("  refused ", "red"), span(sentence)]),
      ...edits.map((edit): Line => {
        const who = edit.author === undefined ? edit.cause : `${edit.cause} by ${edit.author}`;
        const why = edit.reason === undefined ? "" : `: ${edit.reason}`;
        const what = `serial ${edit.serial}, +${edit.added} −${edit.removed}`;
        return [span(`  ${clock(edit.atMs)}  `, "dim"), span(`${what}, ${who}${why}`)];
      }),
    ],
    isTrouble: zone.rejected.length > 0,
    words: `${zone.zone} ${zone.serial}`,
  };
}

function changeBlock(change: ChangeView, { nowMs }: Sheet): Block {
  const { atMs, author, action, object, reason, via, serial, detail } = change;
  const more = [
    ...(serial === undefined ? [] : [`serial ${serial}`]),
    ...(detail === undefined ? [] : [detail]),
  ];
  return {
    lines: () => [
      [
        span(`${formatMoment(atMs)}  `, "dim"),
        span(author, "bold"),
        span(`  ${[`${action} ${object}`, ...more].join(", ")}  `),
        span(`by ${via}, ${agoOf(atMs, nowMs)} ago`, "dim"),
      ],
      [span("  "), span(reason)],
    ],
    isTrouble: false,
    words: `${author} ${action} ${object} ${reason} ${via}`,
  };
}

/** A line of the log. */
export function logBlock(entry: LogEntry): Block {
  const ink: Ink =
    entry.level === "error" || entry.level === "fatal"
      ? "red"
      : entry.level === "warn"
        ? "yellow"
        : "plain";
  return {
    lines: () => [[span(`${clock(entry.atMs)} `, "dim"), span(entry.msg, ink)]],
    isTrouble: ink !== "plain",
    words: `${entry.event} ${entry.msg}`,
  };
}

/** What counts of an address beside its probes. */
function addressNotes(view: AddressView | undefined, nowMs: number): string[] {
  const { forced, damping, drain } = view ?? {};
  const notes = drain === undefined ? [] : [drainWords(drain, nowMs)];
  // What a planned move forces is said by the move itself.
  if (forced !== undefined && (drain === undefined || forced.state !== "drain")) {
    const until = forced.untilMs === undefined ? "" : `, ${formatAgo(forced.untilMs - nowMs)} left`;
    notes.push(`forced ${forced.state} by ${forced.author}${until}`);
  }
  if (damping?.reusableMs !== undefined && damping.reusableMs > nowMs) {
    notes.push(`damped, reusable in ${formatAgo(damping.reusableMs - nowMs)}`);
  }
  return notes;
}

function beliefInk(belief: Belief): Ink {
  return belief === "up" ? "green" : belief === "down" ? "red" : "yellow";
}

function agoOf(atMs: number, nowMs: number): string {
  return atMs <= 0 ? "–" : formatAgo(Math.max(0, nowMs - atMs));
}
