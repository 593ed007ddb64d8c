// Small things that every page uses.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { Belief, BeliefSpan, ViewState } from "../../view/state.ts";
import { formatAgo, formatMoment } from "../../view/words.ts";

/** What every page is drawn from. */
export interface Sheet {
  readonly state: ViewState;
  readonly nowMs: number;
  /** How far back bars look: `barMs`, looked for once for all of them. */
  readonly pastMs: number;
}

export function BeliefPill({ belief }: { readonly belief: Belief }): JSX.Element {
  return <span class={`pill ${belief}`}>{belief}</span>;
}

/** How long ago; the moment itself is in its title. */
export function Ago(props: { readonly atMs: number; readonly nowMs: number }): JSX.Element {
  const { atMs, nowMs } = props;
  if (atMs <= 0) return <span class="dim">–</span>;
  const moment = formatMoment(atMs);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={moment}>
      {formatAgo(Math.max(0, nowMs - atMs))}
    </time>
  );
}

const BAR_LEAST_MS = 60_000;
const BAR_MOST_MS = 3_600_000;

/** How far back bars look: an hour, or as far as anything is known. */
export function barMs(state: ViewState, nowMs: number): number {
  let firstMs = nowMs;
  for (const { history } of state.targets.values()) {
    firstMs = Math.min(firstMs, history[0]?.atMs ?? nowMs);
  }
  return Math.min(BAR_MOST_MS, Math.max(BAR_LEAST_MS, nowMs - firstMs));
}

/** The past of a belief: tall is up, low is down, so that it can be read without colours. */
export function BeliefBar(props: {
  readonly history: readonly BeliefSpan[];
  readonly sheet: Sheet;
}): JSX.Element {
  const { history, sheet } = props;
  const { pastMs } = sheet;
  const fromMs = sheet.nowMs - pastMs;
  const parts = history.flatMap((span, i) => {
    const endMs = history[i + 1]?.atMs ?? sheet.nowMs;
    const left = Math.max(0, (span.atMs - fromMs) / pastMs);
    const right = Math.min(1, (endMs - fromMs) / pastMs);
    return right > left ? [{ span, left, width: Math.max(right - left, 0.006) }] : [];
  });
  const downs = history.filter(({ belief }) => belief === "down").length;
  const label = `last ${formatAgo(pastMs)}: ${downs === 0 ? "never down" : `down ${downs} times`}`;
  return (
    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      <rect class="track" x="0" y="0" width="100" height="10" rx="1" />
      {parts.map(({ span, left, width }) => {
        const height = span.belief === "up" ? 10 : span.belief === "down" ? 4 : 7;
        return (
          <rect
            key={span.atMs}
            class={span.belief}
            x={left * 100}
            y={10 - height}
            width={width * 100}
            height={height}
          />
        );
      })}
    </svg>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <p class="empty">{children}</p>;
}

/** A name and what it is. */
export function Fact(props: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** More than anybody reads, and as much as a page draws in a moment. */
const SHOWN_MOST = 200;

/** The first of many, and a filter by words for the others. */
export function useFilter<T>(
  all: readonly T[],
  wordsOf: (each: T) => string,
): { readonly shown: readonly T[]; readonly field: JSX.Element | null } {
  const [needle, setNeedle] = useState("");
  const lower = needle.toLowerCase();
  const found = all.filter((each) => wordsOf(each).toLowerCase().includes(lower));
  const shown = found.slice(0, SHOWN_MOST);
  const hidden = found.length - shown.length;
  if (all.length <= FEW) return { shown, field: null };
  const field = (
    <div class="row filter">
      <input
        type="search"
        aria-label="filter"
        placeholder="filter"
        value={needle}
        onInput={({ currentTarget }) => setNeedle(currentTarget.value)}
      />
      {hidden > 0 && <span class="dim">and {hidden} more</span>}
    </div>
  );
  return { shown, field };
}

/** So many can be seen without a filter. */
const FEW = 8;
