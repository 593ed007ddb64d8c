// What control asks of the shells, as interfaces: `app` hands in the real ones, tests and
// simulations hand in fakes that pass the same conformance suite.

import type { Ask } from "../config/ask.ts";
import type { PoolsReading } from "../config/pools.ts";
import type { Name } from "../dns/name.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { ForcedState } from "../health/forced.ts";
import type { Observation } from "../health/observation.ts";
import type { ImageZone } from "../image/writer.ts";
import type { ReceivedZone } from "../transfer/received-zone.ts";
import type { RRsetChange } from "../zone/change.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Zone } from "../zone/zone.ts";
import type { BeliefsSeen, StoredBelief } from "./ports-beliefs.ts";
import type { DrainStore } from "./ports-drains.ts";
import type { DrillStore } from "./ports-drills.ts";
import type { StoredHandover } from "./ports-hooks.ts";
import type { PoolsRequest } from "./ports-pools.ts";
import type { CopyStore, ReceiveRequest } from "./ports-primaries.ts";
import type { PropagationStore } from "./ports-propagation.ts";
import type { ToldAnswer, ToldStore } from "./ports-told.ts";

/** Takes what has happened. Never throws, never waits, bounded behind it. */
export type EventSink = (event: LivezoneEvent) => void;

// --- probes ---------------------------------------------------------------------------------------

/** Why a probe is made: the regular cadence, to confirm a doubt, or to earn `rise`. */
export type ProbePurpose = "regular" | "confirm" | "recover";

/** A probe that is to start at `atMs` (monotonic; the past means at once). */
export interface PlannedProbe {
  readonly atMs: number;
  readonly purpose: ProbePurpose;
  /** The probe is reported late when it has run this long without a result. */
  readonly lateAfterMs: number;
  /** The probe ends as a time-out when it has run this long. */
  readonly timeoutMs: number;
}

/** Where the prober reports to. All times are monotonic milliseconds. */
export interface ProbeReports {
  started(targetId: string, probe: number, startedMs: number, purpose: ProbePurpose): void;
  late(targetId: string, probe: number, nowMs: number): void;
  observed(targetId: string, probe: number, observation: Observation): void;
  /** The idle connection of a target was closed or reset by the other side. */
  tripped(targetId: string, nowMs: number): void;
  /** A target's tripwire was armed, or learned to be of no use (kept in the store). */
  tripwireLearned(targetId: string, state: TripwireState): void;
}

/** armed: watching; off: not asked for; the rest say why it can never be used on this target. */
export type TripwireState = "armed" | "idle" | "off" | "serial" | "closes-idle";

/** The prober: starts probes when they are due, within its caps, and reports. */
export interface ProbePort {
  /** Makes a target known, or replaces its ask; keeps what is planned. */
  watch(targetId: string, ask: Ask, tripwire: TripwireState | undefined): void;
  /** Replaces what is planned and not yet started. An empty plan stops probing. */
  plan(targetId: string, probes: readonly PlannedProbe[]): void;
  /**
   * Takes the report of a target that is asked nothing (kind "push").
   *
   * @returns false where no such target waits for one.
   */
  heartbeat(targetId: string, isGood: boolean, detail: string): boolean;
  /** Forgets a target at once: running probes are dropped unreported, its tripwire closed. */
  unwatch(targetId: string): void;
  /** Stops everything; nothing is reported any more. */
  close(): void;
}

// --- store ----------------------------------------------------------------------------------------

/** A zone as the store keeps it, without its records. */
export interface StoredZone {
  readonly origin: Name;
  /** The serial last published, swaps included. */
  readonly serial: number;
  /** The SOA serial that the zone file held when it was last loaded. */
  readonly fileSerial: number;
  /** No serial up to this one is ever used again, even after a crash. */
  readonly reservedSerial: number;
  /** As the last commit that had one said. */
  readonly fileDigest?: string;
  /** What secondaries were told last of its pools' answers, with the TTLs they have. */
  readonly told?: readonly RRset[];
  /** When its primary last confirmed it; absent: it is no copy. Wall milliseconds. */
  readonly confirmedWallMs?: number;
}

/** How much an address has flapped: its penalty as it was at a moment. Times are wall milliseconds. */
export interface StoredDamping {
  readonly address: string;
  readonly penalty: number;
  readonly atWallMs: number;
  readonly isSuppressed: boolean;
}

/** What an operator forced of an address. Times are wall milliseconds. */
export interface StoredForced {
  readonly address: string;
  readonly state: ForcedState["state"];
  readonly author: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  /** Its end, which may be past; absent: until somebody ends it. */
  readonly untilWallMs?: number;
}

