// The supervisor: the main thread. It owns the sockets, the shared memory and every other thread,
// and starts again whichever dies; it decides nothing about DNS.

import { MessageChannel } from "node:worker_threads";
import type { MainConfig } from "../config/main.ts";
import type { EventSink } from "../control/ports.ts";
import { type ImageStamp, isStampTrue } from "../control/snapshots.ts";
import { event } from "../events/event.ts";
import type { ImageMemory } from "../image/memory.ts";
import { Fleet } from "../server/fleet.ts";
import type { LibcLoad } from "../server/libc.ts";
import { formatListen, type ListenAddress } from "../server/listen.ts";
import { STREAM_LIMITS } from "../server/stream.ts";
import type { ThreadStatus } from "../view/status.ts";
import { answerSettings, type CookieSecrets, openSecrets } from "./answer-settings.ts";
import { collectGarbage } from "./collect.ts";
import { EventHub, type Printer } from "./event-hub.ts";
import { ImageFiles, resumeImage } from "./image-copy.ts";
import { ThreadKeeper, type ThreadPlan } from "./keeper.ts";
import { KeyFiles } from "./key-files.ts";
import { loadForListening } from "./libc-load.ts";
import type {
  ControlData,
  ControlReady,
  FromControl,
  StoreData,
  StoreReady,
  ToControl,
  ToStore,
} from "./messages.ts";
import { usableListen } from "./own-addresses.ts";
import { realRandom, realTime } from "./real-time.ts";
import {
  readyEvent,
  restoredEvent,
  type Server,
  StartError,
  storeEvent,
} from "./running-server.ts";
import { sessionWiring, streamOctetsMax } from "./session-wiring.ts";
import { createSharedMemory, type SharedMemory, useLargePages } from "./shared-memory.ts";
import { TlsFiles } from "./tls-files.ts";

/** A store that hangs is left alone: its disk may come back, and nobody waits for it. */
const CONTROL_STALL_LIMIT_MS = 30_000;
const STATUS_MS = 1000;

/**
 * Starts everything and resolves when questions are answered.
 *
 * @throws ServerError, StoreError or StartError with the sentence for the operator; nothing is left
 *   running then.
 */
export async function startServer(
  config: MainConfig,
  options: { readonly version: string; readonly emit: Printer },
): Promise<Server> {
  const supervisor = new Supervisor(config, options);
  try {
    return await supervisor.start();
  } catch (error) {
    await supervisor.stopThreads();
    throw error;
  }
}

class Supervisor {
  #config: MainConfig;
  readonly #hub: EventHub;
  readonly #emit: EventSink;
  readonly #version: string;
  readonly #startedMs = realTime.nowMs();
  readonly #startedWallMs = realTime.wallMs();
  readonly #shared: SharedMemory;
  /** What is answered from now. */
  #memory: ImageMemory;
  #libc: LibcLoad = { kind: "missing", why: "it was not looked for yet" };
  #listen: readonly ListenAddress[] = [];
  #store: ThreadKeeper | undefined;
  #control: ThreadKeeper | undefined;
  /** The fleet from the moment its start was asked for, and once it answers. */
  #answering: Promise<Fleet> | undefined;
  #fleet: Fleet | undefined;
  readonly #images: ImageFiles | undefined;
  #tls: TlsFiles | undefined;
  readonly #keys: KeyFiles;
  #secrets: CookieSecrets | undefined;
  #cancelStatus: () => void = () => undefined;

