// The client's load: as many questions a second as it is told, each counted until it is answered.

import { createSocket, type Socket } from "node:dgram";
import { decode, encode } from "./client-asking.ts";
import type { Lane, Say } from "./seen.ts";

const BATCH_MS = 10;
/** An answer that is later than this is lost. */
const LATE_MS = 1000;
const WAITING_MAX = 100;

/** Asks a lane at a rate. */
export class Load {
  readonly #lane: Lane;
  readonly #owner: string;
  readonly #say: Say;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  /** Questions without an answer yet, by id, and when they were asked. */
  readonly #waiting = new Map<number, number>();
  #sent = 0;
  #lost = 0;
  #bad = 0;
  #slowestMs = 0;

  constructor(lane: Lane, owner: string, say: Say) {
    this.#lane = lane;
    this.#owner = owner;
    this.#say = say;
    this.#socket = createSocket("udp4");
    this.#socket.on("message", (message) => this.#take(message));
  }

  /** So many a second from now on; 0 ends it and says what became of them. */
  rate(perSecond: number): void {
    clearInterval(this.#timer);
    if (perSecond === 0) {
      setTimeout(() => this.#tell(), LATE_MS);
      return;
    }
    const fromMs = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - fromMs) * perSecond) / 1000);
      this.#forget();
      // A client that was asleep does not make up for it in one burst, which no buffer would hold.
      for (; sent < due && this.#waiting.size < WAITING_MAX; sent++) this.#ask();
    }, BATCH_MS);
  }

  #ask(): void {
    const id = this.#sent % 0x10000;
    this.#sent++;
    this.#waiting.set(id, performance.now());
    this.#socket.send(encode(id, this.#owner), 53, this.#lane.address);
  }

  #take(message: Buffer): void {
    const { id, data } = decode(message);
    const askedMs = this.#waiting.get(id);
    if (askedMs === undefined) return;
    this.#waiting.delete(id);
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - askedMs);
    if (data.length !== 1) this.#bad++;
  }

  /** Who has waited for too long waits for nothing. The oldest come first. */
  #forget(): void {
    for (const [id, askedMs] of this.#waiting) {
      if (askedMs > performance.now() - LATE_MS) return;
      this.#waiting.delete(id);
      this.#lost++;
    }
  }

  #tell(): void {
    const [sent, lost, bad] = [this.#sent, this.#lost + this.#waiting.size, this.#bad];
    const slowestMs = Math.round(this.#slowestMs);
    this.#say({ kind: "load", atMs: Date.now(), sent, lost, bad, slowestMs });
  }
}
