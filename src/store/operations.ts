// What a store can do, as the thread that serves it sees it: `StorePort` with everything that has
// many RRsets packed, since unpacked ones do not travel between threads cheaply or safely (a view
// of a zone's arena would carry the whole arena along).

import type {
  JournalEntry,
  ObservationRollup,
  StoredDamping,
  StoredForced,
  StoredServing,
  StoredState,
  SwapCommit,
  SwapRecord,
  ZoneCommit,
} from "../control/ports.ts";
import type { BeliefsSeen, StoredBelief } from "../control/ports-beliefs.ts";
import type { DrainRecord } from "../control/ports-drains.ts";
import type { DrillRecord } from "../control/ports-drills.ts";
import type { StoredHandover } from "../control/ports-hooks.ts";
import type { StoredPropagation } from "../control/ports-propagation.ts";
import type { ToldAnswer } from "../control/ports-told.ts";
import type { Name } from "../dns/name.ts";
import type { PackedJournalEntry } from "./journal-rows.ts";
import type { Pruned, PruneOptions } from "./upkeep.ts";

/** A `ZoneCommit` ready for the way. */
export interface PackedZoneCommit extends Omit<ZoneCommit, "journal"> {
  readonly journal: PackedJournalEntry;
}

/** A `SwapCommit` ready for the way. */
export interface PackedSwapCommit extends Omit<SwapCommit, "journal"> {
  readonly journal: PackedJournalEntry;
}

/** The store on its own thread. What is synchronous is durable when it returns. */
export interface StoreOperations {
  readState(): StoredState;
  readZone(origin: Name): Uint8Array;
  commitZone(commit: PackedZoneCommit): void;
  commitSwaps(commits: readonly PackedSwapCommit[], servings: readonly StoredServing[]): void;
  saveTold(origin: Name, answers: readonly ToldAnswer[]): void;
  reserveSerials(origin: Name, reservedSerial: number): void;
  dropZone(origin: Name): void;
  saveBeliefs(beliefs: readonly StoredBelief[], seen?: BeliefsSeen): void;
  saveServings(servings: readonly StoredServing[]): void;
  saveDampings(dampings: readonly StoredDamping[]): void;
  saveHandover(handover: StoredHandover): void;
  saveForced(forced: readonly StoredForced[]): void;
  addRollups(rollups: readonly ObservationRollup[]): void;
  readSwaps(limit: number): readonly SwapRecord[];
  saveCopy(origin: Name, confirmedWallMs: number | undefined): void;
  saveDrain(drain: DrainRecord): void;
  readDrains(): readonly DrainRecord[];
  saveDrill(drill: DrillRecord): void;
  readDrills(limit: number): readonly DrillRecord[];
  readJournal(origin: Name, serial: number): readonly JournalEntry[] | undefined;
  savePropagations(propagations: readonly StoredPropagation[]): void;
  readPropagations(limit: number): readonly StoredPropagation[];
  backup(path: string): Promise<{ readonly octets: number }>;
  prune(options: PruneOptions): Promise<Pruned>;
  close(): Promise<void>;
}
