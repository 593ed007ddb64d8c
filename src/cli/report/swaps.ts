// The report's swaps: a table of all, and how each went from the fault until nobody held the old answer.

import { counted } from "../../base/count.ts";
import { measuredRtoMs } from "../../view/availability.ts";
import type { SpreadView, SwapView } from "../../view/state.ts";
import { beginningOf, stepName, stepsOf, stepTime } from "../../view/swap-steps.ts";
import { formatAgo, formatMoment, formatTook } from "../../view/words.ts";
import { drainCurve, goalBar, stepsBar } from "./drawings.ts";
import { type Html, html } from "./html.ts";

/** So many are drawn; the table has all of them. */
const DRAWN_MOST = 50;

/** All swaps, a row each. */
export function swapsSection(swaps: readonly SwapView[]): Html {
  if (swaps.length === 0) return html`<h2>Swaps</h2><p class="dim">No answer changed.</p>`;
  const rows = swaps.map((swap) => {
    const rtoMs = measuredRtoMs(swap);
    const { goalMs } = swap;
    const bar = rtoMs !== undefined && goalMs !== undefined ? goalBar(rtoMs, goalMs) : "–";
    return html`<tr id="swap-${swap.swap}"><th scope="row">${swap.swap}</th><td class="mono">${formatMoment(swap.atMs)}</td>
<td>${swap.pool} <span class="chip">${swap.type}</span></td>
<td class="mono answer"><s>${swap.before.join(" ") || "nothing"}</s> → <strong>${swap.after.join(" ") || "nothing"}</strong></td>
<td class="mono ${isLate(swap) ? "poor" : ""}">${rtoMs === undefined ? "–" : formatTook(rtoMs)}</td>
<td>${bar}${goalMs !== undefined && html`<span class="dim"> ${formatAgo(goalMs)}</span>`}</td><td>${swap.reason}</td></tr>`;
  });
  return html`<h2>Swaps</h2><div class="scroll"><table><thead><tr><th>swap</th><th>when</th><th>pool</th><th>answer</th><th>recovery</th><th>against its goal</th><th>why</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** The newest swaps, step by step. */
export function stepsSection(swaps: readonly SwapView[]): Html {
  if (swaps.length === 0) return html``;
  const drawn = swaps.slice(-DRAWN_MOST);
  const rest = swaps.length - drawn.length;
  return html`<h2>How each swap went</h2>
<p class="dim">The bar is the time from the first failed probe to the new answer, to scale: red until it was sure, then the server's own part. The curve below it is the share of queries that have let go of the old answer.${rest > 0 && html` The ${rest} swaps before these are in the table above.`}</p>
${drawn.map(swapPart)}`;
}

function swapPart(swap: SwapView): Html {
  const beginning = beginningOf(swap);
  const steps = stepsOf(swap).map((step) => {
    const shade = step.tookMs === undefined ? "pending" : step.what;
    return html`<li class="${shade}"><strong>${stepName(step)}</strong> <span class="dim">${stepTime(step, swap)}</span></li>`;
  });
  const first = swap.detectMs === undefined ? "" : "down";
  return html`<section><h3>Swap ${swap.swap}: ${swap.pool} <span class="chip">${swap.type}</span></h3>
<p>${swap.reason}</p>
${stepsBar(swap)}<ol class="steps"><li class="${first}"><strong>${beginning.name}</strong> <span class="dim">${beginning.detail}</span></li>${steps}</ol>
${swap.spread !== undefined && spreadPart(swap.spread)}</section>`;
}

function spreadPart(spread: SpreadView): Html {
  const overdue = spread.overdue.map(
    ({ resolver, detail }) => html`<li><strong>${resolver}</strong> ${detail}</li>`,
  );
  const end =
    spread.drainedMs === undefined
      ? "not drained by the end of this report"
      : `drained after ${formatTook(spread.drainedMs - spread.openedMs)}`;
  const held = `${spread.isAtLeast ? "at least " : ""}${counted(spread.holders, "resolver")}`;
  return html`<p>${held} held the old answer; ${end}</p>
${spread.holders > 0 && drainCurve(spread)}${overdue.length > 0 && html`<p>Overdue:</p><ul>${overdue}</ul>`}`;
}

/** Whether a recovery took longer than the operator wants. */
export function isLate(swap: SwapView): boolean {
  const rtoMs = measuredRtoMs(swap);
  return rtoMs !== undefined && swap.goalMs !== undefined && rtoMs > swap.goalMs;
}
