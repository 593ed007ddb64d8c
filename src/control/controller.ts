// The control plane as one thing: opens zones, runs the engine, follows files, keeps the store fed.

import { present } from "../base/assert.ts";
import type { Time } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Random } from "../base/random.ts";
import { nameKey } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { ImageSet } from "../image/memory.ts";
import type { ImageWriter } from "../image/writer.ts";
import type { StatusReport } from "../view/status.ts";
import { Aftermath } from "./aftermath.ts";
import { answered } from "./answered.ts";
import { digLines } from "./dig-lines.ts";
import { ENGINE_DEFAULTS, Engine, type EngineSettings } from "./engine.ts";
import { InlineLoader } from "./inline-loader.ts";
import { NewsKeeper } from "./news-keeper.ts";
import { NoHooks, noted } from "./no-hooks.ts";
import { OperatorDesk } from "./operator-desk.ts";
import { Others, type OthersPorts } from "./others.ts";
import type {
  EventSink,
  FilesPort,
  LoaderPort,
  ProbePort,
  ProbeReports,
  StorePort,
} from "./ports.ts";
import type { HookPort } from "./ports-hooks.ts";
import type { SessionAsk, SessionReply } from "./ports-sessions.ts";
import type { Propagations } from "./propagations.ts";
import { type LedgerPorts, openPropagations } from "./propagations-open.ts";
import { Publisher } from "./publisher.ts";
import { isBound, servingsOf } from "./recall.ts";
import { RecordDesk } from "./record-desk.ts";
import { takeHeartbeat } from "./reports.ts";
import type { ServedZone } from "./served-zone.ts";
import { SessionDesk } from "./session-desk.ts";
import {
  ImageKeeping,
  type ImageStamp,
  isStampTrue,
  KEEP_LOOK_MS,
  type KeptSnapshot,
} from "./snapshots.ts";
import { poolsOf, statusOf } from "./status.ts";
import { StoreWriter } from "./store-writer.ts";
import { SwapDesk } from "./swap-desk.ts";
import { ZoneEdits } from "./zone-edits.ts";
import { type ZoneSource, Zones } from "./zones.ts";

/** How often stored beliefs are looked at for stamps that grow stale. */
const SAVE_MS = 500;
const ROLLUP_MS = 60_000;
/** The newest swaps that a start reads, for guards that count them. */
const SWAPS_READ = 1000;
/** The newest drills that a start reads. */
const DRILLS_READ = 50;
/** How long a stop waits for the store to take what is pending. */
const STOP_WITHIN_MS = 3000;

/** What the control plane is given: the whole world, as ports. */
export interface ControllerPorts extends OthersPorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly store: StorePort;
  readonly files: FilesPort;
  /** By default large zones are loaded on the calling thread like small ones. */
  readonly loader?: LoaderPort;
  readonly image: ImageWriter;
  readonly prober: (reports: ProbeReports) => ProbePort;
  /** Without one, pools with hooks cannot swap. */
  readonly hooks?: HookPort;
  readonly sendSet: (set: ImageSet) => void;
  /** By default `ENGINE_DEFAULTS`. */
  readonly settings?: EngineSettings;
  /** What the image's memory already shows when it was restored from a copy. */
  readonly resumed?: ImageStamp;
  /** Takes what a later start may resume from. */
  readonly keepImage?: (kept: KeptSnapshot) => void;
  /** Where answer threads note what they give; by default nobody follows where swaps spread to. */
  readonly ledger?: LedgerPorts;
}

/** What only the process knows, for the status report. */
export type ProcessStatus = Pick<
  StatusReport,
  "version" | "startedWallMs" | "transport" | "listen" | "threads"
> & { readonly storePath: string };

