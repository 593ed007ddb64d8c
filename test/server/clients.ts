// Askers for the transport tests: they send octets and collect what comes back, in order.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ListenAddress } from "../../src/server/listen.ts";

/** Milliseconds after which a missing answer fails its test. */
const PATIENCE_MS = 5000;

export interface Client {
  readonly port: number;
  /** Where the last answer came from. */
  readonly answeredFrom: string;
  send(packet: Uint8Array): void;
  /** The next `count` answers, in the order they came. */
  take(count: number): Promise<Buffer[]>;
  /** Answers that came and were not taken. */
  untaken(): number;
  close(): void;
}

/** Answers that came and were not taken yet, and whoever waits for more. */
class Inbox {
  readonly #answers: Buffer[] = [];
  #arrived: () => void = () => undefined;

  put(answer: Buffer): void {
    this.#answers.push(answer);
    this.#arrived();
  }

  get size(): number {
    return this.#answers.length;
  }

  async take(count: number): Promise<Buffer[]> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (this.#answers.length < count) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) throw new Error(`${this.#answers.length} of ${count} answers came`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#arrived = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#answers.splice(0, count);
  }
}

/** A UDP socket bound to a port of its own; it takes answers from any address. */
export async function udpClient(to: ListenAddress): Promise<Client> {
  const isIpv6 = to.address.includes(":");
  const socket = createSocket({ type: isIpv6 ? "udp6" : "udp4", recvBufferSize: 1 << 20 });
  const inbox = new Inbox();
  let answeredFrom = "";
  socket.on("message", (answer, from) => {
    answeredFrom = from.address;
    inbox.put(answer);
  });
  socket.bind(0, isIpv6 ? "::1" : "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    get answeredFrom() {
      return answeredFrom;
    },
    send: (packet) => socket.send(packet, to.port, to.address),
    take: (count) => inbox.take(count),
    untaken: () => inbox.size,
    close: () => socket.close(),
  };
}

/** A framed stream with what the framing tests need beside. */
export interface StreamClient extends Client {
  /** Sends octets as they are. */
  write(octets: Uint8Array): void;
  readonly socket: Socket;
  /** Resolves when the server has ended or reset the connection. */
  readonly closed: Promise<void>;
}

export async function tcpClient(to: ListenAddress): Promise<StreamClient> {
  const socket = connect({ host: to.address, port: to.port, noDelay: true });
  const client = streamClient(socket);
  await once(socket, "connect");
  return client;
}

export async function tlsClient(to: ListenAddress, ca: string): Promise<StreamClient> {
  const options = { ca, servername: "ns.example.org", ALPNProtocols: ["dot"] };
  const socket = connectTls({ host: to.address, port: to.port, ...options });
  const client = streamClient(socket);
  await once(socket, "secureConnect");
  return client;
}

function streamClient(socket: Socket): StreamClient {
  const inbox = new Inbox();
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    let at = 0;
    while (at + 2 <= rest.length && at + 2 + rest.readUInt16BE(at) <= rest.length) {
      const octets = rest.readUInt16BE(at);
      inbox.put(rest.subarray(at + 2, at + 2 + octets));
      at += 2 + octets;
    }
    rest = rest.subarray(at);
  });
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    get port() {
      return socket.localPort ?? 0;
    },
    get answeredFrom() {
      return socket.remoteAddress ?? "";
    },
    send: (packet) => void socket.write(framed(packet)),
    write: (octets) => void socket.write(octets),
    take: (count) => inbox.take(count),
    untaken: () => inbox.size,
    close: () => socket.destroy(),
    socket,
    closed,
  };
}

/** A packet behind its length (RFC 1035 section 4.2.2). */
export function framed(packet: Uint8Array): Buffer {
  const frame = Buffer.alloc(2 + packet.length);
  frame.writeUInt16BE(packet.length);
  frame.set(packet, 2);
  return frame;
}
