// What is answered at a pool's owner, in the words of the pool.

import { ipToText } from "../base/ip.ts";
import { nameKey, nameToDisplay } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import type { Pool } from "../failover/pool.ts";
import type { Publisher } from "./publisher.ts";
import { answerKey } from "./served-zone.ts";

/** The member ids whose addresses are answered at a pool's owner, by a pool or by the zone file. */
export function answered(publisher: Publisher, pool: Pool, type: number): readonly string[] {
  const served = publisher.zones.get(nameKey(pool.origin));
  const live = served?.live.get(answerKey(pool.owner, type))?.rrset;
  const rdatas = (live ?? served?.zone.get(pool.owner, type))?.rdatas ?? [];
  if (type === TYPE.CNAME) return rdatas.map((rdata) => nameToDisplay(rdata));
  return rdatas.map((rdata) => {
    const address = ipToText(rdata);
    const field = type === TYPE.A ? "v4" : "v6";
    return pool.members.find((member) => member[field] === address)?.id ?? address;
  });
}
