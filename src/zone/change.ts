// The edit: what a zone file, the API, an update and a swap all become before anything is published.

import type { Name } from "../dns/name.ts";
import type { RRset } from "./rrset.ts";

/** One RRset of a zone as it is to be from now on. */
export interface RRsetChange {
  readonly owner: Name;
  readonly type: number;
  /** The whole new RRset, with the same owner and type; `undefined` deletes it. */
  readonly rrset: RRset | undefined;
}
