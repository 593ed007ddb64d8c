// Stores what has become of swaps that spread: soon after it changed, and again where the store failed.

import type { Time } from "../base/clock.ts";
import type { PropagationStore, StoredPropagation } from "./ports-propagation.ts";

const AGAIN_MS = 5000;

/** What is not stored yet. */
export class StoryKeeper {
  readonly #time: Time;
  readonly #store: PropagationStore;
  /** The story as it is now, with wall times; undefined: it is not followed any more. */
  readonly #story: (swapId: number, toWall: number) => StoredPropagation | undefined;
  readonly #unsaved = new Set<number>();
  #isSaving = false;
  #isClosed = false;

  constructor(
    ports: { readonly time: Time; readonly store: PropagationStore },
    story: (swapId: number, toWall: number) => StoredPropagation | undefined,
  ) {
    this.#time = ports.time;
    this.#store = ports.store;
    this.#story = story;
  }

  /** The swap's story is another one since it was stored. */
  changed(swapId: number): void {
    this.#unsaved.add(swapId);
    this.#soon();
  }

  /** Stores all of it. */
  async save(): Promise<void> {
    if (this.#unsaved.size === 0) return;
    const ids = [...this.#unsaved];
    this.#unsaved.clear();
    const toWall = this.#time.wallMs() - this.#time.nowMs();
    const stories = ids.flatMap((id) => this.#story(id, toWall) ?? []);
    try {
      await this.#store.savePropagations(stories);
    } catch {
      for (const id of ids) this.#unsaved.add(id);
      if (!this.#isClosed) this.#time.after(AGAIN_MS, () => this.#soon());
    }
  }

  /** Nothing is stored by itself from now on; `save` may still be called. */
  close(): void {
    this.#isClosed = true;
  }

  #soon(): void {
    if (this.#isSaving || this.#isClosed) return;
    this.#isSaving = true;
    this.#time.after(0, () => {
      this.#isSaving = false;
      void this.save();
    });
  }
}
