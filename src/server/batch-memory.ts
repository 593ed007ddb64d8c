// One block of memory for a batch of datagrams: the kernel's headers, addresses, control messages
// and packets. A batch is sent with the headers that it was received with: each names its asker, and
// its answer is written where its packet was. Layouts are those of 64-bit Linux:
//
//   struct mmsghdr, 64 octets: name 0, name length 8, iov 16, iov count 24, control 32,
//                              control length 40, flags 48, octets received or sent 56
//   struct iovec,   16 octets: base 0, length 8
//   struct pollfd,   8 octets: fd 0, events 4, revents 6
//   struct cmsghdr, 16 octets: length 0, level 8, type 12; the data follows

import { UDP_OCTETS_MAX } from "./answerer.ts";
import type { Libc } from "./libc.ts";

/** Offsets into struct mmsghdr. */
export const HEADER = {
  octets: 64,
  name: 0,
  nameOctets: 8,
  vector: 16,
  vectorCount: 24,
  control: 32,
  controlOctets: 40,
  flags: 48,
  length: 56,
} as const;

/** Room for struct sockaddr_in6, and where the next one begins. */
export const NAME_OCTETS = 28;
export const NAME_STRIDE = 32;

/** Room for one packet-info message: 32 octets for IPv4, 40 for IPv6. */
export const CONTROL_OCTETS = 40;

export const VECTOR_STRIDE = 16;
export const POLL_STRIDE = 8;

/**
 * From one packet to the next: an odd number of cache lines, because packets a power of two apart
 * would all compete for the same few lines of a cache.
 */
export const PACKET_STRIDE = UDP_OCTETS_MAX + 64;

/** Where each part of a batch begins, in octets from the start of the block. */
export interface BatchLayout {
  readonly headers: number;
  readonly vectors: number;
  readonly names: number;
  readonly controls: number;
  readonly polls: number;
  readonly packets: number;
  readonly octets: number;
}

/** The block and its views. Its address is fixed for as long as this object is referenced. */
export interface BatchMemory {
  readonly size: number;
  readonly layout: BatchLayout;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  /** Address of each header: what is left after a partial send starts at any of them. */
  readonly headersAt: readonly bigint[];
  /** All headers as they were made, for the pointers of those that took another's place. */
  readonly madeHeaders: Uint32Array;
  readonly pollsAt: bigint;
}

/** Lays out a block for `size` datagrams (1 to 1024) from `sockets` sockets. */
export function createBatchMemory(libc: Libc, size: number, sockets: number): BatchMemory {
  const layout = layOut(size, sockets);
  const block = new ArrayBuffer(layout.octets);
  const base = libc.addressOf(block);
  const at = (offset: number): bigint => base + BigInt(offset);
  const view = new DataView(block);
  const point = (where: number, target: number): void => {
    view.setBigUint64(where, at(target), true);
  };
  for (let i = 0; i < size; i++) {
    const vector = layout.vectors + i * VECTOR_STRIDE;
    point(vector, layout.packets + i * PACKET_STRIDE);
    view.setUint32(vector + 8, UDP_OCTETS_MAX, true);
    const header = layout.headers + i * HEADER.octets;
    point(header + HEADER.name, layout.names + i * NAME_STRIDE);
    view.setUint32(header + HEADER.nameOctets, NAME_OCTETS, true);
    point(header + HEADER.vector, vector);
    view.setUint32(header + HEADER.vectorCount, 1, true);
    point(header + HEADER.control, layout.controls + i * CONTROL_OCTETS);
    view.setUint32(header + HEADER.controlOctets, CONTROL_OCTETS, true);
  }
  return {
    size,
    layout,
    u8: new Uint8Array(block),
    u16: new Uint16Array(block),
    u32: new Uint32Array(block),
    headersAt: Array.from({ length: size }, (_, i) => at(layout.headers + i * HEADER.octets)),
    madeHeaders: new Uint32Array(block, layout.headers, (size * HEADER.octets) >> 2).slice(),
    pollsAt: at(layout.polls),
  };
}

function layOut(size: number, sockets: number): BatchLayout {
  let end = 0;
  const take = (octets: number): number => {
    const start = end;
    end += octets;
    return start;
  };
  const parts = {
    headers: take(size * HEADER.octets),
    vectors: take(size * VECTOR_STRIDE),
    names: take(size * NAME_STRIDE),
    controls: take(size * CONTROL_OCTETS),
    polls: take(sockets * POLL_STRIDE),
    packets: take(size * PACKET_STRIDE),
  };
  return { ...parts, octets: end };
}
