// The one hand that changes the image: bases, edits and live answers. It lives in the control
// thread; after a restart of that thread a new one takes up the same memory and begins with `load`.

import { present } from "../base/assert.ts";
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
import { copyEdits } from "./overlay-copy.ts";
import { ReasonWriter } from "./reasons.ts";
import { type SlotAnswer, Slots } from "./slots.ts";
import { copySlots } from "./snapshot.ts";

export type { ImageZone, LiveBinding } from "./compile.ts";
export type { SlotAnswer } from "./slots.ts";

/** What an edit touched in one zone: the RRsets that differ, or that became live or static. */
export interface ZoneEdit {
  readonly origin: Name;
  readonly touched: readonly RRsetKey[];
}

/** A base that is being compiled: the slots that it names. */
export interface BasePlan {
  readonly bound: ReadonlySet<number>;
}

/** What was edited while a base was compiled. */
export interface EditsSince {
  readonly zones: readonly ImageZone[];
  readonly edits: readonly ZoneEdit[];
}

/** What a later process resumes from: a base, and copies of the edits since and of the slots. */
export interface ImageSnapshot {
  readonly set: ImageSet;
  readonly edits: Uint8Array;
  readonly slots: Uint8Array;
}

/** Writes an image. There must be only one at a time. */
export class ImageWriter {
  private readonly control: Int32Array;
  private readonly grace: Grace;
  private readonly slots: Slots;
  private readonly slotMemory: SharedArrayBuffer;
  private readonly reasons: ReasonWriter;
  private set: ImageSet;
  /** Missing until the first `load` and after "full": edits then ask for a new base. */
  private overlay: Overlay | undefined;

  /** @param options.readerWaitMs how long a publish waits for one reader; default 1000. */
  constructor(memory: ImageMemory, options: { readonly readerWaitMs?: number } = {}) {
    this.control = new Int32Array(memory.control);
    this.grace = new Grace(memory.control, options.readerWaitMs ?? READER_WAIT_MS);
    this.slots = new Slots(memory.slots, this.grace);
    this.slotMemory = memory.slots;
    this.reasons = new ReasonWriter(memory.reasons);
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
    const plan = this.plan(zones);
    return present(this.adopt(plan, compileBase(zones)), "a base that nothing was edited behind");
  }

  /**
   * Begins a `load` that compiles elsewhere: `compileBase` of these zones, then `adopt`. Edits go
   * on meanwhile, and are noted by the caller.
   */
  plan(zones: readonly ImageZone[]): BasePlan {
    const bound = new Set<number>();
    for (const imageZone of zones) {
      for (const { slot } of imageZone.live) bound.add(slot);
      this.publishStatic(imageZone);
    }
    return { bound };
  }

  /**
   * Ends a `load` with the base that was compiled. The new set holds what was edited since the plan
   * before anybody can read it.
   *
   * @param since the edits since then, and their zones as they are now.
   * @returns undefined when those edits do not fit: what was served is served on, and the caller
   *   begins again.
   */
  adopt(plan: BasePlan, base: SharedArrayBuffer, since?: EditsSince): ImageSet | undefined {
    const overlay = createOverlay(overlaySizes(this.set.overlay));
    const id = (this.control[CONTROL_SET] ?? 0) + 1;
    const set = { id, base, overlay };
    const edited = new Overlay(set, this.grace);
    if (since !== undefined && since.edits.length > 0) {
      if (!applyEdits(edited, since.zones, since.edits)) return undefined;
    }
    Atomics.store(this.control, CONTROL_SET, id);
    this.set = set;
    this.overlay = edited;
    this.slots.setPublished(id, plan.bound);
    return set;
  }

  /**
   * Takes up the memory's set as it is, instead of a `load`: for a set that shows what the zones hold
   * now. Slots keep their numbers and answers.
   */
  resume(): void {
    this.overlay = new Overlay(this.set, this.grace);
  }

  /**
   * What there is to copy so that a later process can `resume` from it; undefined while a new base is
   * due, because what is shown is not all there is.
   */
  snapshot(): ImageSnapshot | undefined {
    if (this.overlay === undefined) return undefined;
    const { set } = this;
    return { set, edits: copyEdits(set.overlay), slots: copySlots(this.slotMemory) };
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
    if (this.overlay === undefined) return "full";
    if (applyEdits(this.overlay, zones, edits)) return "published";
    this.overlay = undefined;
    return "full";
  }

  /** How much of the room for edits is used, 0 to 1; 1 also while there is none. */
  get editsShare(): number {
    return this.overlay?.usedShare ?? 1;
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

  /** Which answer a slot gives now (`HALF_ERA`); 0 where it was never published. */
  eraOf(slot: number): number {
    return this.slots.eraOf(slot);
  }

  /** Says why a slot gives the answer it gives now, for those who may see it. */
  explainSlot(slot: number, text: string): void {
    this.reasons.write(slot, this.slots.eraOf(slot), text);
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

/**
 * Shows all of the edits at once; false when the overlay cannot take them, and is of no use then.
 */
function applyEdits(
  overlay: Overlay,
  zones: readonly ImageZone[],
  edits: readonly ZoneEdit[],
): boolean {
  try {
    overlay.begin();
    for (const { origin, touched } of edits) {
      const imageZone = zones.find(({ zone }) => equalNames(zone.origin, origin));
      if (imageZone === undefined) throw new OverlayFull();
      applyEdit(overlay, imageZone, touched);
    }
    overlay.publish();
    return true;
  } catch (error) {
    if (!(error instanceof OverlayFull)) throw error;
    return false;
  }
}
