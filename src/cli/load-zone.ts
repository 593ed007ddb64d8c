// A zone file as the verbs that check it see it: parsed, checked, its complaints in words.

import { isBeside, pathBeside } from "../config/paths.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { typeToText } from "../dns/types.ts";
import { ZoneBuilder } from "../zone/build.ts";
import type { ZoneProblem } from "../zone/check.ts";
import type { Zone } from "../zone/zone.ts";
import { formatProblem, type ParsedZoneFile, parseZoneFile } from "../zonefile/parse.ts";
import type { CliIo } from "./io.ts";

/** What was found in a zone file; `zone` is missing where there is any error. */
export interface CheckedZone {
  readonly zone: Zone | undefined;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads and checks a zone file and all it includes. */
export function checkZoneFile(
  io: Pick<CliIo, "readFile">,
  source: { readonly origin: Name; readonly file: string },
): CheckedZone {
  const { origin, file } = source;
  const read = io.readFile(file);
  if (read.kind === "failed") return { zone: undefined, errors: [read.message], warnings: [] };
  const include = (path: string, from: string) => {
    const full = pathBeside(from, path);
    if (!isBeside(file, full)) return { refused: "it lies outside the folder of the zone file" };
    const inner = io.readFile(full);
    return inner.kind === "failed"
      ? { refused: inner.message }
      : { path: full, bytes: inner.bytes };
  };
  const builder = new ZoneBuilder(origin, { fileOctets: read.bytes.length });
  const parsed = parseZoneFile({ path: file, bytes: read.bytes }, { origin, include }, (record) => {
    builder.add(record.owner, record.type, record.ttl, record.rdata, record.position);
  });
  const syntax = ofSeverity(parsed.problems);
  if (syntax.errors.length > 0) {
    // A zone of which records are missing would only be complained about for what is missing.
    return {
      zone: undefined,
      errors: syntax.errors.map(formatProblem),
      warnings: syntax.warnings.map(formatProblem),
    };
  }
  const built = builder.finish();
  const found = ofSeverity(built.problems);
  const words = (problem: ZoneProblem): string => formatZoneProblem(problem, file, parsed);
  return {
    zone: built.kind === "ok" ? built.zone : undefined,
    errors: found.errors.map(words),
    warnings: [...syntax.warnings.map(formatProblem), ...found.warnings.map(words)],
  };
}

/** `file:line: message (owner type)`, as the server logs it. */
function formatZoneProblem(
  problem: ZoneProblem,
  file: string,
  parsed: Pick<ParsedZoneFile, "locate">,
): string {
  const place = problem.position === undefined ? undefined : parsed.locate(problem.position);
  const where = place === undefined ? file : `${place.file}:${place.line}`;
  const what = problem.type === undefined ? "" : ` ${typeToText(problem.type)}`;
  return `${where}: ${problem.message} (${nameToDisplay(problem.owner)}${what})`;
}

function ofSeverity<P extends { readonly severity: "error" | "warning" }>(
  problems: readonly P[],
): { readonly errors: readonly P[]; readonly warnings: readonly P[] } {
  return {
    errors: problems.filter((problem) => problem.severity === "error"),
    warnings: problems.filter((problem) => problem.severity === "warning"),
  };
}
