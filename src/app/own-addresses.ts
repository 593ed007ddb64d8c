// Which of the configured listen addresses this host has: an optional one may be missing.

import { networkInterfaces } from "node:os";
import { canonicalIp } from "../base/ip.ts";
import type { ListenAddress } from "../config/listen.ts";
import type { EventSink } from "../control/ports.ts";
import { event } from "../events/event.ts";
import { formatListen, isWildcard } from "../server/listen.ts";

/** The addresses to listen on: all that are required, and the optional ones that exist here. */
export function usableListen(listen: readonly ListenAddress[], emit: EventSink): ListenAddress[] {
  const own = new Set<string>();
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) own.add(canonicalIp(address) ?? address);
  }
  return listen.filter((entry) => {
    if (!entry.isOptional || isWildcard(entry.address) || own.has(entry.address)) return true;
    const missing = formatListen(entry);
    const instead = "the other listen addresses";
    const msg = `Cannot listen on ${missing}: this host has no such address; using ${instead}`;
    emit(event("server.degraded", msg, { missing, instead }));
    return false;
  });
}