/** The control plane. Create, `start`, and later `stop`; nothing happens before `start`. */
export class Controller {
  readonly #ports: ControllerPorts;
  readonly #writer: StoreWriter;
  #publisher: Publisher | undefined;
  #engine: Engine | undefined;
  #zones: Zones | undefined;
  #desk: OperatorDesk | undefined;
  #sessions: SessionDesk | undefined;
  readonly #others: Others;
  #propagations: Propagations | undefined;
  #isAnswering = false;
  #records: RecordDesk | undefined;
  #isStopped = false;
  #news: NewsKeeper | undefined;
  readonly #keeping: ImageKeeping | undefined;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#writer = new StoreWriter(ports.store, ports.time, ports.emit);
    this.#others = new Others(ports);
    const { keepImage } = ports;
    this.#keeping = keepImage && new ImageKeeping(ports.time, keepImage);
  }

  /**
   * Opens every zone that can be opened and begins to probe, decide and publish.
   *
   * @returns how many zones and records are served; bad zones were reported as events.
   */
  async start(sources: readonly ZoneSource[]): Promise<{ zones: number; records: number }> {
    const { store, files, time, emit, random, image, sendSet } = this.#ports;
    const [state, swaps, drills, drains] = await Promise.all([
      ...([store.readState(), store.readSwaps(SWAPS_READ)] as const),
      ...([store.readDrills(DRILLS_READ), store.readDrains()] as const),
    ]);
    const writer = this.#writer;
    const { loader = new InlineLoader(files) } = this.#ports;
    const shown = (served: ServedZone): void => this.#others.published(served);
    const aftermath = new Aftermath();
    const propagations = await openPropagations(this.#ports, state, {
      ...{ swaps, moved: (key) => this.#others.moved(key) },
      others: (zone) => this.#others.of(zone),
    });
    this.#propagations = propagations;
    const publisher = new Publisher(
      { image, loader, sendSet, store, writer, aftermath, time, emit, shown, propagations },
      state.lastSwapId,
    );
    const taken = (): void => writer.noteTaken();
    const news = new NewsKeeper({ store, taken, putBack: (what) => engine.putBack(what) });
    this.#news = news;
    const engine = new Engine({
      time,
      random,
      emit,
      prober: this.#ports.prober,
      remember: (what) => void news.save(what),
      settings: this.#ports.settings ?? ENGINE_DEFAULTS,
      aftermath,
      hooks: this.#ports.hooks ?? new NoHooks(time),
      note: (handover) => noted(store, handover),
      publish: {
        show: (request) => publisher.show(request),
        swap: (request, story) => publisher.swap(request, story),
        staticAnswer: (pool, type) => answered(publisher, pool, type),
        explain: ({ owner, type }, why) => image.explainSlot(image.slotFor(owner, type), why),
      },
    });
    engine.restore({ ...state, servings: state.servings.filter(isBound) }, swaps);
    const again = (paths: readonly string[]): void => this.#changed(paths);
    const ports = { files, loader, store, writer, publisher, engine, time, emit, again };
    const zones = new Zones(ports);
    this.#publisher = publisher;
    this.#engine = engine;
    const desk = new OperatorDesk({
      ...{ time, engine, emit, propagations },
      save: () => news.save(engine.takeNews()),
      saveDrill: (drill) => store.saveDrill(drill),
      saveDrain: (drain) => store.saveDrain(drain),
    });
    desk.drains.restore(drains);
    this.#desk = desk;
    this.#zones = zones;
    const edits = new ZoneEdits({ zones, publisher, engine });
    this.#records = new RecordDesk(publisher, edits, this.#others);
    const { resumed } = this.#ports;
    const origins = sources.map(({ origin }) => origin);
    const isResumed = resumed !== undefined && isStampTrue(resumed, state.zones, origins);
    if (isResumed) publisher.resume(resumed.bindings);
    engine.start();
    for (const source of sources) {
      const stored = state.zones.find((zone) => nameKey(zone.origin) === nameKey(source.origin));
      await zones.open(source, stored, servingsOf(source.origin, origins, state.servings));
    }
    this.#others.opened(state.zones, { loader, zones, publisher });
    await publisher.settle(sources.length);
    engine.forgetServings();
    desk.drills.restore(drills);
    propagations?.started();
    desk.drains.started();
    files.watch(zones.paths, (paths) => this.#changed(paths));
    this.#follow(zones.compareDeferred());
    this.#sessions = new SessionDesk(
      { publisher, store, writer, time },
      {
        others: this.#others,
        edits,
        explain: (name) => digLines(name, { pools: poolsOf(engine, time), desk }),
      },
    );
    this.#tellOthers();
    this.#every(SAVE_MS, async () => void (await news.save(engine.takeNews())));
    this.#every(ROLLUP_MS, () => this.#saveRollups(false));
    this.#every(KEEP_LOOK_MS, async () => this.#keeping?.look(publisher));
    const empty = this.#others.primaries?.empty.length ?? 0;
    return { zones: publisher.zones.size + empty, records: recordsOf(publisher) };
  }

  /** Where operators give orders; there from the end of the start on. */
  get desk(): OperatorDesk {
    return present(this.#desk, "a controller that has started");
  }

  /** Questions are answered from now on: who is told of a change before could not ask for it. */
  answering(): void {
    this.#isAnswering = true;
    this.#tellOthers();
  }

  #tellOthers(): void {
    const publisher = this.#publisher;
    if (!this.#isAnswering || this.#sessions === undefined || publisher === undefined) return;
    this.#others.open(publisher, this.#propagations);
  }

  /** What sessions with other servers ask; nothing is ready before the start is done. */
  async session(ask: SessionAsk): Promise<SessionReply> {
    return (await this.#sessions?.take(ask)) ?? { kind: "unready" };
  }

  /** What is told of swaps and where they have spread to. */
  get swaps(): SwapDesk {
    return new SwapDesk(this.#ports.store, this.#propagations);
  }

  /** Where records are read and edited; there from the end of the start on. */
  get records(): RecordDesk {
    return present(this.#records, "a controller that has started");
  }

  /** Takes a report of a target that is asked nothing, by the name that `status` shows. */
  heartbeat(target: string, isGood: boolean, detail: string): void {
    if (this.#engine !== undefined) takeHeartbeat(this.#engine, { target, isGood, detail });
  }

  /** Looks at every file now, as SIGHUP and the API ask; what differs is taken up. */
  rescan(): void {
    this.#ports.files.rescan();
  }

  /** What `livezone status` says now. */
  status(process: ProcessStatus): StatusReport {
    return statusOf({
      process,
      nowWallMs: this.#ports.time.wallMs(),
      nowMs: this.#ports.time.nowMs(),
      publisher: this.#publisher,
      engine: this.#engine,
      writer: this.#writer,
      ...{ others: this.#others, propagations: this.#propagations, drains: this.#desk?.drains },
    });
  }

  /** Ends in order: no more probes, everything stored that can be, serials given back. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { files, store, time } = this.#ports;
    files.close();
    this.#desk?.drills.close();
    this.#desk?.drains.close();
    this.#others.close();
    this.#engine?.close();
    this.#propagations?.close();
    const stored = (async () => {
      const isDrained = await this.#writer.drain(STOP_WITHIN_MS);
      await this.#news?.settled();
      if (this.#engine !== undefined) await this.#news?.save(this.#engine.takeNews(true));
      await this.#saveRollups(true);
      await this.#propagations?.save();
      if (!isDrained) return;
      for (const served of this.#publisher?.zones.values() ?? []) {
        // A zone whose reserved serials end where it stands was stopped in order.
        await store.reserveSerials(served.origin, served.serial);
      }
      if (this.#publisher !== undefined) this.#keeping?.keepNow(this.#publisher);
    })();
    const limit = new Promise<void>((resolve) => time.after(STOP_WITHIN_MS, resolve));
    await Promise.race([stored.catch(() => undefined), limit]);
    this.#writer.close();
  }

  #changed(paths: readonly string[]): void {
    if (this.#isStopped || this.#zones === undefined) return;
    this.#follow(this.#zones.changed(paths), paths);
  }

  /** When zones have caught up with their files, their files may be others than before. */
  #follow(work: Promise<void>, paths: readonly string[] = []): void {
    const done = work.catch((error: unknown) => {
      const fields = { file: paths.join(", "), errors: [messageOf(error)] };
      this.#ports.emit(event("config.rejected", messageOf(error), fields));
    });
    void done.then(() => {
      if (this.#isStopped || this.#zones === undefined) return;
      this.#ports.files.watch(this.#zones.paths, (again) => this.#changed(again));
    });
  }

  async #saveRollups(everything: boolean): Promise<void> {
    const rollups = this.#engine?.rollups.take(this.#ports.time.wallMs(), everything) ?? [];
    if (rollups.length > 0) await this.#ports.store.addRollups(rollups);
  }

  /** Runs `work` again and again, never twice at once; a failing store costs that round only. */
  #every(intervalMs: number, work: () => Promise<void>): void {
    this.#ports.time.after(intervalMs, () => {
      if (this.#isStopped) return;
      work()
        .catch(() => undefined)
        .finally(() => this.#every(intervalMs, work));
    });
  }
}

function recordsOf(publisher: Publisher): number {
  let records = 0;
  for (const served of publisher.zones.values()) records += served.zone.recordCount;
  return records;
}
