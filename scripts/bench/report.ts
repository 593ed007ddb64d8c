// The table as a reader gets it: Markdown on a terminal, or JSON.

import { cpus, release, totalmem } from "node:os";
import type { Row } from "./bench.ts";
import type { Peer } from "./peer.ts";

/** One sentence that names the machine and everyone's version. */
export function machineLine(peers: readonly Peer[]): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "unknown processor";
  const gib = Math.round(totalmem() / 2 ** 30);
  const versions = peers.flatMap((peer) => {
    const version = peer.version();
    return version === undefined ? [] : [`${peer.name} ${version}`];
  });
  const machine = `${processors.length} x ${model}, ${gib} GiB, Linux ${release()}`;
  return `${machine}, Node ${process.versions.node}; ${versions.join(", ")}`;
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
