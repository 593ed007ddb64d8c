// One life of a thread or process: when it ends, nothing that belonged to it happens any more. Its
// timers never run, what it asked of the store is answered to nobody, and what it says is not heard.

import type { Cancel, Time } from "../../src/base/clock.ts";
import type { StorePort } from "../../src/control/ports.ts";

/** A life, and the world as it is seen from within it. */
export class Life {
  readonly time: Time;
  #isOver = false;

  constructor(time: Time) {
    this.time = {
      nowMs: () => time.nowMs(),
      wallMs: () => time.wallMs(),
      after: (delayMs, run): Cancel =>
        this.#isOver ? () => undefined : time.after(delayMs, () => this.run(run)),
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Runs something of this life, unless it is over. */
  run(run: () => void): void {
    if (!this.#isOver) run();
  }

  /** The store as this life knows it: after its end it asks nothing and hears nothing. */
  store(store: StorePort): StorePort {
    const lived = <A extends readonly unknown[], T>(ask: (...args: A) => Promise<T>) => {
      return (...args: A): Promise<T> =>
        new Promise<T>((resolve, reject) => {
          if (this.#isOver) return;
          ask(...args).then(
            (value) => this.run(() => resolve(value)),
            (error: unknown) => this.run(() => reject(error)),
          );
        });
    };
    return {
      readState: lived(store.readState),
      readZone: lived(store.readZone),
      commitZone: lived(store.commitZone),
      commitSwaps: lived(store.commitSwaps),
      reserveSerials: lived(store.reserveSerials),
      dropZone: lived(store.dropZone),
      saveBeliefs: lived(store.saveBeliefs),
      saveServings: lived(store.saveServings),
      saveDampings: lived(store.saveDampings),
      saveHandover: lived(store.saveHandover),
      saveForced: lived(store.saveForced),
      addRollups: lived(store.addRollups),
      readSwaps: lived(store.readSwaps),
      saveTold: lived(store.saveTold),
      saveCopy: lived(store.saveCopy),
      saveDrain: lived(store.saveDrain),
      readDrains: lived(store.readDrains),
      saveDrill: lived(store.saveDrill),
      readDrills: lived(store.readDrills),
      readJournal: lived(store.readJournal),
      savePropagations: lived(store.savePropagations),
      readPropagations: lived(store.readPropagations),
      backup: lived(store.backup),
      prune: lived(store.prune),
      close: lived(store.close),
    };
  }
}
