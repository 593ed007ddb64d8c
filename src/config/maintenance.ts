// Maintenance windows: when a member is taken out of its pools by the calendar, for how long and why.

import type { MaintenanceWindow, Pool } from "../failover/pool.ts";
import { cron } from "./cron.ts";
import { duration, memberPlace, text } from "./fields.ts";
import { entryList, section, type YamlPath, type YamlReader } from "./yaml.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
const REASON_DEFAULT = "maintenance window";

const windowSchema = section({
  member: memberPlace,
  cron,
  for: duration({ minMs: MINUTE_MS, maxMs: 7 * DAY_MS }),
  reason: text("what is done then").optional(),
});

/** The keys of a pool that this file reads. */
export const maintenanceKeys = {
  maintenance: entryList(
    'write a list, such as [{ member: 192.0.2.10, cron: "0 3 * * 0", for: 1h }]',
    windowSchema,
  ).optional(),
};

/** Fits a pool's windows to its members; nothing where none is written. */
export function readMaintenance(
  reader: YamlReader,
  at: YamlPath,
  raw: readonly unknown[] | undefined,
  pool: Pick<Pool, "members" | "guards">,
): Pick<Pool, "maintenance"> {
  if (raw === undefined || raw.length === 0) return {};
  const windows: MaintenanceWindow[] = [];
  const least = pool.guards?.healthyMin ?? 1;
  for (const [index, entry] of raw.entries()) {
    const here = [...at, "maintenance", index];
    const written = reader.read(here, entry, windowSchema);
    if (written === undefined) continue;
    const { member: place, cron, for: forMs, reason } = written;
    const member = pool.members.find(({ v4, v6, host }) => [v4, v6, host].includes(place));
    if (member === undefined) {
      const known = pool.members.map(({ id }) => id).join(", ");
      reader.complain([...here, "member"], `${place} is no member; there are ${known}`);
    } else if (member.host !== undefined) {
      const state = `"${place}" is a host name, and what is forced is an address`;
      reader.complain([...here, "member"], `${state}; use members that are addresses`);
    } else if (pool.members.length - 1 < least) {
      const left = pool.members.length - 1;
      const state = `it would leave ${left} of at least ${least} healthy members, whenever it began`;
      reader.complain(here, `${state}; add members, or lower "guards.healthyMin"`);
    } else {
      windows.push({ member: member.id, cron, forMs, reason: reason ?? REASON_DEFAULT });
    }
  }
  return { maintenance: windows };
}
