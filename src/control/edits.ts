// Edits on their way to the store: what they are made of, and the serial that each of them takes.

import { TYPE } from "../dns/types.ts";
import { packChanges, type RRsetChange } from "../zone/change.ts";
import { packRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { withSerial } from "../zone/soa.ts";
import type { Zone } from "../zone/zone.ts";
import type { JournalEntry, ZoneCommit } from "./ports.ts";
import type { ToldAnswer } from "./ports-told.ts";
import { answerKey, type ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";

/** A change of a zone's static records. */
export interface EditRequest {
  /** The zone as it shall be; its SOA serial is set here. */
  readonly after: Zone;
  readonly changes: readonly RRsetChange[];
  readonly cause: string;
  readonly file?: string;
  readonly fileSerial: number;
  /** What the files held that `after` was read from. */
  readonly fileDigest?: string;
  /** Gets the serial published last and returns a newer one, or the same for no changes. */
  readonly chooseSerial: (published: number) => number;
}

/** From which serial to which a journal row leads. */
export type Serials = Pick<JournalEntry, "serialBefore" | "serialAfter">;

/** The first edit after a crash: nothing changes but the serial, which nobody can have seen. */
export function restartEdit({ zone, fileSerial }: ServedZone): EditRequest {
  const chooseSerial = (published: number): number => published;
  return { after: zone, changes: [], cause: "restart", fileSerial, chooseSerial };
}

/** The first commit of a zone: all of its records, under the serial of its file. */
export function importCommit(zone: Zone, fileDigest: string, wallMs: number): ZoneCommit {
  const { origin, serial } = zone;
  const serials = { serialBefore: serial, serialAfter: serial };
  const journal = { origin, ...serials, cause: "import", wallMs, removed: [], added: [] };
  return { journal, fileSerial: serial, fileDigest, rrsets: zone.packed(), replacesAll: true };
}

/** RRsets that clients and secondaries see come and go by an edit: pool-bound ones are not. */
export function visibleChange(
  served: ServedZone,
  { changes }: EditRequest,
): { readonly removed: readonly RRset[]; readonly added: readonly RRset[] } {
  const visible = changes.filter((change) => {
    return isNotSoa(change) && !served.live.has(answerKey(change.owner, change.type));
  });
  const before = visible.map((change) => served.zone.get(change.owner, change.type));
  return { removed: present(before), added: present(visible.map((change) => change.rrset)) };
}

/** The SOA as a secondary holds it, where more of it changes than its serial; else nothing. */
export function soaBefore({ zone }: ServedZone, { changes }: EditRequest): readonly RRset[] {
  return changes.every(isNotSoa) ? [] : [zone.soa];
}

/** What the store is given of an edit, beside its journal row. */
export function commitOf(edit: EditRequest, journal: JournalEntry): ZoneCommit {
  const soa = withSerial(edit.after.soa, journal.serialAfter);
  const written = { owner: soa.owner, type: soa.type, rrset: soa };
  const rrsets = packChanges([written, ...edit.changes.filter(isNotSoa)]);
  const { fileSerial } = edit;
  const isAsFiles = edit.fileDigest === undefined && edit.changes.length === 0;
  const digest = isAsFiles ? {} : { fileDigest: edit.fileDigest ?? "" };
  return { journal, fileSerial, ...digest, rrsets, replacesAll: false };
}

/** What the store is given where pools alter what is answered without a swap: a row, and the serial. */
export function poolsCommit(
  { origin, zone, fileSerial }: ServedZone,
  row: Omit<JournalEntry, "origin" | "cause">,
  told: readonly ToldAnswer[],
): ZoneCommit {
  return {
    told,
    journal: { origin, cause: "pools", ...row },
    fileSerial,
    rrsets: packRRsets([withSerial(zone.soa, row.serialAfter)]),
    replacesAll: false,
  };
}

/**
 * Makes an edit durable, under a serial that is taken before the write: a swap during it must go out
 * under a newer one. A serial whose edit was refused is given back, unless a swap stands on it.
 *
 * @throws EditError when the store refuses.
 */
export async function storeEdit(
  served: ServedZone,
  writer: StoreWriter,
  edit: {
    readonly chooseSerial: (published: number) => number;
    readonly make: (serials: Serials) => ZoneCommit;
  },
): Promise<ZoneCommit> {
  let published = served.serial;
  let taken = published;
  try {
    return await writer.edit(served.origin, (serialBefore) => {
      published = served.serial;
      taken = edit.chooseSerial(published);
      served.serial = taken;
      return edit.make({ serialBefore, serialAfter: taken });
    });
  } catch (error) {
    if (served.serial === taken) served.serial = published;
    throw error;
  }
}

/** Whether a change is of anything but the SOA, whose serial is set by who publishes. */
export function isNotSoa(change: RRsetChange): boolean {
  return change.type !== TYPE.SOA;
}

/** Those that are there. */
export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}

/** How many records RRsets have together. */
export function countRecords(rrsets: readonly RRset[]): number {
  return rrsets.reduce((sum, rrset) => sum + rrset.rdatas.length, 0);
}
