// Anchors and the brake: nothing is believed down while it holds, and it holds no longer than it may.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import type { Invariant, ProbeNews, View } from "../invariant.ts";

/** The longest that the brake may hold. */
const HOLDS_MS = 120_000;
/** Verdicts wait for two intervals before that; the longest interval that scripts write is 10 s. */
const WAITS_MS = 20_000;
/** An anchor that has not answered for this long may count as failing. */
const LATE_MS = 250;

/** What the brake's own words bind it to. */
export class BrakeHolds implements Invariant {
  readonly name = "while the brake is on nothing is believed down, and it is on for 120 s at most";
  #onMs: number | undefined;

  heard(event: LivezoneEvent, view: View): string | undefined {
    if (event.event === "brake.on") this.#onMs = view.nowMs;
    if (event.event === "brake.off") this.#onMs = undefined;
    if (this.#onMs === undefined || event.event !== "target.down") return undefined;
    return `${event.target} is down all the same: ${event.reason}`;
  }

  check(view: View): string | undefined {
    if (this.#onMs === undefined) return undefined;
    const forMs = view.nowMs - Math.max(this.#onMs, view.awakeMs);
    return forMs > HOLDS_MS ? `it is on for ${forMs} ms` : undefined;
  }

  ending(): undefined {
    this.#onMs = undefined;
    return undefined;
  }
}

interface Anchor {
  /** Probes that have started and not ended: their starts. */
  readonly running: Map<number, number>;
  hasFailed: boolean;
}

/** What anchors have answered, for those who must know whether the brake may hold. */
export class AnchorRecords {
  readonly #anchors = new Map<string, Anchor>();
  #lostMs: number | undefined;
  /** When one answered again; what targets failed before then may have been excused. */
  answeredMs = 0;

  static isAnchor(targetId: string): boolean {
    return targetId.startsWith("anchor ");
  }

  probed(id: string, probe: number, news: ProbeNews, nowMs: number): void {
    const anchor = this.#anchors.get(id) ?? { running: new Map(), hasFailed: false };
    this.#anchors.set(id, anchor);
    if (news.kind === "started") {
      anchor.running.set(probe, nowMs);
      return;
    }
    const { code } = news.observation;
    const isBack = code === "ok" && isLost(anchor, nowMs);
    anchor.running.delete(probe);
    anchor.hasFailed = code !== "ok";
    if (isBack) this.answeredMs = nowMs;
  }

  /** Whether there are any: then one failure is no verdict. */
  get areAny(): boolean {
    return this.#anchors.size > 0;
  }

  /** Whether no anchor answers, and not for so long that a disaster is believed. */
  mayHold(nowMs: number): boolean {
    const areLost = this.#anchors.size > 0 && [...this.#anchors.values()].every(at(nowMs));
    this.#lostMs = areLost ? (this.#lostMs ?? nowMs) : undefined;
    return this.#lostMs !== undefined && nowMs <= this.#lostMs + WAITS_MS + HOLDS_MS;
  }

  clear(): void {
    this.#anchors.clear();
    this.#lostMs = undefined;
  }
}

function at(nowMs: number): (anchor: Anchor) => boolean {
  return (anchor) => isLost(anchor, nowMs);
}

function isLost({ running, hasFailed }: Anchor, nowMs: number): boolean {
  return hasFailed || [...running.values()].some((startMs) => nowMs - startMs >= LATE_MS);
}
