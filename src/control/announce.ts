// How published changes are announced. A swap is said once, with what is true of its durability at
// that moment.

import type { Time } from "../base/clock.ts";
import { counted } from "../base/count.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { typeToText } from "../dns/types.ts";
import { event } from "../events/event.ts";
import type { EventSink, StoredServing, SwapRecord } from "./ports.ts";

/** A swap is announced as not durable when the store has not confirmed it by then. */
export const ANNOUNCE_WITHIN_MS = 250;

/** An answer holds one record: drawn by weight (one for each record), or by who asks. */
export type LivePick =
  | { readonly by: "weight"; readonly weights: readonly number[] }
  | { readonly by: "source" | "subnet" };

/** An answer of a pool, to be made visible now. */
export interface LiveRequest {
  readonly origin: Name;
  readonly owner: Name;
  readonly type: number;
  /** Of owner and type (`answerKey`). */
  readonly key: string;
  /** All members that may be answered: what transfers carry. */
  readonly rdatas: readonly Uint8Array[];
  /** How an answer picks among them; absent: it holds them all. */
  readonly pick?: LivePick;
  readonly ttlSeconds: number;
  /** The longest TTL that it is given with; default: `ttlSeconds`. */
  readonly ttlMaxSeconds?: number;
  /** What transfers carry as the TTL. */
  readonly ttlMinSeconds: number;
}

/** The story of an answer's change: what a swap is made of beside its records. */
export interface SwapStory {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly code: string;
  readonly why: string;
  readonly firstFaultWallMs?: number;
  readonly detectedWallMs?: number;
  readonly decidedWallMs: number;
  /** Monotonic milliseconds of the decision, to measure publishing by. */
  readonly decidedMs: number;
  readonly detectMs?: number;
  /** From the decision until its hooks had run. */
  readonly hooksMs?: number;
}

/** A swap that is visible. */
export interface VisibleSwap {
  readonly zone: string;
  readonly request: LiveRequest;
  readonly story: SwapStory;
  readonly id: number;
  readonly serial: number;
  /** From the decision to the new answer in the image, in milliseconds. */
  readonly publishMs: number;
}

/** Emits `pool.swapped` when the swap is stored, or undurable at the limit and `swap.durable` later. */
export function announceSwap(
  swap: VisibleSwap,
  stored: Promise<void>,
  ports: { readonly time: Time; readonly emit: EventSink },
): void {
  const { time, emit } = ports;
  const visibleMs = time.nowMs();
  let isAnnounced = false;
  const cancel = time.after(ANNOUNCE_WITHIN_MS, () => {
    isAnnounced = true;
    emit(swappedEvent(swap, false));
  });
  void stored.then(() => {
    cancel();
    if (!isAnnounced) {
      emit(swappedEvent(swap, true, Math.round(time.nowMs() - visibleMs)));
      return;
    }
    const delayMs = Math.round(time.nowMs() - visibleMs);
    emit(event("swap.durable", `Swap ${swap.id} is stored`, { swap: swap.id, delayMs }));
  });
}

function swappedEvent(
  swap: VisibleSwap,
  durable: boolean,
  storedMs?: number,
): ReturnType<typeof event> {
  const { request, story, id } = swap;
  const pool = nameToDisplay(request.owner);
  const answers = story.after.length === 0 ? "nothing" : story.after.join(", ");
  return event("pool.swapped", `Swap ${id}: ${pool} answers ${answers}: ${story.why}`, {
    swap: id,
    pool,
    type: typeToText(request.type),
    zone: swap.zone,
    code: story.code,
    reason: story.why,
    before: [...story.before],
    after: [...story.after],
    serial: swap.serial,
    ttl: request.ttlSeconds,
    durable,
    ...(story.detectMs === undefined ? {} : { detectMs: Math.round(story.detectMs) }),
    publishMs: swap.publishMs,
    ...(story.hooksMs === undefined ? {} : { hooksMs: Math.round(story.hooksMs) }),
    ...(storedMs === undefined ? {} : { storedMs }),
  });
}

/** What is said of a published edit. */
export function publishedSentence(
  zone: string,
  cause: string,
  serial: number,
  counts: { readonly added: number; readonly removed: number },
): string {
  const added = `${counted(counts.added, "record")} added`;
  return `Zone ${zone} is published (${cause}): serial ${serial}, ${added}, ${counts.removed} removed`;
}

/** What is kept of a swap. */
export function swapRecord(
  request: LiveRequest,
  story: SwapStory,
  made: { readonly id: number; readonly publishedWallMs: number },
): SwapRecord {
  const { owner, type } = request;
  const { before, after, code, why, decidedWallMs, firstFaultWallMs, detectedWallMs } = story;
  return {
    ...{ id: made.id, owner, type, before, after, code, why },
    ...(firstFaultWallMs === undefined ? {} : { firstFaultWallMs }),
    ...(detectedWallMs === undefined ? {} : { detectedWallMs }),
    decidedWallMs,
    publishedWallMs: made.publishedWallMs,
  };
}

/** What the store keeps of a pool's answer, for a restart to begin with. */
export function servingOf(
  request: LiveRequest,
  story: SwapStory,
  swapId: number,
  sinceWallMs: number,
): StoredServing {
  return {
    owner: request.owner,
    type: request.type,
    memberIds: story.after,
    code: story.code,
    why: story.why,
    swapId,
    sinceWallMs,
  };
}
