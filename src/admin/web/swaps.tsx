// The pages of swaps: all of them, and one with its times, its reason and how it spread.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { counted } from "../../base/count.ts";
import { measuredRtoMs } from "../../view/availability.ts";
import type { LogEntry, SpreadPoint, SpreadView, SwapView } from "../../view/state.ts";
import {
  beginningOf,
  type StepPart,
  stepBar,
  stepName,
  stepsOf,
  stepTime,
} from "../../view/swap-steps.ts";
import { formatAgo, formatMoment, formatTook } from "../../view/words.ts";
import { Chart } from "./chart.tsx";
import { LogLines } from "./log.tsx";
import { Ago, Empty, Fact, type Sheet } from "./parts.tsx";
import { linkTo } from "./place.ts";

export function SwapsPage(props: { readonly sheet: Sheet; readonly id: string }): JSX.Element {
  const { sheet, id } = props;
  const swap = sheet.state.swaps.get(Number(id));
  if (swap !== undefined) return <OneSwap swap={swap} sheet={sheet} />;
  if (id !== "") return <Empty>Swap {id} is not remembered here; the log has it.</Empty>;
  const swaps = [...sheet.state.swaps.values()].reverse();
  if (swaps.length === 0) return <Empty>No answer was swapped yet.</Empty>;
  return (
    <table class="wide">
      <thead>
        <tr>
          <th scope="col">swap</th>
          <th scope="col">when</th>
          <th scope="col">pool</th>
          <th scope="col">answer</th>
          <th scope="col">took</th>
          <th scope="col">old copies</th>
          <th scope="col">why</th>
        </tr>
      </thead>
      <tbody>
        {swaps.map((each) => (
          <tr key={each.swap}>
            <th scope="row">
              <a href={linkTo("swaps", each.swap)}>{each.swap}</a>
            </th>
            <td class="number">
              <Ago atMs={each.atMs} nowMs={sheet.nowMs} />
            </td>
            <td>
              {each.pool} <span class="chip">{each.type}</span>
            </td>
            <td>
              <Move swap={each} />
            </td>
            <td class={`number ${isLate(each) ? "poor" : ""}`}>{tookOf(each)}</td>
            <td class="number">{spreadOf(each.spread, sheet.nowMs)}</td>
            <td class="reason">{each.reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OneSwap({ swap, sheet }: { readonly swap: SwapView; readonly sheet: Sheet }): JSX.Element {
  const related = sheet.state.log.filter(
    (entry) =>
      entry.swap === swap.swap ||
      (entry.pool === swap.pool && Math.abs(entry.atMs - swap.atMs) < 60_000) ||
      (isOfTarget(entry) && Math.abs(entry.atMs - swap.atMs) < 2000),
  );
  return (
    <article>
      <h2>
        Swap {swap.swap}: {swap.pool} <span class="chip">{swap.type}</span>
      </h2>
      <p class="serving">
        <Move swap={swap} />
      </p>
      <p class="why">
        <code>{swap.code}</code> {swap.reason}
      </p>
      <dl class="factbox">
        <Fact name="when">
          {formatMoment(swap.atMs)} (<Ago atMs={swap.atMs} nowMs={sheet.nowMs} />)
        </Fact>
        <Fact name="measured recovery">{tookOf(swap)}</Fact>
        <Fact name="goal">
          {swap.goalMs === undefined ? "none set" : formatAgo(swap.goalMs)}
          {isLate(swap) && <span class="note">missed</span>}
        </Fact>
        <Fact name="TTL after it">{swap.ttlSeconds} s</Fact>
        <Fact name="serial">{swap.serial}</Fact>
      </dl>
      <h3>From fault to answer</h3>
      <Steps swap={swap} />
      <h3>Who still holds the old answer</h3>
      <Spread swap={swap} nowMs={sheet.nowMs} />
      <h3>What the log says around it</h3>
      <LogLines entries={related} />
    </article>
  );
}

/** A belief, or an order about one. */
function isOfTarget({ target, event }: LogEntry): boolean {
  return target !== undefined || event === "api.changed";
}

function Move({ swap }: { readonly swap: SwapView }): JSX.Element {
  return (
    <>
      <span class="old">{swap.before.join(" ") || "nothing"}</span> →{" "}
      <strong>{swap.after.join(" ") || "nothing"}</strong>
    </>
  );
}

/** The life of a swap: to scale until it was answered, then step by step until it is drained. */
function Steps({ swap }: { readonly swap: SwapView }): JSX.Element {
  const steps = stepsOf(swap);
  const beginning = beginningOf(swap);
  return (
    <figure class="steps">
      <StepBar swap={swap} />
      <ol>
        <li class={swap.detectMs === undefined ? "" : "down"}>
          <strong>{beginning.name}</strong>
          <span>{beginning.detail}</span>
        </li>
        {steps.map((step) => (
          <li key={step.what} class={step.tookMs === undefined ? "pending" : step.what}>
            <strong>{stepName(step)}</strong>
            <span>{stepTime(step, swap)}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

/** From the fault to the answer, to scale; what is too short to be seen is a hair wide. */
function StepBar({ swap }: { readonly swap: SwapView }): JSX.Element | null {
  const parts = stepBar(swap);
  if (parts.length === 0) return null;
  const label = stepsOf(swap).map((step) => `${stepName(step)}, ${stepTime(step, swap)}`);
  return (
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={label.join("; ")}>
      {parts.map(({ what, left, width }) => (
        <rect key={what} class={BAR_SHADES[what]} x={left} y="0" width={width} height="6" />
      ))}
    </svg>
  );
}

const BAR_SHADES: Readonly<Record<StepPart["what"], string>> = {
  ...{ sure: "down", hooks: "unknown", answered: "accent" },
};

function Spread({ swap, nowMs }: { readonly swap: SwapView; readonly nowMs: number }): JSX.Element {
  const { spread } = swap;
  const data = useMemo(() => {
    const { points, forecast } = spread ?? { points: [], forecast: [] };
    // uPlot wants one axis of times for all curves; what a curve does not know there is null.
    const timesMs = [...new Set([...points, ...forecast].map(({ atMs }) => atMs))].sort(byValue);
    const valuesOf = (curve: readonly SpreadPoint[]): (number | null)[] =>
      timesMs.map((ms) => curve.findLast(({ atMs }) => atMs === ms)?.percent ?? null);
    return {
      timesMs,
      curves: [
        { label: "expected", colour: "--amber", values: valuesOf(forecast) },
        {
          label: "have let go of it",
          colour: "--accent",
          isStepped: true,
          isFilled: true,
          values: valuesOf(points),
        },
      ],
    };
  }, [spread]);
  if (spread === undefined) return <Empty>Nothing was said of it yet.</Empty>;
  return (
    <>
      <p>
        {spread.isAtLeast && "At least "}
        {counted(spread.holders, "resolver")} held the old answer.{" "}
        {spread.drainedMs === undefined
          ? `${spread.points.at(-1)?.percent ?? 0} % of their questions have the new one; ${endOf(spread, nowMs)}.`
          : `All had let go of it after ${formatTook(spread.drainedMs - spread.openedMs)}.`}
      </p>
      {data.timesMs.length > 1 && (
        <Chart label={`drain curve of swap ${swap.swap}`} unit="%" most={100} {...data} />
      )}
      {spread.overdue.length > 0 && (
        <>
          <h4>Overdue</h4>
          <ul>
            {spread.overdue.map((each) => (
              <li key={`${each.resolver} ${each.atMs}`}>
                <strong>{each.resolver}</strong> {each.detail}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function byValue(a: number, b: number): number {
  return a - b;
}

function isLate(swap: SwapView): boolean {
  const rtoMs = measuredRtoMs(swap);
  return rtoMs !== undefined && swap.goalMs !== undefined && rtoMs > swap.goalMs;
}

function tookOf(swap: SwapView): string {
  const rtoMs = measuredRtoMs(swap);
  return rtoMs === undefined ? "–" : formatTook(rtoMs);
}

function endOf({ lastExpiryMs }: SpreadView, nowMs: number): string {
  const left = lastExpiryMs - nowMs;
  const distance = left >= 1000 ? ` (in ${formatAgo(left)})` : "";
  return `the last honest copy ends ${formatMoment(lastExpiryMs)}${distance}`;
}

function spreadOf(spread: SpreadView | undefined, nowMs: number): string {
  if (spread === undefined) return "–";
  if (spread.drainedMs !== undefined) return "gone";
  const percent = spread.points.at(-1)?.percent ?? 0;
  const left = spread.lastExpiryMs - nowMs;
  return left > 0 ? `${percent} %, ends in ${formatAgo(left)}` : `${percent} %`;
}
