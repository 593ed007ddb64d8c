// TCP (RFC 7766) and TLS (RFC 7858) listeners of one thread: who is let in, and for how long.
// Every bound is shared by all listeners: connections in all, connections of one client, idleness.

import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { TRANSPORT } from "../answer/exchange.ts";
import type { Cancel, Time } from "../base/clock.ts";
import { codeOf, messageOf } from "../base/errors.ts";
import type { AnswerContext } from "./answerer.ts";
import { listenError, ServerError } from "./errors.ts";
import { isIpv6, type ListenAddress, nodeAddressBytes } from "./listen.ts";
import {
  GATHER_OCTETS,
  type SessionTaker,
  StreamConnection,
  type StreamPeer,
} from "./stream-connection.ts";

/** Bounds of the stream listeners. */
export interface StreamLimits {
  /** Connections in all; one more is closed at once. */
  readonly connectionsMax: number;
  /** Connections of one IPv4 address, or of one IPv6 /64. */
  readonly clientConnectionsMax: number;
  /** How long a connection may be idle while at most half of the connections are in use. */
  readonly idleMs: number;
  /** How long it may be idle when all are in use; between the two it shrinks evenly. */
  readonly idleBusyMs: number;
  /** A longer query, in octets, closes its connection. */
  readonly queryOctetsMax: number;
}

/** The design's defaults: RFC 7766 section 6.2.3 asks for seconds, and for less under load. */
export const STREAM_LIMITS: StreamLimits = {
  connectionsMax: 1000,
  clientConnectionsMax: 100,
  idleMs: 10_000,
  idleBusyMs: 1000,
  queryOctetsMax: 4096,
};

/** A certificate chain and its key, both PEM. */
export interface TlsIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What a `StreamServer` is given. */
interface StreamServerOptions {
  readonly context: AnswerContext;
  readonly time: Time;
  readonly limits?: StreamLimits;
  readonly sessions?: SessionTaker | undefined;
}

interface Guest {
  readonly socket: Socket;
  readonly peer: StreamPeer;
  readonly client: string;
  readonly admittedMs: number;
  /** None while a TLS handshake is going on. */
  connection: StreamConnection | undefined;
}

/** How often idle connections are looked for. */
const SWEEP_MS = 250;

/** All stream listeners of a thread. */
export class StreamServer {
  readonly #context: AnswerContext;
  readonly #time: Time;
  readonly #limits: StreamLimits;
  readonly #sessions: SessionTaker | undefined;
  readonly #servers: Server[] = [];
  readonly #guests = new Set<Guest>();
  readonly #clients = new Map<string, number>();
  readonly #gather = new Uint8Array(GATHER_OCTETS);
  #identity: SecureContext | undefined;
  #cancelSweep: Cancel;

  constructor({ context, time, limits = STREAM_LIMITS, sessions }: StreamServerOptions) {
    this.#context = context;
    this.#time = time;
    this.#limits = limits;
    this.#sessions = sessions;
    this.#cancelSweep = time.after(SWEEP_MS, () => this.#sweep());
  }

  /** Connections now open, handshakes included. */
  get connectionCount(): number {
    return this.#guests.size;
  }

  /**
   * Accepts TCP connections; port 0 lets the system choose.
   *
   * @returns the address with the port it really has.
   * @throws ServerError when the address cannot be had.
   */
  listenTcp(listen: ListenAddress): Promise<ListenAddress> {
    return this.#listen(listen, "TCP", (guest) => this.#serve(guest, guest.socket, TRANSPORT.tcp));
  }

  /** Accepts TLS connections; `setIdentity` must have been called. Throws as `listenTcp` does. */
  listenTls(listen: ListenAddress): Promise<ListenAddress> {
    return this.#listen(listen, "TLS", (guest) => this.#shakeHands(guest));
  }

  /**
   * Takes a certificate for all connections from now on; those that are open keep theirs.
   *
   * @throws ServerError when it cannot be used; the one in use is kept then.
   */
  setIdentity(identity: TlsIdentity): void {
    this.#identity = secureContextOf(identity);
  }

