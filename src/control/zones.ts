// Zones and their pools, from files and the store to what is served, at start and while running.
// A bad save changes nothing and is said once; a good one is published as the difference.

import { codeOf, messageOf } from "../base/errors.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import { chooseSerial } from "../zone/serial.ts";
import type { Zone } from "../zone/zone.ts";
import { type EditRequest, restartEdit } from "./edits.ts";
import { filesOf } from "./file-digest.ts";
import type { LoadedFile, StoredServing, StoredZone } from "./ports.ts";
import type { ServedZone } from "./served-zone.ts";
import { newZoneFiles, type ZoneFiles, ZoneNews, type ZoneSource } from "./zone-files.ts";
import { serveNew, serveStored } from "./zone-opening.ts";
import { ZonePools } from "./zone-pools.ts";
import type { ZonePlace, ZonePorts } from "./zone-ports.ts";

export type { ZoneSource } from "./zone-files.ts";

/** An edit that the store did not take is tried again so much later. */
const EDIT_RETRY_MS = 2000;
/** Stored zones above this many octets are served before their files are looked at. */
const DEFERRED_OCTETS = 0x4_0000;

/** A zone that is served from now on, and whether its file says the same. */
interface Opened {
  readonly served: ServedZone;
  readonly isFromFile: boolean;
}

/** Keeps every configured zone served. What happens to one zone happens in order. */
export class Zones {
  readonly #ports: ZonePorts;
  readonly #pools: ZonePools;
  readonly #news: ZoneNews;
  readonly #known = new Map<string, ZoneFiles>();
  /** Large zones that are served as they were stored; their files have not been looked at. */
  readonly #deferred: ZoneFiles[] = [];

  constructor(ports: ZonePorts) {
    this.#ports = ports;
    this.#pools = new ZonePools(ports);
    this.#news = new ZoneNews(ports);
  }

  /** Every file whose change matters. */
  get paths(): string[] {
    const paths = new Set<string>();
    for (const [key, known] of this.#known) {
      const isServed = this.#ports.publisher.zones.has(key);
      // Pools of a zone that could not be opened are not read: watched, they would differ for ever.
      if (isServed) paths.add(known.source.pools);
      // Once imported, the records are the store's: what their file holds matters no more.
      const { source } = known.source;
      const isImported = source === "primary" || (source === "store" && isServed);
      if (!isImported) for (const file of known.files) paths.add(file);
    }
    return [...paths];
  }

  /**
   * Serves a zone for the first time in this process.
   *
   * @param servings what the last run answered for the zone's pools.
   * @returns false when neither file nor store has it.
   */
  async open(
    source: ZoneSource,
    stored: StoredZone | undefined,
    servings: readonly StoredServing[] = [],
  ): Promise<boolean> {
    const known = newZoneFiles(source);
    this.#known.set(nameKey(source.origin), known);
    return this.#inTurn(known, () => this.#open(known, stored, servings));
  }

