// The publish path without its surroundings: the real publisher, store thread, image and answer
// threads, with the bench in the place of control, so that a moment of deciding can be known exactly.

import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MessageChannel } from "node:worker_threads";
import { createCounters } from "../../src/answer/counters.ts";
import { DEFAULT_ANSWER_SETTINGS } from "../../src/answer/settings.ts";
import { ThreadKeeper } from "../../src/app/keeper.ts";
import type { StoreData, ToStore } from "../../src/app/messages.ts";
import { realTime } from "../../src/app/real-time.ts";
import { Aftermath } from "../../src/control/aftermath.ts";
import { loadZone } from "../../src/control/load-zone.ts";
import { Publisher } from "../../src/control/publisher.ts";
import {
  answerKey,
  newServedZone,
  SERIALS_AHEAD,
  type ServedZone,
} from "../../src/control/served-zone.ts";
import { StoreWriter } from "../../src/control/store-writer.ts";
import { type Name, nameFromText } from "../../src/dns/name.ts";
import { advanceSerial } from "../../src/dns/serial.ts";
import { TYPE } from "../../src/dns/types.ts";
import { createImageMemory, type ImageMemory, readerWord } from "../../src/image/memory.ts";
import { ImageWriter } from "../../src/image/writer.ts";
import { Fleet, fleetReaders } from "../../src/server/fleet.ts";
import { loadLibc } from "../../src/server/libc.ts";
import { connectStore, type StoreClient } from "../../src/store/client.ts";
import type { ZoneUnderTest } from "./peer.ts";
import { ownerOf } from "./zones.ts";

const WORKERS = 1;
/** How long a reader may take to begin another batch before it is held to be idle. */
const IDLE_MS = 100;
/** How often it is looked whether a reader has begun another batch. */
const LOOK_MS = 0.05;

/** A server whose control is the bench. Call `close` at the end. */
export class Inside {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Starts the threads of a built tree and serves a zone file from them.
   *
   * @param server path of the tree's `app/main.js`.
   */
  static async open(folder: string, server: string, zone: ZoneUnderTest): Promise<Inside> {
    return new Inside(await openParts(folder, server, zone));
  }

  get port(): number {
    return this.#parts.fleet.addresses[0]?.port ?? 0;
  }

  /** Changes the address of the zone's `index`-th name; durable and visible when it resolves. */
  async edit(index: number, address: Uint8Array): Promise<void> {
    const { publisher, served } = this.#parts;
    const owner = nameOf(index);
    const rrset = { owner, type: TYPE.A, ttl: 300, rdatas: [address] };
    const changes = [{ owner, type: TYPE.A, rrset }];
    await publisher.edit(served, {
      after: served.zone.with(changes),
      changes,
      cause: "api",
      fileSerial: served.fileSerial,
      chooseSerial: advanceSerial,
    });
  }

  /** Binds the zone's `index`-th name to a live answer. */
  bind(index: number, address: Uint8Array): void {
    this.#parts.publisher.show(this.#request(index, address));
  }

  /**
   * Swaps a live answer.
   *
   * @returns milliseconds until it was in the image, and until no answer thread was still at a batch
   *   that had begun before.
   */
  swap(index: number, address: Uint8Array): { readonly shownMs: number; readonly seenMs: number } {
    const { publisher, memory } = this.#parts;
    const decidedMs = realTime.nowMs();
    const text = [address.join(".")];
    const story = { before: text, after: text, code: "bench", why: "measured", decidedMs };
    const decidedWallMs = Date.now();
    publisher.swap(this.#request(index, address), () => ({ ...story, decidedWallMs }));
    const shownMs = realTime.nowMs() - decidedMs;
    const words = new Int32Array(memory.control);
    const begun = Atomics.load(words, readerWord(0));
    const isInBatch = (begun & 1) === 1;
    while (isInBatch && Atomics.load(words, readerWord(0)) === begun) {
      // Asleep, as control waits: who would look without a pause might hold the core that the answer
      // thread needs to come to its end.
      Atomics.wait(words, readerWord(0), begun, LOOK_MS);
      if (realTime.nowMs() - decidedMs > IDLE_MS) break;
    }
    return { shownMs, seenMs: realTime.nowMs() - decidedMs };
  }

  /** Waits until everything that was published is stored. */
  async stored(): Promise<void> {
    await this.#parts.writer.drain(60_000);
  }

  async close(): Promise<void> {
    const { fleet, client, store } = this.#parts;
    await this.stored();
    await fleet.stop();
    await client.close();
    await store.stop();
  }

  #request(index: number, address: Uint8Array): Parameters<Publisher["show"]>[0] {
    const { origin } = this.#parts.served;
    const owner = nameOf(index);
    const live = { rdatas: [address], ttlSeconds: 30, ttlMinSeconds: 5 };
    return { origin, owner, type: TYPE.A, key: answerKey(owner, TYPE.A), ...live };
  }
}

