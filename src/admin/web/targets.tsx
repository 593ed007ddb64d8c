// The pages of targets: all of them, and one with its observations, latency and what comes next.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { AddressView, TargetView } from "../../view/state.ts";
import { formatAgo, formatClock, formatMoment, formatTook } from "../../view/words.ts";
import { Chart } from "./chart.tsx";
import { Ago, BeliefBar, BeliefPill, Empty, Fact, type Sheet, useFilter } from "./parts.tsx";
import { linkTo } from "./place.ts";
import { notesOf } from "./pools.tsx";

export function TargetsPage(props: { readonly sheet: Sheet; readonly id: string }): JSX.Element {
  const { sheet, id } = props;
  const target = sheet.state.targets.get(id);
  if (target !== undefined) return <OneTarget target={target} sheet={sheet} />;
  if (id !== "") return <Empty>Nothing named {id} is probed.</Empty>;
  return <AllTargets sheet={sheet} />;
}

function AllTargets({ sheet }: { readonly sheet: Sheet }): JSX.Element {
  const targets = [...sheet.state.targets.values()].sort(byNeed);
  const { shown, field } = useFilter(targets, ({ target, reason }) => `${target} ${reason}`);
  if (targets.length === 0) return <Empty>Nothing is probed.</Empty>;
  return (
    <>
      {field}
      <table class="wide">
        <thead>
          <tr>
            <th scope="col">target</th>
            <th scope="col">belief</th>
            <th scope="col">since</th>
            <th scope="col">past</th>
            <th scope="col">took</th>
            <th scope="col">asked</th>
            <th scope="col">tripwire</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((each) => (
            <tr key={each.target}>
              <th scope="row">
                <a href={linkTo("targets", each.target)}>{each.target}</a>
              </th>
              <td>
                <BeliefPill belief={each.belief} />
              </td>
              <td class="number">
                <Ago atMs={each.sinceMs} nowMs={sheet.nowMs} />
              </td>
              <td>
                <BeliefBar history={each.history} sheet={sheet} />
              </td>
              <td class="number">{tookOf(each)}</td>
              <td class="number">
                <Ago atMs={each.lastMs} nowMs={sheet.nowMs} />
              </td>
              <td>{each.tripwire}</td>
              <td class="reason">
                {each.isStale && <span class="note">stale</span>}
                {each.warning !== undefined && <span class="note">{each.warning}</span>}
                {each.reason}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** What is not well comes first. */
function byNeed(a: TargetView, b: TargetView): number {
  return Number(a.belief === "up") - Number(b.belief === "up");
}

function OneTarget({
  target,
  sheet,
}: {
  readonly target: TargetView;
  readonly sheet: Sheet;
}): JSX.Element {
  const { state, nowMs } = sheet;
  const uses = [...state.pools.values()].flatMap((pool) =>
    pool.members
      .filter(({ targets }) => targets.includes(target.target))
      .map((member) => ({ pool, member })),
  );
  const address = state.addresses.get(uses[0]?.member.address ?? "");
  return (
    <article>
      <h2>
        {target.target} <BeliefPill belief={target.belief} />
      </h2>
      <p class="why">
        {target.reason}
        {target.warning !== undefined && <span class="note">{target.warning}</span>}
      </p>
      <dl class="factbox">
        <Fact name="since">
          <Ago atMs={target.sinceMs} nowMs={nowMs} /> ({formatMoment(target.sinceMs)})
        </Fact>
        <Fact name="usual">{target.usualMs > 0 ? formatTook(target.usualMs) : "–"}</Fact>
        <Fact name="tripwire">{target.tripwire || "–"}</Fact>
        <Fact name="penalty">{penaltyOf(address, nowMs)}</Fact>
        <Fact name="next">{nextOf(target, address, nowMs)}</Fact>
        <Fact name="in pools">
          {uses.length === 0 && "–"}
          {uses.map(({ pool, member }) => (
            <span key={`${pool.pool} ${pool.type}`}>
              {pool.pool} {pool.type} as {member.address}{" "}
            </span>
          ))}
        </Fact>
      </dl>
      {notesOf(address, nowMs).map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      <h3>How long its answers took</h3>
      <Latency target={target} />
      <div class="columns">
        <section>
          <h3>Last observations</h3>
          <Observations target={target} />
        </section>
        <section>
          <h3>What was believed</h3>
          <table class="wide">
            <tbody>
              {[...target.history]
                .reverse()
                .slice(0, 30)
                .map((span) => (
                  <tr key={span.atMs}>
                    <td class="number">{formatMoment(span.atMs)}</td>
                    <td>
                      <BeliefPill belief={span.belief} />
                    </td>
                    <td class="reason">{span.reason}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </section>
      </div>
    </article>
  );
}

function Latency({ target }: { readonly target: TargetView }): JSX.Element {
  const { observations } = target;
  const data = useMemo(() => {
    const seen = observations.filter(({ code }) => !code.startsWith("prober-"));
    const good = (value: number | undefined, code: string): number | null =>
      code === "ok" && value !== undefined ? value : null;
    return {
      timesMs: seen.map(({ atMs }) => atMs),
      curves: [
        {
          label: "whole",
          colour: "--accent",
          isFilled: true,
          values: seen.map((each) => good(each.durationMs, each.code)),
        },
        {
          label: "first octet",
          colour: "--violet",
          values: seen.map((each) => good(each.firstByteMs, each.code)),
        },
        {
          label: "TLS",
          colour: "--amber",
          values: seen.map((each) => good(each.tlsMs, each.code)),
        },
        {
          label: "connected",
          colour: "--up",
          values: seen.map((each) => good(each.connectMs, each.code)),
        },
      ].filter(({ values }) => values.some((value) => value !== null)),
    };
  }, [observations]);
  if (data.timesMs.length < 2 || data.curves.length === 0) {
    return <Empty>It is drawn as answers come in.</Empty>;
  }
  return <Chart label={`latency of ${target.target}`} unit="ms" {...data} />;
}

function Observations({ target }: { readonly target: TargetView }): JSX.Element {
  if (target.observations.length === 0) return <Empty>None since this page was opened.</Empty>;
  return (
    <table class="wide">
      <tbody>
        {target.observations
          .slice(-20)
          .reverse()
          .map((each) => (
            <tr key={each.atMs}>
              <td class="number">{formatClock(each.atMs)}</td>
              <td class={each.code === "ok" ? "good" : "poor"}>{each.code}</td>
              <td class="number">{formatTook(each.durationMs)}</td>
              <td class="reason">{each.detail}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

function tookOf(target: TargetView): string {
  const tookMs = target.observations.at(-1)?.durationMs ?? target.usualMs;
  return tookMs > 0 ? formatTook(tookMs) : "–";
}

/** Half-life of a penalty (RFC 2439), as livezone has it by default. */
const HALF_LIFE_MS = 600_000;

function penaltyOf(address: AddressView | undefined, nowMs: number): string {
  const damping = address?.damping;
  if (damping === undefined) return "none";
  const now = damping.penalty * 0.5 ** (Math.max(0, nowMs - damping.atMs) / HALF_LIFE_MS);
  return now < 1 ? "none" : String(Math.round(now));
}

function nextOf(target: TargetView, address: AddressView | undefined, nowMs: number): string {
  const coming: string[] = [];
  if (target.schedule !== undefined) {
    coming.push(`asked by its schedule ${target.schedule} (UTC)`);
  } else if (target.intervalMs > 0 && target.lastMs > 0) {
    const left = target.lastMs + target.intervalMs - nowMs;
    coming.push(left > 500 ? `asked again in about ${formatAgo(left)}` : "asked again about now");
  }
  const reusableMs = address?.damping?.reusableMs ?? 0;
  if (reusableMs > nowMs) coming.push(`reusable in ${formatAgo(reusableMs - nowMs)}`);
  const untilMs = address?.forced?.untilMs ?? 0;
  if (untilMs > nowMs) coming.push(`no longer forced in ${formatAgo(untilMs - nowMs)}`);
  return coming.join(", ") || "–";
}
