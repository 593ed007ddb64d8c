// The pages of swaps: all of them, and one with its times, its reason and how it spread.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { measuredRtoMs } from "../../view/availability.ts";
import type { SpreadPoint, SpreadView, SwapView } from "../../view/state.ts";
import { type SwapStep, stepsOf } from "../../view/swap-steps.ts";
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
      (entry.target !== undefined && Math.abs(entry.atMs - swap.atMs) < 2000),
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
        <Fact name="stored">{swap.isDurable ? "yes" : "not yet"}</Fact>
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
  const hasFault = swap.detectMs !== undefined;
  return (
    <figure class="steps">
      {hasFault && <StepBar steps={steps} />}
      <ol>
        <li class={hasFault ? "down" : ""}>
          <strong>{hasFault ? "first failed probe" : "decided"}</strong>
          <span>{hasFault ? "the fault" : "no fault led to it"}</span>
        </li>
        {steps.map((step) => (
          <li key={step.what} class={step.tookMs === undefined ? "pending" : step.what}>
            <strong>{STEP_NAMES[step.what]}</strong>
            <span>{stepTime(step, hasFault)}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

const STEP_NAMES: Readonly<Record<SwapStep["what"], string>> = {
  ...{ sure: "sure, and decided", hooks: "hooks have run", answered: "answered" },
  ...{ given: "first given", stored: "stored", drained: "drained" },
};

function stepTime({ tookMs, after }: SwapStep, hasFault: boolean): string {
  if (tookMs === undefined) return "not yet";
  const from = after === "sure" && !hasFault ? "decided" : after;
  return `${formatTook(tookMs)} after ${from === "fault" ? "the fault" : from}`;
}

/** From the fault to the answer, to scale; what is too short to be seen is a hair wide. */
function StepBar({ steps }: { readonly steps: readonly SwapStep[] }): JSX.Element {
  const parts = steps.filter(({ what }) => what in BAR_SHADES);
  const widths = parts.map(({ tookMs = 0 }) => Math.max(tookMs, 1e-3));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const shares = widths.map((width) => Math.max(1, (width / total) * 100));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const label = parts.map(({ what, tookMs = 0 }) => `${STEP_NAMES[what]} ${formatTook(tookMs)}`);
  let x = 0;
  return (
    <svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={label.join(", ")}>
      {parts.map(({ what }, i) => {
        const width = ((shares[i] ?? 0) / whole) * 100;
        const rect = <rect class={BAR_SHADES[what]} x={x} y="0" width={width} height="6" />;
        x += width;
        return rect;
      })}
    </svg>
  );
}

const BAR_SHADES: Readonly<Partial<Record<SwapStep["what"], string>>> = {
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
        {spread.holders} resolvers held the old answer.{" "}
        {spread.drainedMs === undefined
          ? `The last honest copy ends ${formatMoment(spread.lastExpiryMs)}; ${spreadOf(spread, nowMs)}.`
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

function spreadOf(spread: SpreadView | undefined, nowMs: number): string {
  if (spread === undefined) return "–";
  if (spread.drainedMs !== undefined) return "gone";
  const percent = spread.points.at(-1)?.percent ?? 0;
  const left = spread.lastExpiryMs - nowMs;
  return left > 0 ? `${percent} %, ends in ${formatAgo(left)}` : `${percent} %`;
}
