// Zones and their pools, from files and the store to what is served, at start and while running.
// A bad save changes nothing and is said once; a good one is published as the difference.

import type { Time } from "../base/clock.ts";
import { codeOf, messageOf } from "../base/errors.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { advanceSerial, compareSerial } from "../dns/serial.ts";
import { event } from "../events/event.ts";
import { diffZones } from "../zone/diff.ts";
import { chooseSerial } from "../zone/serial.ts";
import { Zone } from "../zone/zone.ts";
import type { Engine } from "./engine.ts";
import { DigestReader, unchangedFiles } from "./file-digest.ts";
import { type LoadedZone, loadZone } from "./load-zone.ts";
import type { EventSink, FilesPort, StoredZone, StorePort } from "./ports.ts";
import type { Publisher } from "./publisher.ts";
import { newServedZone, SERIALS_AHEAD, type ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";
import { firstLine, newPoolsFile, type PoolsFile, ZonePools } from "./zone-pools.ts";

/** An edit that the store did not take is tried again so much later. */
const EDIT_RETRY_MS = 2000;

/** Where a zone comes from. */
export interface ZoneSource {
  readonly origin: Name;
  /** Path of the master file. */
  readonly file: string;
  /** Path of the pools file. */
  readonly pools: string;
  /** The configuration names the pools file, so that it must exist. */
  readonly isPoolsRequired: boolean;
  /** `store`: the file is read once, then the store is the zone's source. */
  readonly source: "file" | "store";
}

/** What zones are given. */
export interface ZonePorts {
  readonly files: FilesPort;
  readonly store: StorePort;
  readonly writer: StoreWriter;
  readonly publisher: Publisher;
  readonly engine: Engine;
  readonly time: Time;
  readonly emit: EventSink;
  /** Asks for another call of `changed`, after those that wait. */
  readonly again: (paths: readonly string[]) => void;
}

/** The files of one zone, as last seen. */
interface ZoneFiles {
  readonly source: ZoneSource;
  readonly pools: PoolsFile;
  files: readonly string[];
  /** What they held when they were last read. */
  digest: string;
  /** The last complaint and the last warning, so that the same one is not said again. */
  said: string;
  warned: string;
  isRetryPlanned: boolean;
}

/** Keeps every configured zone served. Calls must not overlap: `Controller` queues them. */
export class Zones {
  readonly #ports: ZonePorts;
  readonly #pools: ZonePools;
  readonly #known = new Map<string, ZoneFiles>();

  constructor(ports: ZonePorts) {
    this.#ports = ports;
    this.#pools = new ZonePools(ports);
  }

  /** Every file whose change matters. */
  get paths(): string[] {
    const paths = new Set<string>();
    for (const known of this.#known.values()) {
      for (const file of known.files) paths.add(file);
      paths.add(known.source.pools);
    }
    return [...paths];
  }

  /** Serves a zone for the first time in this process; false when neither file nor store has it. */
  async open(source: ZoneSource, stored: StoredZone | undefined): Promise<boolean> {
    const startedMs = this.#ports.time.nowMs();
    const known: ZoneFiles = {
      source,
      files: [source.file],
      digest: "",
      said: "",
      warned: "",
      isRetryPlanned: false,
      pools: newPoolsFile(source),
    };
    this.#known.set(nameKey(source.origin), known);
    const isFromStore = stored !== undefined && source.source === "store";
    const isKnown = isFromStore || this.#isUnchanged(known, stored?.fileDigest);
    const loaded = isKnown ? undefined : this.#read(known);
    if (loaded?.kind === "bad") this.#reject(known, loaded.errors);
    const served =
      stored === undefined
        ? await this.#import(known, loaded)
        : await this.#reopen(known, stored, loaded);
    if (served === undefined) return false;
    this.#pools.open(known.pools, served, this.#sharing(known));
    this.#ports.emit(
      event("zone.loaded", `Zone ${served.display} is served, serial ${served.serial}`, {
        zone: served.display,
        source: isFromStore || loaded?.kind === "bad" ? "store" : source.file,
        serial: served.serial,
        records: served.zone.recordCount,
        durationMs: Math.round(this.#ports.time.nowMs() - startedMs),
      }),
    );
    return true;
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
    for (const known of [...this.#known.values()]) {
      const isZone = known.files.some((file) => paths.includes(file));
      const isPools = paths.includes(known.source.pools);
      const served = this.#ports.publisher.zones.get(nameKey(known.source.origin));
      if (served === undefined) {
        if (isZone && (await this.open(known.source, undefined))) this.#ports.publisher.load();
        continue;
      }
      if (isZone && known.source.source === "file") await this.#reloadZone(known, served);
      if (isPools && !(await this.#pools.reload(known.pools, served, this.#sharing(known)))) {
        this.#retry(known, [known.source.pools]);
      }
    }
  }

  /** Other zones that are given the same pools file: it holds pools of theirs too. */
  #sharing(known: ZoneFiles): Name[] {
    return [...this.#known.values()]
      .filter((other) => other !== known && other.source.pools === known.source.pools)
      .map((other) => other.source.origin);
  }

  // --- start ------------------------------------------------------------------------------------

  async #import(known: ZoneFiles, loaded: LoadedZone | undefined): Promise<ServedZone | undefined> {
    if (loaded?.kind !== "good") return undefined;
    const { store, publisher, time } = this.#ports;
    const { zone } = loaded;
    const wallMs = time.wallMs();
    const served = newServedZone({
      zone,
      serial: zone.serial,
      fileSerial: zone.serial,
      reservedSerial: advanceSerial(zone.serial, SERIALS_AHEAD),
      soaSlot: publisher.soaSlotFor(zone.origin),
      wallMs,
    });
    await store.commitZone({
      journal: {
        origin: zone.origin,
        serialBefore: zone.serial,
        serialAfter: zone.serial,
        cause: "import",
        wallMs,
        removed: [],
        added: [],
      },
      fileSerial: zone.serial,
      fileDigest: known.digest,
      rrsets: zone.pack(),
      replacesAll: true,
    });
    await store.reserveSerials(zone.origin, served.reservedSerial);
    publisher.install(served);
    return served;
  }

  async #reopen(
    known: ZoneFiles,
    stored: StoredZone,
    loaded: LoadedZone | undefined,
  ): Promise<ServedZone> {
    const { store, publisher, time } = this.#ports;
    const { source } = known;
    const zone = Zone.unpack(source.origin, await store.readZone(source.origin));
    const served = newServedZone({
      zone,
      serial: stored.serial,
      fileSerial: stored.fileSerial,
      reservedSerial: stored.reservedSerial,
      soaSlot: publisher.soaSlotFor(source.origin),
      wallMs: time.wallMs(),
    });
    publisher.install(served);
    if (compareSerial(stored.reservedSerial, stored.serial) === 1) {
      // The last run did not end in order: serials up to the reserved one may have been seen.
      await this.#tryEdit(known, served, {
        after: zone,
        changes: [],
        cause: "restart",
        fileSerial: stored.fileSerial,
        chooseSerial: () => advanceSerial(stored.reservedSerial),
      });
    }
    if (loaded?.kind === "good") await this.#publishFile(known, served, loaded.zone);
    return served;
  }

  // --- zone files ---------------------------------------------------------------------------------

  /** Whether the files hold what the stored records were taken from; notes them if so. */
  #isUnchanged(known: ZoneFiles, digest: string | undefined): boolean {
    if (digest === undefined) return false;
    const { files } = this.#ports;
    const unchanged = unchangedFiles(digest, known.source.file, (path) => files.read(path));
    if (unchanged === undefined) return false;
    known.files = unchanged;
    known.digest = digest;
    return true;
  }

  #read(known: ZoneFiles): LoadedZone {
    const { files } = this.#ports;
    const { file, origin } = known.source;
    const reader = new DigestReader((path) => files.read(path));
    const loaded = loadZone(origin, file, (path) => reader.read(path));
    known.files = loaded.files;
    known.digest = reader.digest;
    if (loaded.kind === "good") this.#warn(known, loaded.warnings);
    return loaded;
  }

  async #reloadZone(known: ZoneFiles, served: ServedZone): Promise<void> {
    const loaded = this.#read(known);
    if (loaded.kind === "bad") {
      this.#reject(known, loaded.errors, served);
      return;
    }
    const pools = this.#pools.read(known.pools, loaded.zone, this.#sharing(known));
    if (pools.kind === "bad" && known.pools.said === "") {
      const state = "its pools would break; change the pools file first";
      this.#reject(known, [`Cannot take the zone file: ${state}`, ...pools.errors], served);
      return;
    }
    const isStored = await this.#publishFile(known, served, loaded.zone);
    if (!isStored) return;
    known.said = "";
    served.rejected = [];
    if (pools.kind === "good") await this.#pools.set(served, pools);
  }

  async #publishFile(known: ZoneFiles, served: ServedZone, after: Zone): Promise<boolean> {
    const changes = diffZones(served.zone, after);
    const fileNow = after.serial;
    const fileBefore = served.fileSerial;
    if (changes.length === 0 && fileNow === fileBefore) return true;
    return this.#tryEdit(known, served, {
      after,
      changes,
      cause: "file",
      file: known.source.file,
      fileSerial: fileNow,
      fileDigest: known.digest,
      chooseSerial: (published) =>
        chooseSerial({ published, fileBefore, fileNow, hasChanges: changes.length > 0 }),
    });
  }

  /** Publishes an edit; one that the store does not take is said once, and tried until it does. */
  async #tryEdit(
    known: ZoneFiles,
    served: ServedZone,
    edit: Parameters<Publisher["edit"]>[1],
  ): Promise<boolean> {
    try {
      await this.#ports.publisher.edit(served, edit);
      return true;
    } catch (error) {
      if (codeOf(error) !== "EDIT_NOT_STORED") throw error;
      this.#reject(known, [messageOf(error)], served);
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

  #reject(known: ZoneFiles, errors: readonly string[], served?: ServedZone): void {
    if (served !== undefined) served.rejected = errors;
    const said = errors.join("\n");
    if (said === known.said) return;
    known.said = said;
    const zone = nameToDisplay(known.source.origin);
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    const fields = { zone, file: known.source.file, errors: [...errors] };
    const state = served === undefined ? "is not loaded from its file" : "is unchanged";
    const msg = `Zone ${zone} ${state}: ${firstLine(errors)}${more}`;
    this.#ports.emit(event("zone.rejected", msg, fields));
  }

  #warn(known: ZoneFiles, warnings: readonly string[]): void {
    const warned = warnings.join("\n");
    if (warned === known.warned) return;
    known.warned = warned;
    if (warnings.length === 0) return;
    const zone = nameToDisplay(known.source.origin);
    const fields = { zone, file: known.source.file, warnings: [...warnings] };
    this.#ports.emit(event("zone.warned", `Zone ${zone}: ${firstLine(warnings)}`, fields));
  }
}
