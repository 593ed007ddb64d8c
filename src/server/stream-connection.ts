// One TCP or TLS connection: 2-octet framing over any chunking, pipelining, answers in order.
// Reads no further while its peer does not read; forgets nothing of what it has already read.

import type { Socket } from "node:net";
import { HANDED_OVER } from "../answer/exchange.ts";
import type { AnswerContext } from "./answerer.ts";
import type { ReplyWay, Requester } from "./session-request.ts";
import { writeFrames } from "./stream-frames.ts";

/** The longest answer with its length field (RFC 1035 section 4.2.2). */
const FRAME_OCTETS_MAX = 2 + 0xffff;
const HEADER_OCTETS = 12;

/** Answers gathered for one write; one buffer is shared by all connections of a thread. */
export const GATHER_OCTETS = 2 * FRAME_OCTETS_MAX;

/** A connection's means to answer. */
interface StreamDesk {
  readonly context: AnswerContext;
  /** `GATHER_OCTETS` octets in which answers are written before they are sent. */
  readonly gather: Uint8Array;
  /** `Exchange.transport` of its queries. */
  readonly transport: number;
  /** A query longer than this, in octets, closes the connection. */
  readonly queryOctetsMax: number;
  /** Takes what is no question to the image; absent: it gets no answer. */
  readonly sessions: SessionTaker | undefined;
  /** Monotonic milliseconds. */
  nowMs(): number;
}

/** Takes requests over from a transport. */
export interface SessionTaker {
  take(packet: Uint8Array, from: Requester, way: ReplyWay): Promise<void>;
}

/** Who asks, as the exchange wants it. */
export interface StreamPeer {
  /** 4 or 16 network-order octets. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** Serves one socket until either side ends it. */
export class StreamConnection {
  /**
   * When the peer was last written an answer, in monotonic milliseconds. Octets that complete no
   * query do not count: trickling them buys no time. Nor does asking without reading the answers.
   */
  activeMs: number;
  readonly #socket: Socket;
  readonly #desk: StreamDesk;
  readonly #peer: StreamPeer;
  /** A frame that arrived in pieces, its length field included. */
  #partial: Uint8Array;
  #partialOctets = 0;
  /** Octets gathered and not yet handed to the socket. */
  #gathered = 0;
  /** What was read and must wait until the peer has taken its answers. */
  #waiting: Uint8Array | undefined;
  #isPeerDone = false;
  /** Requests that sessions are answering. */
  #sessions = 0;
  /** It sent what is no query: its answers still go out, nothing more is read. */
  #isRefused = false;

  constructor(socket: Socket, desk: StreamDesk, peer: StreamPeer) {
    this.#socket = socket;
    this.#desk = desk;
    this.#peer = peer;
    this.#partial = EMPTY;
    this.activeMs = desk.nowMs();
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("drain", () => this.#resume());
    socket.on("end", () => {
      this.#isPeerDone = true;
      this.#endWhenDone();
    });
    // A reset is the peer's business; "close" follows and the listener forgets the connection.
    socket.on("error", () => socket.destroy());
  }

  /** Closes at once, without sending what is left. */
  destroy(): void {
    this.#socket.destroy();
  }

  #resume(): void {
    const rest = this.#waiting;
    this.#waiting = undefined;
    if (rest !== undefined) this.#take(rest);
    if (this.#waiting !== undefined) return;
    this.#socket.resume();
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    const isIdle = this.#waiting === undefined && this.#sessions === 0;
    if (this.#isPeerDone && isIdle) this.#socket.end();
  }

  /** Hands a request over to a session, which answers in its own time. */
  async #handOver(packet: Uint8Array): Promise<void> {
    const { address, port } = this.#peer;
    const from = { address, port, transport: this.#desk.transport };
    const way: ReplyWay = {
      send: (message) => this.#sendAll(once(message)),
      sendAll: (next) => this.#sendAll(next),
      end: () => this.destroy(),
    };
    this.#sessions++;
    await this.#desk.sessions?.take(packet, from, way);
    this.#sessions--;
    this.#endWhenDone();
  }

  /** Sends a session's messages; resolves when the peer has taken them, or is gone. */
  #sendAll(next: () => Uint8Array | undefined): Promise<boolean> {
    return writeFrames(this.#socket, next, () => {
      this.activeMs = this.#desk.nowMs();
    });
  }

