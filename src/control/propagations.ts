// How far swaps have spread, while it happens: opens a book for every swap, reads the ledger, tells
// what is worth telling and keeps the story. What it does not know makes a bound wider, never narrower.

import { LedgerReader } from "../answer/ledger-reader.ts";
import type { Cancel } from "../base/clock.ts";
import { nameKey } from "../dns/name.ts";
import {
  hasUnsettled,
  isDue,
  isOpen,
  NOTHING_SEEN,
  nextLookMs,
  type Sightings,
  SLACK_MS,
  stepBook,
  widenBook,
} from "../propagation/book.ts";
import type { PropagationReport } from "../view/propagation.ts";
import type { SpreadStatus } from "../view/status.ts";
import { BySlot } from "./by-slot.ts";
import { HeldReading } from "./held-reading.ts";
import { OthersBehind } from "./others-behind.ts";
import type { SwapRecord } from "./ports.ts";
import type { StoredPropagation } from "./ports-propagation.ts";
import { newsEvents } from "./propagation-events.ts";
import { type Heard, meantBy } from "./propagation-heard.ts";
import { heldUntilMs } from "./propagation-held.ts";
import {
  copiesWanted,
  longestTtl,
  type Opened,
  openSwap,
  openUntold,
} from "./propagation-opening.ts";
import type { Bound, PropagationPorts, Swapped } from "./propagation-ports.ts";
import { propagationReport, spreadStatus } from "./propagation-report.ts";
import { storyOf, type Tracked, trackedOf } from "./propagation-story.ts";
import { answerKey } from "./served-zone.ts";
import { StoryKeeper } from "./story-keeper.ts";
import { MomentKeeper } from "./swap-moments.ts";
import { TrackedSwaps } from "./tracked-swaps.ts";

/** A batch that had begun when a swap was shown has ended by then. */
const OPEN_AFTER_MS = 100;
/** How often the ledger is read while somebody may ask again. */
const LOOK_MS = 1000;
/** A swap whose story was never stored may have been followed for so long. */
const UNTOLD_MAX_MS = 86_400_000;

/** All propagations. */
export class Propagations {
  readonly #ports: PropagationPorts;
  readonly #reader: LedgerReader;
  readonly #reading: HeldReading;
  readonly #others: OthersBehind;
  readonly #tracked = new TrackedSwaps();
  /** By slot: until when copies may live that the ledger has not noted. */
  readonly #floors = new Map<number, { readonly era: number; readonly untilMs: number }>();
  readonly #slots = new Map<string, number>();
  readonly #untold = new Map<string, SwapRecord[]>();
  /** Those whose answer is still read from the ledger. */
  readonly #unread = new BySlot<Tracked>();
  #pending: Swapped[] = [];
  /** Their slots: each of ten thousand swaps of a moment asks for its own. */
  readonly #pendingSlots = new Set<number>();
  readonly #keeper: StoryKeeper;
  readonly #moments: MomentKeeper;
  #cancelLook: Cancel = () => undefined;
  #lookAtMs = Number.POSITIVE_INFINITY;
  #isClosed = false;
  #isStarted = false;
  /** The ledger is as old as this control: what was given before, it has not noted. */
  readonly isFirstLife: boolean;

