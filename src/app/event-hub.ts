// The one place all events pass, whichever thread they come from: stamped, printed, kept for a while
// and passed to the control thread, whose API shows them live.

import type { Clock } from "../base/clock.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { Happened } from "../events/happened.ts";
import { levelOf } from "../events/level.ts";
import { Outbox } from "./outbox.ts";

/** Prints an event. Never throws, never waits. */
export type Printer = (event: LivezoneEvent, wallMs: number) => void;

/** What a control thread that is started anew is told of the past. */
const RECENT_MAX = 2048;

/** Stamps and numbers events. What is only worth a debug line is printed and not kept. */
export class EventHub {
  readonly #clock: Clock;
  readonly #print: Printer;
  readonly #passed: Outbox<Happened>;
  readonly #run: number;
  #number = 0;
  readonly #recent: Happened[] = [];

  /** @param pass given every numbered event, those of one turn together, for whoever listens. */
  constructor(clock: Clock, print: Printer, pass: (happened: readonly Happened[]) => void) {
    this.#clock = clock;
    this.#print = print;
    this.#passed = new Outbox(pass);
    this.#run = Math.round(clock.wallMs());
  }

  readonly emit = (event: LivezoneEvent): void => {
    const wallMs = Math.round(this.#clock.wallMs());
    this.#print(event, wallMs);
    if (levelOf(event.event) === "debug") return;
    const happened = { run: this.#run, number: ++this.#number, wallMs, event };
    // Twice the bound, then half of it goes at once: no shift for each event.
    if (this.#recent.length >= 2 * RECENT_MAX) this.#recent.splice(0, RECENT_MAX);
    this.#recent.push(happened);
    this.#passed.put(happened);
  };

  /** The newest events, oldest first, for a control thread that begins. */
  recent(): readonly Happened[] {
    return this.#recent.slice(-RECENT_MAX);
  }
}
