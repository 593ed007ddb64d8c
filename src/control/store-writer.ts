// The one queue through which published changes reach the store, in the order of their serials.
// Edits are durable before they are visible; swaps are visible already and follow right behind,
// so a sick or hanging disk delays edits and never a failover.

import { present } from "../base/assert.ts";
import type { Time } from "../base/clock.ts";
import { AppError, codeOf, messageOf } from "../base/errors.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { RRset, RRsetKey } from "../zone/rrset.ts";
import type {
  EventSink,
  JournalEntry,
  StoredServing,
  StorePort,
  SwapCommit,
  SwapRecord,
  ZoneCommit,
} from "./ports.ts";
import type { ToldAnswer } from "./ports-told.ts";
import { type JournalStep, RecentJournal } from "./recent-journal.ts";

/** More swaps than this are not kept one by one: they are folded into their net effect. */
export const PENDING_SWAPS_MAX = 10_000;
/** A write that takes longer than this is reported as failing (and still waited for). */
export const SLOW_WRITE_MS = 2000;
const RETRY_MS = 1000;

/** A swap that is visible and not yet stored. */
export interface PendingSwap {
  readonly swap: SwapRecord;
  readonly origin: Name;
  readonly serialAfter: number;
  readonly removed: readonly RRset[];
  readonly added: readonly RRset[];
  readonly serving: StoredServing;
}

/** An edit could not be made durable, so it was not published. */
class EditError extends AppError {
  override readonly code = "EDIT_NOT_STORED";

  constructor(zone: string, cause: unknown) {
    // The state and its mend alone: "Cannot publish ...: Cannot write to store ...: ..." says it twice.
    const state = messageOf(cause).replace(/^Cannot .*?: /, "");
    super(`Cannot publish the edit of zone "${zone}" yet: ${state}`, { cause });
  }
}

interface Waiting {
  readonly pending: PendingSwap;
  readonly stored: () => void;
}

/** What an edit's turn brings: the serial the journal stands at, to be continued from there. */
export type MakeCommit = (serialBefore: number) => ZoneCommit;

/** Serialises all writes of published changes. */
export class StoreWriter {
  readonly #store: StorePort;
  readonly #time: Time;
  readonly #emit: EventSink;
  /** By zone: the serial after the last journal row that is known to be stored. */
  readonly #journaled = new Map<string, number>();
  readonly #recent = new RecentJournal();
  #swaps: Waiting[] = [];
  /** Swaps that are on their way to the store: they must not be folded any more. */
  #inFlight: ReadonlySet<Waiting> = new Set();
  #tail: Promise<unknown> = Promise.resolve();
  #isFlushPlanned = false;
  #failingSinceMs: number | undefined;
  #isClosed = false;

  constructor(store: StorePort, time: Time, emit: EventSink) {
    this.#store = store;
    this.#time = time;
    this.#emit = emit;
  }

  /** Swaps that are visible and not yet stored. */
  get waiting(): number {
    return this.#swaps.length;
  }

