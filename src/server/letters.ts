// Datagrams that answer threads hand over to the stream thread, and the way back: the same socket, to
// the address that asked, from the address that was asked.

import { TRANSPORT } from "../answer/exchange.ts";
import { UDP_OCTETS_MAX } from "./answerer.ts";
import { type BatchMemory, createBatchMemory, HEADER, NAME_OCTETS } from "./batch-memory.ts";
import type { Libc } from "./libc.ts";
import type { Requester } from "./session-request.ts";

/** A datagram with all that its answer needs; structured-clonable. */
export interface Letter {
  readonly packet: Uint8Array;
  /** A descriptor of this process. */
  readonly fd: number;
  /** struct sockaddr_in or sockaddr_in6 of the sender. */
  readonly name: Uint8Array;
  /** The control message that names our own address; empty where the socket has only one. */
  readonly control: Uint8Array;
}

/** Letters of one thread in a second; more are dropped, as a full queue would: they are asked again. */
export const LETTERS_MAX = 500;

/** Who sent a letter. */
export function senderOf({ name }: Letter): Requester {
  const port = ((name[2] ?? 0) << 8) | (name[3] ?? 0);
  const address = name.length < NAME_OCTETS ? name.slice(4, 8) : name.slice(8, 24);
  return { address, port, transport: TRANSPORT.udp };
}

/** Sends answers to letters; for one thread. */
export class LetterBox {
  readonly #libc: Libc;
  readonly #memory: BatchMemory;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#memory = createBatchMemory(libc, 1, 1);
  }

  /** Best effort, as datagrams are: one that does not fit or is refused is lost. */
  answer({ fd, name, control }: Letter, message: Uint8Array): void {
    if (message.length > UDP_OCTETS_MAX) return;
    const { u8, u32, layout, headersAt } = this.#memory;
    u8.set(message, layout.packets);
    u8.set(name, layout.names);
    u8.set(control, layout.controls);
    u32[(layout.headers + HEADER.nameOctets) >> 2] = name.length;
    u32[(layout.headers + HEADER.controlOctets) >> 2] = control.length;
    u32[(layout.vectors + 8) >> 2] = message.length;
    this.#libc.sendmmsg(fd, headersAt[0] as bigint, 1, 0);
  }
}
