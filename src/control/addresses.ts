// What is held of addresses over what their probes say: damping and forced states, as decisions see
// them; and the shout where an operator and the probes disagree.

import type { Time } from "../base/clock.ts";
import { event } from "../events/event.ts";
import type { MemberView } from "../failover/decision.ts";
import type { DampingSettings } from "../health/damping.ts";
import { inForce, isForcedAgainstProbes } from "../health/forced.ts";
import { Dampings } from "./dampings.ts";
import { ForcedStates } from "./forced-states.ts";
import type { EventSink, StoredDamping, StoredForced } from "./ports.ts";

/** What addresses are given. */
export interface AddressesPorts {
  readonly time: Time;
  readonly emit: EventSink;
  /** Undefined: flapping is not damped. */
  readonly damping: DampingSettings | undefined;
  /** Something was forced of the address, or that ended: its pools are to decide again. */
  readonly changed: (address: string) => void;
}

/** What the store is to keep of addresses. */
export interface StoredAddresses {
  readonly dampings: readonly StoredDamping[];
  readonly forced: readonly StoredForced[];
}

/** Damping and forced states of all addresses. */
export class Addresses {
  readonly #ports: AddressesPorts;
  readonly dampings: Dampings;
  readonly forced: ForcedStates;
  /** Addresses that planned moves take out now. */
  readonly leaving = new Set<string>();
  /** Forced up while their probes say down. */
  readonly #contradicted = new Set<string>();

  constructor(ports: AddressesPorts) {
    this.#ports = ports;
    const { time, emit, damping, changed } = ports;
    this.dampings = new Dampings({ time, emit, settings: damping });
    this.forced = new ForcedStates({ time, emit, changed });
  }

  restore(stored: StoredAddresses): void {
    this.dampings.restore(stored.dampings);
    this.forced.restore(stored.forced);
  }

  /** What decides beside the belief whether a member at this address is served. */
  viewOf(address: string): Pick<MemberView, "forced" | "reusableAtMs" | "isLeaving"> {
    const forced = this.forced.of(address);
    const reusableMs = this.dampings.viewOf(address)?.reusableAtMs;
    return {
      ...(forced !== undefined && { forced }),
      ...(reusableMs !== undefined && { reusableAtMs: reusableMs }),
      ...(this.leaving.has(address) && { isLeaving: true }),
    };
  }

  /**
   * A target of the address went from up to down. It is no flapping when the operator had taken the
   * address out: whoever updates a kernel restarts what runs on it.
   */
  fell(address: string, target: string, isDown: (target: string) => boolean): void {
    const state = inForce(this.forced.of(address), this.#ports.time.nowMs());
    if (state === "down" || state === "drain") return;
    this.dampings.fell(address, target, isDown);
  }

  /**
   * Compares what is forced of an address with what its probes say, and shouts once.
   *
   * @param evidence why its probes say down; undefined: they do not.
   */
  compare(address: string, evidence: string | undefined): void {
    const { time, emit } = this.#ports;
    const forced = this.forced.of(address);
    const belief = evidence === undefined ? "up" : "down";
    const isAgainst = isForcedAgainstProbes(forced, belief, time.nowMs());
    if (isAgainst === this.#contradicted.has(address)) return;
    if (!isAgainst || forced === undefined || evidence === undefined) {
      this.#contradicted.delete(address);
      const msg = `${address} is no longer forced up against its probes`;
      emit(event("target.agreed", msg, { address }));
      return;
    }
    this.#contradicted.add(address);
    const { author, reason } = forced;
    const msg = `${address} is forced up by ${author} (${reason}), but its probes say down: ${evidence}`;
    emit(event("target.contradicted", msg, { address, author, reason, evidence }));
  }

  take(): StoredAddresses {
    return { dampings: this.dampings.take(), forced: this.forced.take() };
  }

  /** The store did not take them: they are given out again. */
  putBack(stored: StoredAddresses): void {
    this.dampings.putBack(stored.dampings);
    this.forced.putBack(stored.forced);
  }

  close(): void {
    this.dampings.close();
    this.forced.close();
  }
}
