// How soon a thread gets its core when it has something to do. Linux lets a runnable thread finish its
// slice before it looks at one that has woken; a thread that asks for a shorter slice is let in at
// once, for as long as it takes no more than its share (EEVDF, Linux 6.12 and later). It needs no
// privilege, takes nothing from other programs, and older kernels ignore it.

import { getSystemErrorName } from "node:util";
import { messageOf } from "../base/errors.ts";

/** The shortest there is; a batch of answers takes less. */
export const SLICE_NS = 100_000;

/** Whether a shorter slice was granted, or why not. */
export type SliceOutcome =
  | { readonly kind: "granted" }
  | { readonly kind: "refused"; readonly why: string };

/** Numbers of sched_setattr and sched_getattr. */
const CALLS: Readonly<Record<string, readonly [set: number, get: number]>> = {
  x64: [314, 315],
  arm64: [274, 275],
  riscv64: [274, 275],
  loong64: [274, 275],
};
/** Octets of `struct sched_attr` as it first was: size, policy, flags, nice, priority, runtime. */
const ATTRIBUTES_OCTETS = 48;
const POLICY_AT = 4;
const RUNTIME_AT = 24;
const SCHED_OTHER = 0;

/** Asks for a shorter slice for the thread that calls this. Never throws. */
export async function askForShortSlice(): Promise<SliceOutcome> {
  const numbers = process.platform === "linux" ? CALLS[process.arch] : undefined;
  if (numbers === undefined) {
    return { kind: "refused", why: `not known for ${process.platform} on ${process.arch}` };
  }
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    const set = library.func("long syscall(long, int, void *, unsigned int)");
    const get = library.func("long syscall(long, int, void *, unsigned int, unsigned int)");
    const failure = (): SliceOutcome => {
      return { kind: "refused", why: getSystemErrorName(-koffi.errno()) };
    };
    const [setNumber, getNumber] = numbers;
    const attributes = new Uint8Array(ATTRIBUTES_OCTETS);
    const view = new DataView(attributes.buffer);
    // Thread 0 is the one that asks.
    if (Number(get(getNumber, 0, attributes, ATTRIBUTES_OCTETS, 0)) < 0) return failure();
    if (view.getUint32(POLICY_AT, true) !== SCHED_OTHER) {
      return { kind: "refused", why: "an operator has chosen how it is scheduled" };
    }
    view.setBigUint64(RUNTIME_AT, BigInt(SLICE_NS), true);
    if (Number(set(setNumber, 0, attributes, 0)) < 0) return failure();
    return { kind: "granted" };
  } catch (error) {
    return { kind: "refused", why: `koffi cannot be used: ${messageOf(error)}` };
  }
}