/** What a pool served last, for a restart to begin with. */
export interface StoredServing {
  readonly owner: Name;
  /** RR type: 1 or 28. */
  readonly type: number;
  readonly memberIds: readonly string[];
  readonly code: string;
  readonly why: string;
  readonly swapId: number;
  readonly sinceWallMs: number;
}

/** All that a start needs, zone records left out. */
export interface StoredState {
  readonly zones: readonly StoredZone[];
  readonly beliefs: readonly StoredBelief[];
  /** A number for the life of control that reads this: no belief that is kept has it. */
  readonly life: number;
  readonly servings: readonly StoredServing[];
  readonly dampings: readonly StoredDamping[];
  readonly forced: readonly StoredForced[];
  readonly handovers: readonly StoredHandover[];
  /** The greatest swap id ever used; 0 where there was none. */
  readonly lastSwapId: number;
}

/** One published change of one zone: a row of the journal. Empty lists are allowed. */
export interface JournalEntry {
  readonly origin: Name;
  readonly serialBefore: number;
  readonly serialAfter: number;
  /** "file", "api", "update", "swap", "import". */
  readonly cause: string;
  readonly wallMs: number;
  /** RRsets as they were answered before; the SOA only where more changed than its serial. */
  readonly removed: readonly RRset[];
  /** RRsets as they are answered now, without the SOA. */
  readonly added: readonly RRset[];
}

/** A change of a zone's static records, with its journal row: one transaction. */
export interface ZoneCommit {
  readonly journal: JournalEntry;
  readonly fileSerial: number;
  /**
   * What the zone's files held that its records are taken from, opaque to the store; "" where they
   * are not taken from files. Absent: as it was.
   */
  readonly fileDigest?: string;
  /**
   * The zone's RRsets that are written: all of them (`replacesAll`, after an import) or the changed
   * ones; an RRset without records is deleted. Packed by `zone/pack`; in shared memory they are sent
   * without a copy, and must stay as they are.
   */
  readonly rrsets: Uint8Array;
  readonly replacesAll: boolean;
  /** What its row tells secondaries of pools. */
  readonly told?: readonly ToldAnswer[];
}

/** A swap and its journal row: one transaction, written behind the visible change. */
export interface SwapCommit {
  readonly swap: SwapRecord;
  readonly journal: JournalEntry;
}

/** A decision that changed the answer. Times are wall milliseconds; absent: not known or not yet. */
export interface SwapRecord {
  readonly id: number;
  readonly owner: Name;
  readonly type: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly code: string;
  readonly why: string;
  readonly firstFaultWallMs?: number;
  readonly detectedWallMs?: number;
  readonly decidedWallMs: number;
  readonly publishedWallMs: number;
}

/** Observations of one target in one minute, rolled up. */
export interface ObservationRollup {
  readonly targetId: string;
  /** Wall milliseconds at which the minute began. */
  readonly minuteWallMs: number;
  readonly count: number;
  readonly failures: number;
  /** Of the successes, in milliseconds; 0 where there were none. */
  readonly durationMeanMs: number;
  readonly durationMaxMs: number;
  /** The last failure's code, "" where there was none. */
  readonly lastCode: string;
}

/** What a pruning leaves. */
export interface PruneBounds {
  /** Wall milliseconds. */
  readonly observationsBefore: number;
  /** By default none is deleted. */
  readonly propagationsBefore?: number;
  readonly journalRowsMax: number;
}

/** The store, asked from another thread: every call is answered in order, none blocks the caller. */
export interface StorePort extends CopyStore, DrainStore, DrillStore, PropagationStore, ToldStore {
  readState(): Promise<StoredState>;
  /** A zone's RRsets, packed by `zone/pack`, in the order they were written. */
  readZone(origin: Name): Promise<Uint8Array>;
  /** Durable when it resolves. Rejects with a `StoreError`; nothing is then written. */
  commitZone(commit: ZoneCommit): Promise<void>;
  /** Durable when it resolves; all swaps in one transaction. */
  commitSwaps(commits: readonly SwapCommit[], servings: readonly StoredServing[]): Promise<void>;
  /** Durable when it resolves: serials up to `reservedSerial` may be used from then on. */
  reserveSerials(origin: Name, reservedSerial: number): Promise<void>;
  /** Forgets zones that are no longer configured. */
  dropZone(origin: Name): Promise<void>;
  /**
   * Replaces what is kept of these targets; of others it stays. Of those that are watched, `seen` says
   * when they were observed. All of it in one transaction.
   */
  saveBeliefs(beliefs: readonly StoredBelief[], seen?: BeliefsSeen): Promise<void>;
  saveServings(servings: readonly StoredServing[]): Promise<void>;
  /** Replaces what is kept of these addresses; of others it stays. */
  saveDampings(dampings: readonly StoredDamping[]): Promise<void>;
  /** Replaces what is kept of these addresses; of others it stays. Durable when it resolves. */
  saveForced(forced: readonly StoredForced[]): Promise<void>;
  /** Replaces what is kept of its pool. Durable when it resolves. */
  saveHandover(handover: StoredHandover): Promise<void>;
  addRollups(rollups: readonly ObservationRollup[]): Promise<void>;
  /** Newest first, at most `limit`. */
  readSwaps(limit: number): Promise<readonly SwapRecord[]>;
  /** Journal rows of a zone after `serial`, oldest first; undefined where it no longer reaches back. */
  readJournal(origin: Name, serial: number): Promise<readonly JournalEntry[] | undefined>;
  /** Writes a consistent copy of the database to `path` while it is in use. */
  backup(path: string): Promise<{ readonly octets: number }>;
  /** Deletes roll-ups older than `observationsBefore`, keeps `journalRowsMax` rows a zone. */
  prune(options: PruneBounds): Promise<{
    readonly rollups: number;
    readonly journalRows: number;
  }>;
  close(): Promise<void>;
}

