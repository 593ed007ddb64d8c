// The book of one swap: who held the old answer when it was made, and what has become of each since.
//
//   holding    its copy may still be there
//   confirmed  it has asked again, and got the new answer
//   expired    its copy's time ran out before it asked
//   overdue    it keeps answers longer than it may, or was seen to give the old one too late
//
// Times are monotonic milliseconds.

/**
 * How much longer than its TTL a copy may live in an honest cache: up to a second in one that counts
 * whole seconds, and the answer's way to it.
 */
export const SLACK_MS = 1500;

/** How long one that keeps the old answer is believed to beyond what it said is left of it. */
const BELIEVED_MS = 60_000;

/** For so long after a book was opened the ledger may tell of answers that left during the swap. */
const SETTLING_MS = 2000;

/** Holders that a book names; the others are counted. */
export const HOLDERS_MAX = 4096;

/** A resolver that was given the old answer. */
export interface Held {
  /** Its address, and the subnet it asked for where it did. */
  readonly resolver: string;
  /** Answers it was given: its weight. */
  readonly queries: number;
  /** When the last copy it was given ends. */
  readonly endMs: number;
  readonly askedMs: number;
  /** It has shown that its address is its own. */
  readonly isProven: boolean;
  /** The least time between two of its questions, where all are alike: it may keep answers so long. */
  readonly keepsMs?: number;
}

export type HolderState = "holding" | "confirmed" | "expired" | "overdue";

/** What has become of it. */
export interface Holder extends Held {
  readonly state: HolderState;
  /** When it became so. */
  readonly sinceMs: number;
}

/** What somebody who was asked answered. */
export interface Sight {
  /** Where it was asked. */
  readonly resolver: string;
  /** What its operator calls it. */
  readonly name: string;
  readonly atMs: number;
  readonly answer: "old" | "new";
  /** What it said is left of it. */
  readonly leftMs: number;
}

/** Somebody who is asked, what it answered last, and since when it answers that. */
export interface Witness extends Sight {
  readonly sinceMs: number;
  /** It answered the old records when no honest cache could, and may still. */
  readonly isLate: boolean;
}

/** Everything that is known of one swap's propagation. */
export interface Book {
  readonly swap: number;
  readonly openedMs: number;
  /** When the last copy ends; undefined: none was given. */
  readonly lastEndMs: number | undefined;
  /** Some who were given the old answer are not known: figures say "at least". */
  readonly isAtLeast: boolean;
  readonly holders: readonly Holder[];
  /** Told so far: percent of the weight that holds the old answer no more. */
  readonly toldPercent: number;
  /** When so much of the weight had moved. */
  readonly reachedMs: Readonly<Record<string, number>>;
  readonly witnesses: readonly Witness[];
  /** Other name servers of the zone that still answer the old records, as far as is known. */
  readonly behind: readonly string[];
  readonly drainedMs: number | undefined;
}

/** What is worth telling. */
export type BookNews =
  | { readonly kind: "opened" }
  | { readonly kind: "progress"; readonly percent: number }
  | {
      readonly kind: "overdue";
      /** Its address, or its name where it was asked. */
      readonly resolver: string;
      /** How much longer than it may. */
      readonly lateMs: number;
      readonly evidence: "keeps" | "seen";
    }
  | { readonly kind: "recovered"; readonly resolver: string; readonly lateMs: number }
  | { readonly kind: "drained" };

/** What was seen since the last step. */
export interface Sightings {
  /** By resolver: when it was last given an answer newer than the old one. */
  readonly confirmedMs: ReadonlyMap<string, number>;
  /** What those said that were asked, in the order in which they did. */
  readonly asked: readonly Sight[];
  /** The ledger's last word on when the last copy ends: an answer may have left during the swap. */
  readonly lastEndMs?: number;
}

export const NOTHING_SEEN: Sightings = { confirmedMs: new Map(), asked: [] };

const MILESTONES = [50, 90, 99] as const;

