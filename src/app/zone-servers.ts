// The other servers of every zone, from the configuration: with their keys, and without this host.

import { networkInterfaces } from "node:os";
import { canonicalIp } from "../base/ip.ts";
import type { MainConfig } from "../config/main.ts";
import type { ZoneServers } from "../control/ports-secondaries.ts";
import { equalNames } from "../dns/name.ts";

/** Which servers each zone has beside this one. */
export function zoneServers({ zones, keys }: Pick<MainConfig, "zones" | "keys">): ZoneServers[] {
  return zones.map(({ origin, access }) => ({
    origin,
    isNotifying: access.isNotifying,
    alsoNotify: access.alsoNotify.map(({ address, port, key }) => ({
      ...{ address, port },
      key: key === undefined ? undefined : keys.find(({ name }) => equalNames(name, key)),
    })),
  }));
}

/** Every address of this host. */
export function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return new Set(all.map(({ address }) => canonicalIp(address) ?? address));
}
