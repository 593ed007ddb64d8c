// A network of the bench's own: a namespace with loopback and a way that leads nowhere, for a case in
// which targets of probes share the machine with who probes them.

import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";

const CLONE_NEWNET = 0x4000_0000;
const OWN_NETWORK = "/proc/thread-self/ns/net";
const HERE = "not in a network of its own, so that the targets' kernel is measured too";
/** Routes to this host; a network that is new has these two. */
const ROUTES = ["127.0.0.0/8", "127.0.0.1/32"];

/**
 * Does `work` in a network of its own, with all programs that it starts, where acknowledgements are
 * sent at once. Elsewhere the kernel delays that of an ended connection to its next tick, where all
 * that wait are sent together. Targets on hosts of their own do that there; beside the server it would
 * hold up, every 4 ms, the cores that are measured.
 *
 * @param work may start programs and open sockets, of this thread alone.
 * @param say told why it is done in the network of this process, where that is so.
 */
export async function inOwnNetwork<T>(
  work: () => Promise<T>,
  say: (line: string) => void,
): Promise<T> {
  const leave = enter(say);
  try {
    return await work();
  } finally {
    leave?.();
  }
}

/** @returns how to go back; undefined: it could not be entered. */
function enter(say: (line: string) => void): (() => void) | undefined {
  const koffi: typeof import("koffi") = createRequire(import.meta.url)("koffi");
  const library = koffi.load(null);
  const unshare: (flags: number) => number = library.func("int unshare(int)");
  const setns: (fd: number, kind: number) => number = library.func("int setns(int, int)");
  const before = openSync(OWN_NETWORK, "r");
  if (unshare(CLONE_NEWNET) !== 0) {
    closeSync(before);
    say(`${HERE}: that takes root`);
    return undefined;
  }
  const leave = (): void => {
    if (setns(before, CLONE_NEWNET) !== 0) throw new Error("Cannot leave the bench's network");
    closeSync(before);
  };
  try {
    execFileSync("ip", ["link", "set", "lo", "up"]);
    leadNowhere();
    for (const route of ROUTES) {
      const of = ["dev", "lo", "proto", "kernel", "scope", "host", "src", "127.0.0.1"];
      const where = [...of, "table", "local", "quickack", "1"];
      execFileSync("ip", ["route", "change", "local", route, ...where]);
    }
  } catch (error) {
    leave();
    say(`${HERE}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  return leave;
}

/**
 * What leaves is never answered, as on a host whose zones name servers that are not there: without a
 * route it would fail at once, and be tried again the sooner.
 */
function leadNowhere(): void {
  const ip = (...args: readonly string[]): void => void execFileSync("ip", args);
  ip("link", "add", "nowhere", "type", "veth", "peer", "name", "nobody");
  ip("address", "add", "198.51.100.1/30", "dev", "nowhere");
  ip("link", "set", "nobody", "up");
  ip("link", "set", "nowhere", "up");
  const gateway = "198.51.100.2";
  const station = ["lladdr", "02:00:00:00:00:02", "nud", "permanent", "dev", "nowhere"];
  ip("neighbour", "add", gateway, ...station);
  ip("route", "add", "default", "via", gateway, "dev", "nowhere");
}
