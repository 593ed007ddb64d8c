// Flap damping of every address while it runs: counts falls, keeps penalties for the store, and says
// when an address is kept out and when it may be used again.

import type { Cancel, Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { event } from "../events/event.ts";
import {
  type Damping,
  type DampingSettings,
  isDamped,
  penaltyAt,
  reusableAtMs,
  UNDAMPED,
  withFall,
} from "../health/damping.ts";
import { type FallEpisode, withFallen } from "../health/falls.ts";
import type { EventSink, StoredDamping } from "./ports.ts";

/** What dampings are given. */
export interface DampingPorts {
  readonly time: Time;
  readonly emit: EventSink;
  /** Undefined: flapping is not damped. */
  readonly settings: DampingSettings | undefined;
}

/** What is held of one address at a moment. */
export interface DampingView {
  /** The penalty now. */
  readonly penalty: number;
  /** Monotonic milliseconds until which it is kept out; absent: it is not. */
  readonly reusableAtMs?: number;
}

interface Held {
  damping: Damping;
  episode: FallEpisode;
  cancel: Cancel;
}

/** A penalty below this part of one fall is not worth showing. */
const SHOWN_MIN = 0.01;

/** The penalties of all addresses. */
export class Dampings {
  readonly #ports: DampingPorts;
  readonly #held = new Map<string, Held>();
  readonly #unsaved = new Set<string>();

  constructor(ports: DampingPorts) {
    this.#ports = ports;
  }

  /** Takes up what was held before a restart. */
  restore(stored: readonly StoredDamping[]): void {
    const { time, settings } = this.#ports;
    if (settings === undefined) return;
    const toNow = time.nowMs() - time.wallMs();
    for (const { address, penalty, atWallMs, isSuppressed } of stored) {
      // A wall clock that was set back must not make a penalty of the future.
      const atMs = Math.min(time.nowMs(), atWallMs + toNow);
      const held = this.#of(address);
      held.damping = { penalty, atMs, isSuppressed };
      this.#awaitReuse(address, held);
    }
  }

  /**
   * Counts a fall from outside: a target of the address went from up to down.
   *
   * @param isDown whether another target is believed down now.
   */
  fell(address: string, target: string, isDown: (target: string) => boolean): void {
    const { time, settings, emit } = this.#ports;
    if (settings === undefined) return;
    const held = this.#of(address);
    const { episode, isCounted } = withFallen(held.episode, target, isDown);
    held.episode = episode;
    if (!isCounted) return;
    const nowMs = time.nowMs();
    const wasDamped = isDamped(held.damping, settings, nowMs);
    held.damping = withFall(held.damping, settings, nowMs);
    this.#unsaved.add(address);
    const reusableMs = this.#awaitReuse(address, held);
    if (reusableMs === undefined || wasDamped) return;
    const penalty = Math.round(held.damping.penalty);
    const keptOutMs = Math.round(reusableMs - nowMs);
    const peace = formatDuration(Math.ceil(keptOutMs / 1000) * 1000);
    const msg = `${address} keeps failing (penalty ${penalty}): kept out until it has not for ${peace}`;
    emit(event("target.damped", msg, { address, penalty, keptOutMs }));
  }

  /** What is held of an address now; undefined: nothing worth a word. */
  viewOf(address: string): DampingView | undefined {
    const { time, settings } = this.#ports;
    const damping = this.#held.get(address)?.damping;
    if (damping === undefined || settings === undefined) return undefined;
    const nowMs = time.nowMs();
    const penalty = penaltyAt(damping, settings, nowMs);
    const reusableMs = reusableAtMs(damping, settings);
    if (reusableMs !== undefined && nowMs < reusableMs) {
      return { penalty, reusableAtMs: reusableMs };
    }
    return penalty < settings.penaltyPerFall * SHOWN_MIN ? undefined : { penalty };
  }

  /** What the store does not know yet, each once. */
  take(): StoredDamping[] {
    const { time } = this.#ports;
    const toWall = time.wallMs() - time.nowMs();
    const taken = [...this.#unsaved].map((address) => {
      const { penalty, atMs, isSuppressed } = this.#of(address).damping;
      return { address, penalty, atWallMs: Math.round(atMs + toWall), isSuppressed };
    });
    this.#unsaved.clear();
    return taken;
  }

  /** The store did not take them: they are given out again. */
  putBack(dampings: readonly StoredDamping[]): void {
    for (const { address } of dampings) this.#unsaved.add(address);
  }

  close(): void {
    for (const held of this.#held.values()) held.cancel();
  }

  #of(address: string): Held {
    const known = this.#held.get(address);
    if (known !== undefined) return known;
    const held = { damping: UNDAMPED, episode: new Set<string>(), cancel: () => undefined };
    this.#held.set(address, held);
    return held;
  }

  /** Plans the word that a kept-out address may be used again; returns when that will be. */
  #awaitReuse(address: string, held: Held): number | undefined {
    const { time, settings, emit } = this.#ports;
    held.cancel();
    const nowMs = time.nowMs();
    const endMs = settings === undefined ? undefined : reusableAtMs(held.damping, settings);
    if (settings === undefined || endMs === undefined || endMs <= nowMs) return undefined;
    held.cancel = time.after(endMs - nowMs, () => {
      const penalty = Math.round(penaltyAt(held.damping, settings, time.nowMs()));
      const msg = `${address} has not failed for long enough: it may be used again`;
      emit(event("target.reusable", msg, { address, penalty }));
    });
    return endMs;
  }
}
