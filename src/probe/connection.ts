// One TCP connection of the prober, with one owner at a time: a probe first, then perhaps a
// tripwire. It reads through one buffer that all connections share, so a probe costs no allocation
// per read and ten thousand idle connections cost no buffers.

import { connect, type Socket, type TcpSocketConnectOpts } from "node:net";
import { connect as connectTls } from "node:tls";
import { CLOSED_IN_HANDSHAKE, type Fault, type FaultStage, faultOf } from "./fault.ts";
import { keepAlive } from "./keepalive.ts";
import { judgePeer, type PeerIdentity, type TlsSetup, tlsOptions } from "./tls.ts";

/** Where a connection connects to, and from; with `tls`, what it is secured with. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly source?: string;
  readonly tls?: TlsSetup;
}

/** Who is told what happens on a connection. Nothing follows after `ended` or `failed`. */
export interface ConnectionOwner {
  /** The TCP connection is there; over TLS, `secured` follows before anything may be sent. */
  connected?(): void;
  /** The TLS handshake is over. What follows is up to the owner, also when the peer is refused. */
  secured?(peer: PeerIdentity): void;
  /** The chunk is overwritten by the next one of any connection: copy what is kept. */
  received(chunk: Uint8Array): void;
  /** The other side has finished sending. */
  ended(): void;
  failed(fault: Fault): void;
}

/** Data is handed over one socket at a time, and consumed before the next: one is enough. */
const scratch = new Uint8Array(16_384);

/** A connection that starts when it is made. `close` it in every case. */
export class Connection {
  readonly #socket: Socket;
  #owner: ConnectionOwner | undefined;
  #stage: FaultStage = "local";

  /** @throws what node:net throws for an endpoint that it cannot use at all. */
  constructor(endpoint: Endpoint, owner: ConnectionOwner) {
    this.#owner = owner;
    const { tls } = endpoint;
    const options = {
      host: endpoint.address,
      port: endpoint.port,
      noDelay: true,
      ...(endpoint.source === undefined ? {} : { localAddress: endpoint.source }),
      onread: {
        buffer: scratch,
        callback: (length: number, buffer: Uint8Array) => this.#received(length, buffer),
      },
    };
    this.#socket = tls === undefined ? connect(options) : this.#connectTls(options, tls);
    this.#socket.on("connect", () => {
      this.#stage = tls === undefined ? "connected" : "securing";
      this.#owner?.connected?.();
    });
    this.#socket.on("end", () => this.#ended());
    this.#socket.on("error", (error) => this.#take()?.failed(faultOf(error, this.#stage)));
    // node:net makes the system call in the next tick, just before this one: what fails there has
    // failed on this host, before a packet left.
    process.nextTick(() => {
      if (!this.#socket.destroyed && this.#stage === "local") this.#stage = "connecting";
    });
  }

  /** Hands the connection over; the former owner hears nothing more. */
  giveTo(owner: ConnectionOwner): void {
    this.#owner = owner;
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** Asks the kernel to notice within 3 s that the other side is gone without a word. */
  keepAlive(): void {
    keepAlive(this.#socket);
  }

  /** Closes at once; nothing is reported any more. Harmless when repeated. */
  close(): void {
    this.#owner = undefined;
    this.#socket.destroy();
  }

  #ended(): void {
    if (this.#stage === "securing") this.#take()?.failed(CLOSED_IN_HANDSHAKE);
    else this.#take()?.ended();
  }

  #connectTls(options: TcpSocketConnectOpts, tls: TlsSetup): Socket {
    const socket = connectTls({ ...options, ...tlsOptions(tls) });
    socket.on("secureConnect", () => {
      this.#stage = "connected";
      this.#owner?.secured?.(judgePeer(socket, tls.terms));
    });
    return socket;
  }

  #received(length: number, buffer: Uint8Array): boolean {
    this.#owner?.received(buffer.subarray(0, length));
    return true;
  }

  #take(): ConnectionOwner | undefined {
    const owner = this.#owner;
    this.#owner = undefined;
    return owner;
  }
}
