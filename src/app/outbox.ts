// What is said in one turn of the loop goes out as one message: ten thousand swaps of one moment would
// otherwise be as many copies between two threads, each with a price of its own.

/** So much at most waits for the end of a turn. */
const WAITING_MAX = 512;

/** Gathers what is put into it and sends it together, in its order, before the next turn begins. */
export class Outbox<T> {
  readonly #send: (all: readonly T[]) => void;
  #waiting: T[] = [];

  constructor(send: (all: readonly T[]) => void) {
    this.#send = send;
  }

  put(one: T): void {
    if (this.#waiting.length === 0) queueMicrotask(() => this.flush());
    this.#waiting.push(one);
    if (this.#waiting.length >= WAITING_MAX) this.flush();
  }

  /** Sends what waits now: for a thread that ends. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const all = this.#waiting;
    this.#waiting = [];
    this.#send(all);
  }
}
