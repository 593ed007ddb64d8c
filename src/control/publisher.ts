// The two publish orders. Edits: durable, then visible, then announced. Swaps: visible at once,
// durable right behind, announced with what is true of them. Nothing else touches the image.

import { type Name, nameKey } from "../dns/name.ts";
import { advanceSerial } from "../dns/serial.ts";
import { TYPE } from "../dns/types.ts";
import { event } from "../events/event.ts";
import { withSerial } from "../zone/soa.ts";
import { type LiveRequest, publishedSentence, type SwapStory } from "./announce.ts";
import {
  commitOf,
  countRecords,
  type EditRequest,
  isNotSoa,
  poolsCommit,
  present,
  soaBefore,
  storeEdit,
  visibleChange,
} from "./edits.ts";
import { ImageHand, type ImageHandPorts } from "./image-hand.ts";
import { LiveAnswers, type LivePorts } from "./live-answers.ts";
import { NOTHING, type Recalled, recalledAnswers, unboundServing } from "./recall.ts";
import { reserveAhead } from "./reservations.ts";
import { answerKey, type LiveAnswer, type ServedZone } from "./served-zone.ts";
import { Silence } from "./silence.ts";
import { type KeptSnapshot, stampOf } from "./snapshots.ts";
import { Unshown } from "./unshown.ts";

/** What the publisher is given. */
export interface PublisherPorts extends ImageHandPorts, LivePorts {
  /** Told of every serial that is answered from now on, before anybody can have asked for it. */
  readonly shown?: (served: ServedZone) => void;
}

/** Owns what is served: every zone, and the only hands on the image. */
export class Publisher {
  readonly #ports: PublisherPorts;
  readonly #zones = new Map<string, ServedZone>();
  readonly #staleSoas = new Set<ServedZone>();
  readonly #hand: ImageHand;
  #soasShown = 0;
  /** Zones that have nothing to say. */
  readonly silence: Silence;
  /** Zones whose image is not what they say yet. */
  readonly unshown = new Unshown();
  readonly #live: LiveAnswers;
  /** Names that a resumed image has bound to live answers, until their pools show them again. */
  readonly #resumed = new Set<string>();

