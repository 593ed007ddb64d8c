// The echo requests of all probes that are under way on one socket: who is asked, and who hears what
// comes back. The socket lives only as long as somebody waits.

import { randomBytes, randomInt } from "node:crypto";
import type { Cancel, Time } from "../../base/clock.ts";
import { echoRequest, MARK_OCTETS, readReply } from "./icmp-packet.ts";
import type { IcmpSocket } from "./icmp-socket.ts";

/** Node cannot wait for such a socket: it is looked at this often, and less when all is quiet. */
const LOOK_MS = 2;
const LOOK_LATER_MS = 10;
const BUSY_MS = 50;
/** Packets taken in one look: others get their turn too. */
const PACKETS_MAX = 256;
const SEQUENCES = 0x1_0000;

/** One who waits for the replies to its requests. */
export interface Waiter {
  readonly address: string;
  replied(): void;
  /** @param isHard the target itself said so. */
  unreachable(why: string, isHard: boolean): void;
}

/** One socket's exchange. */
export class IcmpExchange {
  readonly #time: Time;
  readonly #socket: IcmpSocket;
  readonly #closed: () => void;
  readonly #id = randomInt(1, 0x1_0000);
  /** Guards against whoever guesses, or happens to use, the same id. */
  readonly #mark = randomBytes(MARK_OCTETS).toString("latin1");
  readonly #waiting = new Map<number, Waiter>();
  readonly #sent = new Map<Waiter, number[]>();
  #sequence = randomInt(SEQUENCES);
  #lastSentMs = 0;
  #cancelLook: Cancel | undefined;

  constructor(time: Time, socket: IcmpSocket, closed: () => void) {
    this.#time = time;
    this.#socket = socket;
    this.#closed = closed;
  }

  get way(): IcmpSocket["way"] {
    return this.#socket.way;
  }

  /** Sends one request for `waiter`. @throws what the socket throws; `leave` even then. */
  ask(waiter: Waiter): void {
    this.#sequence = (this.#sequence + 1) % SEQUENCES;
    const sequence = this.#sequence;
    const sent = this.#sent.get(waiter) ?? [];
    this.#sent.set(waiter, [...sent, sequence]);
    this.#waiting.set(sequence, waiter);
    const { family } = this.#socket;
    const packet = echoRequest(family, { id: this.#id, sequence, mark: this.#mark });
    this.#socket.send(packet, waiter.address);
    this.#lastSentMs = this.#time.nowMs();
    this.#look(LOOK_MS);
  }

  /** Waits for nothing more. The last one's leaving closes the socket. */
  leave(waiter: Waiter): void {
    for (const sequence of this.#sent.get(waiter) ?? []) {
      if (this.#waiting.get(sequence) === waiter) this.#waiting.delete(sequence);
    }
    this.#sent.delete(waiter);
    if (this.#sent.size > 0) return;
    this.#cancelLook?.();
    this.#socket.close();
    this.#closed();
  }

  #look(delayMs: number): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#time.after(delayMs, () => {
      for (let count = 0; count < PACKETS_MAX && this.#sent.size > 0; count++) {
        const received = this.#socket.receive();
        if (received === undefined) break;
        this.#take(received.octets, received.from);
      }
      if (this.#sent.size === 0) return;
      const isBusy = this.#time.nowMs() - this.#lastSentMs < BUSY_MS;
      this.#look(isBusy ? LOOK_MS : LOOK_LATER_MS);
    });
  }

  #take(octets: Uint8Array, from: string): void {
    const { family, way } = this.#socket;
    const reply = readReply(family, octets, way === "raw");
    // Datagram sockets get an id from the kernel, which then hands over only what carries it.
    if (reply === undefined || (way === "raw" && reply.id !== this.#id)) return;
    const waiter = this.#waiting.get(reply.sequence);
    if (waiter === undefined) return;
    if (reply.kind === "unreachable") {
      if (reply.to === waiter.address) waiter.unreachable(reply.why, from === waiter.address);
    } else if (from === waiter.address && reply.mark === this.#mark) {
      waiter.replied();
    }
  }
}
