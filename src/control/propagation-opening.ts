// How the book of a swap is opened: by what the ledger knows of the old answer, or by what may be where
// another life has made the swap and nobody knows.

import { nameToDisplay, nameToText } from "../dns/name.ts";
import { answerTypeText } from "../failover/family.ts";
import { type Book, type BookNews, type Held, openBook } from "../propagation/book.ts";
import type { RRset } from "../zone/rrset.ts";
import type { LiveRequest } from "./announce.ts";
import { recordTexts } from "./answered-texts.ts";
import type { Wanted } from "./held-reading.ts";
import { namesBehind } from "./others-behind.ts";
import type { SwapRecord } from "./ports.ts";
import type { OtherStanding, Swapped } from "./propagation-ports.ts";
import type { Tracked } from "./propagation-story.ts";
import { answerKey } from "./served-zone.ts";

/** What is known of the copies of an old answer. */
export interface CopiesKnown {
  readonly held: readonly Held[];
  /** Askers who were being written down. */
  readonly unread: number;
  /** When the last copy ends, as it was noted. */
  readonly notedMs: number | undefined;
  /** Until when copies may live that were not noted. */
  readonly floorMs: number | undefined;
  /** Until when those may hold copies that had to be forgotten. */
  readonly evictedMs: number | undefined;
  /** Other name servers of the zone; undefined: nobody knows yet. */
  readonly others: readonly OtherStanding[] | undefined;
}

/** A book, what is worth telling of it, and what it is of. */
export interface Opened {
  readonly book: Book;
  readonly news: readonly BookNews[];
  readonly of: Omit<Tracked, "book" | "isRead" | "others">;
}

/** The book of a swap of this life. */
export function openSwap(swap: Swapped, known: CopiesKnown): Opened {
  const { id, request, story, serial, slot, eraBefore, atMs, moments } = swap;
  const { held, unread, notedMs, floorMs, evictedMs, others } = known;
  const before = oldRecords(swap);
  const copyMs = (before?.ttl ?? request.ttlMinSeconds) * 1000;
  // Where one record is answered and none is gone, every copy is as good as before.
  const isHarmless = goneVariants(swap)?.size === 0;
  const hasOthers = others !== undefined && others.length > 0;
  const behind = namesBehind(others ?? [], serial);
  const ends = [notedMs ?? 0, floorMs ?? 0, hasOthers ? atMs + copyMs : 0];
  const lastEndMs = Math.max(...ends);
  const isUnsure = unread > 0 || hasOthers;
  const opened = openBook({
    ...{ swap: id, openedMs: atMs, held, behind },
    isAtLeast: isUnsure || Math.max(evictedMs ?? 0, floorMs ?? 0) > atMs,
    lastEndMs: lastEndMs > atMs && !isHarmless ? lastEndMs : undefined,
  });
  const isElsewhere = others === undefined || behind.length > 0;
  const elsewhere = { zone: nameToText(request.origin), serial, copyMs };
  return {
    ...opened,
    of: {
      key: request.key,
      pool: nameToDisplay(request.owner),
      type: answerTypeText(request.type),
      ...{ before: story.before, after: story.after, slot, era: eraBefore },
      old: recordTexts(request.type, before?.rdatas ?? []),
      isPicked: swap.known?.pick !== undefined,
      elsewhere: isElsewhere ? elsewhere : undefined,
      ...{ ttlMaxSeconds: longestTtl(request), moments },
    },
  };
}

/** Whose copies are the old answer of a swap. */
export function copiesWanted(swap: Swapped): Wanted {
  return { era: swap.eraBefore, variants: goneVariants(swap) };
}

/**
 * Which variants of the old answer hold a record that is answered no more, where each holds one of the
 * records; undefined: each holds them all.
 */
function goneVariants(swap: Swapped): ReadonlySet<number> | undefined {
  if (swap.known?.pick === undefined) return undefined;
  const { type, rdatas } = swap.request;
  const after = new Set(recordTexts(type, rdatas));
  const old = recordTexts(type, oldRecords(swap)?.rdatas ?? []);
  return new Set(old.flatMap((text, variant) => (after.has(text) ? [] : [variant])));
}

function oldRecords({ known, before }: Swapped): RRset | undefined {
  return known?.rrset ?? before;
}

/**
 * The book of a swap that another life has made and not followed: anybody may hold its old answer.
 *
 * @returns undefined where nobody can any more.
 */
export function openUntold(
  swap: SwapRecord,
  request: LiveRequest,
  at: { readonly openedMs: number; readonly nowMs: number },
): Opened | undefined {
  const { openedMs } = at;
  const lastEndMs = openedMs + longestTtl(request) * 1000;
  if (lastEndMs <= at.nowMs) return undefined;
  const opened = openBook({ swap: swap.id, openedMs, lastEndMs, isAtLeast: true, held: [] });
  return {
    ...opened,
    of: {
      key: answerKey(swap.owner, swap.type),
      pool: nameToDisplay(swap.owner),
      type: answerTypeText(swap.type),
      ...{ before: swap.before, after: swap.after, slot: -1, era: 0 },
      ...{ old: [], isPicked: false, elsewhere: undefined },
      ...{ ttlMaxSeconds: longestTtl(request), moments: {} },
    },
  };
}

/** The longest TTL that it is given with. */
export function longestTtl({ ttlSeconds, ttlMaxSeconds }: LiveRequest): number {
  return Math.max(ttlSeconds, ttlMaxSeconds ?? 0);
}
