// Swaps that are followed: found by their number, and by the answer that they moved, without looking
// at all others. Ten thousand may be followed after one fault.

import { isOpen } from "../propagation/book.ts";
import type { Tracked } from "./propagation-story.ts";

/** Swaps whose story is kept in memory; older ones are asked of the store. */
const TRACKED_MAX = 2000;
/** Where more are open than may be kept, those that are over are looked for again at a tenth more. */
const GROWTH = 1.1;

/** Keeps those whose book is open, of the others the newest, and the newest of all. */
export class TrackedSwaps {
  readonly #all = new Map<number, Tracked>();
  /** By the key of their answer, the oldest first. */
  readonly #byKey = new Map<string, Tracked[]>();
  #newest = 0;
  #forgetAt = TRACKED_MAX;

  /** The number of the newest; 0: none was added. */
  get newest(): number {
    return this.#newest;
  }

  get(id: number): Tracked | undefined {
    return this.#all.get(id);
  }

  /** In the order in which they were added. */
  values(): readonly Tracked[] {
    return [...this.#all.values()];
  }

  /** Those of one answer, the oldest first. */
  of(key: string): readonly Tracked[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Follows a swap, in the place of what was known under its number. */
  add(tracked: Tracked): void {
    const { swap } = tracked.book;
    this.#remove(swap);
    this.#all.set(swap, tracked);
    this.#newest = Math.max(this.#newest, swap);
    const ofKey = [...this.of(tracked.key), tracked];
    this.#byKey.set(
      tracked.key,
      ofKey.sort((a, b) => a.book.swap - b.book.swap),
    );
    if (this.#all.size > this.#forgetAt) this.#forget();
  }

  #forget(): void {
    for (const [id, { book }] of this.#all) {
      if (this.#all.size <= TRACKED_MAX) break;
      if (id !== this.#newest && !isOpen(book)) this.#remove(id);
    }
    const isFull = this.#all.size > TRACKED_MAX;
    this.#forgetAt = isFull ? Math.ceil(this.#all.size * GROWTH) : TRACKED_MAX;
  }

  #remove(id: number): void {
    const known = this.#all.get(id);
    if (known === undefined) return;
    this.#all.delete(id);
    const others = this.of(known.key).filter((one) => one !== known);
    if (others.length === 0) this.#byKey.delete(known.key);
    else this.#byKey.set(known.key, others);
  }
}