  /** Answers every whole frame of `chunk` and keeps the piece of one that is left. */
  #take(chunk: Uint8Array): void {
    if (this.#isRefused) return;
    const { exchange, epoch, clock } = this.#desk.context;
    exchange.transport = this.#desk.transport;
    exchange.source = this.#peer.address;
    exchange.sourceStart = 0;
    exchange.sourceLength = this.#peer.address.length;
    exchange.sourcePort = this.#peer.port;
    exchange.setNow(clock.wallMs(), clock.nowMs());
    epoch.enter();
    this.#answerAll(chunk);
    epoch.leave();
  }

  #answerAll(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.#isRefused) {
      const left = chunk.length - at;
      const octets = left < 2 ? 0 : ((chunk[at] ?? 0) << 8) | (chunk[at + 1] ?? 0);
      if (this.#partialOctets === 0 && left >= 2 && octets + 2 <= left) {
        this.#answer(chunk, at + 2, octets);
        at += octets + 2;
      } else {
        at += this.#takePiece(chunk, at);
      }
      if (this.#gathered > GATHER_OCTETS - FRAME_OCTETS_MAX && !this.#flush()) break;
    }
    if (!this.#flush()) this.#wait(chunk.subarray(at));
    if (this.#isRefused) this.#socket.destroySoon();
  }

  /** Adds to the frame in pieces, answers it when it is whole; returns the octets it took. */
  #takePiece(chunk: Uint8Array, at: number): number {
    const taken = this.#fill(chunk, at, 2);
    if (this.#partialOctets < 2) return taken;
    const octets = ((this.#partial[0] ?? 0) << 8) | (this.#partial[1] ?? 0);
    if (!this.#isAcceptable(octets)) return taken;
    const body = this.#fill(chunk, at + taken, 2 + octets);
    if (this.#partialOctets === 2 + octets) {
      this.#partialOctets = 0;
      this.#answer(this.#partial, 2, octets);
    }
    return taken + body;
  }

  /** Copies octets until the piece holds `wanted`; returns how many it copied. */
  #fill(chunk: Uint8Array, at: number, wanted: number): number {
    const octets = Math.min(wanted - this.#partialOctets, chunk.length - at);
    if (octets <= 0) return 0;
    const needed = this.#partialOctets + octets;
    if (this.#partial.length < needed) {
      // What is announced need not come: memory follows what has.
      const grown = Buffer.alloc(Math.min(wanted, Math.max(needed, 2 * this.#partial.length)));
      grown.set(this.#partial.subarray(0, this.#partialOctets));
      this.#partial = grown;
    }
    this.#partial.set(chunk.subarray(at, at + octets), this.#partialOctets);
    this.#partialOctets += octets;
    return octets;
  }

  #answer(packet: Uint8Array, start: number, length: number): void {
    if (!this.#isAcceptable(length)) return;
    const { context, gather } = this.#desk;
    const { exchange } = context;
    exchange.packet = packet;
    exchange.start = start;
    exchange.length = length;
    exchange.out = gather;
    exchange.outStart = this.#gathered + 2;
    exchange.outMax = 0xffff;
    const octets = context.answerer.respond(exchange);
    if (octets === HANDED_OVER) void this.#handOver(packet.slice(start, start + length));
    if (octets <= 0) return;
    gather[this.#gathered] = octets >> 8;
    gather[this.#gathered + 1] = octets & 0xff;
    this.#gathered += 2 + octets;
    this.activeMs = this.#desk.nowMs();
  }

  /** Whether a frame may hold a query at all; whoever sends another kind speaks no DNS. */
  #isAcceptable(octets: number): boolean {
    this.#isRefused ||= octets < HEADER_OCTETS || octets > this.#desk.queryOctetsMax;
    return !this.#isRefused;
  }

  /** Hands over what was gathered; false while the peer has not taken all it was sent. */
  #flush(): boolean {
    if (this.#gathered > 0) {
      this.#socket.write(Buffer.from(this.#desk.gather.subarray(0, this.#gathered)));
      this.#gathered = 0;
    }
    return !this.#socket.writableNeedDrain;
  }

  /** Leaves `rest` and all that follows it unread until the peer has taken its answers. */
  #wait(rest: Uint8Array): void {
    this.#waiting = rest;
    this.#socket.pause();
  }
}

/** Gives one message. */
function once(message: Uint8Array): () => Uint8Array | undefined {
  let left: Uint8Array | undefined = message;
  return () => {
    const given = left;
    left = undefined;
    return given;
  };
}

const EMPTY = new Uint8Array(0);
