// The table as a reader gets it: Markdown on a terminal, or JSON.

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import type { Row } from "./bench.ts";
import type { Peer } from "./peer.ts";

const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";

/** One sentence that names the machine, how busy it is now, and everyone's version. */
export function machineLine(peers: readonly Peer[]): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const gib = Math.round(totalmem() / 2 ** 30);
  const versions = peers.flatMap((peer) => {
    const version = peer.version();
    return version === undefined ? [] : [`${peer.name} ${version}`];
  });
  const [load = 0] = loadavg();
  const state = `load average ${load.toFixed(1)} when it began`;
  const machine = `${processors.length} x ${model}, ${gib} GiB, Linux ${release()}, ${state}`;
  return `${machine}; Node ${process.versions.node}, ${versions.join(", ")}`;
}

/** The rows as a Markdown table. */
export function markdown(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.work,
    row.against,
    `${figure(row.ours)} ${row.unit}`,
    row.theirs === undefined ? "" : figure(row.theirs),
    row.ratio === undefined ? "" : ratioOf(row),
    row.limit === undefined ? "" : `<= ${row.limit}`,
    verdict(row),
  ]);
  const head = ["work", "against", "livezone", "peer", "ratio (spread)", "asked for", ""];
  const table = [head, head.map(() => "---"), ...cells];
  const notes = rows.flatMap((row) =>
    row.note === undefined ? [] : [`- ${row.work}: ${row.note}`],
  );
  const lines = table.map((line) => `| ${line.join(" | ")} |`);
  return [...lines, ...(notes.length === 0 ? [] : ["", ...new Set(notes)])].join("\n");
}

/** The rows against other servers alone, without what is asked of them: for those who only look. */
export function summary(rows: readonly Row[]): string {
  const compared = rows.filter((row) => row.theirs !== undefined && row.unit !== "ms");
  const cells = compared.map((row) => [
    ...[row.work, row.against, `${figure(row.ours)} ${row.unit}`],
    ...[figure(row.theirs ?? 0), row.ratio?.toFixed(2) ?? ""],
  ]);
  const head = ["work", "against", "livezone", "peer", "ratio"];
  const table = [head, head.map(() => "---"), ...cells];
  return table.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/**
 * Replaces what stands between the marks of a document.
 *
 * @throws Error where it has none.
 */
export function writeInto(path: string, text: string): void {
  const document = readFileSync(path, "utf8");
  const [before, rest] = document.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (before === undefined || after === undefined) throw new Error(`"${path}" has no ${BEGIN}`);
  writeFileSync(path, `${before}${BEGIN}\n${text}\n${END}${after}`);
}

/** Whether a row reaches what is asked of it; undefined where nothing is. */
export function isReached(row: Row): boolean | undefined {
  if (row.limit === undefined) return undefined;
  return (row.ratio ?? row.ours) <= row.limit;
}

function verdict(row: Row): string {
  const reached = isReached(row);
  if (reached === undefined) return "";
  return reached ? "reached" : "MISSES";
}

function ratioOf(row: Row): string {
  const { ratio, ratioMin, ratioMax } = row;
  const spread =
    ratioMin === undefined || ratioMax === undefined
      ? ""
      : ` (${ratioMin.toFixed(2)}–${ratioMax.toFixed(2)})`;
  return `${ratio?.toFixed(2)}${spread}`;
}

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 100 ? 0 : 2);
}
