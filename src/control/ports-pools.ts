// What a loader is given of a pools file.

import type { PoolsContext } from "../config/pools.ts";
import type { Zone } from "../zone/zone.ts";

/** A pools file that is to be parsed, and what it is read against. */
export interface PoolsRequest extends Omit<PoolsContext, "fileRefusal" | "isThorough"> {
  readonly zone: Zone;
  readonly text: string;
  /** What complaints call it. */
  readonly file: string;
}
