// Zones that are configured and have nothing to say: copies that have expired (RFC 1034 section 4.3.5)
// and such as no primary has given yet. All that is asked of them is answered SERVFAIL.

import { type Name, nameKey } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import type { ImageWriter, ImageZone } from "../image/writer.ts";
import { type ServedZone, silentZone } from "./served-zone.ts";

/** An SOA without records: what a silent zone is known by. */
const NO_SOA = { picker: "first", ttl: 0, variants: [[]] } as const;

/** Keeps zones silent. What it says is shown from the next base on. */
export class Silence {
  readonly #image: Pick<ImageWriter, "slotFor" | "publishSlot">;
  readonly #load: () => Promise<void>;
  readonly #showSoa: (served: ServedZone) => void;
  readonly #empty = new Map<string, ImageZone>();
  readonly #silent = new Set<ServedZone>();

  constructor(ports: {
    readonly image: Pick<ImageWriter, "slotFor" | "publishSlot">;
    /** Compiles a base of what is served. */
    readonly load: () => Promise<void>;
    readonly showSoa: (served: ServedZone) => void;
  }) {
    this.#image = ports.image;
    this.#load = ports.load;
    this.#showSoa = ports.showSoa;
  }

  /** Zones without any records. */
  get emptyZones(): readonly ImageZone[] {
    return [...this.#empty.values()];
  }

  /** Whether any zone is silent: what is shown then is not what is stored. */
  get isAny(): boolean {
    return this.#empty.size > 0 || this.#silent.size > 0;
  }

  /** A zone that nothing is known of yet. */
  hold(origin: Name): void {
    const soaSlot = this.#image.slotFor(origin, TYPE.SOA);
    this.#image.publishSlot(soaSlot, NO_SOA);
    this.#empty.set(nameKey(origin), silentZone(origin, soaSlot));
  }

  /** Its first records have come: `begin` and `end` keep it silent until they are shown. */
  release(origin: Name): void {
    this.#empty.delete(nameKey(origin));
  }

  /** A served zone says nothing any more; shown by the next base, or by `end`. */
  begin(served: ServedZone, silence: "whole" | "ending"): void {
    served.silence = silence;
    this.#silent.add(served);
    this.#image.publishSlot(served.soaSlot, NO_SOA);
  }

  /** A served zone is answered again when its records are in the image. */
  async end(served: ServedZone): Promise<void> {
    if (served.silence === undefined) return;
    // Until then its SOA stays empty: names that are not shown yet must not be denied.
    served.silence = "ending";
    await this.#load();
    if (served.silence !== "ending") return;
    served.silence = undefined;
    this.#silent.delete(served);
    this.#showSoa(served);
  }

  /** It is served no more. */
  forget(served: ServedZone): void {
    this.#silent.delete(served);
  }
}
