// The pools file of a zone: read beside the zone, put in force, refused whole when it is bad.

import { counted } from "../base/count.ts";
import { codeOf, messageOf } from "../base/errors.ts";
import type { PoolsReading } from "../config/pools.ts";
import { clash } from "../config/targets.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import { answerType } from "../failover/family.ts";
import type { Pool } from "../failover/pool.ts";
import type { Zone } from "../zone/zone.ts";
import type { Engine } from "./engine.ts";
import { readPools } from "./inline-loader.ts";
import type { EventSink, FilesPort, LoaderPort } from "./ports.ts";
import type { PoolsRequest } from "./ports-pools.ts";
import type { Publisher } from "./publisher.ts";
import { answerKey, type ServedZone } from "./served-zone.ts";

/** One pools file, as last seen. */
export interface PoolsFile {
  readonly origin: Name;
  readonly path: string;
  readonly isRequired: boolean;
  /** The last complaint, "" after a good read, so that the same one is not said again. */
  said: string;
  /** Whether it was ever in force: only then is its absence worth a line. */
  wasLoaded: boolean;
}

/** What a pools file says, why it is refused, or that there is none. */
export type PoolsRead =
  | (Omit<Extract<PoolsReading, { kind: "ok" }>, "kind"> & {
      readonly kind: "good";
      /** Reads it here and at once, against what other zones' pools ask by now. */
      readonly again: () => PoolsReading;
    })
  | { readonly kind: "bad"; readonly errors: readonly string[] }
  | { readonly kind: "none" };

/** A pools file that was not read yet. */
export function newPoolsFile(source: {
  readonly origin: Name;
  readonly pools: string;
  readonly isPoolsRequired: boolean;
}): PoolsFile {
  return {
    origin: source.origin,
    path: source.pools,
    isRequired: source.isPoolsRequired,
    said: "",
    wasLoaded: false,
  };
}

/** Puts pools in force and takes them back. */
export class ZonePools {
  readonly #files: FilesPort;
  readonly #loader: LoaderPort;
  readonly #publisher: Publisher;
  readonly #engine: Engine;
  readonly #emit: EventSink;

  constructor(ports: {
    readonly files: FilesPort;
    readonly loader: LoaderPort;
    readonly publisher: Publisher;
    readonly engine: Engine;
    readonly emit: EventSink;
  }) {
    this.#files = ports.files;
    this.#loader = ports.loader;
    this.#publisher = ports.publisher;
    this.#engine = ports.engine;
    this.#emit = ports.emit;
  }

