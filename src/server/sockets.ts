// UDP sockets, opened by the supervisor and lent to answer threads as plain descriptors: a socket
// outlives the thread that reads it, so that its queue waits for the replacement. Their ports are kept
// for TCP as well.

import { present } from "../base/assert.ts";
import { ipToBytes } from "../base/ip.ts";
import { listenError, ServerError } from "./errors.ts";
import { errnoName, LINUX, type Libc } from "./libc.ts";
import { formatListen, isWildcard, type ListenAddress } from "./listen.ts";

/** A socket as an answer thread sees it; structured-clonable. */
export interface LentSocket {
  readonly fd: number;
  readonly family: 4 | 6;
  /** Replies must name the address that was asked: the socket reports it with each packet. */
  readonly isWildcard: boolean;
}

/** All UDP sockets of a server. */
export interface UdpSockets {
  /** The listen addresses in their order, each with the port it really has. */
  readonly addresses: readonly ListenAddress[];
  /** One row for each worker: one socket for each listen address, in the same order. */
  readonly workers: readonly (readonly LentSocket[])[];
  /** Closes them, and gives their ports back for TCP; only after every thread that was lent one has ended. */
  close(): void;
}

/** What `openUdpSockets` is to open. */
interface UdpSocketsOptions {
  readonly listen: readonly ListenAddress[];
  /** Answer threads: each gets a socket of its own for every address (SO_REUSEPORT). */
  readonly workers: number;
}

interface OpenSocket {
  readonly fd: number;
  readonly listen: ListenAddress;
}

/** The kernel may grant less than this where the process lacks CAP_NET_ADMIN. */
const SOCKET_BUFFER_OCTETS = 4 << 20;

/** How long a receive or a jammed send may block: what bounds a thread's way to its stop flag. */
export const SOCKET_TIMEOUT_MS = 50;

/** Tries to find a port that is free for UDP and for TCP, where the system chooses. */
const PORT_TRIES_MAX = 16;

/**
 * Opens a socket for each listen address and worker, and keeps each address's port for TCP.
 *
 * @throws ServerError when an address cannot be bound; no socket is left open then.
 */
export function openUdpSockets(libc: Libc, options: UdpSocketsOptions): UdpSockets {
  const { listen, workers } = options;
  const open: OpenAddress[] = [];
  const close = (): void => {
    for (const { descriptors } of open.splice(0)) closeAll(libc, descriptors);
  };
  try {
    for (const address of listen) open.push(openAddress(libc, address, workers));
  } catch (error) {
    close();
    throw error;
  }
  return {
    addresses: open.map(({ address }) => address),
    workers: Array.from({ length: workers }, (_, index) =>
      open.map(({ lent }) => present(lent[index], "a socket for each worker")),
    ),
    close,
  };
}

/** One listen address with all that is open there. */
interface OpenAddress {
  readonly address: ListenAddress;
  /** One for each worker. */
  readonly lent: readonly LentSocket[];
  readonly descriptors: readonly number[];
}

/** Where the system chooses the port, another is tried when somebody is quicker to take the first. */
function openAddress(libc: Libc, listen: ListenAddress, workers: number): OpenAddress {
  for (let tries = 1; ; tries++) {
    const descriptors: number[] = [];
    try {
      const address = { ...listen, port: provenPort(libc, listen) };
      descriptors.push(reserveTcp(libc, address));
      const lent = Array.from({ length: workers }, () => {
        const fd = openDescriptor(libc, address, LINUX.SOCK_DGRAM);
        descriptors.push(fd);
        return bindSocket(libc, fd, address);
      });
      return { address, lent, descriptors };
    } catch (error) {
      closeAll(libc, descriptors);
      const isTaken = error instanceof ServerError && error.code === "SERVER_ADDRESS_IN_USE";
      if (listen.port !== 0 || !isTaken || tries >= PORT_TRIES_MAX) throw error;
    }
  }
}

function closeAll(libc: Libc, descriptors: readonly number[]): void {
  for (const fd of descriptors) libc.close(fd);
}

/**
 * Proves that nobody else listens there for UDP, and settles the port.
 *
 * SO_REUSEPORT hides a port in use from a second server of the same user, which would then take a
 * share of the queries: so bind once without it.
 */
function provenPort(libc: Libc, listen: ListenAddress): number {
  const open = { fd: openDescriptor(libc, listen, LINUX.SOCK_DGRAM), listen };
  try {
    if (familyOf(listen) === 6) setOption(libc, open, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY);
    bindDescriptor(libc, open, LINUX.SOCK_DGRAM);
    return boundPort(libc, open.fd);
  } finally {
    libc.close(open.fd);
  }
}

/**
 * Binds the TCP port without listening: it is proven to be free, and stays so until the stream
 * thread listens there, and while that thread is replaced. Without it, any connection that this
 * host makes may be given the port, a probe's among them.
 *
 * @returns the descriptor that keeps it.
 */
function reserveTcp(libc: Libc, listen: ListenAddress): number {
  const open = { fd: openDescriptor(libc, listen, LINUX.SOCK_STREAM), listen };
  try {
    if (familyOf(listen) === 6) setOption(libc, open, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY);
    // Two sockets that both say so may have one port, as long as no more than one of them listens.
    setOption(libc, open, LINUX.SOL_SOCKET, LINUX.SO_REUSEADDR);
    bindDescriptor(libc, open, LINUX.SOCK_STREAM);
    return open.fd;
  } catch (error) {
    libc.close(open.fd);
    throw error;
  }
}

