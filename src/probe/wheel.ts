// A hashed timer wheel: ten thousand alarms a second behind one timer of the surroundings. It owns
// when something is due, never what: probes, their lateness and their deadlines all hang here.

import type { Cancel, Time } from "../base/clock.ts";

const TICK_MS = 10;
const SLOTS = 1024;

/** Longer than this behind its time, a wheel lets waiting input be read before anything expires. */
const STALL_MS = 100;

/** What is due is rung for so long at a time, so that what comes in is read between. */
const RING_MS = 10;

/** Something that is due once. Planning it again moves it. */
export interface Alarm {
  /** Called once when due, never from inside a call to the wheel. */
  readonly ring: (nowMs: number) => void;
  /** The wheel's own: the tick at which it is due. */
  tick: number;
  /** The wheel's own: where it hangs. */
  slot: Set<Alarm> | undefined;
}

/** An alarm that is not planned yet. */
export function newAlarm(ring: (nowMs: number) => void): Alarm {
  return { ring, tick: 0, slot: undefined };
}

/**
 * Rings alarms at or after their time: at once (in the next turn of the loop) when the time has
 * come already, else at most one tick of 10 ms late, loop delays apart. Planning, moving and
 * cancelling cost O(1).
 */
export class Wheel {
  readonly #time: Time;
  readonly #startMs: number;
  readonly #slots: readonly Set<Alarm>[];
  readonly #overdue = new Set<Alarm>();
  /** The last tick whose alarms have been rung. */
  #tick = 0;
  #count = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelWake: Cancel | undefined;
  #isYielding = false;

  constructor(time: Time) {
    this.#time = time;
    this.#startMs = time.nowMs();
    this.#slots = Array.from({ length: SLOTS }, () => new Set<Alarm>());
  }

  /** Hangs `alarm` up to ring at `atMs` (monotonic), wherever it hung before. */
  plan(alarm: Alarm, atMs: number): void {
    this.cancel(alarm);
    const nowMs = this.#time.nowMs();
    if (this.#count === 0) this.#tick = Math.floor((nowMs - this.#startMs) / TICK_MS);
    this.#count++;
    if (atMs <= nowMs) {
      alarm.slot = this.#overdue;
    } else {
      alarm.tick = Math.max(this.#tick + 1, Math.ceil((atMs - this.#startMs) / TICK_MS));
      alarm.slot = this.#slotAt(alarm.tick);
    }
    alarm.slot.add(alarm);
    this.#wakeBy(alarm.slot === this.#overdue ? nowMs : this.#msOf(alarm.tick), nowMs);
  }

  /** Takes `alarm` down; harmless when it does not hang. */
  cancel(alarm: Alarm): void {
    if (alarm.slot === undefined) return;
    alarm.slot.delete(alarm);
    alarm.slot = undefined;
    this.#count--;
  }

  /** Takes everything down; nothing rings any more unless it is planned again. */
  close(): void {
    for (const slot of [...this.#slots, this.#overdue]) {
      for (const alarm of slot) this.cancel(alarm);
    }
    this.#cancelWake?.();
    this.#wakeMs = Number.POSITIVE_INFINITY;
  }

  #wakeBy(atMs: number, nowMs: number): void {
    if (atMs >= this.#wakeMs) return;
    this.#cancelWake?.();
    this.#wakeMs = atMs;
    this.#cancelWake = this.#time.after(Math.max(0, atMs - nowMs), () => this.#wake());
  }

  #wake(): void {
    const nowMs = this.#time.nowMs();
    const behindMs = nowMs - this.#wakeMs;
    this.#wakeMs = Number.POSITIVE_INFINITY;
    // After a stalled loop, timers run before the sockets are read: answers that lie there since
    // long would be counted as silence. One turn of the loop hands them over first.
    this.#isYielding = behindMs > STALL_MS && !this.#isYielding;
    if (this.#isYielding) {
      this.#wakeBy(nowMs, nowMs);
      return;
    }
    const until = Math.floor((nowMs - this.#startMs) / TICK_MS);
    const from = Math.max(this.#tick + 1, until - SLOTS + 1);
    this.#tick = Math.max(this.#tick, until);
    for (let tick = from; tick <= until; tick++) this.#takeDue(this.#slotAt(tick));
    this.#ringDue(nowMs);
    this.#sleep(this.#time.nowMs());
  }

  #takeDue(slot: Set<Alarm>): void {
    for (const alarm of slot) {
      if (alarm.tick > this.#tick) continue;
      slot.delete(alarm);
      this.#overdue.add(alarm);
      alarm.slot = this.#overdue;
    }
  }

  /** Rings what is due, oldest first; what a ringing alarm hangs up waits for the next turn. */
  #ringDue(nowMs: number): void {
    for (const alarm of [...this.#overdue]) {
      if (alarm.slot !== this.#overdue) continue;
      this.cancel(alarm);
      alarm.ring(nowMs);
      if (this.#time.nowMs() - nowMs > RING_MS) return;
    }
  }

  #sleep(nowMs: number): void {
    if (this.#count === 0) return;
    if (this.#overdue.size > 0) {
      this.#wakeBy(nowMs, nowMs);
      return;
    }
    let tick = this.#tick + 1;
    while (tick < this.#tick + SLOTS && this.#slotAt(tick).size === 0) tick++;
    this.#wakeBy(this.#msOf(tick), nowMs);
  }

  #msOf(tick: number): number {
    return this.#startMs + tick * TICK_MS;
  }

  #slotAt(tick: number): Set<Alarm> {
    // The remainder is always a slot: ticks are whole numbers from 0.
    return this.#slots[tick % SLOTS] ?? this.#overdue;
  }
}
