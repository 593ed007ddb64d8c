// The report as one HTML document that needs nothing else: no script, no font, no request.

import { counted } from "../../base/count.ts";
import { availabilityOf, measuredRtoMs, type Span } from "../../view/availability.ts";
import { type PoolView, poolKey, type SwapView, type ViewState } from "../../view/state.ts";
import { formatAgo, formatMoment, formatTook } from "../../view/words.ts";
import { answerLane, beliefLane, timeAxis } from "./drawings.ts";
import { type Html, html } from "./html.ts";
import { STYLE } from "./style.ts";
import { isLate, stepsSection, swapsSection } from "./swaps.ts";

/** What a report is made of. */
export interface ReportInput {
  readonly state: ViewState;
  readonly window: Span;
  /** Where the events came from, in words. */
  readonly source: string;
}

const LOG_MOST = 500;

/** The whole document. */
export function reportPage(input: ReportInput): string {
  const { state, window, source } = input;
  const swaps = swapsIn(state, window);
  const title = `livezone, ${formatMoment(window.fromMs)} to ${formatMoment(window.toMs)}`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${title}</title><style>${STYLE}</style></head><body><main>
<h1>What was answered, and why</h1>
<p class="dim">${formatMoment(window.fromMs)} to ${formatMoment(window.toMs)} (${formatAgo(window.toMs - window.fromMs)}), from ${source}. Times are UTC.</p>
${summary(state, swaps)}
${poolsSection(input, swaps)}
${swapsSection(swaps)}
${stepsSection(swaps)}
${changesSection(state, window)}
${editsSection(state, window)}
${logSection(state, window)}
</main></body></html>
`;
  return page.markup;
}

function swapsIn(state: ViewState, window: Span): SwapView[] {
  return [...state.swaps.values()].filter(
    ({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs,
  );
}

function summary(state: ViewState, swaps: readonly SwapView[]): Html {
  const rtos = swaps.map(measuredRtoMs).filter((rtoMs) => rtoMs !== undefined);
  const missed = swaps.filter((swap) => isLate(swap)).length;
  const worst = rtos.length === 0 ? "–" : formatTook(Math.max(...rtos));
  const open = [...state.pools.values()].filter(({ isFailOpen }) => isFailOpen).length;
  return html`<dl class="facts">
<div><dt>pools</dt><dd>${state.pools.size}</dd></div>
<div><dt>swaps</dt><dd>${swaps.length}</dd></div>
<div><dt>after a fault</dt><dd>${rtos.length}</dd></div>
<div><dt>slowest recovery</dt><dd>${worst}</dd></div>
<div><dt>goals missed</dt><dd class="${missed > 0 ? "poor" : ""}">${missed}</dd></div>
<div><dt>failing open at the end</dt><dd class="${open > 0 ? "poor" : ""}">${open}</dd></div>
</dl>`;
}

function poolsSection({ state, window }: ReportInput, swaps: readonly SwapView[]): Html {
  const pools = [...state.pools.values()];
  if (pools.length === 0) return html`<h2>Pools</h2><p class="dim">The log tells of none.</p>`;
  return html`<h2>Pools</h2>
<p class="dim">The upper bar is what was answered: a shade for each answer, red while nothing good was, a mark for each swap. Below it are the beliefs about each member: tall is up, low is down.</p>
${pools.map((pool) => poolPart(pool, state, { window, swaps }))}`;
}

function poolPart(
  pool: PoolView,
  state: ViewState,
  { window, swaps }: { readonly window: Span; readonly swaps: readonly SwapView[] },
): Html {
  const ours = swaps.filter((swap) => poolKey(swap) === poolKey(pool));
  const found = availabilityOf(pool, ours, window);
  const share = found.share === undefined ? "unknown" : `${percent(found.share)} %`;
  const bad = found.badMs === 0 ? "" : `, ${formatTook(found.badMs)} without a good answer`;
  const members = pool.members.map((member) => {
    const lanes = member.targets.flatMap((id) => state.targets.get(id) ?? []);
    return lanes.map((target) => {
      const name = lanes.length === 1 ? member.address : target.target;
      return html`<span class="name">${name}</span>${beliefLane(target.history, window)}`;
    });
  });
  return html`<section><h3>${pool.pool} <span class="chip">${pool.type}</span></h3>
<p>available <strong class="${found.badMs > 0 ? "" : "good"}">${share}</strong>${bad}; ${counted(ours.length, "swap")}; at the end it answers <strong>${pool.serving.join(" ") || "nothing"}</strong> <span class="dim">${pool.reason}</span></p>
<div class="lanes"><span class="name">answers</span>${answerLane(pool, ours, found, window)}${members}<span></span>${timeAxis(window)}</div></section>`;
}

/** Never more than was: 99.9996 is not 100. */
function percent(share: number): string {
  return share === 1 ? "100" : (Math.floor(share * 100_000) / 1000).toFixed(3);
}

/** Who did what, and why: what is asked first after an incident. */
function changesSection(state: ViewState, window: Span): Html {
  const changes = state.changes.filter(({ atMs }) => atMs >= window.fromMs);
  if (changes.length === 0) return html``;
  const rows = changes.map(({ atMs, author, action, object, reason, via, detail }) => {
    const more = detail === undefined ? "" : ` ${detail}`;
    return html`<tr><td class="mono">${formatMoment(atMs)}</td><th scope="row">${author}</th><td>${action} <strong>${object}</strong><span class="dim">${more}</span></td><td class="dim">${via}</td><td>${reason}</td></tr>`;
  });
  return html`<h2>Who changed what, and why</h2><div class="scroll"><table><thead><tr><th>when</th><th>who</th><th>did what</th><th>by which door</th><th>why</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function editsSection(state: ViewState, window: Span): Html {
  const edits = [...state.zones.values()].flatMap((zone) =>
    zone.edits
      .filter(({ atMs }) => atMs >= window.fromMs)
      .map((edit) => ({ zone: zone.zone, edit })),
  );
  if (edits.length === 0) return html``;
  const rows = edits.map(
    ({ zone, edit }) =>
      html`<tr><td class="mono">${formatMoment(edit.atMs)}</td><th scope="row">${zone}</th><td class="mono">${edit.serial}</td><td class="mono">+${edit.added} −${edit.removed}</td><td>${edit.author ?? edit.cause}</td><td>${edit.reason ?? edit.file ?? ""}</td></tr>`,
  );
  return html`<h2>Edits</h2><div class="scroll"><table><thead><tr><th>when</th><th>zone</th><th>serial</th><th>records</th><th>by</th><th>why</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function logSection(state: ViewState, window: Span): Html {
  const all = state.log.filter(
    ({ atMs, level }) => atMs >= window.fromMs && (level === "warn" || level === "error"),
  );
  const rows = all
    .slice(-LOG_MOST)
    .map(
      (entry) =>
        html`<tr class="${entry.level}"><td class="mono">${formatMoment(entry.atMs)}</td><td class="mono dim">${entry.event}</td><td>${entry.msg}</td></tr>`,
    );
  if (rows.length === 0) return html`<h2>Warnings and errors</h2><p class="dim">None.</p>`;
  return html`<h2>Warnings and errors</h2><div class="scroll"><table><tbody>${rows}</tbody></table></div>`;
}
