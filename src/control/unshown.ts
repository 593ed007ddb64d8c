// Zones with an edit that has taken a serial and is not shown yet: the image is not what they say.

import type { ServedZone } from "./served-zone.ts";

/** Which zones those are, and who waits for them. */
export class Unshown {
  readonly #zones = new Set<ServedZone>();
  readonly #waiting = new Map<ServedZone, (() => void)[]>();

  get size(): number {
    return this.#zones.size;
  }

  has(served: ServedZone): boolean {
    return this.#zones.has(served);
  }

  add(served: ServedZone): void {
    this.#zones.add(served);
  }

  delete(served: ServedZone): void {
    this.#zones.delete(served);
    for (const tell of this.#waiting.get(served) ?? []) tell();
    this.#waiting.delete(served);
  }

  /** Resolves when the zone is shown: at once where it is. */
  async until(served: ServedZone): Promise<void> {
    while (this.#zones.has(served)) {
      await new Promise<void>((resolve) => {
        this.#waiting.set(served, [...(this.#waiting.get(served) ?? []), resolve]);
      });
    }
  }
}
