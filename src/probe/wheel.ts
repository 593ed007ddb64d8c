// A hashed timer wheel: ten thousand alarms a second behind one timer of the surroundings. It owns
// when something is due, never what: probes, their lateness and their deadlines all hang here.

import type { Cancel, Time } from "../base/clock.ts";

const TICK_MS = 10;
const SLOTS = 1024;

/** Longer than this behind its time, a wheel lets waiting input be read before anything expires. */
const STALL_MS = 100;

/** What is due is rung for so long at a time, so that what comes in is read between. */
const RING_MS = 10;

/** Something that is due once. Planning it again moves it. Its fields are the wheel's own. */
export abstract class Alarm {
  /** The tick at which it is due. */
  tick = 0;
  /** Where it hangs, and between whom. */
  line: AlarmLine | undefined = undefined;
  before: Alarm | undefined = undefined;
  behind: Alarm | undefined = undefined;

  /** Called once when due, never from inside a call to the wheel. */
  abstract ring(nowMs: number): void;
}

class CallingAlarm extends Alarm {
  readonly #call: (nowMs: number) => void;

  constructor(call: (nowMs: number) => void) {
    super();
    this.#call = call;
  }

  override ring(nowMs: number): void {
    this.#call(nowMs);
  }
}

/** An alarm that is not planned yet. */
export function newAlarm(ring: (nowMs: number) => void): Alarm {
  return new CallingAlarm(ring);
}

/**
 * Alarms in the order in which they were hung up. Linked through themselves: a set would make a new
 * table each time that it grows empty, and whatever an old one held would be kept by it.
 */
class AlarmLine {
  first: Alarm | undefined = undefined;
  #last: Alarm | undefined = undefined;

  add(alarm: Alarm): void {
    alarm.line = this;
    alarm.before = this.#last;
    if (this.#last === undefined) this.first = alarm;
    else this.#last.behind = alarm;
    this.#last = alarm;
  }

  remove(alarm: Alarm): void {
    const { before, behind } = alarm;
    if (before === undefined) this.first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    alarm.line = undefined;
    alarm.before = undefined;
    alarm.behind = undefined;
  }
}

/**
 * Rings alarms at or after their time: at once (in the next turn of the loop) when the time has
 * come already, else at most one tick of 10 ms late, loop delays apart. Planning, moving and
 * cancelling cost O(1).
 */
export class Wheel {
  readonly #time: Time;
  readonly #startMs: number;
  readonly #slots: readonly AlarmLine[];
  readonly #overdue = new AlarmLine();
  /** Those that are rung now; its room is kept from one time to the next. */
  readonly #ringing: (Alarm | undefined)[] = [];
  /** The last tick whose alarms have been rung. */
  #tick = 0;
  #count = 0;
  #wakeMs = Number.POSITIVE_INFINITY;
  #cancelWake: Cancel | undefined;
  #isYielding = false;

  constructor(time: Time) {
    this.#time = time;
    this.#startMs = time.nowMs();
    this.#slots = Array.from({ length: SLOTS }, () => new AlarmLine());
  }

  /** Hangs `alarm` up to ring at `atMs` (monotonic), wherever it hung before. */
  plan(alarm: Alarm, atMs: number): void {
    this.cancel(alarm);
    const nowMs = this.#time.nowMs();
    if (this.#count === 0) this.#tick = Math.floor((nowMs - this.#startMs) / TICK_MS);
    this.#count++;
    if (atMs <= nowMs) {
      this.#overdue.add(alarm);
      this.#wakeBy(nowMs, nowMs);
      return;
    }
    alarm.tick = Math.max(this.#tick + 1, Math.ceil((atMs - this.#startMs) / TICK_MS));
    this.#slotAt(alarm.tick).add(alarm);
    this.#wakeBy(this.#msOf(alarm.tick), nowMs);
  }

  /** Takes `alarm` down; harmless when it does not hang. */
  cancel(alarm: Alarm): void {
    if (alarm.line === undefined) return;
    alarm.line.remove(alarm);
    this.#count--;
  }

  /** Takes everything down; nothing rings any more unless it is planned again. */
  close(): void {
    for (const line of [...this.#slots, this.#overdue]) {
      while (line.first !== undefined) this.cancel(line.first);
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

  #takeDue(slot: AlarmLine): void {
    let alarm = slot.first;
    while (alarm !== undefined) {
      const next = alarm.behind;
      if (alarm.tick <= this.#tick) {
        slot.remove(alarm);
        this.#overdue.add(alarm);
      }
      alarm = next;
    }
  }

  /** Rings what is due, oldest first; what a ringing alarm hangs up waits for the next turn. */
  #ringDue(nowMs: number): void {
    const ringing = this.#ringing;
    let count = 0;
    for (let next = this.#overdue.first; next !== undefined; next = next.behind) {
      ringing[count++] = next;
    }
    for (let i = 0; i < count; i++) {
      const alarm = ringing[i];
      if (alarm?.line !== this.#overdue) continue;
      this.cancel(alarm);
      alarm.ring(nowMs);
      if (this.#time.nowMs() - nowMs > RING_MS) break;
    }
    ringing.fill(undefined, 0, count);
  }

  #sleep(nowMs: number): void {
    if (this.#count === 0) return;
    if (this.#overdue.first !== undefined) {
      this.#wakeBy(nowMs, nowMs);
      return;
    }
    let tick = this.#tick + 1;
    while (tick < this.#tick + SLOTS && this.#slotAt(tick).first === undefined) tick++;
    this.#wakeBy(this.#msOf(tick), nowMs);
  }

  #msOf(tick: number): number {
    return this.#startMs + tick * TICK_MS;
  }

  #slotAt(tick: number): AlarmLine {
    // The remainder is always a slot: ticks are whole numbers from 0.
    return this.#slots[tick % SLOTS] ?? this.#overdue;
  }
}
