// TCP connections that are made only to see whether they can be: through sockets of our own, many at
// a time. It owns their descriptors from the first call to the last, and closes each as soon as it is
// known how it fared. Nothing is sent or read: a target sees a connection and its clean end.

import type { Cancel, Time } from "../../base/clock.ts";
import { type Fault, faultOf } from "../fault.ts";
import type { ConnectCalls } from "./connect-calls.ts";
import {
  ADDRESS_OCTETS,
  FAMILY,
  familyIn,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SystemCallError,
  writeSocketAddress,
} from "./system-call.ts";

const IPPROTO_TCP = 6;
const EINTR = 4;
const EINVAL = 22;
const EINPROGRESS = 115;
const POLLOUT = 4;
/** POLLERR and POLLHUP, which are told unasked; epoll has the same numbers. */
const POLL_FAILED = 8 | 16;
const POLLFD_OCTETS = 8;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLONESHOT = 2 ** 30;

/** Begun in one turn of the loop: what is more is looked at a turn later. */
const FRESH_MAX = 512;
const EVENTS_MAX = 256;
/** A look takes so many of the rest, so that the loop gets its turn. */
const EVENT_ROUNDS_MAX = 16;
/** Waiting ones are looked at again after an eighth of the time that the newest has waited. */
const AGE_PARTS = 8;
const REST_MIN_MS = 1;
const REST_MAX_MS = 10;

/** Where to connect to, and from. */
export interface ConnectAsk {
  readonly address: string;
  readonly port: number;
  readonly source?: string;
}

/** Told once how a connection fared, `undefined` when it was made, and how long that took. */
export type Connected = (fault: Fault | undefined, tookMs: number) => void;

/** One connection under way. */
export interface Connecting {
  /** Gives it up; nothing is told any more. Harmless when it has ended. */
  giveUp(): void;
}

class Attempt implements Connecting {
  readonly ask: ConnectAsk;
  readonly tell: Connected;
  /** Tells it from others that had its descriptor. */
  serial = 0;
  startedMs = 0;
  /** -1 when it is closed. */
  fd = -1;
  fault: Fault | undefined = undefined;
  isTold = false;
  readonly #close: (attempt: Attempt) => void;

  constructor(ask: ConnectAsk, tell: Connected, close: (attempt: Attempt) => void) {
    this.ask = ask;
    this.tell = tell;
    this.#close = close;
  }

  giveUp(): void {
    this.isTold = true;
    this.#close(this);
  }
}

/**
 * Connections under way. Those that were begun in one turn of the loop are looked at together in the
 * next, which finds what is near; the others are left to epoll, which is looked at every 1 to 10 ms
 * while there are some, so that its cost does not grow with those that nobody answers.
 */
export class Connects {
  readonly #calls: ConnectCalls;
  readonly #time: Time;
  readonly #address = new Uint8Array(ADDRESS_OCTETS);
  readonly #addressAt: bigint;
  readonly #polled = new DataView(new ArrayBuffer(FRESH_MAX * POLLFD_OCTETS));
  readonly #polledAt: bigint;
  readonly #events: DataView<ArrayBuffer>;
  readonly #eventsAt: bigint;
  readonly #epoll: number;
  /** Not looked at yet, those that failed at once among them. */
  #fresh: Attempt[] = [];
  /** Left to epoll, by descriptor. */
  readonly #waiting = new Map<number, Attempt>();
  #lastSerial = 0;
  #newestMs = 0;
  #isLookPlanned = false;
  #cancelLook: Cancel | undefined;
  /** One function for all attempts. */
  readonly #close = (attempt: Attempt): void => {
    if (attempt.fd < 0) return;
    // Those that fared at once were never left to epoll.
    if (this.#waiting.size > 0) this.#waiting.delete(attempt.fd);
    this.#calls.close(attempt.fd);
    attempt.fd = -1;
  };

  /** @throws SystemCallError where there is no descriptor for it. */
  constructor(calls: ConnectCalls, time: Time) {
    this.#calls = calls;
    this.#time = time;
    this.#addressAt = calls.addressOf(this.#address.buffer);
    this.#polledAt = calls.addressOf(this.#polled.buffer);
    this.#events = new DataView(new ArrayBuffer(EVENTS_MAX * calls.event.octets));
    this.#eventsAt = calls.addressOf(this.#events.buffer);
    this.#epoll = calls.epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new SystemCallError("epoll_create1", calls.errno());
  }

