// What makes a zone unfit to be served, or doubtful, beyond the syntax of its file.

import type { Name } from "../dns/name.ts";
import type { Zone } from "./zone.ts";

/** One complaint about a zone: a sentence that says what is wrong and how to mend it. */
export interface ZoneProblem {
  readonly severity: "error" | "warning";
  /** Stable, kebab-case. */
  readonly code: string;
  readonly owner: Name;
  readonly type?: number;
  readonly message: string;
  /** Where the record was read, as `ZoneBuilder.add` was told; absent where that is not known. */
  readonly position?: number;
}

/** Every complaint about a zone, in the zone's order. */
export function checkZone(_zone: Zone): readonly ZoneProblem[] {
  return [];
}
