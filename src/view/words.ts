// Times and durations as people read them, on a terminal and on a page.

/** How long ago, with its two largest units: `2h13m`. */
export function formatAgo(agoMs: number): string {
  const seconds = Math.floor(agoMs / 1000);
  if (seconds < 1) return "now";
  const units = [
    ["d", 86_400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  let rest = seconds;
  let text = "";
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** `3 ms`, `101 ms`, `2.35 s`, `1m10s`. */
export function formatTook(durationMs: number): string {
  if (durationMs < 10) return `${Number(durationMs.toPrecision(2))} ms`;
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  return durationMs < 60_000 ? `${(durationMs / 1000).toFixed(2)} s` : formatAgo(durationMs);
}

/** `12:00:03` of the day, UTC as the log has it. */
export function formatClock(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

/** `2026-01-02 12:00:03Z`. */
export function formatMoment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
