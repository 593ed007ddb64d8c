// Configurations without a file: what `serve --zone …` says on the command line, and settings that
// the command line puts above a file's.

import {
  defaultSocket,
  MAIN_DEFAULTS,
  type MainConfig,
  readOrigin,
  type ZoneConfig,
  zoneConfig,
} from "./main.ts";

/** Settings that stand above those of a file; `undefined` leaves the file's. */
export interface ConfigOverrides {
  readonly listen: readonly { readonly address: string; readonly port: number }[] | undefined;
  /** A path, or ":memory:". */
  readonly storePath: string | undefined;
  readonly socket: string | undefined;
  readonly workers: number | undefined;
}

/** A configuration of zones alone, kept in memory: to be completed by `withOverrides`. */
export function quickConfig(zones: readonly ZoneConfig[]): MainConfig {
  return {
    ...MAIN_DEFAULTS,
    listen: [],
    zones,
    store: { path: ":memory:" },
    admin: { socket: undefined, tcp: undefined },
  };
}

/** `config` with the overrides in force. A moved store takes its default socket along. */
export function withOverrides(config: MainConfig, overrides: ConfigOverrides): MainConfig {
  const { listen, storePath, socket, workers } = overrides;
  const moved = storePath === undefined ? undefined : { path: storePath };
  const followed = moved === undefined ? config.admin.socket : defaultSocket(moved.path);
  return {
    ...config,
    listen: listen?.map((each) => ({ ...each, isOptional: false })) ?? config.listen,
    store: moved ?? config.store,
    admin: { socket: socket ?? followed, tcp: config.admin.tcp },
    workers: workers ?? config.workers,
  };
}

/**
 * The zones of a folder: each `ORIGIN.zone` in it, sorted by name. Files whose name is no zone's are
 * complained about and left out.
 *
 * @param fileNames everything the folder holds, without its path.
 */
export function folderZones(
  folder: string,
  fileNames: readonly string[],
): { readonly zones: readonly ZoneConfig[]; readonly errors: readonly string[] } {
  const zones: ZoneConfig[] = [];
  const errors: string[] = [];
  for (const fileName of [...fileNames].sort()) {
    if (!fileName.endsWith(".zone")) continue;
    const file = `${folder.replace(/\/+$/, "")}/${fileName}`;
    const origin = readOrigin(fileName.slice(0, -".zone".length));
    if (origin.kind === "ok") zones.push(zoneConfig({ origin: origin.value, file }));
    else errors.push(`${file}:1:1: Cannot name its zone: ${origin.sentence}`);
  }
  return { zones, errors };
}
