// Records, commits and stores for the tests of this room.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  JournalEntry,
  StoredDamping,
  StoredForced,
  StoredServing,
  StorePort,
  SwapCommit,
  SwapRecord,
  ZoneCommit,
} from "../../src/control/ports.ts";
import type { BeliefsSeen, StoredBelief } from "../../src/control/ports-beliefs.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { packEntry } from "../../src/store/journal-rows.ts";
import type { StoreOperations } from "../../src/store/operations.ts";
import { packRRsets, unpackRRsets } from "../../src/zone/pack.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { BASE, linesOf, ORIGIN, recordOf } from "../zone/records.ts";

export { ORIGIN };
export const OTHER = nameFromText("other.example.");
const WWW = nameFromText("WwW", ORIGIN);

/** RRsets of lines, records of one owner and type together; "delete OWNER TYPE" deletes. */
export function rrsetsOf(...lines: string[]): RRset[] {
  const rrsets = new Map<string, RRset & { rdatas: Uint8Array[] }>();
  for (const line of lines) {
    const isDeleted = line.startsWith("delete ");
    const { owner, type, ttl, rdata } = recordOf(isDeleted ? deletedForm(line) : line);
    const key = `${owner} ${type}`;
    const held = rrsets.get(key);
    if (held === undefined) rrsets.set(key, { owner, type, ttl, rdatas: isDeleted ? [] : [rdata] });
    else held.rdatas.push(rdata);
  }
  return [...rrsets.values()];
}

/** "delete a A" as a record whose data does not matter. */
function deletedForm(line: string): string {
  const [, owner = "", type = ""] = line.split(" ");
  const data = type === "A" ? "192.0.2.1" : "x";
  return `${owner} 0 ${type} ${data}`;
}

export function journal(
  serialBefore: number,
  serialAfter: number,
  more: Partial<JournalEntry> = {},
): JournalEntry {
  const cause = serialBefore === serialAfter ? "import" : "file";
  const wallMs = 1_700_000_000_000 + serialAfter;
  return {
    origin: ORIGIN,
    serialBefore,
    serialAfter,
    cause,
    wallMs,
    removed: [],
    added: [],
    ...more,
  };
}

/** The first commit of a zone, with `BASE` and more records. */
export function importing(serial: number, ...lines: string[]): ZoneCommit {
  const rrsets = packRRsets(rrsetsOf(...BASE, ...lines));
  return { journal: journal(serial, serial), fileSerial: serial, rrsets, replacesAll: true };
}

/** A change of some RRsets. */
export function changing(before: number, after: number, ...lines: string[]): ZoneCommit {
  const added = rrsetsOf(...lines.filter((line) => !line.startsWith("delete ")));
  return {
    journal: journal(before, after, { added }),
    fileSerial: after,
    rrsets: packRRsets(rrsetsOf(...lines)),
    replacesAll: false,
  };
}

export function swapping(id: number, before: number, after: number): SwapCommit {
  return { swap: swap(id), journal: journal(before, after, { cause: "swap" }) };
}

export function swap(id: number, more: Partial<SwapRecord> = {}): SwapRecord {
  return {
    id,
    owner: WWW,
    type: 1,
    before: ["192.0.2.10"],
    after: ["192.0.2.20", 'host "x"'],
    code: "primary-down",
    why: "the primary is down",
    decidedWallMs: 1_700_000_000_000.25,
    publishedWallMs: 1_700_000_000_001.5,
    ...more,
  };
}

export function serving(swapId: number, more: Partial<StoredServing> = {}): StoredServing {
  return {
    owner: WWW,
    type: 1,
    memberIds: ["192.0.2.20"],
    code: "primary-down",
    why: "the primary is down",
    swapId,
    sinceWallMs: 1_700_000_000_001.5,
    ...more,
  };
}

export function belief(targetId: string, more: Partial<StoredBelief> = {}): StoredBelief {
  return {
    targetId,
    belief: "up",
    sinceWallMs: 1000.5,
    observedWallMs: 2000.5,
    code: "ok",
    tripwire: "armed",
    ...more,
  };
}

/** What the first life saw: how long before `wallMs` each of its targets was observed. */
export function seen(wallMs: number, ...agesMs: readonly number[]): BeliefsSeen {
  return { life: 1, wallMs, agesMs: Uint32Array.from(agesMs) };
}

export function damping(address: string, more: Partial<StoredDamping> = {}): StoredDamping {
  return { address, penalty: 1000, atWallMs: 1000.5, isSuppressed: false, ...more };
}

export function forced(address: string, more: Partial<StoredForced> = {}): StoredForced {
  const why = { author: "ann", reason: "kernel update" };
  return { address, state: "down", ...why, sinceWallMs: 1000.5, ...more };
}

/** A packed zone as lines. */
export function readable(packed: Uint8Array): string[] {
  return linesOf(unpackRRsets(packed));
}

/** A folder for the files of one test. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "livezone-store-"));

  file(name = "livezone.db"): string {
    return join(this.path, name);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A store asked directly, on this thread. */
export function inProcess(store: StoreOperations): StorePort {
  // Async, so that what a store throws is a rejection here too.
  return {
    readState: async () => store.readState(),
    readZone: async (origin) => store.readZone(origin),
    commitZone: async (commit) =>
      store.commitZone({ ...commit, journal: packEntry(commit.journal) }),
    commitSwaps: async (commits, servings) =>
      store.commitSwaps(
        commits.map((commit) => ({ ...commit, journal: packEntry(commit.journal) })),
        servings,
      ),
    reserveSerials: async (origin, serial) => store.reserveSerials(origin, serial),
    dropZone: async (origin) => store.dropZone(origin),
    saveBeliefs: async (beliefs, seen) => store.saveBeliefs(beliefs, seen),
    saveServings: async (servings) => store.saveServings(servings),
    saveDampings: async (dampings) => store.saveDampings(dampings),
    saveForced: async (forced) => store.saveForced(forced),
    saveHandover: async (handover) => store.saveHandover(handover),
    addRollups: async (rollups) => store.addRollups(rollups),
    readSwaps: async (limit) => store.readSwaps(limit),
    saveTold: async (origin, answers) => store.saveTold(origin, answers),
    saveCopy: async (origin, wallMs) => store.saveCopy(origin, wallMs),
    saveDrain: async (drain) => store.saveDrain(drain),
    readDrains: async () => store.readDrains(),
    saveDrill: async (drill) => store.saveDrill(drill),
    readDrills: async (limit) => store.readDrills(limit),
    readJournal: async (origin, serial) => store.readJournal(origin, serial),
    savePropagations: async (stories) => store.savePropagations(stories),
    readPropagations: async (limit) => store.readPropagations(limit),
    backup: (path) => store.backup(path),
    prune: (options) => store.prune(options),
    close: () => store.close(),
  };
}
