// The system calls that Node does not offer, through koffi: typed, loaded only when asked for.
// Refuses every platform whose structure layouts are not known here; the portable transport serves it.

import { messageOf } from "../base/errors.ts";
import { unknownSystem } from "../base/known-system.ts";

/** Constants of Linux on the processors that `unknownSystem` knows, which all share the generic values. */
export const LINUX = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_CLOEXEC: 0o2000000,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_REUSEPORT: 15,
  SO_RCVTIMEO: 20,
  SO_SNDTIMEO: 21,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  IPPROTO_IP: 0,
  IP_PKTINFO: 8,
  IP_MTU_DISCOVER: 10,
  IPPROTO_IPV6: 41,
  IPV6_MTU_DISCOVER: 23,
  IPV6_V6ONLY: 26,
  IPV6_RECVPKTINFO: 49,
  PMTUDISC_OMIT: 5,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_WAITFORONE: 0x10000,
  POLLIN: 1,
  PR_SET_TIMERSLACK: 29,
  MADV_HUGEPAGE: 14,
} as const;

/** Numbers of the errors that callers tell apart; `errnoName` knows the same ones. */
export const ERRNO = {
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EFAULT: 14,
  EINVAL: 22,
  ENOTSOCK: 88,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
} as const;

/** "EADDRINUSE" for 98; "errno 7" for one that no caller tells apart. */
export function errnoName(errno: number): string {
  const known = Object.entries(ERRNO).find(([, value]) => value === errno);
  return known === undefined ? `errno ${errno}` : known[0];
}

/**
 * The C library. Calls return what C returns; after -1 `errno()` holds the reason, until the next
 * call. Pointers are plain numbers from `addressOf`: whoever passes one keeps its memory alive.
 */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, octets: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, octets: number): number;
  getsockname(fd: number, address: Uint8Array, octets: Uint8Array): number;
  recvmmsg(fd: number, headers: bigint, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, headers: bigint, count: number, flags: number): number;
  poll(fds: bigint, count: number, timeoutMs: number): number;
  /** Sleeps for `us` microseconds, below a million; longer by what the timer slack allows. */
  usleep(us: number): number;
  prctl(option: number, value: number, ...unused: readonly [0, 0, 0]): number;
  close(fd: number): number;
  errno(): number;
  /** Says what is planned with whole pages of memory, from a page's start on. */
  madvise(address: bigint, octets: number, advice: number): number;
  /** Where `memory` begins. It does not move: array buffers live outside the collected heap. */
  addressOf(memory: ArrayBufferLike): bigint;
}

/** The library, or the reason why it cannot be used here, for `server.degraded`. */
export type LibcLoad =
  | { readonly kind: "loaded"; readonly libc: Libc }
  | { readonly kind: "missing"; readonly why: string };

/** Loads the C library of this process. Never throws: what is missing is named. */
export async function loadLibc(): Promise<LibcLoad> {
  const unknown = unknownSystem(process);
  if (unknown !== undefined) {
    return { kind: "missing", why: `batched sockets are not known for ${unknown}` };
  }
  try {
    const { default: koffi } = await import("koffi");
    if (koffi.sizeof("void *") !== 8 || koffi.sizeof("size_t") !== 8) {
      return { kind: "missing", why: "pointers of this process are not 64 bits wide" };
    }
    return { kind: "loaded", libc: bindCalls(koffi) };
  } catch (error) {
    return { kind: "missing", why: `koffi cannot be used: ${messageOf(error)}` };
  }
}

type Koffi = typeof import("koffi")["default"];

function bindCalls(koffi: Koffi): Libc {
  // null names the process itself, which has loaded the only right C library: glibc or musl.
  const library = koffi.load(null);
  return {
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, void *, uint32_t)"),
    setsockopt: library.func("int setsockopt(int, int, int, void *, uint32_t)"),
    getsockname: library.func("int getsockname(int, void *, void *)"),
    recvmmsg: library.func("int recvmmsg(int, void *, uint32_t, int, void *)"),
    sendmmsg: library.func("int sendmmsg(int, void *, uint32_t, int)"),
    usleep: library.func("int usleep(uint32_t)"),
    prctl: library.func(
      "int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)",
    ),
    poll: library.func("int poll(void *, unsigned long, int)"),
    close: library.func("int close(int)"),
    madvise: library.func("int madvise(void *, unsigned long, int)"),
    errno: () => koffi.errno(),
    addressOf: (memory) => koffi.address(new Uint8Array(memory)),
  };
}