  /**
   * What leads on from a serial that secondaries may have, as far as that is known without the disk:
   * the newest rows, then the swaps that are visible and not yet stored.
   */
  stepsFrom(origin: Name, serial: number): readonly JournalStep[] {
    const key = nameKey(origin);
    const rows = this.#recent.from(origin, serial);
    const reached = rows.at(-1)?.serialAfter ?? serial;
    const pending = this.#swaps
      .map((waiting) => waiting.pending)
      .filter((swap) => nameKey(swap.origin) === key);
    const known = pending.findLastIndex(({ serialAfter }) => serialAfter === reached);
    // Behind a row that is not known here, they lead on from elsewhere.
    if (known < 0 && reached !== this.#journaled.get(key)) return rows;
    return [...rows, ...pending.slice(known + 1)];
  }

  get isFailing(): boolean {
    return this.#failingSinceMs !== undefined;
  }

  /** Tells where a zone's journal stands: at start, and after a first import. */
  continueFrom(origin: Name, serial: number): void {
    this.#journaled.set(nameKey(origin), serial);
    this.#recent.forget(origin);
  }

  /** Stores a swap behind its visible change; resolves when it is durable, however late. */
  addSwap(pending: PendingSwap): Promise<void> {
    return new Promise((stored) => {
      this.#swaps.push({ pending, stored });
      if (this.#swaps.length > PENDING_SWAPS_MAX) this.#fold();
      this.#planFlush(0);
    });
  }

  /**
   * Makes an edit durable. Swaps that wait go first, so that the journal stays whole.
   *
   * @returns the commit as it was stored.
   * @throws EditError when the store refuses; nothing is then written.
   */
  edit(origin: Name, make: MakeCommit): Promise<ZoneCommit> {
    return this.#inTurn(async () => {
      try {
        await this.#flush();
        const key = nameKey(origin);
        const commit = make(present(this.#journaled.get(key), "a journal that was continued"));
        await this.#watched(this.#store.commitZone(commit));
        this.#journaled.set(key, commit.journal.serialAfter);
        this.#recent.add([commit.journal]);
        this.#succeeded(0);
        return commit;
      } catch (error) {
        this.noteRefused(error);
        throw new EditError(nameToDisplay(origin), error);
      }
    });
  }

  /** Keeps what secondaries were told, but for what a swap on its way tells them anew. */
  noteTold(origin: Name, told: () => readonly ToldAnswer[]): void {
    const noted = this.#inTurn(async () => {
      await this.#flush();
      const moving = new Set(this.#swaps.map(({ pending }) => answerKey(pending.swap)));
      const still = told().filter((answer) => !moving.has(answerKey(answer)));
      await this.#store.saveTold(origin, still);
    });
    noted.catch((error: unknown) => this.noteRefused(error));
  }

  /** Waits until everything so far is stored, or `limitMs` has passed: true when all is stored. */
  async drain(limitMs: number): Promise<boolean> {
    this.#planFlush(0);
    const deadline = new Promise<void>((resolve) => this.#time.after(limitMs, resolve));
    const settled = this.#inTurn(() => this.#flush()).catch(() => undefined);
    await Promise.race([settled, deadline]);
    return this.#swaps.length === 0;
  }

  close(): void {
    this.#isClosed = true;
  }

  #fold(): void {
    const isSent = (waiting: Waiting): boolean => this.#inFlight.has(waiting);
    const sent = this.#swaps.filter(isSent);
    const folded = foldSwaps(this.#swaps.filter((waiting) => !isSent(waiting)));
    this.#swaps = [...sent, ...folded];
  }

  #planFlush(delayMs: number): void {
    if (this.#isFlushPlanned || this.#isClosed) return;
    this.#isFlushPlanned = true;
    this.#time.after(delayMs, () => {
      this.#isFlushPlanned = false;
      void this.#inTurn(() => this.#flush()).catch((error: unknown) => {
        this.noteRefused(error);
        this.#planFlush(RETRY_MS);
      });
    });
  }

  async #flush(): Promise<void> {
    const batch = this.#swaps;
    if (batch.length === 0 || this.#isClosed) return;
    const journaled = new Map(this.#journaled);
    const commits: SwapCommit[] = batch.map(({ pending }) => {
      const key = nameKey(pending.origin);
      const serialBefore = journaled.get(key) ?? pending.serialAfter;
      journaled.set(key, pending.serialAfter);
      return { swap: pending.swap, journal: journalOf(pending, serialBefore) };
    });
    const sent = new Set(batch);
    this.#inFlight = sent;
    try {
      await this.#watched(this.#store.commitSwaps(commits, newestServings(batch)));
    } finally {
      this.#inFlight = new Set();
    }
    this.#swaps = this.#swaps.filter((waiting) => !sent.has(waiting));
    for (const [key, serial] of journaled) this.#journaled.set(key, serial);
    this.#recent.add(commits.map(({ journal }) => journal));
    for (const waiting of batch) waiting.stored();
    this.#succeeded(batch.length);
  }

  /** Reports a write that hangs, while it is still waited for: order is worth more than speed. */
  async #watched(write: Promise<void>): Promise<void> {
    const cancel = this.#time.after(SLOW_WRITE_MS, () => {
      const state = `no answer from the disk for ${SLOW_WRITE_MS} ms`;
      this.noteRefused(new Error(`Cannot write to the store: ${state}`));
    });
    try {
      await write;
    } finally {
      cancel();
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(run);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }

  /** A write was refused, or takes too long: said once, until one is taken again. */
  noteRefused(error: unknown): void {
    if (this.#failingSinceMs !== undefined) return;
    this.#failingSinceMs = this.#time.nowMs();
    const detail = messageOf(error);
    this.#emit(
      event("store.failing", `${detail}; answers and swaps go on`, {
        code: codeOf(error) ?? "STORE_SLOW",
        detail,
        waiting: this.waiting,
      }),
    );
  }

  /** Another write than those of this queue was taken. */
  noteTaken(): void {
    if (this.#swaps.length === 0) this.#succeeded(0);
  }

  #succeeded(stored: number): void {
    if (this.#failingSinceMs === undefined) return;
    const durationMs = this.#time.nowMs() - this.#failingSinceMs;
    this.#failingSinceMs = undefined;
    this.#emit(event("store.recovered", "The store takes writes again", { durationMs, stored }));
  }
}

function journalOf(pending: PendingSwap, serialBefore: number): JournalEntry {
  return {
    origin: pending.origin,
    serialBefore,
    serialAfter: pending.serialAfter,
    cause: "swap",
    wallMs: pending.swap.publishedWallMs,
    removed: pending.removed,
    added: pending.added,
  };
}

function newestServings(batch: readonly Waiting[]): StoredServing[] {
  const newest = new Map<string, StoredServing>();
  for (const { pending } of batch) newest.set(answerKey(pending.swap), pending.serving);
  return [...newest.values()];
}

/**
 * The net effect of many swaps: for each answer, from what was served before the first to what is
 * served after the last, under the last one's id and serial. Intermediate serials leave no row.
 */
function foldSwaps(waiting: readonly Waiting[]): Waiting[] {
  const folded = new Map<string, Waiting[]>();
  for (const entry of waiting) {
    const key = answerKey(entry.pending.swap);
    const group = folded.get(key);
    if (group === undefined) folded.set(key, [entry]);
    else group.push(entry);
  }
  return [...folded.values()]
    .map((group): Waiting => {
      const first = group[0] as Waiting;
      const last = group[group.length - 1] as Waiting;
      const swap = { ...last.pending.swap, before: first.pending.swap.before };
      return {
        pending: { ...last.pending, swap, removed: first.pending.removed },
        stored: () => {
          for (const entry of group) entry.stored();
        },
      };
    })
    .sort((a, b) => a.pending.swap.id - b.pending.swap.id);
}

function answerKey({ owner, type }: RRsetKey): string {
  return `${type} ${nameKey(owner)}`;
}