interface Parts {
  readonly memory: ImageMemory;
  readonly publisher: Publisher;
  readonly writer: StoreWriter;
  readonly served: ServedZone;
  readonly fleet: Fleet;
  readonly client: StoreClient;
  readonly store: ThreadKeeper;
}

async function openParts(folder: string, server: string, zone: ZoneUnderTest): Promise<Parts> {
  const entry = (name: string): URL => pathToFileURL(resolve(server, "..", name));
  const world = { time: realTime, events: (): void => undefined };
  mkdirSync(folder, { recursive: true });
  const path = join(mkdtempSync(join(folder, "inside-")), "livezone.db");
  const store = new ThreadKeeper(
    {
      ...({ kind: "store", index: 0, url: entry("store-thread.js") } as const),
      begin: (pulse) => ({ workerData: { pulse, path, port: undefined } satisfies StoreData }),
    },
    world,
  );
  await store.start();
  const { port1, port2 } = new MessageChannel();
  store.post({ kind: "serve", port: port1 } satisfies ToStore, [port1]);
  const client = connectStore(port2);

  const memory = createImageMemory({ readers: fleetReaders(WORKERS) });
  const emit = (): void => undefined;
  const writer = new StoreWriter(client, realTime, emit);
  let newest = memory;
  const publisher = new Publisher(
    {
      ...{ image: new ImageWriter(memory), store: client, writer, time: realTime, emit },
      aftermath: new Aftermath(),
      sendSet: (set) => {
        newest = { ...memory, set };
      },
    },
    0,
  );
  const served = await installZone(publisher, client, zone);
  publisher.load();
  const libc = await loadLibc();
  const fleet = await Fleet.start({
    keep: (thread) => new ThreadKeeper(thread, world),
    entries: { answer: entry("answer-thread.js"), stream: entry("stream-thread.js") },
    listen: [{ address: "127.0.0.1", port: 0 }],
    workers: WORKERS,
    libc: libc.kind === "loaded" ? libc.libc : undefined,
    memory: newest,
    counters: createCounters(fleetReaders(WORKERS)),
    settings: DEFAULT_ANSWER_SETTINGS,
  });
  return { memory: newest, publisher, writer, served, fleet, client, store };
}

async function installZone(
  publisher: Publisher,
  store: StoreClient,
  { origin, file }: ZoneUnderTest,
): Promise<ServedZone> {
  const name = nameFromText(`${origin}.`);
  const loaded = loadZone(name, file, (path) => ({ kind: "read", bytes: readFileSync(path) }));
  if (loaded.kind === "bad") throw new Error(loaded.errors.join("\n"));
  const { zone } = loaded;
  const { serial } = zone;
  const reservedSerial = advanceSerial(serial, SERIALS_AHEAD);
  const journal = { origin: name, serialBefore: serial, serialAfter: serial, cause: "import" };
  await store.commitZone({
    journal: { ...journal, wallMs: Date.now(), removed: [], added: [] },
    fileSerial: serial,
    rrsets: zone.pack(),
    replacesAll: true,
  });
  await store.reserveSerials(name, reservedSerial);
  const served = newServedZone({
    ...{ zone, serial, fileSerial: serial, reservedSerial },
    soaSlot: publisher.soaSlotFor(name),
    wallMs: Date.now(),
  });
  publisher.install(served, serial);
  return served;
}

function nameOf(index: number): Name {
  return nameFromText(ownerOf(index));
}
