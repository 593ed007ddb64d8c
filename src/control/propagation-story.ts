// A followed swap, and its story as it is stored.

import { messageOf } from "../base/errors.ts";
import { type Book, type Holder, isOpen, widenBook } from "../propagation/book.ts";
import type { StoredPropagation } from "./ports-propagation.ts";
import type { OtherStanding } from "./propagation-ports.ts";
import { type SwapMoments, shiftMoments } from "./swap-moments.ts";

/** What the other name servers of the zone must have. */
export interface Elsewhere {
  readonly zone: string;
  readonly serial: number;
  /** How long copies live that they give of the old answer. */
  readonly copyMs: number;
}

/** A swap that is followed. */
export interface Tracked {
  /** The key of its answer. */
  readonly key: string;
  readonly pool: string;
  readonly type: "A" | "AAAA" | "CNAME";
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The records of the old answer, as text; none where they are not known. */
  readonly old: readonly string[];
  /** An answer holds one of the records; else all of them. */
  readonly isPicked: boolean;
  /** The zone, and the serial from which on it has the new answer; undefined: all have it. */
  elsewhere: Elsewhere | undefined;
  /** -1 while it is not known, or where there is none any more. */
  slot: number;
  /** The era of the old answer; 0: whatever the ledger knows is newer. */
  readonly era: number;
  /** The longest TTL that the old answer was given with. */
  readonly ttlMaxSeconds: number;
  book: Book;
  /** The ledger has said its last about the old answer. */
  isRead: boolean;
  /** What has become of the swap itself. */
  readonly moments: SwapMoments;
  /** The zone's other name servers, as it was last held against them. */
  others: readonly OtherStanding[] | undefined;
}

/** Holders that are stored by name. */
const STORED_MAX = 500;

/** The story with wall times. `toWall` turns a monotonic moment into one. */
export function storyOf(tracked: Tracked, toWall: number): StoredPropagation {
  const { book, isRead: _, slot: __, others: ___, moments: after, ...rest } = tracked;
  const isCut = book.holders.length > STORED_MAX;
  const holders = book.holders.slice(0, STORED_MAX);
  const shifted = shift({ ...book, holders }, toWall);
  return {
    swapId: book.swap,
    openedWallMs: shifted.openedMs,
    ...(shifted.drainedMs !== undefined && { drainedWallMs: shifted.drainedMs }),
    story: JSON.stringify({ ...rest, book: shifted, isCut, moments: shiftMoments(after, toWall) }),
  };
}

/**
 * The swap of a stored story. One that was open goes on; where the ledger is another one since, nobody
 * knows what was given after the story was stored, and its bound is as wide as it can be.
 */
export function trackedOf(
  stored: StoredPropagation,
  toMs: number,
  isLedgerNew: boolean,
): Tracked | undefined {
  let story:
    | (Omit<Tracked, "slot" | "isRead" | "moments" | "others"> & {
        isCut?: boolean;
        moments?: SwapMoments;
      })
    | undefined;
  try {
    story = JSON.parse(stored.story) as typeof story;
  } catch (error) {
    throw new Error(`Cannot read the story of swap ${stored.swapId}: ${messageOf(error)}`);
  }
  if (story === undefined) return undefined;
  const { isCut, moments = {}, ...rest } = story;
  const book = shift({ ...rest.book, drainedMs: stored.drainedWallMs }, toMs);
  const lastPossibleMs = book.openedMs + rest.ttlMaxSeconds * 1000;
  // Where nobody is waited for any more, nobody can be behind.
  const behind = rest.elsewhere === undefined ? [] : book.behind;
  const isLost = isLedgerNew && isOpen(book) && book.drainedMs === undefined;
  return {
    ...rest,
    ...{ slot: -1, isRead: isLedgerNew, others: undefined },
    moments: shiftMoments(moments, toMs),
    era: isLedgerNew ? 0 : rest.era,
    book: {
      ...(isLost ? widenBook(book, lastPossibleMs) : book),
      behind,
      isAtLeast: book.isAtLeast || isLost || isCut === true,
    },
  };
}

/** The book on another clock. */
function shift(book: Book, byMs: number): Book {
  const at = (moment: number): number => Math.round(moment + byMs);
  const holder = (one: Holder): Holder => ({
    ...one,
    endMs: at(one.endMs),
    askedMs: at(one.askedMs),
    sinceMs: at(one.sinceMs),
  });
  const reached = Object.entries(book.reachedMs).map(([key, moment]) => [key, at(moment)]);
  return {
    ...book,
    openedMs: at(book.openedMs),
    lastEndMs: book.lastEndMs === undefined ? undefined : at(book.lastEndMs),
    holders: book.holders.map(holder),
    reachedMs: Object.fromEntries(reached),
    witnesses: book.witnesses.map((one) => ({
      ...one,
      atMs: at(one.atMs),
      sinceMs: at(one.sinceMs),
    })),
    drainedMs: book.drainedMs === undefined ? undefined : at(book.drainedMs),
  };
}