/** Opens the book of a swap. Who cannot hold the old answer any more is left out. */
export function openBook(opening: {
  readonly swap: number;
  readonly openedMs: number;
  readonly lastEndMs: number | undefined;
  readonly isAtLeast: boolean;
  readonly held: readonly Held[];
  /** Other name servers of the zone that have not taken the new answer. */
  readonly behind?: readonly string[];
}): { readonly book: Book; readonly news: readonly BookNews[] } {
  const { swap, openedMs, lastEndMs, held } = opening;
  const holding = held
    .filter((one) => one.endMs + SLACK_MS > openedMs || keptUntilMs(one) > openedMs)
    .sort((a, b) => b.queries - a.queries || (a.resolver < b.resolver ? -1 : 1));
  const named = holding.slice(0, HOLDERS_MAX);
  const holders = named.map((one): Holder => ({ ...one, state: "holding", sinceMs: openedMs }));
  const book: Book = {
    ...{ swap, openedMs, lastEndMs, holders },
    isAtLeast: opening.isAtLeast || holding.length > named.length,
    toldPercent: 0,
    reachedMs: {},
    witnesses: [],
    behind: opening.behind ?? [],
    drainedMs: undefined,
  };
  const stepped = stepBook(book, NOTHING_SEEN, openedMs);
  // Nobody was given the old answer: there is nothing to tell.
  if (stepped.book.drainedMs !== undefined) return { book: stepped.book, news: [] };
  return { book: stepped.book, news: [{ kind: "opened" }, ...stepped.news] };
}

/** Takes what was seen since and what time has done. A drained book goes on naming the overdue. */
export function stepBook(
  book: Book,
  seen: Sightings,
  nowMs: number,
): { readonly book: Book; readonly news: readonly BookNews[] } {
  const lastEndMs = latest(book.lastEndMs, seen.lastEndMs);
  const { witnesses, news } = witnessed({ ...book, lastEndMs }, seen.asked, nowMs);
  const holders = book.holders.map((holder) => {
    const witness = witnesses.find(({ resolver }) => resolver === holder.resolver);
    const next = stepHolder(holder, { witness, nowMs, ledgerMs: seen.confirmedMs });
    if (next.state === "overdue" && holder.state !== "overdue" && witness?.isLate !== true) {
      const lateMs = nowMs - holder.endMs;
      news.push({ kind: "overdue", resolver: holder.resolver, lateMs, evidence: "keeps" });
    }
    return next;
  });
  const boundMs = lastEndMs === undefined ? undefined : lastEndMs + SLACK_MS;
  const percent = movedPercent(holders);
  const reachedMs = { ...book.reachedMs };
  let { toldPercent } = book;
  for (const milestone of MILESTONES) {
    if (percent < milestone || toldPercent >= milestone || holders.length === 0) continue;
    toldPercent = milestone;
    reachedMs[milestone] = nowMs;
  }
  // Of milestones that were passed together the last one says it all.
  if (toldPercent > book.toldPercent) news.push({ kind: "progress", percent: toldPercent });
  const isOver = book.behind.length === 0 && nowMs >= (boundMs ?? Number.NEGATIVE_INFINITY);
  const isDrained = book.drainedMs === undefined && isOver;
  if (isDrained) news.push({ kind: "drained" });
  const drainedMs = isDrained ? nowMs : book.drainedMs;
  return {
    book: { ...book, lastEndMs, holders, witnesses, toldPercent, reachedMs, drainedMs },
    news,
  };
}

/**
 * The same book when what the ledger knew is lost: copies may live until `lastEndMs` at least, and
 * nobody can be confirmed any more but who was named.
 */
export function widenBook(book: Book, lastEndMs: number): Book {
  return { ...book, lastEndMs: latest(book.lastEndMs, lastEndMs), isAtLeast: true };
}

/**
 * The same book with what the other name servers of the zone have: those that are behind give copies
 * of the old answer until they are not.
 *
 * @param copyMs how long such a copy may live.
 */
export function withOthers(
  book: Book,
  behind: readonly string[],
  at: { readonly nowMs: number; readonly copyMs: number },
): Book {
  return { ...widenBook(book, at.nowMs + at.copyMs), behind };
}

/**
 * When a book has to be looked at again for time's sake; undefined: nothing more can happen, or not before
 * other name servers have caught up.
 */
export function nextLookMs(book: Book, nowMs: number): number | undefined {
  let nextMs = Number.POSITIVE_INFINITY;
  const isBehind = book.behind.length > 0;
  if (book.drainedMs === undefined && !isBehind) nextMs = (book.lastEndMs ?? nowMs) + SLACK_MS;
  for (const holder of book.holders) {
    if (holder.state === "holding") nextMs = Math.min(nextMs, holder.endMs + SLACK_MS);
    // Who is overdue as it was seen to be is asked again.
    if (holder.state === "overdue" && keptUntilMs(holder) > nowMs) {
      nextMs = Math.min(nextMs, keptUntilMs(holder));
    }
  }
  for (const witness of book.witnesses) {
    if (witness.isLate) nextMs = Math.min(nextMs, believedUntilMs(witness));
  }
  return nextMs === Number.POSITIVE_INFINITY ? undefined : Math.max(nowMs, nextMs);
}

