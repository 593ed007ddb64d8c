// The engine: observations become beliefs, beliefs become decisions, decisions become answers.
// It holds the state that the pure rooms step, and calls out only through its ports.

import { isDeepStrictEqual } from "node:util";
import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ConfiguredTarget } from "../config/pools.ts";
import { type Name, nameKey } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { Pool } from "../failover/pool.ts";
import { isProberFault, type Observation } from "../health/observation.ts";
import { type HealthInput, step } from "../health/step.ts";
import { newTarget, type TargetHealth } from "../health/target.ts";
import { BEAT_MS, beat, type ClockGuard, HOLD_MS, newClockGuard } from "./clock-guard.ts";
import { Memories } from "./memories.ts";
import { PoolRuntime, type PublishAnswer, targetIds } from "./pool-runtime.ts";
import type {
  EventSink,
  ProbePort,
  ProbePurpose,
  ProbeReports,
  StoredBelief,
  StoredServing,
  TripwireState,
} from "./ports.ts";
import { ProberFaults } from "./prober-faults.ts";
import { Rollups } from "./rollups.ts";
import { beliefEvent, observedEvent, round, staleEvent } from "./target-events.ts";

/** One probed target and the pools that look at it. */
export interface TargetRuntime {
  readonly config: ConfiguredTarget;
  health: TargetHealth;
  tripwire: TripwireState;
  lastCode: string;
  lastObservedMs: number | undefined;
  isDirty: boolean;
  /** The observation that the store has last been told of, in monotonic milliseconds. */
  stampedMs: number;
  readonly pools: Set<PoolRuntime>;
  cancelWake: () => void;
}

/** What the engine is given: everything it knows of the world. */
export interface EnginePorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly publish: PublishAnswer;
  /** Stores changed beliefs soon; a swap that follows from them is stored after them. */
  readonly remember: (beliefs: readonly StoredBelief[]) => void;
  /** Builds the prober; the engine is the one it reports to. */
  readonly prober: (reports: ProbeReports) => ProbePort;
}