/** Sets what must be set before the bind, and binds. */
function bindSocket(libc: Libc, fd: number, listen: ListenAddress): LentSocket {
  const family = familyOf(listen);
  const open = { fd, listen };
  const timeout = timeval(SOCKET_TIMEOUT_MS);
  setOption(libc, open, LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT);
  setBuffer(libc, fd, LINUX.SO_RCVBUFFORCE, LINUX.SO_RCVBUF);
  setBuffer(libc, fd, LINUX.SO_SNDBUFFORCE, LINUX.SO_SNDBUF);
  setOption(libc, open, LINUX.SOL_SOCKET, LINUX.SO_RCVTIMEO, timeout);
  setOption(libc, open, LINUX.SOL_SOCKET, LINUX.SO_SNDTIMEO, timeout);
  const isAny = isWildcard(listen.address);
  // Path MTU hints can be forged to make a server fragment its answers: neither heed nor ask them.
  const omit = int32(LINUX.PMTUDISC_OMIT);
  if (family === 6) {
    setOption(libc, open, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY);
    tryOption(libc, fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_MTU_DISCOVER, omit);
    if (isAny) setOption(libc, open, LINUX.IPPROTO_IPV6, LINUX.IPV6_RECVPKTINFO);
  } else {
    tryOption(libc, fd, LINUX.IPPROTO_IP, LINUX.IP_MTU_DISCOVER, omit);
    if (isAny) setOption(libc, open, LINUX.IPPROTO_IP, LINUX.IP_PKTINFO);
  }
  bindDescriptor(libc, open, LINUX.SOCK_DGRAM);
  return { fd, family, isWildcard: isAny };
}

/** Close-on-exec, because programs that checks start must not hold the server's sockets open. */
function openDescriptor(libc: Libc, listen: ListenAddress, type: number): number {
  const family = familyOf(listen) === 6 ? LINUX.AF_INET6 : LINUX.AF_INET;
  const fd = libc.socket(family, type | LINUX.SOCK_CLOEXEC, 0);
  if (fd < 0) throw failure(listen, type, libc.errno());
  return fd;
}

function bindDescriptor(libc: Libc, { fd, listen }: OpenSocket, type: number): void {
  const address = socketAddress(listen);
  if (libc.bind(fd, address, address.length) < 0) throw failure(listen, type, libc.errno());
}

function boundPort(libc: Libc, fd: number): number {
  const address = new Uint8Array(28);
  const octets = new Uint8Array(Uint32Array.of(address.length).buffer);
  if (libc.getsockname(fd, address, octets) < 0) return 0;
  return ((address[2] ?? 0) << 8) | (address[3] ?? 0);
}

/** struct sockaddr_in (16 octets) or sockaddr_in6 (28 octets), without scope. */
function socketAddress(listen: ListenAddress): Uint8Array {
  const bytes = addressBytes(listen);
  const address = new Uint8Array(bytes.length === 4 ? 16 : 28);
  const view = new DataView(address.buffer);
  view.setUint16(0, bytes.length === 4 ? LINUX.AF_INET : LINUX.AF_INET6, true);
  view.setUint16(2, listen.port, false);
  address.set(bytes, bytes.length === 4 ? 4 : 8);
  return address;
}

function familyOf(listen: ListenAddress): 4 | 6 {
  return addressBytes(listen).length === 4 ? 4 : 6;
}

function addressBytes(listen: ListenAddress): Uint8Array {
  const bytes = ipToBytes(listen.address);
  if (bytes !== undefined) return bytes;
  const message = `Cannot listen on ${formatListen(listen)}: "${listen.address}" is no IP address`;
  throw new ServerError("SERVER_ADDRESS_INVALID", message);
}

function failure(listen: ListenAddress, type: number, errno: number): ServerError {
  return listenError(listen, type === LINUX.SOCK_STREAM ? "TCP" : "UDP", errnoName(errno));
}

/** An option without which the socket would misbehave. */
function setOption(
  libc: Libc,
  socket: OpenSocket,
  level: number,
  name: number,
  value: Uint8Array = int32(1),
): void {
  if (tryOption(libc, socket.fd, level, name, value)) return;
  throw failure(socket.listen, LINUX.SOCK_DGRAM, libc.errno());
}

function tryOption(
  libc: Libc,
  fd: number,
  level: number,
  name: number,
  value: Uint8Array,
): boolean {
  return libc.setsockopt(fd, level, name, value, value.length) === 0;
}

/** Best effort. The forcing option passes the system's limit, but asks for a privilege. */
function setBuffer(libc: Libc, fd: number, forced: number, plain: number): void {
  const octets = int32(SOCKET_BUFFER_OCTETS);
  if (tryOption(libc, fd, LINUX.SOL_SOCKET, forced, octets)) return;
  tryOption(libc, fd, LINUX.SOL_SOCKET, plain, octets);
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** struct timeval: two 64-bit words, seconds and microseconds. */
function timeval(milliseconds: number): Uint8Array {
  return new Uint8Array(BigInt64Array.of(0n, BigInt(milliseconds * 1000)).buffer);
}
