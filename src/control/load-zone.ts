// From the octets of a master file to a zone that may be served, or to every reason why not.
// Pure: included files come through a reader that the caller hands in.

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
  type ZoneFileSource,
} from "../zonefile/parse.ts";

/** A good zone with its warnings, or all that is wrong with the file; each entry is one complaint. */
export type LoadedZone =
  | {
      readonly kind: "good";
      readonly zone: Zone;
      readonly warnings: readonly string[];
      /** Every file that was read, included ones too: what has to be watched. */
      readonly files: readonly string[];
    }
  | { readonly kind: "bad"; readonly errors: readonly string[]; readonly files: readonly string[] };

/** Parses and checks one master file (RFC 1035 section 5). Nothing is kept of a bad one. */
export function loadZone(source: ZoneFileSource, origin: Name, include: IncludeReader): LoadedZone {
  const builder = new ZoneBuilder(origin);
  const parsed = parseZoneFile(source, { origin, include }, (record) => {
    builder.add(record.owner, record.type, record.ttl, record.rdata, record.position);
  });
  const syntax = parsed.problems.filter((problem) => problem.severity === "error");
  const files = [...new Set([source.path, ...parsed.files])];
  if (syntax.length > 0) return { kind: "bad", errors: syntax.map(formatProblem), files };
  const built = builder.finish();
  const sentences = (severity: "error" | "warning"): string[] =>
    built.problems
      .filter((problem) => problem.severity === severity)
      .map((problem) => formatZoneProblem(problem, source.path, parsed));
  if (built.kind === "bad") return { kind: "bad", errors: sentences("error"), files };
  const warnings = [...parsed.problems.map(formatProblem), ...sentences("warning")];
  return { kind: "good", zone: built.zone, warnings, files };
}

/** `file:line: message (owner type)`: where a zone's complaint comes from, as far as it is known. */
export function formatZoneProblem(
  problem: ZoneProblem,
  path: string,
  parsed: Pick<ParsedZoneFile, "locate">,
): string {
  const place = problem.position === undefined ? undefined : parsed.locate(problem.position);
  const where = place === undefined ? path : `${place.file}:${place.line}`;
  const what = problem.type === undefined ? "" : ` ${typeToText(problem.type)}`;
  return `${where}: ${problem.message} (${nameToDisplay(problem.owner)}${what})`;
}
