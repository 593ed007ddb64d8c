// From a master file to a zone that may be served, or to every reason why not. Pure: files come
// through a reader that the caller hands in. The server and the verbs that check use this same code.

import { isBeside, pathBeside } from "../config/paths.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { typeToText } from "../dns/types.ts";
import { ZoneBuilder } from "../zone/build.ts";
import type { ZoneProblem } from "../zone/check.ts";
import type { Zone } from "../zone/zone.ts";
import {
  formatProblem,
  type IncludeReader,
  type ParsedZoneFile,
  parseZoneFile,
} from "../zonefile/parse.ts";

const LF = 0x0a;
/** How many lines a file has is guessed from so many samples of it. */
const SAMPLES = 8;
const SAMPLE_OCTETS = 0x2000;
/** Between two looks at how much is done. */
const TELL_RECORDS = 16_384;
/** The share of the work that reading is. */
const READ_PERCENT = 80;

/** A file's octets, or the sentence that says why there are none. */
export type ReadFile = (
  path: string,
) =>
  | { readonly kind: "read"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly message: string };

/** A good zone, or all that is wrong with its file; each entry is one complaint. */
export type LoadedZone = {
  readonly warnings: readonly string[];
  /** Every file that was read, included ones too: what has to be watched. */
  readonly files: readonly string[];
} & (
  | { readonly kind: "good"; readonly zone: Zone }
  | { readonly kind: "bad"; readonly errors: readonly string[] }
);

/**
 * Reads, parses and checks one master file and what it includes (RFC 1035 section 5). Includes are
 * found beside the file that names them and refused outside the zone file's folder.
 *
 * @param progress told now and then how much is done, 0 to 100; an estimate.
 */
export function loadZone(
  origin: Name,
  file: string,
  readFile: ReadFile,
  progress?: (percent: number) => void,
): LoadedZone {
  const read = readFile(file);
  if (read.kind === "failed") {
    return { kind: "bad", errors: [read.message], warnings: [], files: [file] };
  }
  const lines = guessLines(read.bytes);
  const builder = new ZoneBuilder(origin, { fileOctets: read.bytes.length, rrsets: lines });
  const include = includeReader(file, readFile);
  const tell = progress === undefined ? undefined : teller(lines, progress);
  const parsed = parseZoneFile({ path: file, bytes: read.bytes }, { origin, include }, (record) => {
    builder.add(record.owner, record.type, record.ttl, record.rdata, record.position);
    tell?.(record.position);
  });
  const files = [...new Set([file, ...parsed.files])];
  const syntax = bySeverity(parsed.problems);
  const doubts = syntax.warnings.map(formatProblem);
  if (syntax.errors.length > 0) {
    // A zone of which records are missing would only be complained about for what is missing.
    return { kind: "bad", errors: syntax.errors.map(formatProblem), warnings: doubts, files };
  }
  const built = builder.finish();
  const found = bySeverity(built.problems);
  const words = (problem: ZoneProblem): string => formatZoneProblem(problem, file, parsed);
  const warnings = [...doubts, ...found.warnings.map(words)];
  return built.kind === "bad"
    ? { kind: "bad", errors: found.errors.map(words), warnings, files }
    : { kind: "good", zone: built.zone, warnings, files };
}

/** How many lines a file has, about: those of a few samples spread over it. */
function guessLines(bytes: Uint8Array): number {
  const size = Math.min(SAMPLE_OCTETS, bytes.length);
  let found = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const start = Math.floor(((bytes.length - size) * i) / (SAMPLES - 1));
    for (let at = start; at < start + size; at++) if (bytes[at] === LF) found++;
  }
  return Math.ceil((bytes.length / Math.max(1, size * SAMPLES)) * found);
}

/** Tells how far the lines are read; what is left then is the check of the whole. */
function teller(lines: number, progress: (percent: number) => void): (line: number) => void {
  let records = 0;
  return (line) => {
    if (++records % TELL_RECORDS !== 0) return;
    progress(Math.min(READ_PERCENT, Math.floor((line / Math.max(1, lines)) * READ_PERCENT)));
  };
}

function includeReader(file: string, readFile: ReadFile): IncludeReader {
  return (path, from) => {
    const full = pathBeside(from, path);
    if (!isBeside(file, full)) return { refused: "it lies outside the folder of the zone file" };
    const inner = readFile(full);
    return inner.kind === "failed"
      ? { refused: inner.message }
      : { path: full, bytes: inner.bytes };
  };
}

/** `file:line: message (owner type)`: where a zone's complaint comes from, as far as it is known. */
function formatZoneProblem(
  problem: ZoneProblem,
  path: string,
  parsed: Pick<ParsedZoneFile, "locate">,
): string {
  const place = problem.position === undefined ? undefined : parsed.locate(problem.position);
  const where = place === undefined ? path : `${place.file}:${place.line}`;
  const what = problem.type === undefined ? "" : ` ${typeToText(problem.type)}`;
  return `${where}: ${problem.message} (${nameToDisplay(problem.owner)}${what})`;
}

function bySeverity<P extends { readonly severity: "error" | "warning" }>(
  problems: readonly P[],
): { readonly errors: readonly P[]; readonly warnings: readonly P[] } {
  return {
    errors: problems.filter((problem) => problem.severity === "error"),
    warnings: problems.filter((problem) => problem.severity === "warning"),
  };
}
