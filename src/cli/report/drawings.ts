// The report's drawings as inline SVG: beliefs and answers over time, and how swaps drained.

import type { Availability, Span } from "../../view/availability.ts";
import type { BeliefSpan, PoolView, SpreadView, SwapView } from "../../view/state.ts";
import { stepBar } from "../../view/swap-steps.ts";
import { formatClock, formatMoment } from "../../view/words.ts";
import { type Html, html } from "./html.ts";

const WIDTH = 1000;
const LANE = 22;
const CURVE_HEIGHT = 120;

/** Where a moment lies in a drawing of the window. */
export function xOf(atMs: number, { fromMs, toMs }: Span): number {
  const share = (atMs - fromMs) / Math.max(1, toMs - fromMs);
  return Math.round(Math.max(0, Math.min(1, share)) * WIDTH * 10) / 10;
}

/** One member's beliefs: tall is up, low is down. */
export function beliefLane(history: readonly BeliefSpan[], window: Span): Html {
  const parts = history.flatMap((span, i) => {
    const left = xOf(span.atMs, window);
    const right = xOf(history[i + 1]?.atMs ?? window.toMs, window);
    if (right <= left && span.belief !== "down") return [];
    const height = span.belief === "up" ? 14 : span.belief === "down" ? 6 : 10;
    const title = `${formatMoment(span.atMs)} ${span.belief}: ${span.reason}`;
    return html`<rect class="${span.belief}" x="${left}" y="${18 - height}" width="${Math.max(1.5, right - left)}" height="${height}"><title>${title}</title></rect>`;
  });
  return html`<svg class="lane" viewBox="0 0 ${WIDTH} ${LANE}" preserveAspectRatio="none" role="img" aria-label="beliefs over time"><rect class="track" width="${WIDTH}" height="18"/>${parts}</svg>`;
}

/** What a pool answered: a new shade for each answer, red where nothing good was answered. */
export function answerLane(
  pool: PoolView,
  swaps: readonly SwapView[],
  found: Availability,
  window: Span,
): Html {
  const answers = [...new Set(pool.history.map(({ serving }) => serving.join(" ")))];
  const parts = pool.history.map((span, i) => {
    const left = xOf(span.atMs, window);
    const right = xOf(pool.history[i + 1]?.atMs ?? window.toMs, window);
    const answer = span.serving.join(" ");
    const shade = answers.indexOf(answer) % 4;
    const title = `from ${formatMoment(span.atMs)}: ${answer || "nothing"}`;
    return html`<rect class="shade${shade}" x="${left}" y="2" width="${Math.max(0, right - left)}" height="16"><title>${title}</title></rect>`;
  });
  const bad = found.bad.map(({ fromMs, toMs, why }) => {
    const left = xOf(fromMs, window);
    const title = why === "fail-open" ? "no member was up" : "down, and still answered";
    return html`<rect class="down" x="${left}" y="2" width="${Math.max(1.5, xOf(toMs, window) - left)}" height="16"><title>${title}</title></rect>`;
  });
  const marks = swaps.map((swap) => {
    const x = xOf(swap.atMs, window);
    return html`<a href="#swap-${swap.swap}"><rect class="mark" x="${x - 1}" y="0" width="2.5" height="22"><title>swap ${swap.swap}: ${swap.reason}</title></rect></a>`;
  });
  return html`<svg class="lane" viewBox="0 0 ${WIDTH} ${LANE}" preserveAspectRatio="none" role="img" aria-label="answers over time">${parts}${bad}${marks}</svg>`;
}

/** The times below lanes: days where there are several, and parts of seconds where all is over soon. */
export function timeAxis({ fromMs, toMs }: Span): Html {
  const lengthMs = toMs - fromMs;
  const marks = [0, 1, 2, 3, 4].map((i) => {
    const passedMs = (lengthMs * i) / 4;
    if (i > 0 && lengthMs < SHORT_MS) return `+${(passedMs / 1000).toFixed(2)} s`;
    const atMs = fromMs + passedMs;
    return lengthMs > DAY_MS ? formatMoment(atMs).slice(5, 16) : formatClock(atMs);
  });
  return html`<div class="axis">${marks.map((mark) => html`<span>${mark}</span>`)}</div>`;
}

const DAY_MS = 86_400_000;
const SHORT_MS = 20_000;

/** How resolvers let go of an old answer. */
export function drainCurve(spread: SpreadView): Html {
  const endMs = Math.max(
    spread.drainedMs ?? 0,
    spread.lastExpiryMs,
    spread.points.at(-1)?.atMs ?? 0,
  );
  const window = { fromMs: spread.openedMs, toMs: Math.max(endMs, spread.openedMs + 1000) };
  let y = CURVE_HEIGHT;
  const path = spread.points.map(({ atMs, percent }) => {
    const x = xOf(atMs, window);
    const before = y;
    y = CURVE_HEIGHT - (Math.max(0, Math.min(100, percent)) / 100) * (CURVE_HEIGHT - 6);
    return `L${x} ${before}L${x} ${y}`;
  });
  const expected = spread.forecast.map(({ atMs, percent }, i) => {
    const at = CURVE_HEIGHT - (percent / 100) * (CURVE_HEIGHT - 6);
    return `${i === 0 ? "M" : "L"}${xOf(atMs, window)} ${at}`;
  });
  const line = `M0 ${CURVE_HEIGHT}${path.join("")}L${WIDTH} ${y}`;
  const limit = xOf(spread.lastExpiryMs, window);
  return html`<svg class="curve" viewBox="0 0 ${WIDTH} ${CURVE_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="drain curve"><path class="area" d="${line}L${WIDTH} ${CURVE_HEIGHT}Z"/><path class="line" d="${line}"/><path class="expected" d="${expected.join("")}"><title>as it was expected</title></path><rect class="limit" x="${limit - 1}" y="0" width="2" height="${CURVE_HEIGHT}"><title>the last honest copy ends</title></rect></svg>${timeAxis(window)}`;
}

/** From the first failed probe to the new answer, to scale; nothing where no fault led to it. */
export function stepsBar(swap: SwapView): Html {
  const parts = stepBar(swap).map(({ what, left, width }) => {
    const at = Math.round(left * 10) / 10;
    return html`<rect class="${STEP_SHADES[what]}" x="${at}" width="${Math.round(width * 10) / 10}" height="6"/>`;
  });
  if (parts.length === 0) return html``;
  return html`<svg class="stepbar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="from fault to answer, to scale">${parts}</svg>`;
}

const STEP_SHADES = { sure: "down", hooks: "unknown", answered: "shade0" } as const;

/** A measured recovery beside its goal. */
export function goalBar(rtoMs: number, goalMs: number): Html {
  const most = Math.max(rtoMs, goalMs) * 1.1;
  const share = Math.round((rtoMs / most) * 1000) / 10;
  const goal = Math.round((goalMs / most) * 1000) / 10;
  return html`<svg class="goal" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="measured against the goal"><rect class="track" width="100" height="10"/><rect class="${rtoMs > goalMs ? "down" : "up"}" width="${Math.max(0.8, share)}" height="10"/><rect class="mark" x="${goal}" width="1" height="10"/></svg>`;
}
