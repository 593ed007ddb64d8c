// What operators force, while it runs: states by address, their ends, and what of it the store does
// not know yet. Whether an address may be taken out is decided before, by `failover/guards`.

import type { Cancel, Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { event } from "../events/event.ts";
import { type ForcedState, inForce } from "../health/forced.ts";
import type { EventSink, StoredForced } from "./ports.ts";

/** What an operator says of an address. */
export interface ForceOrder {
  readonly address: string;
  readonly state: ForcedState["state"];
  readonly author: string;
  readonly reason: string;
  /** It ends by itself after this; absent: when somebody ends it. */
  readonly forMs?: number;
}

/** What forced states are given. */
export interface ForcedPorts {
  readonly time: Time;
  readonly emit: EventSink;
  /** A state came into force or went out of it. */
  readonly changed: (address: string) => void;
}

interface Held {
  readonly forced: ForcedState;
  readonly cancelEnd: Cancel;
}

/** The forced states of all addresses, those that ended included: a failback's hold counts from there. */
export class ForcedStates {
  readonly #ports: ForcedPorts;
  readonly #held = new Map<string, Held>();
  readonly #unsaved = new Set<string>();

  constructor(ports: ForcedPorts) {
    this.#ports = ports;
  }

  /**
   * Takes up what was in force before a restart; what ended meanwhile is said. What begins in the future
   * by a clock that was set back meanwhile has begun now: it lasts no longer than it was to.
   */
  restore(stored: readonly StoredForced[]): void {
    const { time } = this.#ports;
    for (const { address, sinceWallMs, untilWallMs, ...rest } of stored) {
      const toNow = time.nowMs() - Math.max(time.wallMs(), sinceWallMs);
      const untilMs = untilWallMs === undefined ? undefined : untilWallMs + toNow;
      this.#hold(address, { ...rest, sinceMs: sinceWallMs + toNow, untilMs });
    }
  }

  /** What was forced of an address last; in force until its end (`inForce`). */
  of(address: string): ForcedState | undefined {
    return this.#held.get(address)?.forced;
  }

  /** The addresses of which something is in force now. */
  inForce(): string[] {
    const nowMs = this.#ports.time.nowMs();
    return [...this.#held]
      .filter(([, { forced }]) => inForce(forced, nowMs) !== undefined)
      .map(([address]) => address);
  }

  /** Puts a state in force, in place of the one before. */
  force(order: ForceOrder): ForcedState {
    const { address, state, author, reason, forMs } = order;
    const { time, emit, changed } = this.#ports;
    this.#end(address, { author, cause: "replaced" });
    const sinceMs = time.nowMs();
    const untilMs = forMs === undefined ? undefined : sinceMs + forMs;
    const forced: ForcedState = { state, author, reason, sinceMs, untilMs };
    this.#hold(address, forced);
    this.#unsaved.add(address);
    const end = forMs === undefined ? "until somebody ends it" : `for ${formatDuration(forMs)}`;
    const msg = `${address} is forced ${state} by ${author} ${end}: ${reason}`;
    const fields = { address, state, author, reason, ...(forMs !== undefined && { forMs }) };
    emit(event("target.forced", msg, fields));
    changed(address);
    return forced;
  }

  /** Ends what is in force of an address; false where nothing is. */
  end(address: string, author: string): boolean {
    if (!this.#end(address, { author, cause: "operator" })) return false;
    this.#ports.changed(address);
    return true;
  }

  /** What the store does not know yet, each once. */
  take(): StoredForced[] {
    const { time } = this.#ports;
    const toWall = time.wallMs() - time.nowMs();
    const taken: StoredForced[] = [];
    for (const address of this.#unsaved) {
      const forced = this.#held.get(address)?.forced;
      if (forced === undefined) continue;
      const { sinceMs, untilMs, ...rest } = forced;
      taken.push({
        ...{ address, ...rest, sinceWallMs: Math.round(sinceMs + toWall) },
        ...(untilMs !== undefined && { untilWallMs: Math.round(untilMs + toWall) }),
      });
    }
    this.#unsaved.clear();
    return taken;
  }

  /** The wall clock jumped: the stamps that the store has are of another time. */
  restamp(): void {
    for (const address of this.#held.keys()) this.#unsaved.add(address);
  }

  /** The store did not take them: they are given out again. */
  putBack(forced: readonly StoredForced[]): void {
    for (const { address } of forced) this.#unsaved.add(address);
  }

  close(): void {
    for (const held of this.#held.values()) held.cancelEnd();
  }

  #hold(address: string, forced: ForcedState): void {
    const { time, changed } = this.#ports;
    const nowMs = time.nowMs();
    const hasEnd = forced.untilMs !== undefined && inForce(forced, nowMs) !== undefined;
    const cancelEnd = hasEnd
      ? time.after((forced.untilMs ?? nowMs) - nowMs, () => {
          this.#tellEnd(address, forced, { author: forced.author, cause: "expired" });
          changed(address);
        })
      : () => undefined;
    this.#held.set(address, { forced, cancelEnd });
  }

  #end(address: string, by: { author: string; cause: "operator" | "replaced" }): boolean {
    const held = this.#held.get(address);
    const nowMs = this.#ports.time.nowMs();
    if (held === undefined || inForce(held.forced, nowMs) === undefined) return false;
    held.cancelEnd();
    this.#held.set(address, {
      forced: { ...held.forced, untilMs: nowMs },
      cancelEnd: () => undefined,
    });
    this.#unsaved.add(address);
    this.#tellEnd(address, held.forced, by);
    return true;
  }

  #tellEnd(
    address: string,
    forced: ForcedState,
    by: { readonly author: string; readonly cause: "operator" | "expired" | "replaced" },
  ): void {
    const { time, emit } = this.#ports;
    const { state } = forced;
    const { author, cause } = by;
    const heldMs = Math.round(time.nowMs() - forced.sinceMs);
    const how = cause === "expired" ? "its time is over" : `ended by ${author}`;
    const msg = `${address} is no longer forced ${state}: ${how}`;
    emit(event("target.unforced", msg, { address, state, author, cause, heldMs }));
  }
}