  constructor(ports: PropagationPorts) {
    this.#ports = ports;
    this.#reader = new LedgerReader(ports.ledger);
    this.#reading = new HeldReading(this.#reader);
    this.#others = new OthersBehind(ports);
    this.#keeper = new StoryKeeper(ports, (id, toWall) => {
      const tracked = this.#tracked.get(id);
      return tracked && storyOf(tracked, toWall);
    });
    this.#moments = new MomentKeeper(ports, this.#reader, (id) => this.#keeper.changed(id));
    this.isFirstLife = this.#reader.beginLife() === 1;
  }

  /** Goes on with what earlier lives have followed; `swaps` are the newest of all. */
  restore(stored: readonly StoredPropagation[], swaps: readonly SwapRecord[]): void {
    const { time } = this.#ports;
    const toMs = time.nowMs() - time.wallMs();
    for (const one of stored) {
      const tracked = trackedOf(one, toMs, this.isFirstLife);
      if (tracked !== undefined) this.#tracked.add(tracked);
    }
    const oldest = time.wallMs() - UNTOLD_MAX_MS;
    for (const swap of swaps) {
      if (this.#tracked.get(swap.id) !== undefined || swap.publishedWallMs < oldest) continue;
      const key = answerKey(swap.owner, swap.type);
      this.#untold.set(key, [...(this.#untold.get(key) ?? []), swap]);
    }
    this.#lookSoon(OPEN_AFTER_MS);
  }

  /** An answer is shown for the first time in this life: what was given before is not all noted. */
  bound({ request, slot, eraBefore, era, staticTtlSeconds }: Bound): void {
    const nowMs = this.#ports.time.nowMs();
    const { key } = request;
    this.#slots.set(key, slot);
    for (const tracked of this.#tracked.of(key)) this.#unread.add(Object.assign(tracked, { slot }));
    const wasServed = this.#ports.servedBefore.has(nameKey(request.origin));
    const isRestart = !this.#isStarted && this.isFirstLife && wasServed;
    let longest = 0;
    if (isRestart) longest = Math.max(staticTtlSeconds ?? 0, longestTtl(request));
    else if (this.#isStarted) longest = staticTtlSeconds ?? 0;
    if (longest > 0) {
      const untilMs = nowMs + longest * 1000;
      const own = eraBefore === 0 ? era : eraBefore;
      this.#floors.set(slot, { era: own, untilMs });
      if (own !== 0) this.#reader.widen(slot, own, untilMs);
    }
    const untold = this.#untold.get(key) ?? [];
    this.#untold.delete(key);
    const toMs = nowMs - this.#ports.time.wallMs();
    for (const swap of untold) {
      const opened = openUntold(swap, request, { openedMs: swap.publishedWallMs + toMs, nowMs });
      if (opened !== undefined) this.#track(opened);
    }
  }

  /** Every zone is open: what is bound from now on was the zone's own until now. */
  started(): void {
    this.#isStarted = true;
  }

  /** Another answer is about to be shown: what is to be known of the one before is read now. */
  closing(slot: number): void {
    this.#moments.look(slot);
    if (!this.#pendingSlots.delete(slot)) return;
    const isOf = (one: Swapped): boolean => one.slot === slot;
    for (const pending of this.#pending.filter(isOf)) this.#open([pending]);
    this.#pending = this.#pending.filter((one) => !isOf(one));
  }

  /** Another answer is shown: books over the one before the last end their reading. */
  #closed(slot: number, nowMs: number): void {
    for (const tracked of this.#unread.take(slot)) {
      const { book, isRead } = tracked;
      if (isRead || this.#tracked.get(book.swap) !== tracked) continue;
      tracked.isRead = true;
      // A batch may still hold an answer of that era: nobody will be able to read of it.
      if (nowMs - book.openedMs < OPEN_AFTER_MS * 10 && book.drainedMs === undefined) {
        tracked.book = widenBook(book, nowMs + tracked.ttlMaxSeconds * 1000);
        this.#keeper.changed(book.swap);
      }
    }
  }

  /** A swap is visible. */
  swapped(swap: Omit<Swapped, "atMs" | "moments">): void {
    if (this.#isClosed) return;
    this.#ports.moved?.(swap.request.key);
    const atMs = this.#ports.time.nowMs();
    this.#closed(swap.slot, atMs);
    this.#pending.push({ ...swap, atMs, moments: this.#moments.follow({ ...swap, atMs }) });
    this.#pendingSlots.add(swap.slot);
    this.#lookSoon(OPEN_AFTER_MS);
  }

  /** What somebody answered who was asked for a name. */
  heard(key: string, heard: Heard): void {
    if (this.#pending.some((one) => one.request.key === key)) this.#openPending();
    for (const { of, sight } of meantBy(this.#tracked.of(key), heard)) {
      this.#step(of, { ...NOTHING_SEEN, asked: [sight] });
    }
  }

  /** Whether a name's old answer may still be held, or was seen to be. */
  isMoving(key: string): boolean {
    return this.#tracked.of(key).some(({ book }) => {
      return isOpen(book) || book.witnesses.some(({ answer }) => answer === "old");
    });
  }

  /** When no honest cache can hold the answer before a name's newest one; undefined: not known. */
  boundMs(key: string): number | undefined {
    const newest = this.#tracked.of(key).at(-1);
    const lastEndMs = newest && this.#others.bookOf(newest).lastEndMs;
    return lastEndMs === undefined ? undefined : lastEndMs + SLACK_MS;
  }

  /** When the last copy ends that was given of a name's answers; undefined: none is known. */
  lastCopyMs(key: string): number | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#reader.lastEndOfAnyMs(slot);
  }

  /** Until when an honest cache may hold an old answer of a name that had a member; undefined: none. */
  heldUntilMs(key: string, member: string): number | undefined {
    const tracked = this.#tracked.of(key);
    for (const one of tracked) this.#others.bookOf(one);
    const swaps = { pending: this.#pending, tracked };
    return heldUntilMs(swaps, { key, member, nowMs: this.#ports.time.nowMs() });
  }

  /** Takes what the ledger says now, before reports are asked for. */
  refresh(): void {
    this.#openPending();
    this.#look();
  }

  /** What is told of a swap; the newest one's where none is named. */
  report(swapId?: number): PropagationReport | undefined {
    const tracked = this.#tracked.get(swapId ?? this.#tracked.newest);
    if (tracked === undefined) return undefined;
    // Of whom something may have come from the ledger, `refresh` knows.
    const isQuiet = isOpen(tracked.book) && !hasUnsettled(tracked.book);
    if (isQuiet) this.#lookAt(tracked, NOTHING_SEEN.confirmedMs);
    else this.#others.bookOf(tracked);
    const { time, addresses } = this.#ports;
    return propagationReport(tracked, time, addresses);
  }

  /** How many swaps are on their way, and who is late. */
  status(): SpreadStatus {
    const { time } = this.#ports;
    return spreadStatus(this.#tracked.values(), time.wallMs() - time.nowMs());
  }

  /** Stores what is not stored yet. */
  save(): Promise<void> {
    return this.#keeper.save();
  }

  close(): void {
    this.#openPending();
    this.#isClosed = true;
    this.#keeper.close();
    this.#cancelLook();
  }

  // --- inside -----------------------------------------------------------------------------------

  #openPending(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#pendingSlots.clear();
    this.#open(pending);
  }

  #open(swaps: readonly Swapped[]): void {
    if (swaps.length === 0) return;
    const eras = new Map(swaps.map((swap) => [swap.slot, copiesWanted(swap)]));
    const { held, unread } = this.#reading.read(eras);
    const evictedMs = this.#reader.evictedUntilMs();
    this.#others.lookAnew();
    for (const swap of swaps) {
      const { slot, eraBefore, request } = swap;
      const floor = this.#floors.get(slot);
      const floorMs = floor?.era === eraBefore ? floor.untilMs : undefined;
      const notedMs = this.#reader.lastEndMs(slot, eraBefore);
      const others = this.#others.of(request.origin);
      const copies = { held: held.get(slot) ?? [], unread, notedMs, floorMs, evictedMs };
      this.#track(openSwap(swap, { ...copies, others }));
    }
    this.#lookSoon(LOOK_MS);
  }

  #track({ book, news, of }: Opened): void {
    const tracked: Tracked = { ...of, book, isRead: false, others: undefined };
    this.#tracked.add(tracked);
    this.#unread.add(tracked);
    const { emit, addresses } = this.#ports;
    for (const event of newsEvents(tracked, news, addresses, book.openedMs)) emit(event);
    this.#keeper.changed(book.swap);
  }

  /** Looks at all for which something may have happened: of ten thousand that only wait, at none. */
  #look(): void {
    this.#moments.look();
    this.#others.lookAnew();
    const nowMs = this.#ports.time.nowMs();
    const due: Tracked[] = [];
    for (const tracked of this.#tracked.values()) {
      if (!isOpen(tracked.book)) continue;
      const isMoved = this.#others.look(tracked) === "moved";
      if (isMoved) this.#keeper.changed(tracked.book.swap);
      if (isMoved || isDue(tracked.book, nowMs)) due.push(tracked);
    }
    const seen = this.#reading.confirmations(due.filter(({ book }) => hasUnsettled(book)));
    for (const tracked of due) {
      this.#lookAt(tracked, seen.get(tracked) ?? NOTHING_SEEN.confirmedMs);
    }
  }

  #lookAt(tracked: Tracked, confirmedMs: Sightings["confirmedMs"]): void {
    const lastEndMs = tracked.isRead ? undefined : this.#lastEndMs(tracked);
    const lastEnd = lastEndMs !== undefined && { lastEndMs };
    this.#step(tracked, { confirmedMs, asked: [], ...lastEnd });
  }

  /** The ledger's last word on an open book; what is over already says nothing. */
  #lastEndMs({ slot, era, book }: Tracked): number | undefined {
    const endMs = slot < 0 || era === 0 ? undefined : this.#reader.lastEndMs(slot, era);
    return endMs !== undefined && endMs > book.openedMs ? endMs : undefined;
  }

  #step(tracked: Tracked, seen: Sightings): void {
    const { time, emit, addresses } = this.#ports;
    const nowMs = time.nowMs();
    const { book, news } = stepBook(this.#others.bookOf(tracked), seen, nowMs);
    tracked.book = book;
    for (const event of newsEvents(tracked, news, addresses, nowMs)) emit(event);
    if (news.length === 0) return;
    this.#keeper.changed(book.swap);
  }

  #lookSoon(delayMs: number): void {
    const { time } = this.#ports;
    const atMs = time.nowMs() + delayMs;
    if (this.#isClosed || atMs >= this.#lookAtMs) return;
    this.#cancelLook();
    this.#lookAtMs = atMs;
    this.#cancelLook = time.after(delayMs, () => {
      this.#lookAtMs = Number.POSITIVE_INFINITY;
      this.#openPending();
      this.#look();
      this.#planLook();
    });
  }

  /** Somebody who may ask again is looked for each second; what only time settles waits for it. */
  #planLook(): void {
    const nowMs = this.#ports.time.nowMs();
    let nextMs = this.#moments.isWaiting ? nowMs + LOOK_MS : Number.POSITIVE_INFINITY;
    for (const { book, elsewhere } of this.#tracked.values()) {
      if (!isOpen(book)) continue;
      const isWaiting = elsewhere !== undefined && book.drainedMs === undefined;
      const dueMs = nextLookMs(book, nowMs) ?? Number.POSITIVE_INFINITY;
      const looks = hasUnsettled(book) ? Math.min(dueMs, nowMs + LOOK_MS) : dueMs;
      nextMs = Math.min(nextMs, isWaiting ? nowMs + LOOK_MS : looks);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#lookSoon(Math.max(10, nextMs - nowMs));
  }
}