  constructor(ports: PublisherPorts, lastSwapId: number) {
    this.#ports = ports;
    const { image } = ports;
    this.silence = new Silence({
      ...{ image, load: () => this.load(), showSoa: (served) => this.#publishSoa(served) },
    });
    this.#hand = new ImageHand(ports, this.#zones, () => this.silence.emptyZones);
    this.#live = new LiveAnswers(
      ports,
      {
        ...{ zones: this.#zones, resumed: this.#resumed, hand: this.#hand },
        showSoa: (served) => this.#showSoa(served),
      },
      lastSwapId,
    );
  }

  get zones(): ReadonlyMap<string, ServedZone> {
    return this.#zones;
  }

  /** The live answer that a zone's SOA is to be shown by. */
  soaSlotFor(origin: Name): number {
    return this.#ports.image.slotFor(origin, TYPE.SOA);
  }

  /**
   * Serves a zone from the next `load` on.
   *
   * @param journaledSerial where its journal ends.
   * @param recalled what the last run answered for its pools: the first swap, or the loss of a pool,
   *   is told from there.
   */
  install(served: ServedZone, journaledSerial: number, recalled: Recalled = NOTHING): void {
    this.#zones.set(nameKey(served.origin), served);
    this.silence.release(served.origin);
    this.#publishSoa(served);
    this.#ports.writer.continueFrom(served.origin, journaledSerial);
    for (const live of recalledAnswers(recalled, this.#ports.image)) {
      served.live.set(answerKey(live.owner, live.type), live);
    }
    reserveAhead(served, this.#ports);
  }

  /** Serves a zone no more, from the next `load` on. */
  remove(origin: Name): void {
    const served = this.#zones.get(nameKey(origin));
    if (served === undefined) return;
    this.silence.forget(served);
    for (const live of served.live.values()) this.#ports.image.freeSlot(live.slot);
    this.#ports.image.freeSlot(served.soaSlot);
    this.#zones.delete(nameKey(origin));
  }

  /**
   * Goes on with an image that shows what is stored; call it before zones are installed, and `settle`
   * behind them.
   */
  resume(bindings: readonly string[]): void {
    for (const binding of bindings) this.#resumed.add(binding);
    this.#hand.resume();
  }

  /**
   * Ends the opening of `zones` zones: a base is compiled unless the resumed one serves exactly these
   * and has no name bound to a pool that is gone.
   */
  async settle(zones: number): Promise<void> {
    const isSame = this.#resumed.size === 0 && !this.silence.isAny;
    const isComplete = isSame && this.#zones.size === zones;
    this.#resumed.clear();
    if (!this.#hand.isLoaded || !isComplete) await this.load();
  }

  /** Counts what was shown: a copy of the image is true while this has not moved since. */
  get changes(): number {
    return this.#hand.changes + this.#soasShown;
  }

  /** What there is to copy of the image and what it stands for; undefined while it is being edited. */
  snapshot(): KeptSnapshot | undefined {
    if (this.unshown.size > 0 || this.silence.isAny) return undefined;
    const snapshot = this.#ports.image.snapshot();
    return snapshot === undefined ? undefined : { ...snapshot, stamp: stampOf(this.#zones) };
  }

  /** Compiles everything anew and hands it to the answer threads: when zones have come or gone. */
  load(): Promise<void> {
    return this.#hand.load();
  }

  // --- edits: durable, visible, announced -------------------------------------------------------

  /**
   * Publishes a change of a zone's static records. Edits of one zone must not overlap.
   *
   * @throws EditError when the store refuses: nothing has then changed.
   */
  edit(served: ServedZone, edit: EditRequest): Promise<void> {
    return this.#unshownUntil(served, () => this.#edit(served, edit));
  }

  async #edit(served: ServedZone, edit: EditRequest): Promise<void> {
    const { time, writer, emit } = this.#ports;
    const { removed, added } = visibleChange(served, edit);
    const gone = [...soaBefore(served, edit), ...removed];
    const { origin } = served;
    const { chooseSerial, cause } = edit;
    const { journal } = await storeEdit(served, writer, {
      chooseSerial,
      make: (serials) => {
        const wallMs = time.wallMs();
        return commitOf(edit, { origin, ...serials, cause, wallMs, removed: gone, added });
      },
    });
    served.zone = edit.after;
    served.fileSerial = edit.fileSerial;
    served.publishedWallMs = time.wallMs();
    const shown = this.#hand.show(served, edit.changes.filter(isNotSoa));
    if (shown !== undefined) await shown;
    this.#publishSoa(served);
    reserveAhead(served, this.#ports);
    // Nobody was shown anything new where the file's serial alone went back.
    const { serialBefore, serialAfter: serial } = journal;
    if (edit.changes.length === 0 && serial === serialBefore) return;
    const counts = { added: countRecords(added), removed: countRecords(removed) };
    emit(
      event("zone.published", publishedSentence(served.display, edit.cause, serial, counts), {
        zone: served.display,
        cause: edit.cause,
        serialBefore,
        serial,
        ...counts,
        ...(edit.file === undefined ? {} : { file: edit.file }),
      }),
    );
  }

  // --- live answers: visible, durable, announced ------------------------------------------------

  /** Makes a pool's answer visible without a swap (`LiveAnswers.show`). */
  show(request: LiveRequest): void {
    this.#live.show(request);
  }

  /** Makes a pool's new answer visible now, and does the rest behind (`LiveAnswers.swap`). */
  swap(request: LiveRequest, story: () => SwapStory): number {
    return this.#live.swap(request, story);
  }

  /** Gives names back to the zone's static records: their pools are gone. */
  async unbind(served: ServedZone, live: readonly LiveAnswer[]): Promise<void> {
    if (live.length > 0) await this.#unshownUntil(served, () => this.#unbind(served, live));
  }

  async #unbind(served: ServedZone, live: readonly LiveAnswer[]): Promise<void> {
    const statics = present(live.map((entry) => served.zone.get(entry.owner, entry.type)));
    const told = present(live.map((entry) => entry.told));
    const removed = told.filter((rrset) => rrset.rdatas.length > 0);
    const gone = live.map(({ owner, type }) => ({ owner, type, packed: undefined }));
    const { time, store, image, writer } = this.#ports;
    await storeEdit(served, writer, {
      chooseSerial: advanceSerial,
      make: (serials) =>
        poolsCommit(served, { ...serials, wallMs: time.wallMs(), removed, added: statics }, gone),
    });
    const unbound = live.map(({ owner, type }) => unboundServing(owner, type, time.wallMs()));
    store.saveServings(unbound).catch((error: unknown) => writer.noteRefused(error));
    for (const { owner, type } of live) {
      served.live.delete(answerKey(owner, type));
      this.#resumed.delete(answerKey(owner, type));
    }
    const shown = this.#hand.show(served, live);
    if (shown !== undefined) await shown;
    for (const entry of live) image.freeSlot(entry.slot);
  }

  // --- inside -----------------------------------------------------------------------------------

  /**
   * Takes no snapshot until `publish` has shown what it has taken a serial for. A swap meanwhile is
   * answered at once, but its serial is shown behind the edit's records: shown before them, it would
   * stand for two contents, and a secondary that has the first would never ask for the second.
   */
  async #unshownUntil(served: ServedZone, publish: () => Promise<void>): Promise<void> {
    this.unshown.add(served);
    try {
      await publish();
    } finally {
      this.unshown.delete(served);
      this.#showSoa(served);
    }
  }

  /** Brings the zone's SOA up to its serial, once for all swaps of one moment. */
  #showSoa(served: ServedZone): void {
    if (this.#staleSoas.size === 0) queueMicrotask(() => this.#showSoas());
    this.#staleSoas.add(served);
  }

  #showSoas(): void {
    const stale = [...this.#staleSoas];
    this.#staleSoas.clear();
    for (const served of stale) if (!this.unshown.has(served)) this.#publishSoa(served);
  }

  /** The SOA is a live answer too: a serial that moves rewrites no name and no base. */
  #publishSoa(served: ServedZone): void {
    if (served.silence !== undefined) return;
    this.#soasShown++;
    const { ttl, rdatas } = withSerial(served.zone.soa, served.serial);
    this.#ports.image.publishSlot(served.soaSlot, { picker: "first", ttl, variants: [rdatas] });
    served.shownSerial = served.serial;
    this.#ports.shown?.(served);
  }
}
