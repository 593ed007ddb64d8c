// The system calls that plain connections are made with, through koffi. A call costs a quarter of a
// microsecond, as long as what it is given are numbers.

import { createRequire } from "node:module";
import { unknownSystem } from "../../base/known-system.ts";

/** A call answers -1 where it fails, and `errno` then says why. Pointers are from `addressOf`. */
export interface ConnectCalls {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: bigint, octets: number): number;
  connect(fd: number, address: bigint, octets: number): number;
  /** The error that a connection has ended by; 0: none. */
  errorOf(fd: number): number;
  poll(entries: bigint, count: number, timeoutMs: number): number;
  epollCreate(flags: number): number;
  epollControl(epoll: number, operation: number, fd: number, event: bigint): number;
  epollWait(epoll: number, events: bigint, count: number, timeoutMs: number): number;
  close(fd: number): number;
  errno(): number;
  /** Where `memory` begins. It does not move: array buffers live outside the collected heap. */
  addressOf(memory: ArrayBuffer): bigint;
  /** Octets of one `epoll_event`, and where its data stands: it is packed on x86 alone. */
  readonly event: { readonly octets: number; readonly data: number };
}

const SOL_SOCKET = 1;
const SO_ERROR = 4;

/** The system's calls. @throws where koffi is not installed, or the system is not known. */
export function loadConnectCalls(): ConnectCalls {
  const unknown = unknownSystem(process);
  if (unknown !== undefined) throw new Error(`sockets in batches are not known for ${unknown}`);
  const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
  const library = koffi.load(null);
  const addressOf = (memory: ArrayBuffer): bigint => koffi.address(new Uint8Array(memory));
  const getsockopt = library.func("int getsockopt(int, int, int, void *, void *)");
  // The option's value, and behind it how long it is.
  const option = Int32Array.of(0, 4);
  const value = addressOf(option.buffer);
  return {
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, void *, uint32_t)"),
    connect: library.func("int connect(int, void *, uint32_t)"),
    errorOf: (fd) => {
      const isRead = getsockopt(fd, SOL_SOCKET, SO_ERROR, value, value + 4n) === 0;
      return isRead ? (option[0] ?? 0) : koffi.errno();
    },
    poll: library.func("int poll(void *, unsigned long, int)"),
    epollCreate: library.func("int epoll_create1(int)"),
    epollControl: library.func("int epoll_ctl(int, int, int, void *)"),
    epollWait: library.func("int epoll_wait(int, void *, int, int)"),
    close: library.func("int close(int)"),
    errno: () => koffi.errno(),
    addressOf,
    event: process.arch === "x64" ? { octets: 12, data: 4 } : { octets: 16, data: 8 },
  };
}
