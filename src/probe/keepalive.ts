// TCP keepalive with an interval: node:net sets only the idle time, the rest needs setsockopt,
// which koffi reaches where it is installed. Without it the kernel's own intervals (75 s) stay: the
// tripwire is then merely slower to notice a host that vanished without a word.

import { createRequire } from "node:module";
import type { Socket } from "node:net";

const IDLE_MS = 1000;
const IPPROTO_TCP = 6;
/** Linux numbers of socket options (include/uapi/linux/tcp.h), in seconds and in tries. */
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const INTERVAL = Int32Array.of(1);
const TRIES = Int32Array.of(2);

type SetOption = (fd: number, option: number, value: Int32Array) => void;

let setOption: SetOption | undefined;
let isLoaded = false;

/** Turns keepalive on: idle 1 s, then 2 tries 1 s apart. Does as much of it as this system can. */
export function keepAlive(socket: Socket): void {
  socket.setKeepAlive(true, IDLE_MS);
  if (!isLoaded) {
    isLoaded = true;
    setOption = loadSetOption();
  }
  const fd = descriptorOf(socket);
  if (setOption === undefined || fd === undefined) return;
  setOption(fd, TCP_KEEPINTVL, INTERVAL);
  setOption(fd, TCP_KEEPCNT, TRIES);
}

function loadSetOption(): SetOption | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
    const call = koffi
      .load("libc.so.6")
      .func("int setsockopt(int fd, int level, int option, const int *value, uint length)");
    return (fd, option, value) => call(fd, IPPROTO_TCP, option, value, value.byteLength);
  } catch {
    // koffi is optional; see above for what is lost.
    return undefined;
  }
}

/** The socket's descriptor: node keeps it on its handle and has no public way to it. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = "_handle" in socket ? socket._handle : undefined;
  if (typeof handle !== "object" || handle === null || !("fd" in handle)) return undefined;
  return typeof handle.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}
