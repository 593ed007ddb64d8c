// Messages in one piece of memory, each behind its length, as on a stream: thousands of them cost what
// they hold, and another thread gets them without a copy.

import { newOctets } from "../zone/shared.ts";

const OCTETS_MIN = 0x1000;
const LENGTH_OCTETS = 2;

/** Collects messages. */
export class MessageFrames {
  #octets: Uint8Array = new Uint8Array(0);
  #end = 0;

  /** Copies a message of at most 65,535 octets. */
  add(message: Uint8Array): void {
    const end = this.#end + LENGTH_OCTETS + message.length;
    if (end > this.#octets.length) this.#grow(end);
    this.#octets[this.#end] = message.length >> 8;
    this.#octets[this.#end + 1] = message.length & 255;
    this.#octets.set(message, this.#end + LENGTH_OCTETS);
    this.#end = end;
  }

  /** All of them; nothing may be added any more. */
  done(): Uint8Array {
    return this.#octets.subarray(0, this.#end);
  }

  #grow(needed: number): void {
    const grown = newOctets(Math.max(OCTETS_MIN, needed, this.#octets.length * 2));
    grown.set(this.#octets.subarray(0, this.#end));
    this.#octets = grown;
  }
}

/** The messages in their order; each shares the memory of `frames`. */
export function* messagesIn(frames: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at + LENGTH_OCTETS <= frames.length; ) {
    const length = ((frames[at] ?? 0) << 8) | (frames[at + 1] ?? 0);
    at += LENGTH_OCTETS;
    yield frames.subarray(at, at + length);
    at += length;
  }
}
