// `livezone import`: zones with the health checks of another server, carried over as zone and pools
// files, with a report of what was and what was not.

import { type Command, InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { readOrigin } from "../config/main.ts";
import { nameToDisplay, nameToText } from "../dns/name.ts";
import { gdnsdTranslator } from "./import/gdnsd.ts";
import { poolsText, type ReportLine } from "./import/imported.ts";
import { translateLua } from "./import/powerdns.ts";
import { readVscf } from "./import/vscf.ts";
import { carryZone, type ZoneDialect } from "./import/zone-lines.ts";
import type { CliIo, ExitStatus } from "./io.ts";
import { paintFor } from "./paint.ts";
import { counted, type VerbContext } from "./verb.ts";

interface Flags {
  readonly to: string;
  readonly origin?: string;
}

/** A zone to carry over, and how. */
interface Source {
  readonly origin: string;
  readonly file: string;
  readonly dialect: Pick<ZoneDialect, "foreign" | "translate" | "ttlMin" | "rewrite">;
}

/** Adds the verb with its two sources. */
export function addImport(program: Command, context: VerbContext): void {
  const verb = program
    .command("import")
    .summary("carry zones over from gdnsd or PowerDNS")
    .description(
      "Writes zone and pools files and a main configuration into a new folder, and says line by\n" +
        "line what was carried over and what was not. Nothing is overwritten.\n" +
        "Exit status: 0 all was carried over, 1 something was not, 2 wrong usage.",
    );
  const folder = ["--to <folder>", "folder to write into", "imported"] as const;
  verb
    .command("gdnsd")
    .summary("a configuration folder, with its config and zones/")
    .argument("<folder>", "gdnsd's folder, such as /etc/gdnsd")
    .option(...folder)
    .action((from: string, flags: Flags) => context.finish(importGdnsd(context.io, from, flags)));
  verb
    .command("powerdns")
    .summary("a zone file with LUA records, as `pdnsutil list-zone` prints it")
    .argument("<file>", "the zone file")
    .option(...folder)
    .option("--origin <name>", "name of the zone (default: the file's, without .zone)", originText)
    .action((file: string, flags: Flags) =>
      context.finish(importPowerdns(context.io, file, flags)),
    );
}

function originText(value: string): string {
  const origin = readOrigin(value);
  if (origin.kind === "ok") return nameToDisplay(origin.value);
  throw new InvalidArgumentError(`${origin.sentence}.`);
}

function importGdnsd(io: CliIo, from: string, flags: Flags): ExitStatus {
  const read = io.readFile(`${from}/config`);
  // gdnsd does without a configuration; without zones there is nothing to carry over.
  const text = read.kind === "read" ? new TextDecoder().decode(read.bytes) : "";
  const config = readVscf(text);
  if (config.kind === "bad") {
    io.err(`${from}/config:${config.line}: Cannot read the file: ${config.state}\n`);
    return 1;
  }
  const names = io.listFolder(`${from}/zones`);
  if ("failed" in names) {
    io.err(`${names.failed}\n`);
    return 1;
  }
  const translator = gdnsdTranslator(config.root);
  const sources = names
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name): Source => {
      const origin = name.replaceAll("@", "/");
      const absolute = origin.endsWith(".") ? origin : `${origin}.`;
      return {
        origin: origin.replace(/(.)\.$/, "$1"),
        file: `${from}/zones/${name}`,
        dialect: {
          foreign: ["DYNA", "DYNC"],
          translate: ({ rdata }) => translator(rdata[0] ?? ""),
          ttlMin: (max) => Math.floor(max / 2),
          rewrite: (line) => line.replace(/(^|[\s.])@[ZF](?=\s|$)/g, `$1${absolute}`),
        },
      };
    });
  return carry(io, sources, { to: flags.to, from: `gdnsd's ${from}` });
}

function importPowerdns(io: CliIo, file: string, flags: Flags): ExitStatus {
  const base = file.split("/").at(-1) ?? file;
  const origin = flags.origin ?? base.replace(/\.(?:zone|txt|db)$/, "");
  const source: Source = {
    origin,
    file,
    dialect: {
      foreign: ["LUA"],
      translate: ({ rdata: [type = "", ...code] }) =>
        translateLua(type.toUpperCase(), code.join("")),
      ttlMin: (max) => Math.min(5, max),
      rewrite: (line) => line,
    },
  };
  return carry(io, [source], { to: flags.to, from: `PowerDNS's ${file}` });
}

/** Reads every zone first: nothing is written where one cannot be read. */
function carry(
  io: CliIo,
  sources: readonly Source[],
  folder: { readonly to: string; readonly from: string },
): ExitStatus {
  const { to, from } = folder;
  const files: [path: string, text: string][] = [];
  const report: ReportLine[] = [];
  const zones: object[] = [];
  for (const { origin, file, dialect } of sources) {
    const named = readOrigin(origin);
    const read = io.readFile(file);
    if (named.kind === "bad" || read.kind === "failed") {
      io.err(
        `${read.kind === "failed" ? read.message : `Cannot carry over "${file}": ${named.kind === "bad" ? named.sentence : ""}`}\n`,
      );
      return 1;
    }
    const text = new TextDecoder().decode(read.bytes);
    const carried = carryZone(text, { ...dialect, origin: nameToText(named.value), file });
    const name = nameToDisplay(named.value).replaceAll("/", "@");
    zones.push({ origin: nameToDisplay(named.value), file: `${name}.zone` });
    files.push([`${to}/${name}.zone`, carried.text]);
    if (carried.pools.length > 0) {
      files.push([`${to}/${name}.pools.yaml`, poolsText(carried.pools, from)]);
    }
    report.push(...carried.report);
  }
  const main = stringify({ listen: ["127.0.0.1:5300"], store: { path: "livezone.db" }, zones });
  const head = `# Made from ${from} by "livezone import". Port 5300, to be tried beside the other server.\n\n`;
  files.push([`${to}/livezone.yaml`, head + main]);
  for (const [path, content] of files) {
    const failed = io.writeNewFile(path, content);
    if (failed === undefined) continue;
    io.err(`${failed}\n`);
    return 1;
  }
  return tell(io, { files: files.map(([path]) => path), report, to });
}

function tell(
  io: CliIo,
  made: {
    readonly files: readonly string[];
    readonly report: readonly ReportLine[];
    readonly to: string;
  },
): ExitStatus {
  const paint = paintFor(io.outHasColours);
  for (const { place, text, isLost } of made.report) {
    io.out(`${isLost ? paint.yellow("lost   ") : paint.green("carried")} ${place}: ${text}\n`);
  }
  for (const file of made.files) io.out(`wrote   ${file}\n`);
  const lost = made.report.filter(({ isLost }) => isLost).length;
  const sum = lost === 0 ? "all was carried over" : `not carried over: ${counted(lost, "thing")}`;
  io.out(`${sum}; now: livezone check ${made.to}/livezone.yaml\n`);
  return lost === 0 ? 0 : 1;
}