  /** Begins to connect. `tell` is never called from inside this call. */
  begin(ask: ConnectAsk, tell: Connected): Connecting {
    const attempt = new Attempt(ask, tell, this.#close);
    attempt.serial = this.#lastSerial++ >>> 0;
    attempt.startedMs = this.#time.nowMs();
    this.#newestMs = attempt.startedMs;
    this.#open(attempt);
    this.#fresh.push(attempt);
    if (!this.#isLookPlanned) {
      this.#isLookPlanned = true;
      // As for sockets of node's own: in the turn that follows, and whatever the clock says.
      setImmediate(() => this.#look());
    }
    return attempt;
  }

  /** Closes everything; nothing is told any more. */
  close(): void {
    this.#cancelLook?.();
    for (const attempt of [...this.#fresh, ...this.#waiting.values()]) attempt.giveUp();
    if (this.#epoll >= 0) this.#calls.close(this.#epoll);
  }

  #open(attempt: Attempt): void {
    const calls = this.#calls;
    const { address, port, source } = attempt.ask;
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    attempt.fd = calls.socket(FAMILY[familyIn(address)], type, IPPROTO_TCP);
    if (attempt.fd < 0) {
      this.#failLocally(attempt, "socket", "");
      return;
    }
    if (source !== undefined) {
      const octets = writeSocketAddress(this.#address, source, 0);
      if (octets === undefined || calls.bind(attempt.fd, this.#addressAt, octets) < 0) {
        this.#failLocally(attempt, "bind", source, octets);
        return;
      }
    }
    const octets = writeSocketAddress(this.#address, address, port);
    if (octets !== undefined) {
      if (calls.connect(attempt.fd, this.#addressAt, octets) === 0) return;
      const errno = calls.errno();
      if (errno === EINPROGRESS || errno === EINTR) return;
    }
    this.#failLocally(attempt, "connect", `${address}:${port}`, octets);
  }

  /** The call itself failed, before a packet left. `octets`: undefined for what is no address. */
  #failLocally(attempt: Attempt, syscall: string, about: string, octets: number | undefined = 0) {
    const errno = octets === undefined ? EINVAL : this.#calls.errno();
    attempt.fault = faultOf(new SystemCallError(syscall, errno, about), "local");
    this.#close(attempt);
  }

  #look(): void {
    this.#isLookPlanned = false;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const ended: Attempt[] = [];
    this.#lookAtFresh(ended);
    this.#lookAtWaiting(ended);
    const nowMs = this.#time.nowMs();
    // Before anybody is told: what is told may begin new ones.
    if (this.#waiting.size > 0 && !this.#isLookPlanned) this.#rest(nowMs);
    for (const attempt of ended) {
      if (attempt.isTold) continue;
      attempt.isTold = true;
      attempt.tell(attempt.fault, nowMs - attempt.startedMs);
    }
  }

  #rest(nowMs: number): void {
    const restMs = (nowMs - this.#newestMs) / AGE_PARTS;
    this.#cancelLook = this.#time.after(Math.max(REST_MIN_MS, Math.min(REST_MAX_MS, restMs)), () =>
      this.#look(),
    );
  }

  #lookAtFresh(ended: Attempt[]): void {
    const all = this.#fresh;
    const more = all.length > FRESH_MAX ? all.splice(FRESH_MAX) : [];
    this.#fresh = more;
    let at = 0;
    for (const { fd } of all) {
      // The kernel passes over negative descriptors.
      this.#polled.setInt32(at, fd, true);
      this.#polled.setUint32(at + 4, POLLOUT, true);
      at += POLLFD_OCTETS;
    }
    const ready = all.length === 0 ? 0 : this.#calls.poll(this.#polledAt, all.length, 0);
    at = 0;
    for (const attempt of all) {
      const seen = ready > 0 ? this.#polled.getUint16(at + 6, true) : 0;
      at += POLLFD_OCTETS;
      if (attempt.fault !== undefined) ended.push(attempt);
      else if (attempt.fd < 0) continue;
      else if (seen !== 0) this.#end(attempt, seen, ended);
      else this.#leaveToEpoll(attempt, ended);
    }
    if (more.length === 0) return;
    this.#isLookPlanned = true;
    setImmediate(() => this.#look());
  }

  #leaveToEpoll(attempt: Attempt, ended: Attempt[]): void {
    const { data } = this.#calls.event;
    this.#events.setUint32(0, POLLOUT | EPOLLONESHOT, true);
    this.#events.setInt32(data, attempt.fd, true);
    this.#events.setUint32(data + 4, attempt.serial, true);
    if (this.#calls.epollControl(this.#epoll, EPOLL_CTL_ADD, attempt.fd, this.#eventsAt) === 0) {
      this.#waiting.set(attempt.fd, attempt);
      return;
    }
    this.#failLocally(attempt, "epoll_ctl", "");
    ended.push(attempt);
  }

  #lookAtWaiting(ended: Attempt[]): void {
    const { octets, data } = this.#calls.event;
    for (let round = 0; round < EVENT_ROUNDS_MAX && this.#waiting.size > 0; round++) {
      const count = this.#calls.epollWait(this.#epoll, this.#eventsAt, EVENTS_MAX, 0);
      for (let i = 0; i < count; i++) {
        const at = i * octets;
        const attempt = this.#waiting.get(this.#events.getInt32(at + data, true));
        // A program that is just being started holds a copy of a descriptor that is closed here.
        if (attempt?.serial !== this.#events.getUint32(at + data + 4, true)) continue;
        this.#end(attempt, this.#events.getUint32(at, true), ended);
      }
      if (count < EVENTS_MAX) return;
    }
  }

  #end(attempt: Attempt, seen: number, ended: Attempt[]): void {
    const errno = (seen & POLL_FAILED) === 0 ? 0 : this.#calls.errorOf(attempt.fd);
    if (errno !== 0) {
      const { address, port } = attempt.ask;
      const error = new SystemCallError("connect", errno, `${address}:${port}`);
      attempt.fault = faultOf(error, "connecting");
    }
    this.#close(attempt);
    ended.push(attempt);
  }
}