  constructor(config: MainConfig, options: { readonly version: string; readonly emit: Printer }) {
    this.#config = config;
    this.#hub = new EventHub(realTime, options.emit, (happened) =>
      this.#toControl({ kind: "happened", happened }),
    );
    this.#emit = this.#hub.emit;
    this.#keys = new KeyFiles(config, this.#emit);
    this.#version = options.version;
    this.#shared = createSharedMemory(config);
    this.#memory = this.#shared.image;
    const { path } = config.store;
    this.#images = path === ":memory:" ? undefined : new ImageFiles(path, options.version);
  }

  async start(): Promise<Server> {
    this.#listen = usableListen(this.#config.listen, this.#emit);
    if (this.#listen.length === 0) {
      const state = "none of its listen addresses exists on this host";
      throw new StartError("START_NO_ADDRESS", `Cannot start the server: ${state}`);
    }
    this.#libc = await loadForListening(this.#listen, this.#emit);
    if (this.#libc.kind === "loaded") useLargePages(this.#shared, this.#libc.libc);
    this.#secrets = openSecrets(this.#config.answer.cookies, this.#emit);
    if (this.#config.tls !== undefined) this.#tls = new TlsFiles(this.#config.tls, this.#emit);
    this.#store = this.#keep(this.#storePlan());
    const opening = this.#store.start();
    // Read while the store's thread starts; whether it is still true, the store will say. Without
    // one, control need not know the store's words to begin.
    const isKept = this.#images?.read(this.#memory.set.id) === true;
    const early = isKept ? undefined : this.#startControl(undefined);
    const opened = await this.#storeOpened(opening, early);
    this.#emit(storeEvent(this.#config.store.path, opened));
    const resumed = this.#resume(opened);
    // A base that was read in vain is as large as the zones.
    if (isKept && resumed === undefined) collectGarbage();
    // Control wants a core for itself while it starts: those who ask go first.
    if (resumed !== undefined) await this.#answerFrom(resumed);
    const loaded = await (early ?? this.#startControl(resumed));
    if (loaded.zones === 0 && this.#config.zones.length > 0) {
      const state = "none of its zones could be loaded; the lines above say why";
      throw new StartError("START_NO_ZONE", `Cannot start the server: ${state}`);
    }
    this.#answering ??= this.#startFleet();
    const fleet = await this.#answering;
    this.#tls?.follow((identity) => fleet.setIdentity(identity));
    this.#keys.follow((keys) => this.#useKeys(fleet, keys));
    this.#tellThreads();
    this.#emit(readyEvent(fleet, loaded, realTime.nowMs() - this.#startedMs));
    return {
      addresses: fleet.addresses,
      zones: loaded.zones,
      threads: () => this.#threads(),
      rescan: () => {
        this.#toControl({ kind: "rescan" });
        this.#tls?.rescan();
        this.#keys.rescan();
      },
      killThread: (kind, index) => this.#kill(kind, index),
      stop: (cause) => this.#stop(cause),
    };
  }

  /** Ends every thread: who decides, then who stores, then who answers. */
  async stopThreads(): Promise<void> {
    this.#cancelStatus();
    this.#tls?.close();
    this.#keys.close();
    this.#secrets?.close();
    await this.#control?.stop();
    await this.#store?.stop();
    const fleet = await this.#answering?.catch(() => undefined);
    await fleet?.stop();
    await this.#images?.flush();
  }

  /** The store's first words; a control thread that waits for a store that never comes is ended. */
  async #storeOpened(
    opening: Promise<unknown>,
    early: Promise<unknown> | undefined,
  ): Promise<StoreReady> {
    early?.catch(() => undefined);
    try {
      return (await opening) as StoreReady;
    } catch (error) {
      await this.#control?.kill();
      throw error;
    }
  }

  async #startControl(resumed: ImageStamp | undefined): Promise<ControlReady> {
    this.#control = this.#keep(this.#controlPlan(resumed));
    return (await this.#control.start()) as ControlReady;
  }

  /** Takes up the image from the disk where it still shows what the store holds. */
  #resume({ zones }: StoreReady): ImageStamp | undefined {
    const kept = this.#images?.take();
    if (kept === undefined) return undefined;
    const origins = this.#config.zones.map(({ origin }) => origin);
    const isTrue = isStampTrue(kept.stamp, zones, origins);
    const memory = isTrue ? resumeImage(this.#memory, kept, zones) : undefined;
    if (memory !== undefined) this.#memory = memory;
    else this.#images?.discard();
    return memory && kept.stamp;
  }

  /** Answers at once, while zones are still being opened. */
  async #answerFrom(kept: ImageStamp): Promise<void> {
    this.#answering = this.#startFleet();
    await this.#answering;
    this.#emit(restoredEvent(kept.zones.length, realTime.nowMs() - this.#startedMs));
  }

  async #startFleet(): Promise<Fleet> {
    const { answer, stream } = this.#config;
    const { workers, ledger, counters } = this.#shared;
    const tls = this.#tls?.listeners();
    const fleet = await Fleet.start({
      keep: (thread) => this.#keep(thread),
      entries: {
        answer: new URL("./answer-thread.js", import.meta.url),
        stream: new URL("./stream-thread.js", import.meta.url),
      },
      listen: this.#listen,
      workers,
      libc: this.#libc.kind === "loaded" ? this.#libc.libc : undefined,
      memory: this.#memory,
      ...{ ledger, counters },
      settings: answerSettings(answer, {
        threads: this.#libc.kind === "loaded" ? workers : 1,
        random: realRandom,
        secrets: this.#secrets?.memory,
      }),
      limits: {
        ...STREAM_LIMITS,
        connectionsMax: stream.connectionsMax,
        idleMs: stream.idleMs,
        queryOctetsMax: streamOctetsMax(this.#config),
      },
      ...(tls === undefined ? {} : { tls }),
      ...sessionWiring(this.#config, {
        emit: this.#emit,
        toControl: (message) => this.#toControl(message),
      }),
    });
    this.#fleet = fleet;
    // Control may have published a newer base while the threads were starting.
    fleet.adopt(this.#memory.set);
    return fleet;
  }

  #storePlan(): ThreadPlan {
    return {
      kind: "store",
      index: 0,
      url: new URL("./store-thread.js", import.meta.url),
      begin: (pulse) => {
        const workerData: StoreData = { pulse, path: this.#config.store.path, port: undefined };
        if (this.#control === undefined) return { workerData };
        // A control thread lives already: the new store takes up where the old one was.
        const { port1, port2 } = new MessageChannel();
        this.#toControl({ kind: "store-port", port: port2 }, [port2]);
        return { workerData: { ...workerData, port: port1 }, transferList: [port1] };
      },
    };
  }

  /** @param kept what the memory shows when it was restored; true for the first thread only. */
  #controlPlan(kept: ImageStamp | undefined): ThreadPlan {
    let resumed = kept;
    return {
      kind: "control",
      index: 0,
      url: new URL("./control-thread.js", import.meta.url),
      stallLimitMs: CONTROL_STALL_LIMIT_MS,
      begin: (pulse) => {
        const { port1, port2 } = new MessageChannel();
        const serve: ToStore = { kind: "serve", port: port1 };
        this.#store?.post(serve, [port1]);
        const workerData: ControlData = {
          pulse,
          config: this.#config,
          memory: this.#memory,
          ledger: this.#shared.ledger,
          resumed,
          storePort: port2,
          version: this.#version,
          startedWallMs: this.#startedWallMs,
          transport: this.#libc.kind === "loaded" ? "batched" : "portable",
          listen: this.#listen.map(formatListen),
          recent: this.#hub.recent(),
          counters: this.#shared.counters,
        };
        resumed = undefined;
        return { workerData, transferList: [port2] };
      },
      receive: (message) => this.#fromControl(message as FromControl),
    };
  }

  #fromControl(message: FromControl): void {
    if (message.kind === "events") for (const each of message.events) this.#emit(each);
    else if (message.kind === "session") this.#fleet?.reply(message.reply);
    else if (message.kind === "snapshot") {
      const { set, edits, slots, stamp } = message.snapshot;
      this.#images?.save({ setId: set.id, base: set.base, edits, slots, stamp });
    } else {
      // Kept here too: a replaced thread begins with the newest base.
      this.#memory = { ...this.#memory, set: message.set };
      this.#fleet?.adopt(message.set);
    }
  }

  #keep(plan: ThreadPlan): ThreadKeeper {
    return new ThreadKeeper(plan, { time: realTime, events: this.#emit });
  }

  #toControl(message: ToControl, transfer?: Parameters<ThreadKeeper["post"]>[1]): void {
    this.#control?.post(message, transfer);
  }

  /** A replaced control thread begins with them too. */
  #useKeys(fleet: Fleet, keys: MainConfig["keys"]): void {
    this.#config = { ...this.#config, keys };
    this.#toControl({ kind: "keys", keys });
    fleet.setKeys(keys);
  }

  #threads(): ThreadStatus[] {
    const keepers = [this.#control, this.#store].filter((keeper) => keeper !== undefined);
    return [...(this.#fleet?.status() ?? []), ...keepers.map((keeper) => keeper.status())];
  }

  /** The status report is control's, but only this thread knows how the others fare. */
  #tellThreads(): void {
    this.#toControl({ kind: "threads", threads: this.#threads() });
    this.#cancelStatus = realTime.after(STATUS_MS, () => this.#tellThreads());
  }

  async #kill(kind: ThreadStatus["kind"], index: number): Promise<void> {
    if (kind === "control") await this.#control?.kill();
    else if (kind === "store") await this.#store?.kill();
    else await this.#fleet?.kill(kind, index);
  }

  async #stop(cause: string): Promise<void> {
    const startedMs = realTime.nowMs();
    this.#emit(event("server.stopping", `Stopping: ${cause}`, { cause }));
    await this.stopThreads();
    const durationMs = Math.round(realTime.nowMs() - startedMs);
    this.#emit(event("server.stopped", `Stopped within ${durationMs} ms`, { durationMs }));
  }
}