  async #open(
    known: ZoneFiles,
    stored: StoredZone | undefined,
    servings: readonly StoredServing[],
  ): Promise<boolean> {
    const { source } = known;
    if (stored === undefined && source.source === "primary") {
      this.#ports.publisher.silence.hold(source.origin);
      return false;
    }
    const startedMs = this.#ports.time.nowMs();
    const opened =
      stored === undefined
        ? await this.#import(known)
        : await this.#reopen(known, stored, servings);
    if (opened === undefined) return false;
    await this.#begin(known, opened, startedMs);
    return true;
  }

  /** Lays its pools over a zone that is served now, and says so. */
  async #begin(known: ZoneFiles, { served, isFromFile }: Opened, startedMs: number): Promise<void> {
    const { source } = known;
    if (!(await this.#pools.open(known.pools, served, this.#sharing(known)))) {
      this.#retry(known, [source.pools]);
    }
    this.#ports.emit(
      event("zone.loaded", `Zone ${served.display} is served, serial ${served.serial}`, {
        zone: served.display,
        source: isFromFile ? source.file : source.source === "primary" ? "primary" : "store",
        serial: served.serial,
        records: served.zone.recordCount,
        durationMs: Math.round(this.#ports.time.nowMs() - startedMs),
      }),
    );
  }

  /** Serves a zone whose first records its primary has given, from the next base on. */
  async arrived(zone: Zone): Promise<ServedZone | undefined> {
    const known = this.#known.get(nameKey(zone.origin));
    if (known === undefined) return undefined;
    return this.#inTurn(known, async () => {
      const startedMs = this.#ports.time.nowMs();
      const served = await serveNew(this.#ports, { zone, digest: "" }, known.source);
      await this.#begin(known, { served, isFromFile: false }, startedMs);
      // Its pools file is watched from now on.
      this.#ports.again([]);
      return served;
    });
  }

  /** Looks at the files that opening left for later. */
  async compareDeferred(): Promise<void> {
    await this.#follow(this.#deferred.splice(0), () => ({ zone: true, pools: false }));
  }

  /** Serves a zone no more. */
  close(origin: Name): void {
    this.#ports.engine.setPools(origin, [], []);
    this.#ports.publisher.remove(origin);
    this.#known.delete(nameKey(origin));
    const zone = nameToDisplay(origin);
    this.#ports.emit(event("zone.removed", `Zone ${zone} is no longer served`, { zone }));
  }

  /** Looks at the zones that any of `paths` belongs to, and publishes what differs. */
  async changed(paths: readonly string[]): Promise<void> {
    await this.#follow([...this.#known.values()], (known) => ({
      zone: known.files.some((file) => paths.includes(file)),
      pools: paths.includes(known.source.pools),
    }));
  }

  /** Adds to what is due for zones and resolves when it is done; large zones hold up no others. */
  async #follow(
    zones: readonly ZoneFiles[],
    dueFor: (known: ZoneFiles) => { readonly zone: boolean; readonly pools: boolean },
  ): Promise<void> {
    const works = zones.map((known) => {
      const { zone, pools } = dueFor(known);
      if (!zone && !pools) return undefined;
      known.due.zone ||= zone;
      known.due.pools ||= pools;
      return this.#inTurn(known, () => this.#catchUp(known));
    });
    await Promise.all(works);
  }

  /** Does `work` with a served zone, in turn with whatever else happens to it. */
  inTurn<T>(origin: Name, work: (place: ZonePlace) => Promise<T>): Promise<T> | undefined {
    const known = this.#known.get(nameKey(origin));
    const served = this.#ports.publisher.zones.get(nameKey(origin));
    if (known === undefined || served === undefined) return undefined;
    const place = { known, served, pools: this.#pools, sharing: () => this.#sharing(known) };
    return this.#inTurn(known, () => work(place));
  }

  #inTurn<T>(known: ZoneFiles, work: () => Promise<T>): Promise<T> {
    const turn = known.work.then(work);
    known.work = turn.catch(() => undefined);
    return turn;
  }

  /** Does what is due. What became due several times meanwhile is done once. */
  async #catchUp(known: ZoneFiles): Promise<void> {
    const { due, source } = known;
    const { zone: isZone, pools: isPools } = due;
    due.zone = false;
    due.pools = false;
    const served = this.#ports.publisher.zones.get(nameKey(source.origin));
    if (served === undefined) {
      if (isZone && (await this.#open(known, undefined, []))) await this.#ports.publisher.load();
      return;
    }
    if (isZone && source.source === "file") await this.#reloadZone(known, served);
    if (isPools && !(await this.#pools.reload(known.pools, served, this.#sharing(known)))) {
      this.#retry(known, [source.pools]);
    }
  }

  /** Other zones that are given the same pools file: it holds pools of theirs too. */
  #sharing(known: ZoneFiles): Name[] {
    return [...this.#known.values()]
      .filter((other) => other !== known && other.source.pools === known.source.pools)
      .map((other) => other.source.origin);
  }

  // --- start ------------------------------------------------------------------------------------

  async #import(known: ZoneFiles): Promise<Opened | undefined> {
    const loaded = await this.#load(known, undefined);
    if (loaded.kind === "bad") this.#news.reject(known, loaded.errors);
    if (loaded.kind !== "good") return undefined;
    const served = await serveNew(this.#ports, loaded, known.source);
    known.digest = loaded.digest;
    return { served, isFromFile: true };
  }

  async #reopen(
    known: ZoneFiles,
    stored: StoredZone,
    servings: readonly StoredServing[],
  ): Promise<Opened> {
    const { source } = known;
    const opening = { source: source.source, servings };
    const { served, isCrash, octets } = await serveStored(this.#ports, stored, opening);
    known.isRestartDue = isCrash;
    await this.#journalRestart(known, served);
    if (source.source !== "file") return { served, isFromFile: false };
    known.digest = stored.fileDigest ?? "";
    known.files = [...new Set([source.file, ...filesOf(known.digest)])];
    if (octets > DEFERRED_OCTETS) {
      this.#deferred.push(known);
      return { served, isFromFile: false };
    }
    const loaded = await this.#load(known, served.zone);
    if (loaded.kind === "bad") this.#news.reject(known, loaded.errors);
    if (loaded.kind === "good") await this.#publishFile(known, served, loaded);
    return { served, isFromFile: loaded.kind !== "bad" };
  }

  /** After a crash: the journal goes on with a serial that nobody can have seen. */
  async #journalRestart(known: ZoneFiles, served: ServedZone): Promise<void> {
    if (!known.isRestartDue) return;
    known.isRestartDue = !(await this.#tryEdit(known, served, restartEdit(served)));
  }

  // --- zone files ---------------------------------------------------------------------------------

  async #load(known: ZoneFiles, before: Zone | undefined): Promise<LoadedFile> {
    const { file, origin } = known.source;
    const digest = before === undefined ? "" : known.digest;
    const request = { origin, file, before, digest, progress: this.#news.teller(known) };
    const loaded = await this.#ports.loader.load(request).catch((error: unknown) => {
      // Not the file's fault: it was not read to its end.
      this.#retry(known, [file]);
      return { kind: "bad", files: known.files, digest: "", errors: [messageOf(error)] } as const;
    });
    known.files = loaded.files;
    if (loaded.kind === "good") this.#news.warn(known, loaded.warnings);
    return loaded;
  }

  async #reloadZone(known: ZoneFiles, served: ServedZone): Promise<void> {
    await this.#journalRestart(known, served);
    const loaded = await this.#load(known, served.zone);
    if (loaded.kind === "bad") {
      this.#news.reject(known, loaded.errors, served);
      return;
    }
    if (loaded.kind === "same") {
      known.said = "";
      served.rejected = [];
      return;
    }
    const pools = await this.#pools.read(known.pools, loaded.zone, this.#sharing(known));
    if (pools.kind === "bad" && known.pools.said === "") {
      const state = "its pools would break; change the pools file first";
      this.#news.reject(known, [`Cannot take the zone file: ${state}`, ...pools.errors], served);
      return;
    }
    const isStored = await this.#publishFile(known, served, loaded);
    if (!isStored) return;
    known.said = "";
    served.rejected = [];
    if (pools.kind === "good") await this.#pools.follow(known.pools, served, pools);
  }

  /** @param loaded compared with the zone as it is served now. */
  async #publishFile(
    known: ZoneFiles,
    served: ServedZone,
    loaded: Extract<LoadedFile, { kind: "good" }>,
  ): Promise<boolean> {
    const { zone: after, changes, digest } = loaded;
    const fileNow = after.serial;
    const fileBefore = served.fileSerial;
    const isAsBefore = changes.length === 0 && fileNow === fileBefore;
    const isStored =
      isAsBefore ||
      (await this.#tryEdit(known, served, {
        after,
        changes,
        cause: "file",
        file: known.source.file,
        fileSerial: fileNow,
        fileDigest: digest,
        chooseSerial: (published) =>
          chooseSerial({ published, fileBefore, fileNow, hasChanges: changes.length > 0 }),
      }));
    if (isStored) known.digest = digest;
    return isStored;
  }

  /** Publishes an edit; one that the store does not take is said once, and tried until it does. */
  async #tryEdit(known: ZoneFiles, served: ServedZone, edit: EditRequest): Promise<boolean> {
    try {
      await this.#ports.publisher.edit(served, edit);
      return true;
    } catch (error) {
      if (codeOf(error) !== "EDIT_NOT_STORED") throw error;
      this.#news.reject(known, [messageOf(error)], served);
      this.#retry(known, [known.source.file]);
      return false;
    }
  }

  #retry(known: ZoneFiles, paths: readonly string[]): void {
    if (known.isRetryPlanned) return;
    known.isRetryPlanned = true;
    this.#ports.time.after(EDIT_RETRY_MS, () => {
      known.isRetryPlanned = false;
      this.#ports.again(paths);
    });
  }
}
