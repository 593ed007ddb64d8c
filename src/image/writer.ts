// The one hand that changes the image: bases, edits and live answers. It lives in the control thread;
// after a restart of that thread a new one takes up the same memory and begins with `load`.

import { equalNames, type Name } from "../dns/name.ts";
import type { RRsetKey } from "../zone/rrset.ts";
import { compileBase, type ImageZone } from "./compile.ts";
import { applyEdit } from "./edit.ts";
import { Grace, READER_WAIT_MS } from "./grace.ts";
import {
  CONTROL_SET,
  createOverlay,
  type ImageMemory,
  type ImageSet,
  overlaySizes,
} from "./memory.ts";
import { Overlay, OverlayFull } from "./overlay.ts";
import { copySlots, hasEdits } from "./snapshot.ts";
import { type SlotAnswer, Slots } from "./slots.ts";

export type { ImageZone, LiveBinding } from "./compile.ts";
export type { SlotAnswer } from "./slots.ts";

/** What an edit touched in one zone: the RRsets that differ, or that became live or static. */
export interface ZoneEdit {
  readonly origin: Name;
  readonly touched: readonly RRsetKey[];
}

/** What a later process resumes from: a base that holds all there is, and a copy of the slots. */
export interface ImageSnapshot {
  readonly set: ImageSet;
  readonly slots: Uint8Array;
}

/** Writes an image. There must be only one at a time. */
export class ImageWriter {
  private readonly control: Int32Array;
  private readonly grace: Grace;
  private readonly slots: Slots;
  private readonly slotMemory: SharedArrayBuffer;
  private set: ImageSet;
  /** Missing until the first `load` and after "full": edits then ask for a new base. */
  private overlay: Overlay | undefined;

  /** @param options.readerWaitMs how long a publish waits for one reader; default 1000. */
  constructor(memory: ImageMemory, options: { readonly readerWaitMs?: number } = {}) {
    this.control = new Int32Array(memory.control);
    this.grace = new Grace(memory.control, options.readerWaitMs ?? READER_WAIT_MS);
    this.slots = new Slots(memory.slots, this.grace);
    this.slotMemory = memory.slots;
    this.set = memory.set;
  }

  /**
   * Compiles a whole new base. The caller sends the set to every reader and to whoever starts new
   * ones; edits go into the new set from now on. A live slot that was never published starts with
   * the zone's own records.
   *
   * @throws ImageError IMAGE_TOO_LARGE; what was served before is served on.
   */
  load(zones: readonly ImageZone[]): ImageSet {
    const bound = new Set<number>();
    for (const imageZone of zones) {
      for (const { slot } of imageZone.live) bound.add(slot);
      this.publishStatic(imageZone);
    }
    const base = compileBase(zones);
    const overlay = createOverlay(overlaySizes(this.set.overlay));
    const id = Atomics.add(this.control, CONTROL_SET, 1) + 1;
    this.set = { id, base, overlay };
    this.overlay = new Overlay(this.set, this.grace);
    this.slots.setPublished(id, bound);
    return this.set;
  }

  /**
   * Takes up the memory's set as it is, instead of a `load`: for a set that shows what the zones hold
   * now and that nobody has edited. Slots keep their numbers and answers.
   */
  resume(): void {
    this.overlay = new Overlay(this.set, this.grace);
  }

  /**
   * What there is to copy so that a later process can `resume` from it; undefined before the first
   * base, and while edits are shown that no base holds.
   */
  snapshot(): ImageSnapshot | undefined {
    if (this.overlay === undefined || hasEdits(this.set)) return undefined;
    return { set: this.set, slots: copySlots(this.slotMemory) };
  }

  /** Whether every reader that is there uses the newest set. */
  adopted(): boolean {
    return this.grace.isAdopted(this.set.id);
  }

  /**
   * Shows edits of zones that the base holds, all of them at once; the cost is that of the changed
   * names.
   *
   * @param zones the zones as they are now; those without an edit are not looked at.
   * @returns "full" when the overlay cannot take the edit: the caller then calls `load`.
   * @throws ImageError IMAGE_READER_STUCK
   */
  edit(zones: readonly ImageZone[], edits: readonly ZoneEdit[]): "published" | "full" {
    const { overlay } = this;
    if (overlay === undefined) return "full";
    try {
      overlay.begin();
      for (const { origin, touched } of edits) {
        const imageZone = zones.find(({ zone }) => equalNames(zone.origin, origin));
        if (imageZone === undefined) throw new OverlayFull();
        applyEdit(overlay, imageZone, touched);
      }
      overlay.publish();
      return "published";
    } catch (error) {
      if (!(error instanceof OverlayFull)) throw error;
      this.overlay = undefined;
      return "full";
    }
  }

  /**
   * The live slot of an owner and type, the same one after every restart of control.
   *
   * @throws ImageError IMAGE_SLOTS_FULL
   */
  slotFor(owner: Name, type: number): number {
    return this.slots.slotFor(owner, type);
  }

  /**
   * Shows a slot's new answer at once, to every query that begins later.
   *
   * @throws ImageError IMAGE_SLOTS_FULL, IMAGE_READER_STUCK; the old answer then stays.
   */
  publishSlot(slot: number, answer: SlotAnswer): void {
    this.slots.publish(slot, answer);
  }

  /** Gives a slot back; it answers on until a later set without it is in use everywhere. */
  freeSlot(slot: number): void {
    this.slots.giveBack(slot);
  }

  private publishStatic({ zone, live }: ImageZone): void {
    for (const { owner, type, slot } of live) {
      if (this.slots.isPublished(slot)) continue;
      const rrset = zone.get(owner, type);
      const ttl = rrset?.ttl ?? 0;
      this.slots.publish(slot, { picker: "first", ttl, variants: [rrset?.rdatas ?? []] });
    }
  }
}
