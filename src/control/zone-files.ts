// One zone's files as they were last seen, and what is said of them: each thing once.

import type { Time } from "../base/clock.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { EventSink } from "./ports.ts";
import type { ServedZone } from "./served-zone.ts";
import { firstLine, newPoolsFile, type PoolsFile } from "./zone-pools.ts";

/** How often a load that takes long is heard of. */
const TELL_MS = 1000;

/** Where a zone comes from. */
export interface ZoneSource {
  readonly origin: Name;
  /** Path of the master file. */
  readonly file: string;
  /** Path of the pools file. */
  readonly pools: string;
  /** The configuration names the pools file, so that it must exist. */
  readonly isPoolsRequired: boolean;
  /** `store`: the file is read once, then the store is its source; `primary`: no file is read. */
  readonly source: "file" | "store" | "primary";
}

/** The files of one zone, as last seen. */
export interface ZoneFiles {
  readonly source: ZoneSource;
  readonly pools: PoolsFile;
  files: readonly string[];
  /** What they held when the served records were taken from them; "" before. */
  digest: string;
  /** The last complaint and the last warning, so that the same one is not said again. */
  said: string;
  warned: string;
  isRetryPlanned: boolean;
  /** The serial that a start after a crash went on with has no journal row yet. */
  isRestartDue: boolean;
  /** What is to be looked at when the work before it is done. */
  readonly due: { zone: boolean; pools: boolean };
  /** Settled when all is done that was asked for so far; never rejected. */
  work: Promise<unknown>;
}

/** Files that were not looked at yet. */
export function newZoneFiles(source: ZoneSource): ZoneFiles {
  return {
    source,
    pools: newPoolsFile(source),
    files: source.source === "primary" ? [] : [source.file],
    digest: "",
    said: "",
    warned: "",
    isRetryPlanned: false,
    isRestartDue: false,
    due: { zone: false, pools: false },
    work: Promise.resolve(),
  };
}

/** Says what became of zone files. */
export class ZoneNews {
  readonly #time: Time;
  readonly #emit: EventSink;

  constructor(ports: { readonly time: Time; readonly emit: EventSink }) {
    this.#time = ports.time;
    this.#emit = ports.emit;
  }

  reject(known: ZoneFiles, errors: readonly string[], served?: ServedZone): void {
    if (served !== undefined) served.rejected = errors;
    const said = errors.join("\n");
    if (said === known.said) return;
    known.said = said;
    const zone = nameToDisplay(known.source.origin);
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const fields = { zone, file: known.source.file, errors: [...errors] };
    const state = served === undefined ? "is not loaded from its file" : "is unchanged";
    const msg = `Zone ${zone} ${state}: ${firstLine(errors)}${more}`;
    this.#emit(event("zone.rejected", msg, fields));
  }

  warn(known: ZoneFiles, warnings: readonly string[]): void {
    const warned = warnings.join("\n");
    if (warned === known.warned) return;
    known.warned = warned;
    if (warnings.length === 0) return;
    const zone = nameToDisplay(known.source.origin);
    const fields = { zone, file: known.source.file, warnings: [...warnings] };
    this.#emit(event("zone.warned", `Zone ${zone}: ${firstLine(warnings)}`, fields));
  }

  /** What a load is given to tell how far it is; heard of once a second, if it takes that long. */
  teller(known: ZoneFiles): (percent: number) => void {
    const { file, origin } = known.source;
    const zone = nameToDisplay(origin);
    const startedMs = this.#time.nowMs();
    let toldMs = startedMs;
    return (percent) => {
      const nowMs = this.#time.nowMs();
      if (nowMs - toldMs < TELL_MS) return;
      toldMs = nowMs;
      const durationMs = Math.round(nowMs - startedMs);
      const msg = `Zone ${zone}: ${percent} % of its file is read`;
      this.#emit(event("zone.loading", msg, { zone, file, percent, durationMs }));
    };
  }
}