/** Probing and deciding for all pools of all zones. */
export class Engine implements ProbeReports {
  readonly #ports: EnginePorts;
  readonly #probes: ProbePort;
  readonly #targets = new Map<string, TargetRuntime>();
  readonly #pools = new Map<string, PoolRuntime>();
  readonly #memories: Memories;
  readonly rollups = new Rollups();
  #guard: ClockGuard;
  readonly #faults: ProberFaults;
  #isRemembering = false;
  #cancelBeat: () => void = () => undefined;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.#probes = ports.prober(this);
    this.#memories = new Memories(ports.time);
    this.#faults = new ProberFaults(ports.time, ports.emit);
    this.#guard = newClockGuard(ports.time.nowMs(), ports.time.wallMs());
  }

  get targets(): ReadonlyMap<string, TargetRuntime> {
    return this.#targets;
  }

  get pools(): ReadonlyMap<string, PoolRuntime> {
    return this.#pools;
  }

  /** What is probed for the pools of other zones: their ids must not be used otherwise. */
  targetsOfOthers(origin: Name): ConfiguredTarget[] {
    const zone = nameKey(origin);
    return [...this.#targets.values()]
      .filter((target) => [...target.pools].some((pool) => nameKey(pool.pool.origin) !== zone))
      .map((target) => target.config);
  }

  /** Takes up what was believed and served before a restart; call it before `setPools`. */
  restore(beliefs: readonly StoredBelief[], servings: readonly StoredServing[]): void {
    this.#memories.restore(beliefs, servings);
  }

  start(): void {
    this.#cancelBeat = this.#ports.time.after(BEAT_MS, () => this.#beat());
  }

  close(): void {
    this.#cancelBeat();
    this.#probes.close();
    for (const target of this.#targets.values()) target.cancelWake();
    for (const pool of this.#pools.values()) pool.close();
  }

  /**
   * Replaces the pools of one zone. Targets that stay keep their history; new ones begin within
   * 500 ms; those that no pool needs any more are not probed from this call on.
   */
  setPools(origin: Name, pools: readonly Pool[], targets: readonly ConfiguredTarget[]): void {
    const zone = nameKey(origin);
    const configured = new Map(targets.map((target) => [target.id, target]));
    const wanted = new Map(pools.map((pool) => [nameKey(pool.owner), pool]));
    for (const [key, runtime] of this.#pools) {
      if (nameKey(runtime.pool.origin) !== zone || wanted.has(key)) continue;
      this.#detach(runtime);
      runtime.close();
      this.#pools.delete(key);
    }
    for (const [key, pool] of wanted) {
      const before = this.#pools.get(key);
      const runtime =
        before ??
        new PoolRuntime(pool, {
          time: this.#ports.time,
          emit: this.#ports.emit,
          publish: this.#ports.publish,
          isHolding: () => this.#ports.time.nowMs() < this.#guard.holdUntilMs,
          stored: (type) => this.#memories.takeServing(`${type} ${key}`),
        });
      if (before !== undefined) this.#detach(before);
      runtime.configure(pool);
      this.#pools.set(key, runtime);
      for (const id of new Set(pool.members.flatMap(targetIds))) {
        const config = configured.get(id);
        if (config !== undefined) this.#attach(config, runtime);
      }
    }
    this.#dropUnused();
    for (const key of wanted.keys()) this.#pools.get(key)?.decide("configured");
  }

  // --- ProbeReports ---------------------------------------------------------------------------

  started(targetId: string, probe: number, startedMs: number, purpose: ProbePurpose): void {
    this.#step(targetId, { kind: "started", probe, startedMs, purpose });
  }

  late(targetId: string, probe: number, _nowMs: number): void {
    this.#step(targetId, { kind: "late", probe });
  }

  observed(targetId: string, probe: number, observation: Observation): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    this.#faults.note(targetId, observation);
    if (!isProberFault(observation)) {
      target.lastCode = observation.code;
      target.lastObservedMs = observation.endedMs;
      this.rollups.add(targetId, observation, this.#ports.time.wallMs());
    }
    this.#ports.emit(observedEvent(target.config.display, observation));
    const jitter = this.#ports.random.fraction() * 2 - 1;
    this.#step(targetId, { kind: "observed", probe, observation, jitter });
  }

  tripped(targetId: string, _nowMs: number): void {
    this.#step(targetId, { kind: "tripped" });
  }

  tripwireLearned(targetId: string, state: TripwireState): void {
    const target = this.#targets.get(targetId);
    if (target === undefined || target.tripwire === state) return;
    const wasLearned = target.tripwire === "serial" || target.tripwire === "closes-idle";
    target.tripwire = state;
    target.isDirty = true;
    if (state !== "serial" && state !== "closes-idle" && !wasLearned) return;
    this.#ports.emit(
      event("target.tripwire", `${target.config.display}: tripwire ${state}`, {
        target: target.config.display,
        state,
      }),
    );
  }

  /** Beliefs for the store: those that changed, and those whose stored stamp is growing stale. */
  takeBeliefs(): StoredBelief[] {
    const beliefs: StoredBelief[] = [];
    for (const [targetId, target] of this.#targets) {
      const observedMs = target.lastObservedMs;
      if (observedMs === undefined) continue;
      const stampAgeMs = observedMs - target.stampedMs;
      if (!target.isDirty && stampAgeMs < target.config.settings.staleAfterMs / 4) continue;
      target.isDirty = false;
      target.stampedMs = observedMs;
      beliefs.push(this.#storedForm(targetId, target, observedMs));
    }
    return beliefs;
  }

  // --- targets ----------------------------------------------------------------------------------

  #attach(config: ConfiguredTarget, pool: PoolRuntime): void {
    const known = this.#targets.get(config.id);
    if (known !== undefined) {
      known.pools.add(pool);
      pool.see(config.id, known.health, config.settings);
      if (known.config === config) return;
      this.#targets.set(config.id, { ...known, config });
      this.#probes.watch(config.id, config.ask, known.tripwire);
      const isAsBefore = isDeepStrictEqual(known.config.settings, config.settings);
      if (!isAsBefore) this.#step(config.id, { kind: "configured" });
      return;
    }
    const nowMs = this.#ports.time.nowMs();
    const stored = this.#memories.belief(config.id);
    const health = newTarget(nowMs, stored && this.#memories.revived(stored), {
      mustEarnRise: pool.isRunning,
    });
    const tripwire = stored?.tripwire ?? (config.ask.tripwire ? "idle" : "off");
    const target: TargetRuntime = {
      config,
      health,
      tripwire,
      lastCode: stored?.code ?? "",
      lastObservedMs: undefined,
      isDirty: false,
      stampedMs: Number.NEGATIVE_INFINITY,
      pools: new Set([pool]),
      cancelWake: () => undefined,
    };
    this.#targets.set(config.id, target);
    pool.see(config.id, health, config.settings);
    this.#probes.watch(config.id, config.ask, tripwire);
    this.#step(config.id, { kind: "begin", phase: this.#ports.random.fraction() });
  }

  #detach(pool: PoolRuntime): void {
    for (const target of this.#targets.values()) target.pools.delete(pool);
  }

  #dropUnused(): void {
    for (const [id, target] of this.#targets) {
      if (target.pools.size > 0) continue;
      // It may come back with the next edit: what is known of it counts until it is stale.
      const { lastObservedMs } = target;
      if (lastObservedMs !== undefined) {
        this.#memories.keep(this.#storedForm(id, target, lastObservedMs));
      }
      this.#probes.unwatch(id);
      target.cancelWake();
      this.rollups.forget(id);
      this.#faults.forget(id);
      this.#targets.delete(id);
    }
    this.#memories.prune();
  }

  #storedForm(targetId: string, target: TargetRuntime, observedMs: number): StoredBelief {
    return {
      targetId,
      belief: target.health.belief,
      sinceWallMs: this.#wall(target.health.sinceMs),
      observedWallMs: this.#wall(observedMs),
      code: target.lastCode,
      tripwire: target.tripwire,
    };
  }

  #step(targetId: string, input: HealthInput): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    const nowMs = this.#ports.time.nowMs();
    const result = step(target.health, input, target.config.settings, nowMs);
    target.health = result.state;
    if (result.plan !== undefined) this.#probes.plan(targetId, result.plan);
    target.cancelWake();
    target.cancelWake = () => undefined;
    if (result.wakeAtMs !== undefined) {
      const wake = (): void => this.#step(targetId, { kind: "wake" });
      target.cancelWake = this.#ports.time.after(Math.max(0, result.wakeAtMs - nowMs), wake);
    }
    if (result.change !== undefined) {
      target.isDirty = true;
      this.#rememberSoon();
      this.#ports.emit(beliefEvent(target.config.display, result.change, nowMs));
    }
    if (result.staleForMs !== undefined) {
      const { display } = target.config;
      this.#ports.emit(staleEvent(display, target.health.belief, result.staleForMs));
    }
    for (const pool of target.pools) {
      const hasEarned = pool.see(targetId, target.health, target.config.settings);
      if (result.change !== undefined || hasEarned) pool.decide("belief", result.change);
      else pool.retune();
    }
  }

  /** Once for all changes of one moment, and before the swaps that follow from them. */
  #rememberSoon(): void {
    if (this.#isRemembering) return;
    this.#isRemembering = true;
    this.#ports.time.after(0, () => {
      this.#isRemembering = false;
      this.#ports.remember(this.takeBeliefs());
    });
  }

  #beat(): void {
    const { time, emit } = this.#ports;
    const outcome = beat(this.#guard, time.nowMs(), time.wallMs());
    this.#guard = outcome.guard;
    if (outcome.gapMs !== undefined) {
      const gapMs = round(outcome.gapMs);
      const msg = `Time jumped or stood still for ${gapMs} ms: deciding nothing for ${HOLD_MS} ms`;
      emit(event("clock.jumped", msg, { gapMs, holdMs: HOLD_MS }));
      const untilMs = this.#guard.holdUntilMs;
      for (const id of this.#targets.keys()) this.#step(id, { kind: "hold", untilMs });
      time.after(HOLD_MS, () => {
        for (const pool of this.#pools.values()) pool.decide("clock");
      });
    }
    this.#cancelBeat = time.after(BEAT_MS, () => this.#beat());
  }

  #wall(monotonicMs: number): number {
    const { time } = this.#ports;
    return Math.round(monotonicMs + time.wallMs() - time.nowMs());
  }
}
