// Planned moves while they go on: sees the world for `propagation/drain`, lowers TTLs, forces the
// address out when it is time, and keeps each stage, so that a restart goes on where it was.

import type { Cancel, Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { Refusal } from "../base/refusal.ts";
import { event } from "../events/event.ts";
import { describeForced, inForce } from "../health/forced.ts";
import {
  beginDrain,
  type Drain,
  type DrainSight,
  drainPlan,
  isLowered,
  nextDrainLookMs,
  stepDrain,
} from "../propagation/drain.ts";
import type { DrainOrder, DrainReport, DrainStatus } from "../view/drains.ts";
import type { PoolAnswer } from "../view/orders.ts";
import { type DrainWorld, sightOf } from "./drain-sight.ts";
import type { EventSink } from "./ports.ts";
import type { DrainRecord } from "./ports-drains.ts";

/** What planned moves are given. */
export interface DrainPorts extends DrainWorld {
  readonly time: Time;
  readonly emit: EventSink;
  /** Stores what is forced, then the move; false when the store would not take it. */
  readonly save: (drain: DrainRecord) => Promise<boolean>;
  /** Throws a `Refusal` where no pool has the address. */
  readonly refuseUnknown: (address: string) => void;
  readonly answersAt: (address: string) => readonly PoolAnswer[];
}

interface Moving {
  readonly address: string;
  readonly author: string;
  readonly reason: string;
  readonly orderedWallMs: number;
  drain: Drain;
  cancel: Cancel;
  /** Whether the store has taken its last stage. */
  saving: Promise<boolean>;
}

const SAVE_AGAIN_MS = 5000;
/** Stages that one look may go through. */
const STEPS_MAX = 6;

/** All planned moves that have not ended, one for each address. */
export class Drains {
  readonly #ports: DrainPorts;
  readonly #moves = new Map<string, Moving>();
  #saving = Promise.resolve(true);
  #isClosed = false;

  constructor(ports: DrainPorts) {
    this.#ports = ports;
  }

  /** Takes up what is stored, before any pool answers: TTLs that were lowered stay so. */
  restore(stored: readonly DrainRecord[]): void {
    const { time, engine } = this.#ports;
    const nowMs = time.nowMs();
    const toNow = nowMs - time.wallMs();
    for (const { stage, atWallMs, boundWallMs, ...rest } of stored) {
      const boundMs = boundWallMs === undefined ? {} : { boundMs: boundWallMs + toNow };
      const drain: Drain = { stage, atWallMs, sinceMs: nowMs, isRead: false, ...boundMs };
      if (isLowered(drain)) engine.addresses.leaving.add(rest.address);
      const saving = Promise.resolve(true);
      this.#moves.set(rest.address, { ...rest, drain, cancel: () => undefined, saving });
    }
  }

  /** Every zone is open: goes on with what was taken up. */
  started(): void {
    for (const move of this.#moves.values()) this.#look(move);
  }

  /** Begins a move, or tells what it would be. @throws Refusal when it would do harm. */
  async drain(order: DrainOrder): Promise<DrainReport> {
    const { time, emit } = this.#ports;
    const { address, author, reason, atWallMs = time.wallMs() } = order;
    this.#ports.refuseUnknown(address);
    this.#refuse(order);
    const orderedWallMs = Math.round(time.wallMs());
    const drain = beginDrain(Math.max(atWallMs, orderedWallMs), time.nowMs());
    const move: Moving = {
      ...{ address, author, reason, orderedWallMs, drain },
      ...{ cancel: () => undefined, saving: Promise.resolve(true) },
    };
    const report = this.#report(move, true);
    if (order.isDryRun === true) return report;
    this.#moves.set(address, move);
    const moveInMs = Math.max(0, (report.plan.moveWallMs ?? orderedWallMs) - orderedWallMs);
    const when = `in ${formatDuration(moveInMs)} at the latest`;
    const msg = `${address} is to be drained by ${author}, ${when}: ${reason}`;
    emit(event("drain.planned", msg, { address, author, reason, moveInMs }));
    this.#save(move);
    this.#look(move);
    const isDurable = await move.saving;
    return this.#report(move, isDurable);
  }

  /** Takes a move back, whatever its stage. @throws Refusal where there is none. */
  async undrain(address: string, author: string): Promise<DrainReport> {
    const move = this.#moves.get(address);
    if (move === undefined) {
      const others = [...this.#moves.keys()];
      const drained = others.length === 0 ? "" : `; what is: ${others.join(", ")}`;
      throw new Refusal("absent", "NOT_DRAINED", `${address} is not being drained${drained}`);
    }
    const { engine } = this.#ports;
    const stage = move.drain.stage;
    const isForced = this.#isForced(address);
    this.#end(move, stage, author);
    if (isForced) engine.addresses.forced.end(address, author);
    const isDurable = await move.saving;
    return this.#report(move, isDurable);
  }

  /** All that have not ended. */
  list(): readonly DrainReport[] {
    return [...this.#moves.values()].map((move) => this.#report(move, true));
  }

  /** What is told of it beside a member; undefined: its clients are not moved away. */
  told(address: string): DrainStatus | undefined {
    const move = this.#moves.get(address);
    if (move === undefined) return undefined;
    const { author, reason, stage, held, plan } = this.#progress(move);
    const { moveWallMs, drainedWallMs } = plan;
    return {
      ...{ author, reason, stage },
      ...(held !== undefined && { held }),
      ...(moveWallMs !== undefined && { moveWallMs: Math.round(moveWallMs) }),
      ...(drainedWallMs !== undefined && { drainedWallMs: Math.round(drainedWallMs) }),
    };
  }

  /** Ends the looking; what is stored goes on at the next start. */
  close(): void {
    this.#isClosed = true;
    for (const move of this.#moves.values()) move.cancel();
  }

  #refuse({ address, atWallMs, isDryRun }: DrainOrder): void {
    const { time, engine, refusalToTakeOut } = this.#ports;
    const refuse = (code: string, why: string): never => {
      throw new Refusal("conflict", code, `Cannot drain ${address}: ${why}`);
    };
    const known = this.#moves.get(address);
    if (known !== undefined) {
      const state = `it is being drained already (${known.drain.stage}) by ${known.author}`;
      refuse("DRAINING", `${state}; "livezone undrain ${address}" takes that back`);
    }
    const forced = engine.addresses.forced.of(address);
    if (forced !== undefined && inForce(forced, time.nowMs()) !== undefined) {
      const mend = `"livezone unforce ${address}" ends that`;
      refuse("FORCED", `it is ${describeForced(forced)}; ${mend}`);
    }
    if (atWallMs !== undefined && atWallMs < time.wallMs() && isDryRun !== true) {
      refuse("PAST", `${new Date(atWallMs).toISOString()} is past; name a time to come, or now`);
    }
    const floor = refusalToTakeOut(address);
    if (floor !== undefined) refuse("FLOOR", floor);
  }

  #look(move: Moving): void {
    if (this.#isClosed || this.#moves.get(move.address) !== move) return;
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const before = move.drain;
      const after = stepDrain(before, this.#sight(move));
      if (after === before) break;
      move.drain = after;
      this.#entered(move, before);
      if (after.stage === "ended") return;
    }
    const sight = this.#sight(move);
    const delayMs = nextDrainLookMs(move.drain, sight) - sight.nowMs;
    move.cancel();
    move.cancel = this.#ports.time.after(delayMs, () => this.#look(move));
  }

  /** Does and tells what a step means. */
  #entered(move: Moving, before: Drain): void {
    const { engine, emit, time } = this.#ports;
    const { address, author, reason, drain } = move;
    if (drain.stage === "ended") {
      this.#end(
        move,
        before.stage,
        this.#ports.engine.addresses.forced.of(address)?.author ?? author,
      );
      return;
    }
    if (drain.stage === "moving" && !this.#isForced(address)) {
      engine.addresses.forced.force({ address, state: "drain", author, reason });
    }
    this.#retune(address, isLowered(drain));
    this.#save(move);
    if (drain.held !== undefined && drain.held !== before.held) {
      const msg = `${address} is held back (${drain.stage}): ${drain.held}`;
      emit(event("drain.held", msg, { address, stage: drain.stage, reason: drain.held }));
    }
    if (drain.isRead && !before.isRead && drain.stage === "lowering") {
      const longerMs = Math.max(0, Math.round((drain.boundMs ?? 0) - time.nowMs()));
      const msg = `${address} waits for ${formatDuration(longerMs)}: longer copies were given until then`;
      if (longerMs > 0) emit(event("drain.waiting", msg, { address, longerMs }));
    }
    if (drain.stage === before.stage) return;
    this.#tell(move);
  }

  #tell(move: Moving): void {
    const { address, drain, orderedWallMs } = move;
    const { emit, time } = this.#ports;
    if (drain.stage === "lowering") {
      const msg = `${address} is about to move: its pools answer with their least TTL`;
      emit(event("drain.lowered", msg, { address }));
    } else if (drain.stage === "draining") {
      const { drainedWallMs } = drainPlan(drain, this.#sight(move));
      const lastMs = Math.max(0, Math.round(drainedWallMs - time.wallMs()));
      emit(event("drain.moved", `${address} is answered no more`, { address, lastMs }));
    } else if (drain.stage === "drained") {
      const afterMs = Math.max(0, Math.round(time.wallMs() - orderedWallMs));
      const msg = `${address} is drained after ${formatDuration(afterMs)}: no honest cache holds it`;
      emit(event("drain.drained", msg, { address, afterMs }));
    }
  }

  #end(move: Moving, stage: Drain["stage"], author: string): void {
    const { address } = move;
    move.drain = { ...move.drain, stage: "ended" };
    move.cancel();
    this.#moves.delete(address);
    this.#retune(address, false);
    this.#save(move);
    const msg = `${address} is drained no more: ended by ${author}`;
    this.#ports.emit(event("drain.ended", msg, { address, stage, author }));
  }

  #retune(address: string, isLeaving: boolean): void {
    const { engine } = this.#ports;
    const { leaving } = engine.addresses;
    if (leaving.has(address) === isLeaving) return;
    if (isLeaving) leaving.add(address);
    else leaving.delete(address);
    for (const pool of engine.poolsAt(address)) pool.retune();
  }

  #save(move: Moving): void {
    const { time, save } = this.#ports;
    const { drain } = move;
    // One after the other, and what is forced in the same moment: the store has no stage too old.
    this.#saving = this.#saving.then(() => save(this.#record(move)));
    move.saving = this.#saving;
    void move.saving.then((isSaved) => {
      if (isSaved || this.#isClosed || move.drain !== drain) return;
      time.after(SAVE_AGAIN_MS, () => {
        const isNewest = move.drain === drain && !this.#isReplaced(move);
        if (isNewest && !this.#isClosed) this.#save(move);
      });
    });
  }

  #isReplaced(move: Moving): boolean {
    const known = this.#moves.get(move.address);
    return known !== undefined && known !== move;
  }

  #record({ address, author, reason, orderedWallMs, drain }: Moving): DrainRecord {
    const { time } = this.#ports;
    const { stage, atWallMs, boundMs } = drain;
    const toWall = time.wallMs() - time.nowMs();
    return {
      ...{ address, author, reason, orderedWallMs, atWallMs, stage },
      ...(boundMs !== undefined && { boundWallMs: Math.round(boundMs + toWall) }),
    };
  }

  #isForced(address: string): boolean {
    const { time, engine } = this.#ports;
    return inForce(engine.addresses.forced.of(address), time.nowMs()) === "drain";
  }

  #sight({ address, drain }: Moving): DrainSight {
    return sightOf(address, drain, this.#ports);
  }

  #report(move: Moving, isDurable: boolean): DrainReport {
    return {
      ...this.#progress(move),
      isDurable,
      nowWallMs: this.#ports.time.wallMs(),
      pools: this.#ports.answersAt(move.address),
    };
  }

  #progress(move: Moving): Omit<DrainReport, "isDurable" | "nowWallMs" | "pools"> {
    const { address, author, reason, drain } = move;
    const { stage, held } = drain;
    const { lowerWallMs, moveWallMs, drainedWallMs } = drainPlan(drain, this.#sight(move));
    return {
      ...{ address, author, reason, stage },
      ...(held !== undefined && { held }),
      plan: {
        ...(stage === "planned" && { lowerWallMs }),
        ...((stage === "planned" || stage === "lowering") && { moveWallMs }),
        ...(stage !== "drained" && stage !== "ended" && { drainedWallMs }),
      },
    };
  }
}
