// Control's side of the loader thread: starts it when there is large work, hands the work over, and
// ends it when there is none. Small zones never come here, so that they are as quick as ever.

import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Cancel, Time } from "../base/clock.ts";
import { AppError, codeOf } from "../base/errors.ts";
import type { PoolsReading } from "../config/pools.ts";
import { filesOf } from "../control/file-digest.ts";
import type { FileLook, LoadedFile, LoaderPort, LoadRequest } from "../control/ports.ts";
import type { PoolsRequest } from "../control/ports-pools.ts";
import type { ReceiveRequest } from "../control/ports-primaries.ts";
import type { Name } from "../dns/name.ts";
import type { ImageZone } from "../image/writer.ts";
import type { ReceivedZone } from "../transfer/received-zone.ts";
import { type RRsetChange, unpackChanges } from "../zone/change.ts";
import { unpackRRsets } from "../zone/pack.ts";
import { ownName, receiveZone, sendZone } from "../zone/sent-zone.ts";
import type { Zone } from "../zone/zone.ts";
import type { FromLoader, LoaderCall, SentChange, SentFile, ToLoader } from "./loader-protocol.ts";

/** What the loader could not do; the code is what its work threw, or LOADER_DIED. */
export class LoaderError extends AppError {
  override readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What a loader is given. */
export interface ThreadLoaderOptions {
  /** The built loader thread. */
  readonly url: URL;
  /** Does what is small, at once. */
  readonly inline: LoaderPort;
  readonly time: Time;
  /** Takes note of files that were read in the thread. */
  readonly noted: (looks: readonly FileLook[]) => void;
  /** Called when the thread has ended: what it took is to be let go of on this side, too. */
  readonly rested: () => void;
}

/** Files below this size are parsed within a few milliseconds: a thread would take longer to start. */
const FILE_OCTETS_MIN = 0x1_0000;
/** Some 150 pools, which take 20 to 40 ms. */
const POOLS_OCTETS_MIN = 0x4000;
const UNPACK_OCTETS_MIN = 0x4_0000;
const COMPILE_RECORDS_MIN = 5000;
/** How long the thread waits for more; it costs memory as long as it lives. */
const IDLE_MS = 2000;
/**
 * Owners that may differ from a zone's base: up to here an edited zone keeps its base and holds them
 * beside it, beyond it takes the file's zone whole.
 */
const CHANGED_OWNERS_MAX = 4096;

interface Asked {
  readonly take: (message: FromLoader) => void;
  readonly reject: (error: Error) => void;
}

/** A `LoaderPort` that does large work in a thread of its own. */
export class ThreadLoader implements LoaderPort {
  readonly #options: ThreadLoaderOptions;
  readonly #asked = new Map<number, Asked>();
  #worker: Worker | undefined;
  #lastId = 0;
  #cancelRest: Cancel = () => undefined;

  constructor(options: ThreadLoaderOptions) {
    this.#options = options;
  }

  async load(request: LoadRequest): Promise<LoadedFile> {
    const { origin, file, before, digest, progress } = request;
    const octets = [...new Set([file, ...filesOf(digest)])].reduce((sum, path) => {
      return sum + octetsOf(path);
    }, 0);
    if (octets < FILE_OCTETS_MIN) return this.#options.inline.load(request);
    const changesMax = CHANGED_OWNERS_MAX - (before?.changedOwners ?? 0);
    const call: LoaderCall = {
      op: "load",
      origin: ownName(origin),
      file,
      before: before === undefined ? undefined : sendZone(before),
      digest,
      changesMax,
    };
    const { looks, file: sent } = await this.#ask(call, "loaded", progress);
    this.#options.noted(looks);
    return received(sent, before);
  }

  async pools(request: PoolsRequest): Promise<PoolsReading> {
    const { inline } = this.#options;
    if (request.text.length < POOLS_OCTETS_MIN) return inline.pools(request);
    const { origin, otherOrigins = [], zone } = request;
    const call: LoaderCall = {
      ...{ op: "pools", ...request, origin: ownName(origin), zone: sendZone(zone) },
      otherOrigins: otherOrigins.map(ownName),
    };
    try {
      return (await this.#ask(call, "pools")).reading;
    } catch (error) {
      if (codeOf(error) !== "LOADER_DIED") throw error;
      // That is no reason to leave pools as they were.
      return inline.pools(request);
    }
  }

  async receive(request: ReceiveRequest): Promise<ReceivedZone> {
    const { origin, transfer, before } = request;
    const { form, frames } = transfer;
    // A whole zone is compared with the one that is held, which takes as long as that is large.
    const isSmall = frames.length < FILE_OCTETS_MIN;
    const isHeldLarge = form === "whole" && (before?.memoryOctets ?? 0) > UNPACK_OCTETS_MIN;
    if (isSmall && !isHeldLarge) return this.#options.inline.receive(request);
    const { received } = await this.#ask(
      {
        op: "receive",
        origin: ownName(origin),
        transfer: { form, frames },
        before: before === undefined ? undefined : sendZone(before),
        changesMax: CHANGED_OWNERS_MAX - (before?.changedOwners ?? 0),
      },
      "received",
    );
    if (received.kind !== "good") return received;
    const { changes, soa, zone, ...rest } = received;
    return { ...rest, ...changedZone({ changes, soa, zone }, before) };
  }

