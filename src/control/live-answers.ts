// Pools' answers on their way into the image. A swap is visible at once, durable right behind, and
// announced with what is true of it; where many come in one moment, all are visible before anything
// else is done for the first of them.

import { nameKey } from "../dns/name.ts";
import { advanceSerial } from "../dns/serial.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Aftermath } from "./aftermath.ts";
import { announceSwap, type LiveRequest, type SwapStory } from "./announce.ts";
import type { ImageHand, ImageHandPorts } from "./image-hand.ts";
import { journalSwap } from "./journal-swap.ts";
import type { StorePort } from "./ports.ts";
import type { Propagations } from "./propagations.ts";
import { reserveAhead } from "./reservations.ts";
import { hasRecords, type LiveAnswer, type ServedZone } from "./served-zone.ts";
import { slotAnswer } from "./slot-answer.ts";
import type { StoreWriter } from "./store-writer.ts";
import { Teller } from "./telling.ts";

/** What it is given of the world. */
export interface LivePorts extends Pick<ImageHandPorts, "image" | "time" | "emit"> {
  readonly store: StorePort;
  readonly writer: StoreWriter;
  readonly aftermath: Aftermath;
  readonly propagations?: Propagations | undefined;
}

/** What is the publisher's and seen here as it is. */
export interface LiveParts {
  readonly zones: ReadonlyMap<string, ServedZone>;
  /** Names that a resumed image has bound to live answers, until their pools show them again. */
  readonly resumed: Set<string>;
  readonly hand: ImageHand;
  /** Brings a zone's SOA up to its serial. */
  readonly showSoa: (served: ServedZone) => void;
}

/** An answer that is the zone's now. */
interface Taken {
  /** The one before; undefined: there was none. */
  readonly known: LiveAnswer | undefined;
  readonly live: LiveAnswer;
  /** What secondaries had been led to. */
  readonly before: RRset | undefined;
}

/** A swap that is visible, before anything follows from it. */
interface Revealed extends Taken {
  readonly id: number;
  readonly request: LiveRequest;
  readonly story: SwapStory;
  readonly slot: number;
  readonly eraBefore: number;
  /** When it became visible. */
  readonly atMs: number;
  readonly wallMs: number;
}

/** Shows what pools answer. */
export class LiveAnswers {
  readonly #ports: LivePorts;
  readonly #parts: LiveParts;
  readonly #teller: Teller;
  #lastSwapId: number;

  constructor(ports: LivePorts, parts: LiveParts, lastSwapId: number) {
    this.#ports = ports;
    this.#parts = parts;
    this.#lastSwapId = lastSwapId;
    this.#teller = new Teller(ports, parts.showSoa);
  }

  /** Makes a pool's answer visible without a swap: the first one after a start, or another TTL. */
  show(request: LiveRequest): void {
    const served = this.#parts.zones.get(nameKey(request.origin));
    if (served === undefined) return;
    const known = served.live.get(request.key);
    const isSame = known === undefined || hasRecords(known, request.rdatas);
    const isTold = !served.isHandedOut;
    const { slot } = this.#reveal(served, { known, isSame }, request);
    const { live } = this.#take(served, { slot, isTold }, request);
    if (!isTold) this.#teller.tellSoon(served, live);
  }

  /**
   * Makes a pool's new answer visible now, journals it behind, and announces it.
   *
   * @param story is asked for behind what is visible.
   * @returns the swap's id.
   */
  swap(request: LiveRequest, story: () => SwapStory): number {
    const served = this.#parts.zones.get(nameKey(request.origin));
    if (served === undefined) return 0;
    const known = served.live.get(request.key);
    const { slot, eraBefore } = this.#reveal(served, { known, isSame: false }, request);
    const { time, aftermath } = this.#ports;
    const id = ++this.#lastSwapId;
    const take = (): Taken => this.#take(served, { slot, isTold: true }, request);
    // A name that has to be bound first is not visible before that.
    const taken = known?.isShown === true ? undefined : take();
    const shown = { id, request, slot, eraBefore, atMs: time.nowMs(), wallMs: time.wallMs() };
    aftermath.after(() => {
      this.#follow(served, { ...shown, ...(taken ?? take()), story: story() });
    });
    return id;
  }

  /** Has the slot answer it from now on; ten thousand may wait for their turn here. */
  #reveal(
    served: ServedZone,
    { known, isSame }: { readonly known: LiveAnswer | undefined; readonly isSame: boolean },
    request: LiveRequest,
  ): { readonly slot: number; readonly eraBefore: number } {
    const { image, propagations } = this.#ports;
    const { owner, type } = request;
    const slot = known?.slot ?? image.slotFor(owner, type);
    const eraBefore = image.eraOf(slot);
    if (!isSame) propagations?.closing(slot);
    image.publishSlot(slot, slotAnswer(request, isSame));
    if (known?.isShown !== true) {
      // What is recalled was a pool's already: nobody was given the zone's own records.
      const fixed = known === undefined ? served.zone.get(owner, type) : undefined;
      const era = isSame ? image.eraOf(slot) : 0;
      propagations?.bound({ request, slot, eraBefore, era, staticTtlSeconds: fixed?.ttl });
    }
    return { slot, eraBefore };
  }

  /**
   * Takes what a slot answers as the zone's, and has the name answered by it.
   *
   * @param isTold it counts as told: now, or by who calls this.
   */
  #take(
    served: ServedZone,
    { slot, isTold }: { readonly slot: number; readonly isTold: boolean },
    request: LiveRequest,
  ): Taken {
    const { owner, type, key, rdatas } = request;
    const known = served.live.get(key);
    const rrset = { owner, type, ttl: request.ttlMinSeconds, rdatas };
    const before = known === undefined ? served.zone.get(owner, type) : known.told;
    // A recalled TTL that nobody was told of is the pool's.
    const due = before && known?.isTtlLost === true ? { ...before, ttl: rrset.ttl } : before;
    const told = isTold ? rrset : due;
    const live = { owner, type, slot, rrset, told, pick: request.pick, isShown: true };
    served.live.set(key, live);
    const wasResumed = this.#parts.resumed.delete(key);
    const isBound = known?.isShown === true || wasResumed;
    reserveAhead(served, this.#ports);
    // Nobody waits for it: where a new base has to be compiled, the zone's own records go on till then.
    if (!isBound) this.#parts.hand.show(served, [{ owner, type }])?.catch(() => undefined);
    return { known, live, before: due };
  }

  /** What follows from a swap that is visible. */
  #follow(served: ServedZone, swap: Revealed): void {
    const { time, writer, emit } = this.#ports;
    const { id, request, story, live, before, wallMs: publishedWallMs, atMs, ...place } = swap;
    const publishMs = Math.round((atMs - story.decidedMs) * 1000) / 1000;
    // Where none is reserved any more the next one is taken all the same: a failover waits for no
    // disk, and only a crash before the store has heard of it could bring that serial back.
    const serial = advanceSerial(served.serial);
    served.serial = serial;
    served.publishedWallMs = publishedWallMs;
    this.#parts.showSoa(served);
    reserveAhead(served, this.#ports);
    const visible = { id, request, story, serial, zone: served.display, publishMs };
    const changed = { origin: served.origin, before, after: live.rrset, publishedWallMs };
    const stored = journalSwap(writer, visible, changed);
    announceSwap(visible, stored, { time, emit });
    this.#ports.propagations?.swapped({ ...visible, ...place, before, stored });
  }
}
