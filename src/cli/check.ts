// `livezone check`: everything the configuration says, and every file it names.

import { type Command, Option } from "commander";
import type { ServerAddress } from "../config/access.ts";
import type { ZoneConfig } from "../config/main.ts";
import { type ConfiguredTarget, parsePools } from "../config/pools.ts";
import { loadZone } from "../control/load-zone.ts";
import { nameToDisplay } from "../dns/name.ts";
import type { Zone } from "../zone/zone.ts";
import {
  CHECK_FORMATS,
  type CheckFormat,
  type Findings,
  findingsToGithub,
  findingsToJson,
} from "./check-format.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { readConfig } from "./serve-config.ts";
import { formatTable } from "./table.ts";
import { counted, DEFAULT_CONFIG, printComplaints, type VerbContext } from "./verb.ts";

/** From so many targets on, failures of half of them may be the prober's own. */
const BRAKED_MIN = 4;
const NO_ANCHORS =
  'Doubtful: no "anchors" are named: a prober that is cut off takes every target for down';

interface Found extends Findings {
  readonly errors: string[];
  readonly warnings: string[];
  readonly files: [file: string, content: string][];
  readonly proofs: string[];
  readonly targets: ConfiguredTarget[];
}

/** One zone among all that are configured. */
interface Source {
  readonly source: ZoneConfig;
  readonly zones: readonly ZoneConfig[];
  /** Whether the main configuration names anchors. */
  readonly hasAnchors: boolean;
}

/** Adds the verb. */
export function addCheck(program: Command, context: VerbContext): void {
  program
    .command("check")
    .summary("check the configuration, every zone file and every pools file")
    .description(
      "Reads everything a server would read, and says all that is wrong with it.\n" +
        "Exit status: 0 all is good, 1 something is bad, 2 wrong usage.",
    )
    .argument("[config]", "main configuration", DEFAULT_CONFIG)
    .addOption(
      new Option("--format <format>", "how it is told: json for editors, github for its CI")
        .choices(CHECK_FORMATS)
        .default("text"),
    )
    .action((config: string, flags: { readonly format: CheckFormat }) => {
      context.finish(check(context.io, config, flags.format));
    });
}

/** Checks a main configuration and all it names; 1 when there is any error. */
function check(io: CliIo, file: string, format: CheckFormat): ExitStatus {
  const found: Found = { errors: [], warnings: [], files: [], proofs: [], targets: [] };
  const reading = readConfig(io, file);
  const zones = reading.kind === "ok" ? reading.config.zones : reading.zones;
  if (reading.kind === "bad") found.errors.push(...reading.errors);
  else {
    const { listen } = reading.config;
    found.warnings.push(...reading.warnings);
    const listens = listen.length === 1 ? "1 address" : `${listen.length} addresses`;
    found.files.push([file, `${listens}, ${counted(zones.length, "zone")}`]);
  }
  const hasAnchors = reading.kind === "ok" && reading.config.anchors.length > 0;
  for (const zone of zones) checkOne(io, { source: zone, zones, hasAnchors }, found);
  if (reading.kind === "ok" && reading.config.anchors.length === 0) {
    const targets = new Set(found.targets.map((target) => target.id)).size;
    if (targets >= BRAKED_MIN) found.warnings.push(`${file}: ${NO_ANCHORS}`);
  }
  return report(io, found, format);
}

function checkOne(io: CliIo, of: Source, found: Found): void {
  const { source } = of;
  if (source.source === "primary") {
    const from = source.access.primaries.map(serverText).join(", ");
    found.files.push([nameToDisplay(source.origin), `copied from ${from}`]);
    checkPools(io, { ...of, zone: undefined }, found);
    return;
  }
  const checked = loadZone(source.origin, source.file, (path) => io.readFile(path));
  found.warnings.push(...checked.warnings);
  const zone = checked.kind === "good" ? checked.zone : undefined;
  if (checked.kind === "bad") found.errors.push(...checked.errors);
  if (zone !== undefined) {
    const content = `${nameToDisplay(zone.origin)}, serial ${zone.serial}`;
    found.files.push([source.file, `${content}, ${counted(zone.recordCount, "record")}`]);
  }
  checkPools(io, { ...of, zone }, found);
}

function serverText({ address, port }: ServerAddress): string {
  return `${address} port ${port}`;
}

function checkPools(
  io: CliIo,
  of: Source & { readonly zone: Zone | undefined },
  found: Found,
): void {
  const file = of.source.pools ?? of.source.poolsDefault;
  const read = io.readFile(file);
  if (read.kind === "failed") {
    const isAbsent = read.code === "ENOENT" && of.source.pools === undefined;
    if (!isAbsent) found.errors.push(read.message);
    return;
  }
  const sharing = of.zones.filter((zone) => (zone.pools ?? zone.poolsDefault) === file);
  const reading = parsePools(new TextDecoder().decode(read.bytes), file, {
    origin: of.source.origin,
    zone: of.zone,
    others: found.targets,
    otherOrigins: sharing.map((zone) => zone.origin),
    fileRefusal: (path, use) => io.fileRefusal(path, use),
    hasAnchors: of.hasAnchors,
    isThorough: true,
  });
  if (reading.kind === "bad") {
    found.errors.push(...reading.errors);
    return;
  }
  found.warnings.push(...reading.warnings);
  found.proofs.push(...reading.proofs);
  found.targets.push(...reading.targets);
  if (of.zone === undefined) return;
  const pools = counted(reading.pools.length, "pool");
  found.files.push([file, `${pools}, ${counted(reading.targets.length, "target")}`]);
}

function report(io: CliIo, all: Findings, format: CheckFormat): ExitStatus {
  // A file that several zones are given is complained about by each of them.
  const once = (lines: readonly string[]): string[] => [...new Set(lines)];
  const found = { ...all, errors: once(all.errors), warnings: once(all.warnings) };
  if (format === "text") printText(io, found);
  else io.out(format === "json" ? findingsToJson(found) : findingsToGithub(found));
  return found.errors.length === 0 ? 0 : 1;
}

function printText(io: CliIo, found: Findings): void {
  printComplaints(io, found);
  const paint = paintFor(io.outHasColours);
  const isGood = found.errors.length === 0;
  if (isGood) {
    for (const line of formatTable(found.files)) io.out(`${line}\n`);
    for (const proof of found.proofs) io.out(`${proof}\n`);
  }
  const errors = counted(found.errors.length, "error");
  const warnings = counted(found.warnings.length, "warning");
  const verdict = isGood ? paint.green("good") : paint.red("bad");
  io.out(`${paint.bold(verdict)}: ${errors}, ${warnings}\n`);
}
