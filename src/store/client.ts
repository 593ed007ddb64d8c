// The asking side: `StorePort` over a MessagePort. It outlives the thread that serves it: what was
// not answered is asked again of the next one, in the same order. Every operation may be asked
// twice: journal rows are known by zone and serial, swaps by id, the rest sets what it says.

import type { MessagePort } from "node:worker_threads";
import type {
  JournalEntry,
  ObservationRollup,
  StoredDamping,
  StoredForced,
  StoredServing,
  StoredState,
  StorePort,
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
import { sharedOctets } from "../zone/shared.ts";
import { StoreError } from "./errors.ts";
import { packEntry } from "./journal-rows.ts";
import type {
  StoreCall,
  StoreOperation,
  StoreReply,
  StoreRequest,
  StoreResult,
} from "./protocol.ts";
import type { Pruned, PruneOptions } from "./upkeep.ts";

/** How a client behaves, all of it optional. */
export interface StoreClientOptions {
  /** Requests that may wait for an answer; one more is refused. Default 10,000. */
  readonly requestsMax?: number;
}

interface Waiting {
  readonly request: StoreRequest;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

const REQUESTS_MAX = 10_000;
/** Octets above which records travel in shared memory: copied once, however often they are sent. */
const SHARED_OCTETS_MIN = 0x1_0000;

/** Connects to the thread at the other end of `port`. Asking may begin at once. */
export function connectStore(port: MessagePort, options: StoreClientOptions = {}): StoreClient {
  return new StoreClient(port, options);
}

/** The store as its users see it. Promises reject with `StoreError`, its code as it was thrown. */
export class StoreClient implements StorePort {
  readonly #requestsMax: number;
  /** In the order they were asked. */
  readonly #waiting = new Map<number, Waiting>();
  #port: MessagePort | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(port: MessagePort, options: StoreClientOptions) {
    this.#requestsMax = options.requestsMax ?? REQUESTS_MAX;
    this.#connect(port);
  }

  /** Requests that are not answered yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Goes on with another thread; the old port is dropped, whatever it may still say. */
  reconnect(port: MessagePort): void {
    if (this.#isClosed) {
      port.close();
      return;
    }
    const old = this.#port;
    this.#connect(port);
    old?.close();
    for (const { request } of this.#waiting.values()) port.postMessage(request);
  }

  readState(): Promise<StoredState> {
    return this.#ask({ op: "readState", args: [] });
  }

  readZone(origin: Name): Promise<Uint8Array> {
    return this.#ask({ op: "readZone", args: [own(origin)] });
  }

  commitZone(commit: ZoneCommit): Promise<void> {
    const journal = ownEntry(commit.journal);
    return this.#ask({
      op: "commitZone",
      args: [{ ...commit, journal, rrsets: portable(commit.rrsets), told: ownTold(commit.told) }],
    });
  }

  commitSwaps(commits: readonly SwapCommit[], servings: readonly StoredServing[]): Promise<void> {
    const packed = commits.map(({ swap, journal }) => ({
      swap: { ...swap, owner: own(swap.owner) },
      journal: ownEntry(journal),
    }));
    return this.#ask({ op: "commitSwaps", args: [packed, servings.map(ownServing)] });
  }

  reserveSerials(origin: Name, reservedSerial: number): Promise<void> {
    return this.#ask({ op: "reserveSerials", args: [own(origin), reservedSerial] });
  }

  dropZone(origin: Name): Promise<void> {
    return this.#ask({ op: "dropZone", args: [own(origin)] });
  }

  saveBeliefs(beliefs: readonly StoredBelief[], seen?: BeliefsSeen): Promise<void> {
    return this.#ask({ op: "saveBeliefs", args: [beliefs, seen] });
  }

  saveServings(servings: readonly StoredServing[]): Promise<void> {
    return this.#ask({ op: "saveServings", args: [servings.map(ownServing)] });
  }

  saveDampings(dampings: readonly StoredDamping[]): Promise<void> {
    return this.#ask({ op: "saveDampings", args: [dampings] });
  }

  saveForced(forced: readonly StoredForced[]): Promise<void> {
    return this.#ask({ op: "saveForced", args: [forced] });
  }

  saveHandover(handover: StoredHandover): Promise<void> {
    return this.#ask({ op: "saveHandover", args: [{ ...handover, owner: own(handover.owner) }] });
  }

  addRollups(rollups: readonly ObservationRollup[]): Promise<void> {
    return this.#ask({ op: "addRollups", args: [rollups] });
  }

  readSwaps(limit: number): Promise<readonly SwapRecord[]> {
    return this.#ask({ op: "readSwaps", args: [limit] });
  }

  saveTold(origin: Name, answers: readonly ToldAnswer[]): Promise<void> {
    return this.#ask({ op: "saveTold", args: [own(origin), ownTold(answers)] });
  }

  saveCopy(origin: Name, confirmedWallMs: number | undefined): Promise<void> {
    return this.#ask({ op: "saveCopy", args: [own(origin), confirmedWallMs] });
  }

  saveDrain(drain: DrainRecord): Promise<void> {
    return this.#ask({ op: "saveDrain", args: [drain] });
  }

  readDrains(): Promise<readonly DrainRecord[]> {
    return this.#ask({ op: "readDrains", args: [] });
  }

  saveDrill(drill: DrillRecord): Promise<void> {
    return this.#ask({ op: "saveDrill", args: [drill] });
  }

  readDrills(limit: number): Promise<readonly DrillRecord[]> {
    return this.#ask({ op: "readDrills", args: [limit] });
  }

  readJournal(origin: Name, serial: number): Promise<readonly JournalEntry[] | undefined> {
    return this.#ask({ op: "readJournal", args: [own(origin), serial] });
  }

  savePropagations(propagations: readonly StoredPropagation[]): Promise<void> {
    return this.#ask({ op: "savePropagations", args: [propagations] });
  }

  readPropagations(limit: number): Promise<readonly StoredPropagation[]> {
    return this.#ask({ op: "readPropagations", args: [limit] });
  }

  backup(path: string): Promise<{ readonly octets: number }> {
    return this.#ask({ op: "backup", args: [path] });
  }

  prune(options: PruneOptions): Promise<Pruned> {
    return this.#ask({ op: "prune", args: [options] });
  }

  /**
   * Hangs up when everything that was asked is answered; the thread's owner closes the database.
   * With no thread at the other end, what waits is rejected at once.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#port === undefined) this.#giveUp();
    else await this.#send((id) => ({ id, kind: "hang-up" }));
    this.#port?.close();
  }

  #ask<Op extends StoreOperation>(call: StoreCall & { op: Op }): Promise<StoreResult<Op>> {
    if (this.#isClosed) return Promise.reject(closed());
    if (this.#waiting.size >= this.#requestsMax) {
      const state = `${this.#waiting.size} requests wait for it already`;
      const message = `Cannot ask the store: ${state}`;
      return Promise.reject(new StoreError("STORE_OVERLOADED", message));
    }
    return this.#send((id) => ({ id, kind: "call", call })) as Promise<StoreResult<Op>>;
  }

  #send(make: (id: number) => StoreRequest): Promise<unknown> {
    const request = make(++this.#lastId);
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { request, resolve, reject });
      this.#port?.postMessage(request);
    });
  }

  #connect(port: MessagePort): void {
    this.#port = port;
    port.on("message", (reply: StoreReply) => {
      if (this.#port === port) this.#receive(reply);
    });
    port.once("close", () => {
      if (this.#port !== port) return;
      this.#port = undefined;
      if (this.#isClosed) this.#giveUp();
    });
  }

  #receive(reply: StoreReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if (reply.kind === "done") waiting.resolve(reply.value);
    else waiting.reject(new StoreError(reply.code, reply.message));
  }

  /** Nobody will answer any more: hanging up is done, everything else failed. */
  #giveUp(): void {
    for (const { request, resolve, reject } of this.#waiting.values()) {
      if (request.kind === "hang-up") resolve(undefined);
      else reject(closed());
    }
    this.#waiting.clear();
  }
}

function closed(): StoreError {
  return new StoreError("STORE_CLOSED", "Cannot ask the store: it is closed");
}

/**
 * The same octets in memory of their own: of a view, a message would carry all that lies around
 * it, and a zone's owners are views of the whole zone.
 */
function own(octets: Uint8Array): Uint8Array {
  return octets.length === octets.buffer.byteLength ? octets : octets.slice();
}

function ownEntry(entry: JournalEntry): ReturnType<typeof packEntry> {
  return packEntry({ ...entry, origin: own(entry.origin) });
}

function ownTold(answers: readonly ToldAnswer[] = []): readonly ToldAnswer[] {
  return answers.map((answer) => ({ ...answer, owner: own(answer.owner) }));
}

function ownServing(serving: StoredServing): StoredServing {
  return { ...serving, owner: own(serving.owner) };
}

/**
 * Octets for the way, which stay as they are until the answer comes, however often they are sent:
 * a copy, but of what lies in shared memory already, since that is a zone's and never written again.
 */
function portable(octets: Uint8Array): Uint8Array {
  return octets.length < SHARED_OCTETS_MIN ? octets.slice() : sharedOctets(octets);
}
