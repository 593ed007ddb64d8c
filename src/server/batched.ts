// The hot loop of an answer thread: receive a batch, answer each packet where it lies, send the batch.
// Between two batches it looks at its stop flag and its mail; it never waits for anything else.
// No allocation, promise, string or exception on the way of a packet.

import { HANDED_OVER, TRANSPORT } from "../answer/exchange.ts";
import type { Pulse } from "../base/pulse.ts";
import { BATCH_MAX } from "../image/reader.ts";
import { type AnswerContext, UDP_OCTETS_MAX, writeFormErr } from "./answerer.ts";
import {
  type BatchMemory,
  CONTROL_OCTETS,
  createBatchMemory,
  HEADER,
  NAME_OCTETS,
  NAME_STRIDE,
  PACKET_STRIDE,
  POLL_STRIDE,
  VECTOR_STRIDE,
} from "./batch-memory.ts";
import { ServerError } from "./errors.ts";
import { LETTERS_MAX, type Letter } from "./letters.ts";
import { ERRNO, errnoName, LINUX, type Libc } from "./libc.ts";
import type { Precedence } from "./precedence.ts";
import { type LentSocket, SOCKET_TIMEOUT_MS } from "./sockets.ts";

/**
 * After a batch this large more questions are on their way: resting for a moment lets them come in
 * together, so that one wake-up and two system calls serve them all (docs/decisions/0041).
 */
const REST_FROM = 4;
/** From here on the next batch has gathered by itself before this one is sent. */
const REST_BELOW = 32;
/** What a question may wait longer for it, under such a load alone. */
const REST_US = 60;
/** How much later than asked for a sleep may end; Linux begins with 50,000. */
const TIMER_SLACK_NS = 1000;

/** The wall clock is looked at so often at most: who answers needs no more than the second. */
const WALL_EVERY_MS = 5;

/** Offsets into struct cmsghdr. */
const CMSG_LEVEL = 8;
const CMSG_DATA = 16;

/** What the loop needs. */
interface BatchedOptions {
  readonly libc: Libc;
  /** At least one; each is served in turn. */
  readonly sockets: readonly LentSocket[];
  readonly context: AnswerContext;
  readonly pulse: Pulse;
  /** Absent: the thread takes its turn like any other. */
  readonly precedence?: Precedence;
  /** Called between batches when mail was announced. */
  readonly takeMail: () => void;
  /** Takes what is no question to the image; absent: it is dropped. */
  readonly handOver?: (letter: Letter) => void;
}

/**
 * Answers until the pulse asks for the end.
 *
 * @throws ServerError when a descriptor or the batch's memory is unusable: a defect, and the keeper's turn.
 */
