// Takes connections for less than node:net does: a target that is asked ten thousand times a second
// must not be what is measured. Linux alone, through koffi; the process's own loop asks for them.

import { createRequire } from "node:module";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const BACKLOG = 4096;
const ADDRESS_OCTETS = 16;
/** How often it is looked whether somebody has come; a target's moment is known to so much. */
const LOOK_MS = 1;

interface Calls {
  socket(family: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Int32Array, octets: number): number;
  bind(fd: number, address: Uint8Array, octets: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: null, octets: null, flags: number): number;
  getsockname(fd: number, address: Uint8Array, octets: Uint32Array): number;
  close(fd: number): number;
  sched_yield(): number;
}

function load(): Calls {
  const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
  const library = koffi.load(null);
  return {
    socket: library.func("int socket(int, int, int)"),
    setsockopt: library.func("int setsockopt(int, int, int, void *, uint32_t)"),
    bind: library.func("int bind(int, void *, uint32_t)"),
    listen: library.func("int listen(int, int)"),
    accept4: library.func("int accept4(int, void *, void *, int)"),
    getsockname: library.func("int getsockname(int, void *, void *)"),
    close: library.func("int close(int)"),
    sched_yield: library.func("int sched_yield()"),
  };
}

/** Listens on one IPv4 address and port, and closes every connection at once. */
export class Acceptor {
  readonly port: number;
  readonly #calls = load();
  readonly #fd: number;
  readonly #address = new Uint8Array(ADDRESS_OCTETS);
  readonly #view = new DataView(this.#address.buffer);
  readonly #octets = Uint32Array.of(ADDRESS_OCTETS);
  readonly #connected: (address: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param at where to listen; port 0: a free one.
   * @param connected told the IPv4 address that was asked, of each connection.
   * @throws Error when it cannot be had.
   */
  constructor(
    at: { readonly address: string; readonly port: number },
    connected: (address: number) => void,
  ) {
    const calls = this.#calls;
    this.#connected = connected;
    this.#fd = calls.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    calls.setsockopt(this.#fd, SOL_SOCKET, SO_REUSEADDR, Int32Array.of(1), 4);
    const view = this.#view;
    view.setUint16(0, AF_INET, true);
    view.setUint16(2, at.port);
    this.#address.set(at.address.split(".").map(Number), 4);
    const isBound = calls.bind(this.#fd, this.#address, ADDRESS_OCTETS) === 0;
    if (!isBound || calls.listen(this.#fd, BACKLOG) !== 0) {
      calls.close(this.#fd);
      throw new Error(`Cannot listen on ${at.address}:${at.port}`);
    }
    this.#name(this.#fd);
    this.port = view.getUint16(2);
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  close(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#calls.close(this.#fd);
  }

  #look(): void {
    const calls = this.#calls;
    for (let i = 0; i < BACKLOG; i++) {
      const fd = calls.accept4(this.#fd, null, null, SOCK_CLOEXEC);
      if (fd < 0) break;
      const address = this.#name(fd);
      calls.close(fd);
      this.#connected(address);
      // Behind all others this process is still owed a share of the core, and would keep the core for
      // it to the kernel's next tick, up to 4 ms, while whoever asks here waits.
      calls.sched_yield();
    }
    this.#timer = setTimeout(() => this.#look(), LOOK_MS);
  }

  /** The address that a socket has at our end. */
  #name(fd: number): number {
    this.#octets[0] = ADDRESS_OCTETS;
    this.#calls.getsockname(fd, this.#address, this.#octets);
    return this.#view.getUint32(4);
  }
}
