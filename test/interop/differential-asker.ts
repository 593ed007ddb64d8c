// Asks one server on loopback: UDP questions in flight side by side, TCP questions one to a
// connection.

import { createSocket, type Socket } from "node:dgram";
import { connect } from "node:net";

const TRIES_MAX = 3;
const WAIT_MS = 1_500;

interface Waiting {
  readonly packet: Uint8Array;
  readonly resolve: (answer: Uint8Array | undefined) => void;
  timer: NodeJS.Timeout;
  tries: number;
}

/** A client of the server at a port of 127.0.0.1. Questions in flight have different ids. */
export class Asker {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #waiting = new Map<number, Waiting>();

  constructor(port: number) {
    this.#port = port;
    this.#socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
    this.#socket.on("message", (answer) => this.#take(answer));
    // A server that is gone is silence; refused ports are reported here by some systems.
    this.#socket.on("error", () => undefined);
  }

  /** The answer to a packet over UDP; `undefined` after several tries that met silence. */
  udp(packet: Uint8Array, triesMax = TRIES_MAX, waitMs = WAIT_MS): Promise<Uint8Array | undefined> {
    const id = idOf(packet);
    return new Promise((resolve) => {
      const send = (): void => this.#socket.send(packet, this.#port, "127.0.0.1");
      const again = (): void => {
        if (waiting.tries >= triesMax) {
          this.#settle(id, undefined);
          return;
        }
        waiting.tries++;
        waiting.timer = setTimeout(again, waitMs);
        send();
      };
      const waiting: Waiting = { packet, resolve, timer: setTimeout(again, waitMs), tries: 1 };
      this.#waiting.set(id, waiting);
      send();
    });
  }

  /** The answer to a packet over a TCP connection of its own; `undefined` where none came. */
  tcp(packet: Uint8Array): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, "127.0.0.1");
      let received = Buffer.alloc(0);
      const end = (answer: Uint8Array | undefined): void => {
        resolve(answer);
        socket.destroy();
      };
      socket.setTimeout(WAIT_MS * TRIES_MAX, () => end(undefined));
      socket.on("error", () => end(undefined));
      socket.on("close", () => end(undefined));
      socket.on("data", (chunk) => {
        received = Buffer.concat([received, chunk]);
        const length = received.length >= 2 ? received.readUInt16BE(0) : Number.POSITIVE_INFINITY;
        if (received.length >= length + 2) end(received.subarray(2, length + 2));
      });
      socket.write(Buffer.concat([Buffer.of(packet.length >> 8, packet.length & 255), packet]));
    });
  }

  close(): void {
    for (const id of [...this.#waiting.keys()]) this.#settle(id, undefined);
    this.#socket.close();
  }

  #take(answer: Uint8Array): void {
    if (answer.length >= 2) this.#settle(idOf(answer), answer);
  }

  #settle(id: number, answer: Uint8Array | undefined): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }
}

function idOf(packet: Uint8Array): number {
  return ((packet[0] ?? 0) << 8) | (packet[1] ?? 0);
}
