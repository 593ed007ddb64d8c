// Changes through the API, the newest of them at hand: who, what, why. The log keeps all of them.

import type { Clock } from "../base/clock.ts";
import { emptyRing, entriesOf, pushed, type Ring } from "../base/ring.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { Announce } from "./routes.ts";

const KEPT_MAX = 1000;

/** A change, and when it was made. */
export type ChangeRecord = { readonly wallMs: number } & Omit<
  Extract<LivezoneEvent, { event: "api.changed" }>,
  "event" | "msg"
>;

/** Passes on what is announced, and remembers changes. */
export class Changes {
  #ring: Ring<ChangeRecord> = emptyRing(KEPT_MAX);
  readonly #clock: Pick<Clock, "wallMs">;
  readonly #emit: Announce;

  constructor(clock: Pick<Clock, "wallMs">, emit: Announce) {
    this.#clock = clock;
    this.#emit = emit;
  }

  readonly announce: Announce = (happened) => {
    this.#emit(happened);
    if (happened.event !== "api.changed") return;
    const { event: _event, msg: _msg, ...fields } = happened;
    this.#ring = pushed(this.#ring, { wallMs: Math.round(this.#clock.wallMs()), ...fields });
  };

  /** Newest first. */
  newest(limit: number): ChangeRecord[] {
    return entriesOf(this.#ring).slice(-limit).reverse();
  }
}