/** Whether a book may be another one than at the last look, whatever other name servers have. */
export function isDue(book: Book, nowMs: number): boolean {
  if (hasUnsettled(book) || nowMs < book.openedMs + SETTLING_MS) return true;
  return (nextLookMs(book, nowMs) ?? Number.POSITIVE_INFINITY) <= nowMs;
}

/** Whether somebody is still waited for or watched. */
export function isOpen(book: Book): boolean {
  return book.drainedMs === undefined || hasUnsettled(book);
}

/** Whether somebody who was given the old answer may still hold it, or keeps it too long. */
export function hasUnsettled({ holders }: Pick<Book, "holders">): boolean {
  return holders.some(({ state }) => state === "holding" || state === "overdue");
}

/** How much of the weight holds the old answer no more, 0 to 100. */
export function movedPercent(holders: readonly Holder[]): number {
  let all = 0;
  let moved = 0;
  for (const { state, queries } of holders) {
    all += queries;
    if (state === "confirmed" || state === "expired") moved += queries;
  }
  return all === 0 ? 100 : (100 * moved) / all;
}

/** Until when a resolver may keep what it was given, by its habit. */
export function keptUntilMs(held: Held): number {
  return held.askedMs + (held.keepsMs ?? 0);
}

/** Takes what was answered; who was late and does not say so any more is so no longer. */
function witnessed(
  { witnesses, lastEndMs, openedMs }: Pick<Book, "witnesses" | "lastEndMs" | "openedMs">,
  asked: readonly Sight[],
  nowMs: number,
): { readonly witnesses: readonly Witness[]; readonly news: BookNews[] } {
  const news: BookNews[] = [];
  const dueMs = lastEndMs ?? openedMs;
  const known = new Map(witnesses.map((one) => [one.resolver, one]));
  for (const sight of asked) {
    const before = known.get(sight.resolver);
    const isLate = sight.answer === "old" && sight.atMs > dueMs + SLACK_MS;
    const of = { resolver: sight.name, lateMs: sight.atMs - dueMs };
    if (isLate && before?.isLate !== true) news.push({ kind: "overdue", ...of, evidence: "seen" });
    const isMoved = before?.isLate === true && sight.answer === "new";
    if (isMoved) news.push({ kind: "recovered", ...of });
    const sinceMs = before?.answer === sight.answer ? before.sinceMs : sight.atMs;
    known.set(sight.resolver, { ...sight, sinceMs, isLate });
  }
  const believed = [...known.values()].map((one) => {
    return one.isLate && nowMs >= believedUntilMs(one) ? { ...one, isLate: false } : one;
  });
  return { witnesses: believed, news };
}

/** Until when one that was seen to be late is taken to be so without another look. */
function believedUntilMs({ atMs, leftMs }: Witness): number {
  return atMs + leftMs + BELIEVED_MS;
}

/** A copy of its own may lie behind it: only time, or the new answer, settles it. */
function stepHolder(
  holder: Holder,
  seen: {
    readonly witness: Witness | undefined;
    readonly nowMs: number;
    readonly ledgerMs: ReadonlyMap<string, number>;
  },
): Holder {
  const { state } = holder;
  const { witness, nowMs } = seen;
  // What it was seen to do says more than what it was given.
  if (witness?.isLate === true) return entered("overdue", holder, witness.sinceMs);
  if (state === "confirmed" || state === "expired") return holder;
  const askedMs = witness?.answer === "new" ? witness.sinceMs : undefined;
  const confirmedMs = seen.ledgerMs.get(holder.resolver) ?? askedMs;
  if (confirmedMs !== undefined) return entered("confirmed", holder, confirmedMs);
  if (nowMs < holder.endMs + SLACK_MS) return holder;
  return entered(nowMs < keptUntilMs(holder) ? "overdue" : "expired", holder, nowMs);
}

function entered(state: HolderState, holder: Holder, sinceMs: number): Holder {
  return holder.state === state ? holder : { ...holder, state, sinceMs };
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}
