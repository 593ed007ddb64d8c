// Admission: which waiting probe may start now. It owns the caps (in flight, per address, starts
// per second) and the order of those that wait: urgent ones first, then first come, first served.

import type { Cancel, Time } from "../base/clock.ts";
import type { ProberLimits } from "./limits.ts";

/** Something that wants to start when the caps allow it. */
export interface Entrant {
  readonly address: string;
  /** Goes before those that are not. */
  readonly isUrgent: boolean;
  /** Called once, from `pump`, when it may start; it must `leave` the gate when it has ended. */
  admit(): void;
}

/** The wheel hands over what is due every 10 ms: half of this burst is what it may bring. */
const BURSTS_PER_SECOND = 50;
/** Addresses that nobody waits for are forgotten when there are so many: far more than targets. */
const ADDRESSES_MAX = 65_536;

interface Queue {
  readonly urgent: Set<Entrant>;
  readonly regular: Set<Entrant>;
}

/**
 * Few addresses have more than one probe at a time: a line is made when somebody waits in it. The state
 * stays when nobody does: a map from which ten thousand are taken each second, and put back, is laid
 * out anew all the time, and what an old layout held lives as long as that.
 */
interface AddressState {
  inFlight: number;
  queue: Queue | undefined;
}

/**
 * Holds entrants back until the caps allow them.
 *
 * Starts per second are a bucket that refills evenly and holds a fiftieth of a second's worth, so
 * in any t seconds at most `startsPerSecond` × (t + 0.02) start. Its lower half is kept for urgent
 * entrants: they start at once even while regular ones use up the whole rate.
 */
export class Gate {
  readonly #time: Time;
  readonly #limits: ProberLimits;
  readonly #burst: number;
  /** Tokens that must be there for a regular entrant: below are those kept for urgent ones. */
  readonly #regularMin: number;
  readonly #addresses = new Map<string, AddressState>();
  #addressesMax = ADDRESSES_MAX;
  readonly #ready: Queue = newQueue();
  #inFlight = 0;
  #tokens: number;
  #refilledMs: number;
  #cancelWake: Cancel | undefined;
  #isClosed = false;
  #isPumping = false;
  #mustPump = false;

  constructor(time: Time, limits: ProberLimits) {
    this.#time = time;
    this.#limits = limits;
    this.#burst = Math.max(1, Math.floor(limits.startsPerSecond / BURSTS_PER_SECOND));
    this.#regularMin = 1 + Math.floor(this.#burst / 2);
    this.#tokens = this.#burst;
    this.#refilledMs = time.nowMs();
  }

