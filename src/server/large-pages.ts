// Large pages for memory in which every query looks at another place: each place is on a page of its
// own then, and a processor remembers where some two thousand pages lie. On a virtual machine it has
// to look through two tables for every other.

import { LINUX, type Libc } from "./libc.ts";

/** Two large pages: smaller memory may hold none, wherever it lies. */
const OCTETS_MIN = 0x40_0000;
/** Advice is given for whole pages, which on some processors are as large as this. */
const PAGE_OCTETS_MAX = 0x1_0000n;

/**
 * Asks the kernel for large pages in `memory`, from now on: what was touched before stays on small ones.
 * An advice, which is heeded where /sys/kernel/mm/transparent_hugepage/enabled is not "never".
 */
export function askForLargePages(libc: Libc, memory: ArrayBufferLike): void {
  if (memory.byteLength < OCTETS_MIN) return;
  const at = libc.addressOf(memory);
  const start = roundedDown(at + PAGE_OCTETS_MAX - 1n);
  const end = roundedDown(at + BigInt(memory.byteLength));
  libc.madvise(start, Number(end - start), LINUX.MADV_HUGEPAGE);
}

function roundedDown(address: bigint): bigint {
  return address & -PAGE_OCTETS_MAX;
}