// --- files ----------------------------------------------------------------------------------------

/** A file's content, or why it could not be read. */
export type FileRead =
  | { readonly kind: "read"; readonly bytes: Uint8Array; readonly sha256: string }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Zone and configuration files: read at once, watched for as long as the server runs. */
export interface FilesPort {
  read(path: string): FileRead;
  /**
   * Replaces the set of watched files. `changed` is called, never from inside this call, with the
   * paths whose content differs from what `read` last returned, or that came or went; changes of
   * one moment come in one call.
   */
  watch(paths: readonly string[], changed: (paths: readonly string[]) => void): void;
  /** Looks at every watched file now, as SIGHUP asks; `changed` is called for what differs. */
  rescan(): void;
  /** Why a file cannot be used so, as `state; mend`, or `undefined` where it can. */
  refusal(path: string, use: FileUse): string | undefined;
  /** Takes note of files that somebody else has read: `changed` compares with that from now on. */
  noted(looks: readonly FileLook[]): void;
  close(): void;
}

/**
 * What a file that the configuration names is named for. A secret is a text that others may not read,
 * a key one that nobody but its owner may.
 */
export type FileUse = "program" | "text" | "secret" | "key";

/** A file as it looked when it was read by another thread. What it says is the files room's own. */
export interface FileLook {
  readonly path: string;
  /** Equal for equal content. */
  readonly identity: string;
  /** The file's outside, taken before the content. */
  readonly signature: string;
  /** Written so shortly before that an equal outside proves nothing. */
  readonly isFresh: boolean;
}

// --- loader ---------------------------------------------------------------------------------------

/** A zone file that is to be loaded. */
export interface LoadRequest {
  readonly origin: Name;
  readonly file: string;
  /** What the file's zone is compared with; undefined: nothing is, there are no changes then. */
  readonly before: Zone | undefined;
  /** Of the files that `before` was taken from; "" where it is from none. */
  readonly digest: string;
  /** Told now and then how much is done, 0 to 100, where loading takes long. */
  readonly progress?: (percent: number) => void;
}

/** What a zone file holds, or all that is wrong with it; each entry is one complaint. */
export type LoadedFile = {
  /** Every file that was read, included ones too: what has to be watched. */
  readonly files: readonly string[];
  /** Of those files. */
  readonly digest: string;
} & (
  | { readonly kind: "same" }
  | { readonly kind: "bad"; readonly errors: readonly string[] }
  | {
      readonly kind: "good";
      readonly zone: Zone;
      /** What turns `before` into `zone`. */
      readonly changes: readonly RRsetChange[];
      readonly warnings: readonly string[];
    }
);

/** The work that grows with a file's size, done where nobody waits for it. One after the other. */
export interface LoaderPort {
  /** Reads, parses, checks and compares; a bad file is an outcome, not a rejection. */
  load(request: LoadRequest): Promise<LoadedFile>;
  /** What a pools file says. */
  pools(request: PoolsRequest): Promise<PoolsReading>;
  /** The zone that a transfer makes; one that makes none is an outcome. */
  receive(request: ReceiveRequest): Promise<ReceivedZone>;
  /** A zone of its packed RRsets. Rejects with what `Zone.unpack` throws. */
  unpack(origin: Name, packed: Uint8Array): Promise<Zone>;
  /** A base of these zones (`compileBase`). Rejects with what that throws. */
  compile(zones: readonly ImageZone[]): Promise<SharedArrayBuffer>;
}