  /** Admits an entrant, inside this call if the caps allow it and nobody waits, or else later. */
  enter(entrant: Entrant): void {
    if (this.#admitsAtOnce(entrant)) return;
    lineOf(this.#ready, entrant).add(entrant);
    this.pump();
  }

  /** Takes back an entrant that was not admitted yet. */
  withdraw(entrant: Entrant): void {
    lineOf(this.#ready, entrant).delete(entrant);
    const state = this.#addresses.get(entrant.address);
    if (state === undefined) return;
    if (state.queue !== undefined) lineOf(state.queue, entrant).delete(entrant);
    // It may have been the one that was called up when somebody left: the next takes its turn.
    if (state.inFlight < this.#limits.perAddressMax) this.#callUp(state);
  }

  /** Counts an admitted entrant out; call `pump` when it is convenient that others start. */
  leave(entrant: Entrant): void {
    const state = this.#addresses.get(entrant.address);
    if (state === undefined) return;
    this.#inFlight--;
    state.inFlight--;
    this.#callUp(state);
  }

  /** Whether some wait for the common caps. */
  get isCrowded(): boolean {
    return isWaiting(this.#ready);
  }

  /** How many addresses it holds something of. */
  get addresses(): number {
    return this.#addresses.size;
  }

  /** Admits all that may start now. */
  pump(): void {
    // Nearly all that end leave nobody behind who waits.
    if (!this.isCrowded && this.#cancelWake === undefined) return;
    // A start may end at once and ask for the next: that is a turn of this loop, no recursion.
    this.#mustPump = true;
    if (this.#isPumping || this.#isClosed) return;
    this.#isPumping = true;
    while (this.#mustPump) {
      this.#mustPump = false;
      this.#admitAll();
    }
    this.#isPumping = false;
    this.#sleep();
  }

  /** Pumps in the next turn of the loop: for callers that must not start anything themselves. */
  pumpSoon(): void {
    if (this.#isClosed) return;
    this.#cancelWake?.();
    this.#cancelWake = this.#time.after(0, () => this.pump());
  }

  /** Forgets all that waits; nothing is admitted any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#ready.urgent.clear();
    this.#ready.regular.clear();
    this.#addresses.clear();
  }

  /** Nearly all may start when they come: they are spared the line. */
  #admitsAtOnce(entrant: Entrant): boolean {
    if (this.#isClosed || this.#isPumping || this.isCrowded) return false;
    this.#refill(this.#time.nowMs());
    const tokensMin = entrant.isUrgent ? 1 : this.#regularMin;
    if (this.#tokens < tokensMin || this.#inFlight >= this.#limits.inFlightMax) return false;
    const state = this.#stateOf(entrant.address);
    if (state.inFlight >= this.#limits.perAddressMax) return false;
    this.#isPumping = true;
    this.#admit(entrant, state);
    this.#isPumping = false;
    this.pump();
    return true;
  }

  #admitAll(): void {
    this.#refill(this.#time.nowMs());
    this.#admitFrom(this.#ready.urgent, 1);
    this.#admitFrom(this.#ready.regular, this.#regularMin);
  }

  #admit(entrant: Entrant, state: AddressState): void {
    this.#tokens--;
    this.#inFlight++;
    state.inFlight++;
    entrant.admit();
  }

  #admitFrom(line: Set<Entrant>, tokensMin: number): void {
    for (const entrant of line) {
      if (this.#tokens < tokensMin || this.#inFlight >= this.#limits.inFlightMax) return;
      line.delete(entrant);
      const state = this.#stateOf(entrant.address);
      if (state.inFlight >= this.#limits.perAddressMax) {
        state.queue ??= newQueue();
        lineOf(state.queue, entrant).add(entrant);
        continue;
      }
      this.#admit(entrant, state);
    }
  }

  #stateOf(address: string): AddressState {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    if (this.#addresses.size >= this.#addressesMax) this.#forgetIdle();
    const state = { inFlight: 0, queue: undefined };
    this.#addresses.set(address, state);
    return state;
  }

  /** Moves the next that waits for its address alone to those that wait for the common caps. */
  #callUp(state: AddressState): void {
    const { queue } = state;
    if (queue === undefined) return;
    const [next] = queue.urgent.size > 0 ? queue.urgent : queue.regular;
    if (next === undefined) return;
    lineOf(queue, next).delete(next);
    lineOf(this.#ready, next).add(next);
  }

  #refill(nowMs: number): void {
    const earned = ((nowMs - this.#refilledMs) / 1000) * this.#limits.startsPerSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#refilledMs = nowMs;
  }

  /** Only the rate needs a timer: the other caps are lifted by somebody's `leave`. */
  #sleep(): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    if (this.#inFlight >= this.#limits.inFlightMax) return;
    const isUrgent = this.#ready.urgent.size > 0;
    if (!isUrgent && this.#ready.regular.size === 0) return;
    const missing = (isUrgent ? 1 : this.#regularMin) - this.#tokens;
    const waitMs = Math.max(1, (missing / this.#limits.startsPerSecond) * 1000);
    this.#cancelWake = this.#time.after(Math.ceil(waitMs), () => this.pump());
  }

  #forgetIdle(): void {
    for (const [address, { inFlight, queue }] of this.#addresses) {
      if (inFlight > 0 || (queue !== undefined && isWaiting(queue))) continue;
      this.#addresses.delete(address);
    }
    this.#addressesMax = Math.max(ADDRESSES_MAX, 2 * this.#addresses.size);
  }
}

function newQueue(): Queue {
  return { urgent: new Set(), regular: new Set() };
}

function isWaiting({ urgent, regular }: Queue): boolean {
  return urgent.size > 0 || regular.size > 0;
}

function lineOf(queue: Queue, entrant: Entrant): Set<Entrant> {
  return entrant.isUrgent ? queue.urgent : queue.regular;
}
