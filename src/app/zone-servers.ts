// The other servers of every zone, from the configuration: with their keys, and without this host.

import { networkInterfaces } from "node:os";
import { canonicalIp } from "../base/ip.ts";
import type { ServerAddress } from "../config/access.ts";
import type { MainConfig } from "../config/main.ts";
import type { ZonePrimaries } from "../control/ports-primaries.ts";
import type { OtherServer, ZoneServers } from "../control/ports-secondaries.ts";
import { equalNames } from "../dns/name.ts";

/** Which servers each zone has beside this one. */
export function zoneServers({ zones, keys }: Pick<MainConfig, "zones" | "keys">): ZoneServers[] {
  return zones.map(({ origin, access }) => ({
    origin,
    isNotifying: access.isNotifying,
    alsoNotify: access.alsoNotify.map((server) => otherServer(server, keys)),
  }));
}

/** What each zone that is a copy is copied from. */
export function zonePrimaries({
  zones,
  keys,
}: Pick<MainConfig, "zones" | "keys">): ZonePrimaries[] {
  return zones
    .filter(({ access }) => access.primaries.length > 0)
    .map(({ origin, access }) => ({
      origin,
      servers: access.primaries.map((server) => otherServer(server, keys)),
    }));
}

function otherServer({ address, port, key }: ServerAddress, keys: MainConfig["keys"]): OtherServer {
  const found = key === undefined ? undefined : keys.find(({ name }) => equalNames(name, key));
  return { address, port, key: found };
}

/** Every address of this host. */
export function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(all.map(({ address }) => canonicalIp(address) ?? address));
}
