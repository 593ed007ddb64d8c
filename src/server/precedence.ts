// When an answer thread may go first on its core: while what it takes of it is little. Then a question
// waits for nobody, and whoever else wants the core hardly notices. Under a flood it takes its turn
// like any other thread, so that probing and failover keep their share (docs/decisions/0043).

import type { Scheduling } from "./scheduling.ts";

/** What a thread took of its core is looked at over so long, at least. */
const LOOK_MS = 20;
/**
 * One that goes first takes its turn again from this part of its share on: less than it would have
 * beside control when it takes turns, so that control never gets less for it,
 */
const TURNS_FROM = 0.6;
/** and one that takes turns goes first again below this one. */
const FIRST_BELOW = 0.45;

/** Lets one thread go first or take its turn, by what it takes of its core. */
export class Precedence {
  readonly #scheduling: Scheduling;
  readonly #coreShare: number;
  #isFirst = false;
  #isRefused = false;
  #lookedMs: number;
  #cpuMs: number;

  /**
   * Begins among those that take turns.
   *
   * @param of.coreShare what the thread has of a core when all of its kind are busy; 0 to 1.
   */
  constructor(scheduling: Scheduling, of: { readonly nowMs: number; readonly coreShare: number }) {
    this.#scheduling = scheduling;
    this.#coreShare = of.coreShare;
    this.#lookedMs = of.nowMs;
    this.#cpuMs = scheduling.cpuMs();
  }

  /** Asks to go first; returns why that was refused, if so. Then it takes turns for good. */
  begin(): string | undefined {
    const outcome = this.#scheduling.goFirst();
    this.#isFirst = outcome.kind === "granted";
    this.#isRefused = !this.#isFirst;
    return outcome.kind === "refused" ? outcome.why : undefined;
  }

  /** To be called between batches, as often as there are some: costs a comparison most times. */
  look(nowMs: number): void {
    const passedMs = nowMs - this.#lookedMs;
    if (passedMs < LOOK_MS || this.#isRefused) return;
    const cpuMs = this.#scheduling.cpuMs();
    const part = (cpuMs - this.#cpuMs) / (passedMs * this.#coreShare);
    this.#lookedMs = nowMs;
    this.#cpuMs = cpuMs;
    if (this.#isFirst && part >= TURNS_FROM) {
      // Whoever may go first may go back.
      this.#scheduling.takeTurns();
      this.#isFirst = false;
    } else if (!this.#isFirst && part < FIRST_BELOW) {
      this.begin();
    }
  }
}
