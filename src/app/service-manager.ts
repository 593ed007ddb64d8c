// Word to the service manager (systemd's sd_notify protocol): ready, still well, stopping. Datagrams
// on a unix socket, which Node has not, through koffi. Without a NOTIFY_SOCKET nothing happens.

import { messageOf } from "../base/errors.ts";
import type { ThreadStatus } from "../view/status.ts";

/** The service manager that started this process. */
export interface ServiceManager {
  /** How often it wants to hear that all is well, in milliseconds; undefined: never. */
  readonly watchdogMs: number | undefined;
  /** Sends assignments such as "READY=1"; one that cannot be sent is lost, as the protocol has it. */
  tell(...assignments: readonly string[]): void;
}

/** What was found: nobody who listens, somebody, or somebody who cannot be reached. */
export type ServiceManagerSearch =
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly manager: ServiceManager }
  | { readonly kind: "unreachable"; readonly why: string };

type Environment = Record<string, string | undefined>;

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
/** A full queue of the manager's must not hold up the main thread. */
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** `sun_path` without its final zero. */
const PATH_OCTETS_MAX = 107;

/**
 * Looks for the service manager in the environment, and takes its variables out: programs of checks
 * are not to speak for the server.
 */
export async function findServiceManager(env: Environment): Promise<ServiceManagerSearch> {
  const path = env["NOTIFY_SOCKET"];
  const watchdogMs = watchdogOf(env);
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  if (path === undefined || path === "") return { kind: "none" };
  const address = unixAddress(path);
  if (address === undefined) return { kind: "unreachable", why: `"${path}" is no socket's path` };
  try {
    return { kind: "found", manager: { watchdogMs, tell: await opened(address) } };
  } catch (error) {
    return { kind: "unreachable", why: messageOf(error) };
  }
}

/** Whether questions are answered: by answer threads, or by the stream thread where there are none. */
export function isAnswering(threads: readonly Pick<ThreadStatus, "kind" | "isAlive">[]): boolean {
  const answering = threads.filter(({ kind }) => kind === "answer");
  const who = answering.length > 0 ? answering : threads.filter(({ kind }) => kind === "stream");
  return who.some(({ isAlive }) => isAlive);
}

/** Half the time that is allowed, as sd_watchdog_enabled(3) advises; only if it is meant for us. */
function watchdogOf(env: Environment): number | undefined {
  const microseconds = Number(env["WATCHDOG_USEC"] ?? "");
  const isOurs = (env["WATCHDOG_PID"] ?? String(process.pid)) === String(process.pid);
  return isOurs && microseconds > 0 ? Math.max(1, Math.floor(microseconds / 2000)) : undefined;
}

/** A `sockaddr_un`; a leading "@" names the abstract space. */
export function unixAddress(path: string): Uint8Array | undefined {
  const octets = new TextEncoder().encode(path);
  const isKnown = octets[0] === 0x2f || octets[0] === 0x40;
  if (!isKnown || octets.length < 2 || octets.length > PATH_OCTETS_MAX) return undefined;
  if (octets[0] === 0x40) octets[0] = 0;
  return Uint8Array.of(AF_UNIX, 0, ...octets);
}

async function opened(address: Uint8Array): Promise<ServiceManager["tell"]> {
  const { default: koffi } = await import("koffi");
  const library = koffi.load(null);
  const socket = library.func("int socket(int, int, int)") as (
    family: number,
    type: number,
    protocol: number,
  ) => number;
  const sendto = library.func("intptr_t sendto(int, void *, size_t, int, void *, uint32_t)") as (
    fd: number,
    octets: Uint8Array,
    length: number,
    flags: number,
    to: Uint8Array,
    toLength: number,
  ) => number;
  const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) throw new Error(`no socket for its messages, errno ${koffi.errno()}`);
  return (...assignments) => {
    const octets = new TextEncoder().encode(assignments.join("\n"));
    sendto(fd, octets, octets.length, MSG_DONTWAIT_NOSIGNAL, address, address.length);
  };
}
