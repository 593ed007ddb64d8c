// When memory may be rewritten: after every reader that was at work when it was replaced has moved
// on.

import { ImageError, READER_SET, readerCount, readerWord } from "./memory.ts";

/** A reader's batch takes well under a millisecond; one that takes a second is not coming back. */
export const READER_WAIT_MS = 1000;
const STEP_MS = 0.1;

/** Counts what was retired and knows how much of it nobody reads any more. */
export class Grace {
  private readonly control: Int32Array;
  private readonly stepsMax: number;
  private retired = 0;
  private safe = -1;
  /** The readers' epochs when something was last retired: who was at work may still read it. */
  private readonly epochs: Int32Array;

  /** @param waitMs the longest that `wait` blocks for one reader. */
  constructor(control: SharedArrayBuffer, waitMs: number) {
    this.control = new Int32Array(control);
    this.stepsMax = Math.max(1, Math.round(waitMs / STEP_MS));
    this.epochs = new Int32Array(readerCount(this.control));
    this.retire();
  }

  /** The ticket of what has just been replaced; call it after the replacing store. */
  retire(): number {
    const { control, epochs } = this;
    for (let reader = 0; reader < epochs.length; reader++) {
      epochs[reader] = Atomics.load(control, readerWord(reader));
    }
    this.retired++;
    return this.retired;
  }

  /**
   * Waits until nobody reads what the ticket stands for. Costs nothing where that is known already.
   *
   * @throws ImageError IMAGE_READER_STUCK when a reader's batch outlasts the wait: its thread
   *   hangs.
   *   Nothing was rewritten, and the call may be repeated once `clearReader` was called for it.
   */
  wait(ticket: number): void {
    if (ticket <= this.safe) return;
    for (const [reader, epoch] of this.epochs.entries()) this.waitForReader(reader, epoch);
    this.safe = this.retired;
  }

  /** Whether every reader that is there uses the set `id` or a newer one. */
  isAdopted(id: number): boolean {
    const readers = readerCount(this.control);
    for (let reader = 0; reader < readers; reader++) {
      const used = Atomics.load(this.control, readerWord(reader) + READER_SET);
      if (used !== 0 && used < id) return false;
    }
    return true;
  }

  private waitForReader(reader: number, epoch: number): void {
    const word = readerWord(reader);
    if ((epoch & 1) === 0 || Atomics.load(this.control, word) !== epoch) return;
    for (let step = 0; step < this.stepsMax; step++) {
      if (Atomics.wait(this.control, word, epoch, STEP_MS) !== "timed-out") return;
    }
    throw new ImageError(
      "IMAGE_READER_STUCK",
      `Cannot rewrite the image: reader ${reader} does not leave its batch`,
    );
  }
}
