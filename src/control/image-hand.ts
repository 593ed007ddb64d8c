// The hand on the image: shows edits at once, and has a new base compiled where that is not enough,
// while edits and swaps go on. What was edited in the meantime is in the new base's set before
// anybody reads it.

import type { Time } from "../base/clock.ts";
import { codeOf, messageOf } from "../base/errors.ts";
import { nameKey } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { ImageSet } from "../image/memory.ts";
import type { ImageWriter, ImageZone, ZoneEdit } from "../image/writer.ts";
import type { RRsetKey } from "../zone/rrset.ts";
import type { EventSink, LoaderPort } from "./ports.ts";
import { answerKey, imageZone, type ServedZone } from "./served-zone.ts";

/** What the hand is given. */
export interface ImageHandPorts {
  readonly image: ImageWriter;
  /** Without one, bases are compiled on the calling thread. */
  readonly loader?: Pick<LoaderPort, "compile">;
  /** Hands a new base to every answer and stream thread. */
  readonly sendSet: (set: ImageSet) => void;
  readonly time: Time;
  readonly emit: EventSink;
}

/** From this share of the room for edits on, a new base is compiled in the background. */
const FOLD_SHARE = 0.5;
/** So often a base is compiled elsewhere in vain, because of edits made meanwhile, before it is here. */
const ATTEMPTS_MAX = 3;
const RETRY_MS = 5000;
const RETRY_MAX_MS = 300_000;

/** Edits made while a base is compiled, by zone. */
type Since = Map<string, { readonly served: ServedZone; readonly touched: Map<string, RRsetKey> }>;

/** Keeps the image up to the zones. */
export class ImageHand {
  readonly #ports: ImageHandPorts;
  readonly #zones: ReadonlyMap<string, ServedZone>;
  readonly #emptyZones: () => readonly ImageZone[];
  #isLoaded = false;
  /** Zones have come or gone since the base at work was begun. */
  #isStale = false;
  #loading: Promise<void> | undefined;
  #changes = 0;
  #since: Since | undefined;

  /**
   * @param zones those that are served, now and whenever a base is compiled.
   * @param emptyZones those without records, beside them.
   */
  constructor(
    ports: ImageHandPorts,
    zones: ReadonlyMap<string, ServedZone>,
    emptyZones: () => readonly ImageZone[] = () => [],
  ) {
    this.#ports = ports;
    this.#zones = zones;
    this.#emptyZones = emptyZones;
  }

  /** Whether the image shows zones: until then edits need not be shown, the first base has them. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Counts what was shown: edits and new bases. */
  get changes(): number {
    return this.#changes;
  }

  /** Goes on with an image that shows what is served already. */
  resume(): void {
    this.#ports.image.resume();
    this.#isLoaded = true;
  }

  /**
   * Compiles everything anew: at start, when zones come or go, and when edits pile up. Resolves when
   * the threads have been handed a base that holds what was served at this call.
   *
   * @throws what compiling throws, for the first base alone; later ones are tried again.
   */
  load(): Promise<void> {
    this.#isStale = true;
    this.#loading ??= this.#loadAll().finally(() => {
      this.#loading = undefined;
      this.#since = undefined;
    });
    return this.#loading;
  }

  /** Shows RRsets of a zone as they are now; what is returned resolves when all readers can see them. */
  show(served: ServedZone, touched: readonly RRsetKey[]): Promise<void> | undefined {
    if (touched.length === 0 || served.silence === "whole") return undefined;
    this.#changes++;
    this.#note(served, touched);
    if (!this.#isLoaded) return this.#loading;
    const { image } = this.#ports;
    const edits = [{ origin: served.origin, touched }];
    // While a base is compiled it takes the edit along, whether or not it can be shown before.
    if (image.edit([imageZone(served)], edits) === "full") return this.#loading ?? this.load();
    if (this.#loading === undefined && image.editsShare > FOLD_SHARE) void this.load();
    return undefined;
  }

  async #loadAll(): Promise<void> {
    let attempts = 0;
    let retryMs = RETRY_MS;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        attempts++;
        const { loader } = this.#ports;
        const isHere = loader === undefined || attempts > ATTEMPTS_MAX;
        const set = isHere ? this.#loadHere() : await this.#loadElsewhere(loader);
        if (set === undefined) this.#isStale = true;
        else this.#hand(set);
        this.#isLoaded ||= set !== undefined;
      } catch (error) {
        this.#since = undefined;
        if (!this.#isLoaded) throw error;
        this.#tell(error);
        await this.#pause(retryMs);
        retryMs = Math.min(RETRY_MAX_MS, retryMs * 2);
        this.#isStale = true;
      }
    }
  }

  #hand(set: ImageSet): void {
    this.#changes++;
    this.#ports.sendSet(set);
  }

  async #loadElsewhere(loader: Pick<LoaderPort, "compile">): Promise<ImageSet | undefined> {
    const { image } = this.#ports;
    const zones = this.#imageZones();
    const since: Since = new Map();
    this.#since = since;
    const plan = image.plan(zones);
    const base = await loader.compile(zones);
    const edited = [...since.values()];
    const edits = edited.map(({ served, touched }): ZoneEdit => {
      return { origin: served.origin, touched: [...touched.values()] };
    });
    return image.adopt(plan, base, { zones: edited.map(({ served }) => imageZone(served)), edits });
  }

  #loadHere(): ImageSet {
    this.#since = undefined;
    return this.#ports.image.load(this.#imageZones());
  }

  #imageZones(): ImageZone[] {
    return [...[...this.#zones.values()].map(imageZone), ...this.#emptyZones()];
  }

  #note(served: ServedZone, touched: readonly RRsetKey[]): void {
    if (this.#since === undefined) return;
    const key = nameKey(served.origin);
    const noted = this.#since.get(key) ?? { served, touched: new Map<string, RRsetKey>() };
    this.#since.set(key, noted);
    for (const { owner, type } of touched) {
      noted.touched.set(answerKey(owner, type), { owner, type });
    }
  }

  #tell(error: unknown): void {
    const detail = messageOf(error);
    const msg = `Cannot compile the zones: ${detail}; what was served goes on`;
    this.#ports.emit(event("image.failing", msg, { code: codeOf(error) ?? "UNKNOWN", detail }));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#ports.time.after(ms, resolve));
  }
}
