// UDP on node:dgram, for machines without koffi or Linux: the same answers at about twice the cost.
// It runs in the stream thread. Replies of a wildcard listener leave from whatever address the
// system picks: on machines with several, name each of them as a listen address instead.

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { HANDED_OVER, TRANSPORT } from "../answer/exchange.ts";
import { codeOf } from "../base/errors.ts";
import { type AnswerContext, UDP_OCTETS_MAX, writeFormErr } from "./answerer.ts";
import { listenError } from "./errors.ts";
import { formatListen, isIpv6, type ListenAddress, nodeAddressBytes } from "./listen.ts";
import { datagramWay } from "./session-request.ts";
import type { SessionTaker } from "./stream-connection.ts";

/** Replies the system has not taken yet; more are dropped, as a full socket buffer would. */
const UNSENT_MAX = 1000;

const RECEIVE_BUFFER_OCTETS = 4 << 20;

/** All UDP sockets of a thread that has an event loop. */
export class PortableUdp {
  readonly #context: AnswerContext;
  readonly #sessions: SessionTaker | undefined;
  readonly #sockets = new Map<string, Socket>();
  readonly #out = new Uint8Array(UDP_OCTETS_MAX);
  #unsent = 0;

  constructor(context: AnswerContext, sessions?: SessionTaker) {
    this.#context = context;
    this.#sessions = sessions;
  }

  /**
   * Answers queries to an address; port 0 lets the system choose.
   *
   * @returns the address with the port it really has.
   * @throws ServerError when the address cannot be had.
   */
  listen(listen: ListenAddress): Promise<ListenAddress> {
    const { address, port } = listen;
    const type = isIpv6(address) ? "udp6" : "udp4";
    const socket = createSocket({ type, ipv6Only: type === "udp6" });
    return new Promise((resolve, reject) => {
      const refused = (cause: Error): void => {
        socket.close();
        reject(listenError(listen, "UDP", codeOf(cause) ?? cause.message, cause));
      };
      socket.once("error", refused);
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off("error", refused);
        // An ICMP error that comes back for some reply concerns nobody else.
        socket.on("error", () => undefined);
        socket.on("message", (packet, from) => this.#answer(socket, packet, from));
        enlarge(socket);
        const bound = { address, port: socket.address().port };
        this.#sockets.set(formatListen(bound), socket);
        resolve(bound);
      });
    });
  }

  /** Gives up one address that `listen` returned. */
  release(bound: ListenAddress): void {
    const key = formatListen(bound);
    this.#sockets.get(key)?.close();
    this.#sockets.delete(key);
  }

  /** Closes every socket. */
  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #answer(socket: Socket, packet: Uint8Array, from: RemoteInfo): void {
    const source = nodeAddressBytes(from.address);
    if (from.port === 0 || source === undefined || this.#unsent >= UNSENT_MAX) return;
    const octets =
      packet.length > UDP_OCTETS_MAX
        ? writeFormErr(packet, 0, packet.length, this.#out, 0)
        : this.#respond(packet, source, from.port);
    if (octets > 0) this.#send(socket, from, this.#out.subarray(0, octets));
    if (octets !== HANDED_OVER) return;
    const requester = { address: source, port: from.port, transport: TRANSPORT.udp };
    const way = datagramWay((message) => this.#send(socket, from, message));
    void this.#sessions?.take(new Uint8Array(packet), requester, way);
  }

  #send(socket: Socket, to: RemoteInfo, message: Uint8Array): void {
    if (this.#unsent >= UNSENT_MAX || !this.#isOpen(socket)) return;
    this.#unsent++;
    socket.send(Buffer.from(message), to.port, to.address, () => {
      // A reply that cannot be sent is lost, as any datagram may be: the asker asks again.
      this.#unsent--;
    });
  }

  /** A session may outlive its socket. */
  #isOpen(socket: Socket): boolean {
    return [...this.#sockets.values()].includes(socket);
  }

  #respond(packet: Uint8Array, source: Uint8Array, port: number): number {
    const { exchange, epoch, clock, answerer } = this.#context;
    exchange.packet = packet;
    exchange.start = 0;
    exchange.length = packet.length;
    exchange.out = this.#out;
    exchange.outStart = 0;
    exchange.outMax = UDP_OCTETS_MAX;
    exchange.transport = TRANSPORT.udp;
    exchange.source = source;
    exchange.sourceStart = 0;
    exchange.sourceLength = source.length;
    exchange.sourcePort = port;
    exchange.setNow(clock.wallMs(), clock.nowMs());
    epoch.enter();
    const octets = answerer.respond(exchange);
    epoch.leave();
    return octets;
  }
}

/** Best effort: the system may grant less, or refuse. */
function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_OCTETS);
  } catch {
    // The default size answers too; only bursts are lost sooner.
  }
}