  /**
   * Reads the file against a zone, without any effect. Where that takes long it is done elsewhere, while
   * pools follow their targets as ever.
   *
   * @param otherOrigins other zones that are given the same file.
   */
  async read(file: PoolsFile, zone: Zone, otherOrigins: readonly Name[]): Promise<PoolsRead> {
    const read = this.#files.read(file.path);
    if (read.kind === "failed") {
      if (read.code === "ENOENT" && !file.isRequired) return { kind: "none" };
      return { kind: "bad", errors: [read.message] };
    }
    const text = new TextDecoder().decode(read.bytes);
    const { origin } = zone;
    const hasAnchors = this.#engine.anchors.all.length > 0;
    const request = { text, file: file.path, origin, zone, otherOrigins, hasAnchors };
    const against = (): PoolsRequest => {
      return { ...request, others: this.#engine.targetsOfOthers(origin) };
    };
    const parsed = await this.#loader.pools(against());
    if (parsed.kind === "bad") return parsed;
    return { ...parsed, kind: "good", again: () => readPools(against(), this.#files) };
  }

  /**
   * At start: with a bad file the zone is served as its file says, without pools. What the last run
   * answered for pools that are not there any more is given back.
   *
   * @returns false when the store would not take that, so that it is to be tried again.
   */
  async open(file: PoolsFile, served: ServedZone, otherOrigins: readonly Name[]): Promise<boolean> {
    const pools = await this.read(file, served.zone, otherOrigins);
    if (pools.kind === "bad") this.#reject(file, pools.errors);
    const error = await this.set(served, pools.kind === "bad" ? { kind: "none" } : pools);
    if (error !== undefined) this.#reject(file, [error]);
    else if (pools.kind !== "bad") this.#tell(file, pools);
    return error === undefined;
  }

  /**
   * After a save: a bad file changes nothing.
   *
   * @returns false when the store would not take what the file says, so that it is to be tried again.
   */
  async reload(
    file: PoolsFile,
    served: ServedZone,
    otherOrigins: readonly Name[],
  ): Promise<boolean> {
    const pools = await this.read(file, served.zone, otherOrigins);
    if (pools.kind === "bad") {
      this.#reject(file, pools.errors);
      return true;
    }
    const error = await this.set(served, pools);
    if (error !== undefined) {
      this.#reject(file, [error]);
      return false;
    }
    file.said = "";
    this.#tell(file, pools);
    return true;
  }

  /**
   * After an edit of the zone: its records may be members of its pools. Whoever reads the log is told
   * of other members as of a file that was saved.
   */
  async follow(
    file: PoolsFile,
    served: ServedZone,
    pools: Exclude<PoolsRead, { kind: "bad" }>,
  ): Promise<void> {
    const isSame = pools.kind !== "good" || pools.pools.every((pool) => this.#isInForce(pool));
    await this.set(served, pools);
    if (!isSame) this.#tell(file, pools);
  }

  /** Whether a pool has the members already that it is to have. */
  #isInForce({ owner, members }: Pool): boolean {
    const ids = (pool: Pool["members"] = []): string => pool.map(({ id }) => id).join(" ");
    return ids(members) === ids(this.#engine.pools.get(nameKey(owner))?.pool.members);
  }

  /**
   * Binds what is new, and gives names whose pool is gone back to the zone file.
   *
   * @returns the sentence of a store that would not take the names given back, or why what has come for
   *   other zones meanwhile leaves no way to take these.
   */
  async set(
    served: ServedZone,
    pools: Exclude<PoolsRead, { kind: "bad" }>,
  ): Promise<string | undefined> {
    const now = this.#now(served.origin, pools);
    if (now.kind === "bad") return now.errors.join("\n");
    const wanted = now.pools;
    this.#engine.setPools(served.origin, wanted, now.targets);
    const bound = new Set<string>();
    for (const pool of wanted) {
      for (const family of pool.families) bound.add(answerKey(pool.owner, answerType(family)));
    }
    const gone = [...served.live].filter(([key]) => !bound.has(key)).map(([, live]) => live);
    try {
      await this.#publisher.unbind(served, gone);
      return undefined;
    } catch (error) {
      if (codeOf(error) !== "EDIT_NOT_STORED") throw error;
      return messageOf(error);
    }
  }

  /**
   * What is to be in force. Pools of other zones may have come since it was read: so seldom does one ask
   * the same at another pace that it is read once more while everything waits.
   */
  #now(origin: Name, pools: Exclude<PoolsRead, { kind: "bad" }>) {
    if (pools.kind === "none") return { kind: "none", pools: [], targets: [] } as const;
    const isTaken = clash(pools.targets, this.#engine.targetsOfOthers(origin));
    return isTaken ? pools.again() : pools;
  }

  #tell(file: PoolsFile, pools: PoolsRead): void {
    if (pools.kind === "bad" || (pools.kind === "none" && !file.wasLoaded)) return;
    file.wasLoaded = true;
    const zone = nameToDisplay(file.origin);
    const count = pools.kind === "good" ? pools.pools.length : 0;
    const targets = pools.kind === "good" ? pools.targets.length : 0;
    const inForce = `${counted(count, "pool")} with ${counted(targets, "target")}`;
    const msg = `Zone ${zone}: ${inForce} in force`;
    const fields = { zone, file: file.path, pools: count, targets };
    this.#emit(event("pools.loaded", msg, fields));
    const warnings = pools.kind === "good" ? [...pools.warnings] : [];
    if (warnings.length === 0) return;
    this.#emit(event("pools.warned", firstLine(warnings), { zone, file: file.path, warnings }));
  }

  #reject(file: PoolsFile, errors: readonly string[]): void {
    const said = errors.join("\n");
    if (said === file.said) return;
    file.said = said;
    const zone = nameToDisplay(file.origin);
    const msg = `Pools of zone ${zone} are unchanged: ${firstLine(errors)}`;
    this.#emit(event("pools.rejected", msg, { zone, file: file.path, errors: [...errors] }));
  }
}

/** The first line of the first complaint, for a log line. */
export function firstLine(sentences: readonly string[]): string {
  return (sentences[0] ?? "").split("\n")[0] ?? "";
}
