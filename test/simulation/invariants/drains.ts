// Planned moves against the truth: what caches of others really hold.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import type { Invariant, View } from "../invariant.ts";

/** Who switches a drained address off loses no client of an honest resolver. */
export class DrainedIsHeldByNobody implements Invariant {
  readonly name = "no honest cache holds an address when it is said to be drained";

  heard(event: LivezoneEvent, { plane }: View): string | undefined {
    if (event.event !== "drain.drained") return undefined;
    const { address } = event;
    const holder = plane.resolvers.honestHolder(address);
    return holder && `${holder} answers ${address}`;
  }
}
