// When memory may be rewritten: after every reader that was at work when it was replaced has moved on.

import { ImageError, READER_SET, readerCount, readerWord } from "./memory.ts";

/** A reader's batch takes well under a millisecond; one that takes a second is not coming back. */
const STEP_MS = 0.1;
const STEPS_MAX = 10_000;

/** Counts what was retired and knows how much of it nobody reads any more. */
export class Grace {
  private readonly control: Int32Array;
  private retired = 1;
  private safe = 0;

  constructor(control: SharedArrayBuffer) {
    this.control = new Int32Array(control);
  }

  /** The ticket of what has just been replaced; call it after the replacing store. */
  retire(): number {
    this.retired++;
    return this.retired;
  }

  /** The ticket of everything replaced before now, by this writer or by one before it. */
  get latest(): number {
    return this.retired;
  }

  /**
   * Waits until nobody reads what the ticket stands for. Costs nothing where that is known already.
   *
   * @throws ImageError IMAGE_READER_STUCK after about a second: the reader's thread hangs; nothing was
   *   rewritten, and the call may be repeated once `clearReader` was called for it.
   */
  wait(ticket: number): void {
    if (ticket <= this.safe) return;
    const upTo = this.retired;
    const readers = readerCount(this.control);
    for (let reader = 0; reader < readers; reader++) this.waitForReader(reader);
    this.safe = upTo;
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

  private waitForReader(reader: number): void {
    const word = readerWord(reader);
    const epoch = Atomics.load(this.control, word);
    if ((epoch & 1) === 0) return;
    for (let step = 0; step < STEPS_MAX; step++) {
      if (Atomics.wait(this.control, word, epoch, STEP_MS) !== "timed-out") return;
    }
    throw new ImageError(
      "IMAGE_READER_STUCK",
      `Cannot rewrite the image: answer thread ${reader} has been in one batch for a second`,
    );
  }
}
