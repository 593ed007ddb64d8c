// The page of the log: what happened, newest first.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LogEntry } from "../../view/state.ts";
import { formatClock, formatMoment } from "../../view/words.ts";
import { Empty, type Sheet } from "./parts.tsx";
import { linkTo } from "./place.ts";

const SHOWN_MOST = 300;

/** @param props.isFiltering whether somebody came here to filter: keys go there at once. */
export function LogPage(props: {
  readonly sheet: Sheet;
  readonly isFiltering: boolean;
}): JSX.Element {
  const { sheet, isFiltering } = props;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isFiltering) input.current?.focus();
  }, [isFiltering]);
  const [needle, setNeedle] = useState("");
  const [isTroubleOnly, setTroubleOnly] = useState(false);
  const words = needle.toLowerCase();
  const entries = sheet.state.log.filter(
    ({ level, event, msg }) =>
      (!isTroubleOnly || level === "warn" || level === "error") &&
      `${event} ${msg}`.toLowerCase().includes(words),
  );
  return (
    <>
      <div class="row">
        <label class="hidden" for="filter">
          Filter
        </label>
        <input
          id="filter"
          ref={input}
          type="search"
          placeholder="filter: a name, an address, an event   ( / )"
          value={needle}
          onInput={({ currentTarget }) => setNeedle(currentTarget.value)}
        />
        <label class="choice">
          <input
            type="checkbox"
            checked={isTroubleOnly}
            onInput={({ currentTarget }) => setTroubleOnly(currentTarget.checked)}
          />
          only warnings and errors
        </label>
      </div>
      <LogLines entries={entries.slice(-SHOWN_MOST)} />
    </>
  );
}

export function LogLines({ entries }: { readonly entries: readonly LogEntry[] }): JSX.Element {
  if (entries.length === 0) return <Empty>Nothing to show.</Empty>;
  return (
    <ol class="log">
      {[...entries].reverse().map((entry, i) => (
        <li key={`${entry.atMs} ${entry.event} ${entries.length - i}`} class={entry.level}>
          <time title={formatMoment(entry.atMs)}>{formatClock(entry.atMs)}</time>
          <span class="event">{entry.event}</span>
          <span class="msg">
            {entry.msg} {entry.swap !== undefined && <a href={linkTo("swaps", entry.swap)}>swap</a>}
          </span>
        </li>
      ))}
    </ol>
  );
}
