// A C library that plays a script: what each receive yields and how each send fares. It reads and
// writes the batch's memory through its pointers alone, as the kernel does.

import { ERRNO, type Libc } from "../../src/server/libc.ts";

/** A datagram to be received. */
export interface Datagram {
  readonly packet: Uint8Array;
  readonly port: number;
  /** Last octet of the asker's address 192.0.2.0/24 or 2001:db8::. */
  readonly host?: number;
  readonly isCut?: boolean;
  /** The packet-info message, header included. */
  readonly control?: Uint8Array;
}

/** A receive: datagrams of one socket, or an error. */
export type Receive =
  | { readonly fd: number; readonly family?: 4 | 6; readonly datagrams: readonly Datagram[] }
  | { readonly errno: number };

/** A reply that the script's kernel has taken. */
interface Sent {
  readonly fd: number;
  readonly packet: Buffer;
  /** The socket address as it was handed over. */
  readonly name: Buffer;
  readonly control: Buffer;
}

const BASE = 0x7f00_0000_0000n;
const HEADER_OCTETS = 64;

export class ScriptedLibc implements Libc {
  readonly sent: Sent[] = [];
  /** What happened, in order: "receive 3", "send 2", "refused 1", "poll", "rest 60". */
  readonly journal: string[] = [];
  /** The error of a reply whose packet begins with this id; others are taken. */
  readonly refusals = new Map<number, number>();
  /** Called before each receive. */
  beforeReceive: (turn: number) => void = () => undefined;
  /** Called before each send. */
  beforeSend: () => void = () => undefined;
  readonly #receives: Receive[];
  readonly #ended: () => void;
  #memory: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #errno = 0;
  #turn = 0;

  /** @param ended called when the script is played out. */
  constructor(receives: readonly Receive[], ended: () => void) {
    this.#receives = [...receives];
    this.#ended = ended;
  }

  addressOf(memory: ArrayBufferLike): bigint {
    this.#memory = Buffer.from(memory);
    return BASE;
  }

  madvise(address: bigint, octets: number, advice: number): number {
    const offset = address - BASE;
    this.journal.push(`advise ${offset} to ${offset + BigInt(octets)}: ${advice}`);
    return 0;
  }

  recvmmsg(fd: number, headers: bigint, count: number): number {
    this.beforeReceive(this.#turn++);
    const next = this.#receives.shift();
    if (this.#receives.length === 0) this.#ended();
    if (next === undefined) return this.#fail(ERRNO.EAGAIN);
    if ("errno" in next) return this.#fail(next.errno);
    if (next.fd !== fd) {
      this.#receives.unshift(next);
      return this.#fail(ERRNO.EAGAIN);
    }
    const datagrams = next.datagrams.slice(0, count);
    for (const [i, datagram] of datagrams.entries()) {
      this.#deliver(this.#at(headers) + i * HEADER_OCTETS, datagram, next.family ?? 4);
    }
    this.journal.push(`receive ${datagrams.length}`);
    return datagrams.length;
  }

  sendmmsg(fd: number, headers: bigint, count: number): number {
    this.beforeSend();
    for (let i = 0; i < count; i++) {
      const sent = this.#collect(fd, this.#at(headers) + i * HEADER_OCTETS);
      const errno = this.refusals.get(sent.packet.readUInt16BE());
      if (errno !== undefined) {
        if (i > 0) return this.#took(i);
        this.journal.push(`refused ${sent.packet.readUInt16BE()}`);
        if (errno === ERRNO.EINTR) this.refusals.delete(sent.packet.readUInt16BE());
        return this.#fail(errno);
      }
      this.sent.push(sent);
    }
    return this.#took(count);
  }

  /** Every socket is ready, always. */
  poll(fds: bigint, count: number): number {
    for (let i = 0; i < count; i++) this.#memory.writeUInt16LE(1, this.#at(fds) + i * 8 + 6);
    this.journal.push("poll");
    return count;
  }

  usleep(us: number): number {
    this.journal.push(`rest ${us}`);
    return 0;
  }

  prctl(): number {
    return 0;
  }

  errno(): number {
    return this.#errno;
  }

  socket(): number {
    return -1;
  }

  bind(): number {
    return -1;
  }

  setsockopt(): number {
    return -1;
  }

  getsockname(): number {
    return -1;
  }

  close(): number {
    return -1;
  }

  #deliver(header: number, datagram: Datagram, family: 4 | 6): void {
    const memory = this.#memory;
    const name = this.#pointer(header);
    if (memory.readUInt32LE(header + 8) < 28) throw new Error("no room for an IPv6 address");
    memory.writeUInt16LE(family === 4 ? 2 : 10, name);
    memory.writeUInt16BE(datagram.port, name + 2);
    const host = datagram.host ?? 1;
    memory.set(
      family === 4 ? [192, 0, 2, host] : [0x20, 1, 13, 184, ...Array(11).fill(0), host],
      name + (family === 4 ? 4 : 8),
    );
    memory.writeUInt32LE(family === 4 ? 16 : 28, header + 8);
    const vector = this.#pointer(header + 16);
    const room = Number(memory.readBigUInt64LE(vector + 8));
    const packet = datagram.packet.subarray(0, room);
    memory.set(packet, this.#pointer(vector));
    const control = datagram.control ?? new Uint8Array();
    if (memory.readUInt32LE(header + 40) < control.length) throw new Error("no room for control");
    memory.set(control, this.#pointer(header + 32));
    memory.writeUInt32LE(control.length, header + 40);
    memory.writeUInt32LE(packet.length < datagram.packet.length ? 0x20 : 0, header + 48);
    memory.writeUInt32LE(packet.length, header + 56);
  }

  #collect(fd: number, header: number): Sent {
    const memory = this.#memory;
    const vector = this.#pointer(header + 16);
    const controlOctets = memory.readUInt32LE(header + 40);
    const controlAt = controlOctets === 0 ? 0 : this.#pointer(header + 32);
    const copy = (at: number, octets: number) => Buffer.from(memory.subarray(at, at + octets));
    return {
      fd,
      packet: copy(this.#pointer(vector), Number(memory.readBigUInt64LE(vector + 8))),
      name: copy(this.#pointer(header), memory.readUInt32LE(header + 8)),
      control: copy(controlAt, controlOctets),
    };
  }

  #took(count: number): number {
    this.journal.push(`send ${count}`);
    return count;
  }

  #fail(errno: number): number {
    this.#errno = errno;
    return -1;
  }

  #pointer(at: number): number {
    return this.#at(this.#memory.readBigUInt64LE(at));
  }

  #at(pointer: bigint): number {
    return Number(pointer - BASE);
  }
}
