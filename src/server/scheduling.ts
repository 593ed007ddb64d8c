// How soon the calling thread gets its core when it has something to do, and how much of one it has
// had: sched_setattr(2) and the thread's own clock, through koffi.
//
// Linux lets a runnable thread finish its slice before it looks at one that has woken. A thread that
// asks for a shorter slice is let in sooner, for as long as it takes no more than its share (EEVDF,
// Linux 6.12 and later); that needs no privilege, and older kernels ignore it. One that goes first
// (SCHED_FIFO, at the least priority) runs at once, which root may ask for, and whoever has a limit on
// real-time priority above 0.

import { getSystemErrorName } from "node:util";
import { messageOf } from "../base/errors.ts";

/** The shortest slice there is; a batch of answers takes less. */
const SLICE_NS = 100_000;

/** Whether it was granted, or why not. */
export type SchedulingOutcome =
  | { readonly kind: "granted" }
  | { readonly kind: "refused"; readonly why: string };

/** What the calling thread can ask for. */
export interface Scheduling {
  /** Takes its turn among others, in short slices. */
  takeTurns(): SchedulingOutcome;
  /** Runs before all that takes turns, whenever it has something to do. */
  goFirst(): SchedulingOutcome;
  /** What the thread has had of a core since it began, user and system, milliseconds. */
  cpuMs(): number;
}

/** The calling thread's scheduling, or why nothing can be asked for. */
export type SchedulingLoad =
  | { readonly kind: "loaded"; readonly scheduling: Scheduling }
  | { readonly kind: "refused"; readonly why: string };

/** Numbers of sched_setattr and sched_getattr. All of these processors are little-endian. */
const CALLS: Readonly<Record<string, readonly [set: number, get: number]>> = {
  x64: [314, 315],
  arm64: [274, 275],
  riscv64: [274, 275],
  loong64: [274, 275],
};
/** Octets of `struct sched_attr` as it first was: size, policy, flags, nice, priority, runtime. */
const ATTRIBUTES_OCTETS = 48;
const AT = { policy: 4, flags: 8, nice: 16, priority: 20, runtime: 24 } as const;
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
/** What a thread starts does not go first; once it is set, only a privilege takes it away again. */
const RESET_ON_FORK = 1n;
const CLOCK_THREAD_CPUTIME_ID = 3;
const NS_PER_MS = 1e6;

/**
 * Opens the calling thread's scheduling. Never throws; it is refused where an operator has chosen
 * another policy for the process. With a nice value above 0 it may take turns, and not go first.
 */
export async function loadScheduling(): Promise<SchedulingLoad> {
  const numbers = process.platform === "linux" ? CALLS[process.arch] : undefined;
  if (numbers === undefined) {
    return refused(`not known for ${process.platform} on ${process.arch}`);
  }
  try {
    const { default: koffi } = await import("koffi");
    return open(koffi, numbers);
  } catch (error) {
    return refused(`koffi cannot be used: ${messageOf(error)}`);
  }
}

type Koffi = typeof import("koffi")["default"];

function open(koffi: Koffi, [setNumber, getNumber]: readonly [number, number]): SchedulingLoad {
  const library = koffi.load(null);
  const set = library.func("long syscall(long, int, void *, unsigned int)");
  const get = library.func("long syscall(long, int, void *, unsigned int, unsigned int)");
  const clock = library.func("int clock_gettime(int, void *)");
  const failure = () => refused(getSystemErrorName(-koffi.errno()));
  const attributes = new Uint8Array(ATTRIBUTES_OCTETS);
  const view = new DataView(attributes.buffer);
  // Thread 0 is the one that asks.
  if (Number(get(getNumber, 0, attributes, ATTRIBUTES_OCTETS, 0)) < 0) return failure();
  if (view.getUint32(AT.policy, true) !== SCHED_OTHER) {
    return refused("an operator has chosen how it is scheduled");
  }
  const nice = view.getInt32(AT.nice, true);
  const ask = (policy: number, priority: number): SchedulingOutcome => {
    view.setUint32(AT.policy, policy, true);
    view.setBigUint64(AT.flags, RESET_ON_FORK, true);
    view.setUint32(AT.priority, priority, true);
    view.setBigUint64(AT.runtime, BigInt(SLICE_NS), true);
    return Number(set(setNumber, 0, attributes, 0)) < 0 ? failure() : { kind: "granted" };
  };
  const now = new Uint32Array(4);
  const scheduling: Scheduling = {
    takeTurns: () => ask(SCHED_OTHER, 0),
    goFirst: () => (nice > 0 ? refused(`its nice value is ${nice}`) : ask(SCHED_FIFO, 1)),
    cpuMs: () => {
      clock(CLOCK_THREAD_CPUTIME_ID, now);
      // Low words of seconds and nanoseconds: 136 years of both.
      return (now[0] ?? 0) * 1000 + (now[2] ?? 0) / NS_PER_MS;
    },
  };
  return { kind: "loaded", scheduling };
}

function refused(why: string): { readonly kind: "refused"; readonly why: string } {
  return { kind: "refused", why };
}