export function runBatched(options: BatchedOptions): void {
  const { libc, pulse, sockets, precedence } = options;
  const { exchange } = options.context;
  const loop = new BatchLoop(options);
  const [only] = sockets;
  // Refused, rests are longer by the slack.
  libc.prctl(LINUX.PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
  let mail = pulse.mail();
  options.takeMail();
  for (let turn = 0; !pulse.isStopRequested(); turn++) {
    pulse.beat();
    const announced = pulse.mail();
    if (announced !== mail) {
      mail = announced;
      options.takeMail();
    }
    // One socket is waited for in the receive itself, which saves a system call a batch.
    const received =
      sockets.length === 1 && only !== undefined
        ? loop.serve(only, LINUX.MSG_WAITFORONE)
        : loop.serveReady(turn);
    precedence?.look(exchange.nowMs);
    if (received >= REST_FROM && received < REST_BELOW) libc.usleep(REST_US);
  }
}

class BatchLoop {
  readonly #libc: Libc;
  readonly #sockets: readonly LentSocket[];
  readonly #context: AnswerContext;
  readonly #memory: BatchMemory;
  readonly #handOver: ((letter: Letter) => void) | undefined;
  /** When the wall clock was looked at last, on the other clock. */
  #wallReadMs = Number.NEGATIVE_INFINITY;
  /** Whether an answer took the place of a packet that got none. */
  #isMoved = false;
  /** Letters since the second of the last one began. */
  #letters = { second: 0, count: 0 };

  constructor({ libc, sockets, context, handOver }: BatchedOptions) {
    this.#libc = libc;
    this.#sockets = sockets;
    this.#context = context;
    this.#handOver = handOver;
    this.#memory = createBatchMemory(libc, BATCH_MAX, sockets.length);
    const { u8, u16, u32, layout } = this.#memory;
    for (const [i, { fd }] of sockets.entries()) {
      u32[(layout.polls + i * POLL_STRIDE) >> 2] = fd;
      u16[(layout.polls + i * POLL_STRIDE + 4) >> 1] = LINUX.POLLIN;
    }
    const { exchange } = context;
    exchange.packet = u8;
    exchange.source = u8;
    exchange.out = u8;
    exchange.outMax = UDP_OCTETS_MAX;
    exchange.transport = TRANSPORT.udp;
    exchange.isBatched = true;
  }

  /**
   * Waits for any socket, then gives each ready one a batch; who begins changes with `turn`.
   * Returns how many datagrams came.
   */
  serveReady(turn: number): number {
    const sockets = this.#sockets;
    const count = sockets.length;
    const { u16, layout, pollsAt } = this.#memory;
    if (this.#libc.poll(pollsAt, count, SOCKET_TIMEOUT_MS) <= 0) return 0;
    let received = 0;
    for (let i = 0; i < count; i++) {
      const which = (turn + i) % count;
      if (u16[(layout.polls + which * POLL_STRIDE + 6) >> 1] === 0) continue;
      received += this.serve(sockets[which] as LentSocket, LINUX.MSG_DONTWAIT);
    }
    return received;
  }

  /** One batch of one socket; returns how many datagrams it held. */
  serve(socket: LentSocket, flags: number): number {
    const { size, headersAt } = this.#memory;
    const received = this.#libc.recvmmsg(socket.fd, headersAt[0] as bigint, size, flags, null);
    if (received < 0) {
      this.#refuseBroken(socket.fd);
      return 0;
    }
    const { answerer, exchange, epoch, clock, counters } = this.#context;
    exchange.sourceLength = socket.family === 4 ? 4 : 16;
    this.#setNow();
    const isTimed = counters?.addBatch(received) === true;
    epoch.enter();
    const queued = this.#answerAll(socket, received);
    // What is sent is a copy: the image may change again while the kernel takes it.
    epoch.leave();
    answerer.settle();
    if (queued > 0) this.#send(socket.fd, queued);
    this.#makeReady(received);
    if (isTimed) counters.addBatchTime(clock.nowMs() - exchange.nowMs);
    return received;
  }

  #setNow(): void {
    const { exchange, clock } = this.#context;
    const nowMs = clock.nowMs();
    if (nowMs - this.#wallReadMs < WALL_EVERY_MS) {
      exchange.nowMs = nowMs;
      return;
    }
    this.#wallReadMs = nowMs;
    exchange.setNow(clock.wallMs(), nowMs);
  }

  /** Answers packets where they lie, the headers of those to be sent in front; returns how many. */
  #answerAll(socket: LentSocket, received: number): number {
    const { exchange, answerer } = this.#context;
    const { u8, u32, layout } = this.#memory;
    const sourceAt = socket.family === 4 ? 4 : 8;
    const isForeseen = this.#foresee(received);
    let queued = 0;
    for (let i = 0; i < received; i++) {
      const header = layout.headers + i * HEADER.octets;
      const name = layout.names + i * NAME_STRIDE;
      const port = ((u8[name + 2] as number) << 8) | (u8[name + 3] as number);
      exchange.start = exchange.outStart = layout.packets + i * PACKET_STRIDE;
      exchange.length = u32[(header + HEADER.length) >> 2] as number;
      exchange.foreseen = isForeseen ? i : -1;
      exchange.sourceStart = name + sourceAt;
      exchange.sourcePort = port;
      const isCut = ((u32[(header + HEADER.flags) >> 2] as number) & LINUX.MSG_TRUNC) !== 0;
      // Nobody can be answered on port 0: such packets are forged.
      let octets = 0;
      if (port !== 0) octets = isCut ? this.#refuseCut() : answerer.respond(exchange);
      if (octets > 0) {
        u32[(layout.vectors + i * VECTOR_STRIDE + 8) >> 2] = octets;
        if (socket.isWildcard) this.#nameSource(header, i);
        if (queued < i) this.#move(header, layout.headers + queued * HEADER.octets);
        queued++;
      } else if (octets === HANDED_OVER) this.#post(socket, header, i);
    }
    return queued;
  }

  /** Puts a header where that of a packet without an answer is, so that one send takes all answers. */
  #move(from: number, to: number): void {
    const { u32 } = this.#memory;
    this.#isMoved = true;
    for (let at = 0; at < HEADER.flags; at += 4) {
      u32[(to + at) >> 2] = u32[(from + at) >> 2] as number;
    }
  }

  /** Gives the first `received` headers their pointers and all their room again. */
  #makeReady(received: number): void {
    const { u32, layout, madeHeaders } = this.#memory;
    if (this.#isMoved) {
      this.#isMoved = false;
      const end = (received * HEADER.octets) >> 2;
      for (let i = 0; i < end; i++) u32[(layout.headers >> 2) + i] = madeHeaders[i] as number;
    }
    for (let i = 0; i < received; i++) {
      const header = layout.headers + i * HEADER.octets;
      u32[(header + HEADER.nameOctets) >> 2] = NAME_OCTETS;
      u32[(header + HEADER.controlOctets) >> 2] = CONTROL_OCTETS;
      u32[(layout.vectors + i * VECTOR_STRIDE + 8) >> 2] = UDP_OCTETS_MAX;
    }
  }

  /** Lets all packets be looked at before the first is answered, where that is worth it. */
  #foresee(received: number): boolean {
    const { exchange, answerer } = this.#context;
    const { foresight } = answerer;
    if (foresight?.isWorthIt(received) !== true) return false;
    const { u32, layout } = this.#memory;
    for (let i = 0; i < received; i++) {
      exchange.start = layout.packets + i * PACKET_STRIDE;
      exchange.length = u32[(layout.headers + i * HEADER.octets + HEADER.length) >> 2] as number;
      foresight.read(exchange, i);
    }
    foresight.fetch();
    return true;
  }

  /** Hands a packet over, copied; so rare, and bounded, that it may allocate. */
  #post(socket: LentSocket, header: number, i: number): void {
    const { exchange } = this.#context;
    const { u8, u32, layout } = this.#memory;
    const letters = this.#letters;
    if (letters.second !== exchange.nowSeconds) {
      this.#letters = { second: exchange.nowSeconds, count: 1 };
    } else if (++letters.count > LETTERS_MAX) return;
    const name = layout.names + i * NAME_STRIDE;
    const control = layout.controls + i * CONTROL_OCTETS;
    const octets = socket.isWildcard ? this.#nameSource(header, i) : 0;
    this.#handOver?.({
      packet: u8.slice(exchange.start, exchange.start + exchange.length),
      fd: socket.fd,
      name: u8.slice(name, name + (u32[(header + HEADER.nameOctets) >> 2] as number)),
      control: u8.slice(control, control + octets),
    });
  }

  /** Answers a packet that was longer than its buffer. */
  #refuseCut(): number {
    const { packet, start, length, out, outStart } = this.#context.exchange;
    return writeFormErr(packet, start, length, out, outStart);
  }

  /**
   * Makes a reply leave from the address that was asked, by handing the kernel's own packet-info
   * message back to it; returns its octets.
   */
  #nameSource(header: number, i: number): number {
    const { u8, u32, layout } = this.#memory;
    const octets = u32[(header + HEADER.controlOctets) >> 2] as number;
    const control = layout.controls + i * CONTROL_OCTETS;
    const level = u32[(control + CMSG_LEVEL) >> 2] as number;
    if (octets === 0) return 0;
    const data = control + CMSG_DATA;
    // Naming the interface as well would bypass the routing table, which may know another way back.
    // Only a link-local address means nothing without it.
    if (level === LINUX.IPPROTO_IP) u32[data >> 2] = 0;
    else if (!isLinkLocal(u8, data)) u32[(data + 16) >> 2] = 0;
    return octets;
  }

  /** Sends what the first `queued` headers hold; one that the kernel refuses never holds up the others. */
  #send(fd: number, queued: number): void {
    const { headersAt } = this.#memory;
    let sent = 0;
    while (sent < queued) {
      const count = this.#libc.sendmmsg(fd, headersAt[sent] as bigint, queued - sent, 0);
      if (count > 0) {
        sent += count;
        continue;
      }
      const errno = this.#libc.errno();
      // The socket's buffer stayed full for the whole time-out: the rest would find it so too.
      if (errno === ERRNO.EAGAIN) return;
      if (errno !== ERRNO.EINTR) sent++;
    }
  }

  /** A time-out, a signal or a late ICMP error is nothing; a descriptor that is none would spin. */
  #refuseBroken(fd: number): void {
    const errno = this.#libc.errno();
    if (errno !== ERRNO.EBADF && errno !== ERRNO.ENOTSOCK && errno !== ERRNO.EFAULT) return;
    throw new ServerError(
      "SERVER_SOCKET_BROKEN",
      `Cannot receive from descriptor ${fd}: ${errnoName(errno)}`,
    );
  }
}

function isLinkLocal(u8: Uint8Array, at: number): boolean {
  return u8[at] === 0xfe && ((u8[at + 1] as number) & 0xc0) === 0x80;
}
