// From what `serve` was told to the configuration a server runs on.

import {
  type MainConfigHelp,
  type MainConfigReading,
  parseMainConfig,
  type ZoneConfig,
  zoneConfig,
} from "../config/main.ts";
import { folderZones, quickConfig, withOverrides } from "../config/quick.ts";
import { nameKey } from "../dns/name.ts";
import type { CliIo } from "./io.ts";
import type { ServeOptions } from "./serve.ts";

type World = Pick<CliIo, "readFile" | "listFolder" | "cronError" | "fileRefusal">;

/** Reads the main configuration, or makes one of the command line's zones; overrides applied. */
export function readServeConfig(io: World, options: ServeOptions): MainConfigReading {
  const reading =
    options.config === undefined ? readQuick(io, options) : readConfig(io, options.config);
  if (reading.kind === "bad") return reading;
  return { ...reading, config: withOverrides(reading.config, options.overrides) };
}

/** Reads and checks a main configuration file, and by default the key files that it names. */
export function readConfig(
  io: Pick<CliIo, "readFile" | "cronError" | "fileRefusal">,
  file: string,
  help: MainConfigHelp = io,
): MainConfigReading {
  const read = io.readFile(file);
  if (read.kind === "failed") return { kind: "bad", errors: [read.message], zones: [] };
  return parseMainConfig(new TextDecoder().decode(read.bytes), file, help);
}

/** The zones of the command line; one given by name stands above the folder's of the same name. */
function readQuick(io: World, options: ServeOptions): MainConfigReading {
  const named = options.zones.map((zone) => ({ ...zoneConfig(zone), pools: options.pools }));
  const folder = options.zonesFolder;
  if (folder === undefined) return { kind: "ok", config: quickConfig(named), warnings: [] };
  const names = io.listFolder(folder);
  if ("failed" in names) return { kind: "bad", errors: [names.failed], zones: named };
  const found = folderZones(folder, names);
  const taken = new Set(named.map((zone) => nameKey(zone.origin)));
  const others = found.zones.filter((zone: ZoneConfig) => !taken.has(nameKey(zone.origin)));
  const isEmpty = named.length + others.length === 0;
  const warnings = isEmpty ? [`Folder "${folder}" holds no ORIGIN.zone file`] : [];
  const config = quickConfig([...named, ...others]);
  return { kind: "ok", config, warnings: [...found.errors, ...warnings] };
}