  async unpack(origin: Name, packed: Uint8Array): Promise<Zone> {
    if (packed.length < UNPACK_OCTETS_MIN) return this.#options.inline.unpack(origin, packed);
    const call = { op: "unpack", origin: ownName(origin), packed } as const;
    const { zone } = await this.#ask(call, "unpacked");
    return receiveZone(zone);
  }

  async compile(zones: readonly ImageZone[]): Promise<SharedArrayBuffer> {
    const records = zones.reduce((sum, { zone }) => sum + zone.recordCount, 0);
    if (records < COMPILE_RECORDS_MIN) return this.#options.inline.compile(zones);
    const sent = zones.map(({ zone, live }) => ({
      zone: sendZone(zone),
      live: live.map(({ owner, type, slot }) => ({ owner: ownName(owner), type, slot })),
    }));
    const { base } = await this.#ask({ op: "compile", zones: sent }, "compiled");
    return base;
  }

  /** Ends the thread, whatever it does; nothing is answered any more. */
  async close(): Promise<void> {
    this.#cancelRest();
    this.#asked.clear();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #ask<Kind extends FromLoader["kind"]>(
    call: LoaderCall,
    kind: Kind,
    progress?: (percent: number) => void,
  ): Promise<Extract<FromLoader, { readonly kind: Kind }>> {
    this.#cancelRest();
    this.#worker ??= this.#start();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const take = (message: FromLoader): void => {
        if (message.kind === "progress") {
          progress?.(message.percent);
          return;
        }
        this.#asked.delete(id);
        if (this.#asked.size === 0) this.#restSoon();
        if (isKind(message, kind)) resolve(message);
        else if (message.kind === "failed") reject(new LoaderError(message.code, message.message));
      };
      this.#asked.set(id, { take, reject });
      const asked: ToLoader = { ...call, id };
      this.#worker?.postMessage(asked);
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#options.url);
    let reason = "it ended by itself";
    worker.on("message", (message: FromLoader) => this.#asked.get(message.id)?.take(message));
    worker.on("error", (error) => {
      reason = error.message;
    });
    worker.once("exit", () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      const error = new LoaderError("LOADER_DIED", `Cannot load zones: the loader died: ${reason}`);
      for (const { reject } of this.#asked.values()) reject(error);
      this.#asked.clear();
    });
    return worker;
  }

  #restSoon(): void {
    this.#cancelRest = this.#options.time.after(IDLE_MS, () => {
      void this.close().then(() => this.#options.rested());
    });
  }
}

function isKind<Kind extends FromLoader["kind"]>(
  message: FromLoader,
  kind: Kind,
): message is Extract<FromLoader, { readonly kind: Kind }> {
  return message.kind === kind;
}

/** The loaded zone: the file's own, or the one before with what differs. */
function received(sent: SentFile, before: Zone | undefined): LoadedFile {
  if (sent.kind !== "good") return sent;
  const { changes, soa, zone, ...rest } = sent;
  return { ...rest, ...changedZone({ changes, soa, zone }, before) };
}

function changedZone(
  { changes: packed, soa, zone }: SentChange,
  before: Zone | undefined,
): { readonly zone: Zone; readonly changes: readonly RRsetChange[] } {
  const changes = unpackChanges(packed);
  if (zone !== undefined || before === undefined) {
    if (zone === undefined) throw new LoaderError("LOADER_FAILED", "Cannot load zones: none came");
    return { zone: receiveZone(zone), changes };
  }
  const soas = Array.from(unpackRRsets(soa), (rrset) => {
    return { owner: rrset.owner, type: rrset.type, rrset };
  });
  return { zone: before.with([...changes, ...soas]), changes };
}

/** 0 for a file that cannot be looked at: reading it will say why. */
function octetsOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