  /** Stops listening and closes every connection. */
  close(): void {
    this.#cancelSweep();
    for (const server of this.#servers.splice(0)) server.close();
    for (const guest of this.#guests) guest.socket.destroy();
  }

  #listen(
    listen: ListenAddress,
    protocol: "TCP" | "TLS",
    welcome: (guest: Guest) => void,
  ): Promise<ListenAddress> {
    // The peer may have sent all its queries and closed its side: it still gets its answers.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const guest = this.#admit(socket);
      if (guest === undefined) socket.destroy();
      else welcome(guest);
    });
    const { address: host, port } = listen;
    return new Promise((resolve, reject) => {
      const refused = (cause: Error): void => {
        reject(listenError(listen, protocol, codeOf(cause) ?? cause.message, cause));
      };
      server.once("error", refused);
      server.listen({ host, port, ipv6Only: isIpv6(host) }, () => {
        server.off("error", refused);
        // An accept that fails, for want of descriptors, costs that one connection and no other.
        server.on("error", () => undefined);
        this.#servers.push(server);
        resolve({ address: host, port: boundPort(server) ?? port });
      });
    });
  }

  /** Counts a connection in, or returns undefined where a bound is reached. */
  #admit(socket: Socket): Guest | undefined {
    const peer = peerOf(socket);
    if (peer === undefined || this.#guests.size >= this.#limits.connectionsMax) return undefined;
    const client = clientKey(peer.address);
    const count = this.#clients.get(client) ?? 0;
    if (count >= this.#limits.clientConnectionsMax) return undefined;
    this.#clients.set(client, count + 1);
    const admittedMs = this.#time.nowMs();
    const guest: Guest = { socket, peer, client, admittedMs, connection: undefined };
    this.#guests.add(guest);
    socket.once("close", () => this.#forget(guest));
    return guest;
  }

  #forget(guest: Guest): void {
    this.#guests.delete(guest);
    const count = (this.#clients.get(guest.client) ?? 1) - 1;
    if (count === 0) this.#clients.delete(guest.client);
    else this.#clients.set(guest.client, count);
  }

  #shakeHands(guest: Guest): void {
    const { socket } = guest;
    const secure = new TLSSocket(socket, {
      isServer: true,
      ...(this.#identity === undefined ? {} : { secureContext: this.#identity }),
      ALPNProtocols: ["dot"],
    });
    socket.on("error", () => socket.destroy());
    secure.on("error", () => socket.destroy());
    secure.once("secure", () => this.#serve(guest, secure, TRANSPORT.tls));
  }

  #serve(guest: Guest, socket: Socket, transport: number): void {
    const desk = {
      context: this.#context,
      gather: this.#gather,
      transport,
      queryOctetsMax: this.#limits.queryOctetsMax,
      sessions: this.#sessions,
      nowMs: () => this.#time.nowMs(),
    };
    guest.connection = new StreamConnection(socket, desk, guest.peer);
  }

  #sweep(): void {
    const oldestMs = this.#time.nowMs() - idleAllowedMs(this.#limits, this.#guests.size);
    for (const { socket, connection, admittedMs } of this.#guests) {
      if ((connection?.activeMs ?? admittedMs) < oldestMs) socket.destroy();
    }
    this.#cancelSweep = this.#time.after(SWEEP_MS, () => this.#sweep());
  }
}

/**
 * What TLS needs of a certificate and its key.
 *
 * @throws ServerError when they cannot be used.
 */
export function secureContextOf({ certificatePem, keyPem }: TlsIdentity): SecureContext {
  try {
    return createSecureContext({ cert: certificatePem, key: keyPem });
  } catch (cause) {
    const message = `Cannot use the TLS certificate: ${messageOf(cause)}`;
    throw new ServerError("SERVER_CERTIFICATE_INVALID", message, { cause });
  }
}

/**
 * How long a connection may be idle while `count` are open: `idleMs` up to half of the connections,
 * then evenly less, down to `idleBusyMs` when all are in use.
 */
export function idleAllowedMs(limits: StreamLimits, count: number): number {
  const crowding = Math.min(1, Math.max(0, (count / limits.connectionsMax) * 2 - 1));
  return limits.idleMs - crowding * (limits.idleMs - limits.idleBusyMs);
}

function boundPort(server: Server): number | undefined {
  const bound = server.address();
  return typeof bound === "object" ? bound?.port : undefined;
}

/** The key under which a client's connections are counted. */
function clientKey(address: Uint8Array): string {
  return address.subarray(0, 8).join(".");
}

function peerOf({ remoteAddress, remotePort }: Socket): StreamPeer | undefined {
  const address = remoteAddress === undefined ? undefined : nodeAddressBytes(remoteAddress);
  // Neither is known any more when the peer has already reset the connection.
  return address === undefined || remotePort === undefined
    ? undefined
    : { address, port: remotePort };
}
