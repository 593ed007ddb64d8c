// Curves over time, by uPlot.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import { formatClock } from "../../view/words.ts";

export interface Curve {
  readonly label: string;
  /** The name of a CSS variable. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly isStepped?: boolean;
  readonly isFilled?: boolean;
}

/** What is drawn: wall milliseconds, and a value of each curve at each. */
export interface ChartProps {
  readonly label: string;
  readonly unit: string;
  readonly timesMs: readonly number[];
  readonly curves: readonly Curve[];
  readonly most?: number;
}

const HEIGHT = 220;
/** Seconds from one mark of the time axis to the next. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400];

/** Drawn anew when the curves or the colours change; new values move into the drawing that is there. */
export function Chart(props: ChartProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = props.curves.map(({ label }) => label).join(" ");
  const isDark = useDarkness();
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const drawn = new uPlot(optionsOf(props, element), dataOf(props), element);
    plot.current = drawn;
    const observer = new ResizeObserver(() => {
      drawn.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [names, isDark]);
  useEffect(() => plot.current?.setData(dataOf(props)), [props]);
  return <div class="chart" ref={box} role="img" aria-label={props.label} />;
}

/** A drawing keeps its colours; light may become dark while it is looked at. */
function useDarkness(): boolean {
  const [isDark, setDark] = useState(() => DARK.matches);
  useEffect(() => {
    const changed = (): void => setDark(DARK.matches);
    DARK.addEventListener("change", changed);
    return () => DARK.removeEventListener("change", changed);
  }, []);
  return isDark;
}

const DARK = matchMedia("(prefers-color-scheme: dark)");

function dataOf({ timesMs, curves }: ChartProps): uPlot.AlignedData {
  return [timesMs.map((ms) => ms / 1000), ...curves.map(({ values }) => [...values])];
}

function optionsOf({ unit, curves, most }: ChartProps, element: HTMLElement): uPlot.Options {
  const css = getComputedStyle(element);
  const colour = (name: string): string => css.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--dim"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    scales: { y: { range: (_plot, _least, top) => [0, most ?? Math.max(1, top * 1.1)] } },
    axes: [
      {
        ...axis,
        incrs: STEPS,
        values: (_plot, ticks) => ticks.map((at) => formatClock(at * 1000)),
      },
      { ...axis, size: 64, values: (_plot, ticks) => ticks.map((y) => `${y} ${unit}`) },
    ],
    legend: { live: true },
    series: [
      { label: "time", value: (_plot, at) => (at === null ? "–" : `${formatClock(at * 1000)}Z`) },
      ...curves.map((curve): uPlot.Series => {
        const stepped = uPlot.paths.stepped?.({ align: 1 });
        const fill = `color-mix(in srgb, ${colour(curve.colour)} 18%, transparent)`;
        return {
          label: curve.label,
          stroke: colour(curve.colour),
          width: 1.6,
          spanGaps: true,
          value: (_plot, value) =>
            value === null ? "–" : `${Number(value.toPrecision(3))} ${unit}`,
          points: { show: false },
          ...(curve.isFilled === true && { fill }),
          ...(curve.isStepped === true && stepped !== undefined && { paths: stepped }),
        };
      }),
    ],
  };
}
