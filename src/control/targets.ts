// What is probed: every target with its health, stepped by what the prober reports. It says what it
// has learned and decides nothing.

import { isDeepStrictEqual } from "node:util";
import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ConfiguredTarget } from "../config/pools.ts";
import { event } from "../events/event.ts";
import { isProberFault, type Observation } from "../health/observation.ts";
import type { HealthSettings } from "../health/settings.ts";
import { type BeliefChange, type HealthInput, step } from "../health/step.ts";
import { newTarget, type TargetHealth } from "../health/target.ts";
import { type BeliefNews, BeliefNewsSource, type ToldBelief } from "./belief-news.ts";
import { LateTimer } from "./late-timer.ts";
import type { SeenTarget } from "./member-views.ts";
import type { Memories } from "./memories.ts";
import type { PoolRuntime } from "./pool-runtime.ts";
import type { EventSink, ProbePort, ProbePurpose, ProbeReports, TripwireState } from "./ports.ts";
import type { StoredBelief } from "./ports-beliefs.ts";
import { ProberFaults } from "./prober-faults.ts";
import { Rollups } from "./rollups.ts";
import { beliefEvent, observedEvent, staleEvent } from "./target-events.ts";
import { TargetWarnings } from "./target-warnings.ts";
import { withTurn } from "./turns.ts";

/** One probed target and the pools that look at it, which see it as it is now. */
export interface TargetRuntime extends SeenTarget {
  config: ConfiguredTarget;
  health: TargetHealth;
  settings: HealthSettings;
  tripwire: TripwireState;
  lastCode: string;
  lastObservedMs: number | undefined;
  readonly told: ToldBelief;
  readonly pools: Set<PoolRuntime>;
  readonly wake: LateTimer;
}

/** What targets are given. */
export interface TargetsPorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly memories: Memories;
  /** Builds the prober; the targets are who it reports to. */
  readonly prober: (reports: ProbeReports) => ProbePort;
  /** A step was taken from the health `before`; with `change` when the belief is another one. */
  readonly stepped: (
    target: TargetRuntime,
    change: BeliefChange | undefined,
    before: TargetHealth,
  ) => void;
}

/** Every target that is probed, each once, however many pools look at it. */
export class Targets implements ProbeReports {
  readonly #ports: TargetsPorts;
  readonly #probes: ProbePort;
  readonly #all = new Map<string, TargetRuntime>();
  readonly rollups = new Rollups();
  readonly #faults: ProberFaults;
  readonly #warnings: TargetWarnings;
  readonly #news: BeliefNewsSource;

  constructor(ports: TargetsPorts) {
    this.#ports = ports;
    this.#probes = ports.prober(this);
    this.#faults = new ProberFaults(ports.time, ports.emit);
    this.#warnings = new TargetWarnings(ports.emit);
    this.#news = new BeliefNewsSource(ports.time);
  }

  /** By id. */
  get all(): ReadonlyMap<string, TargetRuntime> {
    return this.#all;
  }

  /** What the prober itself suffers from now; undefined: nothing. */
  get proberFault(): ProberFaults["now"] {
    return this.#faults.now;
  }

  close(): void {
    this.#probes.close();
    for (const target of this.#all.values()) target.wake.cancel();
  }

  // --- ProbeReports ---------------------------------------------------------------------------

  started(targetId: string, probe: number, startedMs: number, purpose: ProbePurpose): void {
    this.step(targetId, { kind: "started", probe, startedMs, purpose });
  }

  late(targetId: string, probe: number, _nowMs: number): void {
    this.step(targetId, { kind: "late", probe });
  }

  observed(targetId: string, probe: number, observation: Observation): void {
    const target = this.#all.get(targetId);
    if (target === undefined) return;
    this.#faults.note(targetId, observation);
    if (!isProberFault(observation)) {
      target.lastCode = observation.code;
      target.lastObservedMs = observation.endedMs;
      this.rollups.add(targetId, observation, this.#ports.time.wallMs());
    }
    this.#ports.emit(observedEvent(target.config.display, observation));
    this.#warnings.note(targetId, target.config.display, observation);
    const jitter = this.#ports.random.fraction() * 2 - 1;
    this.step(targetId, { kind: "observed", probe, observation, jitter });
  }

  /** Takes the report of a target of kind "push". @returns false where none waits for one. */
  heartbeat(targetId: string, isGood: boolean, detail: string): boolean {
    return this.#probes.heartbeat(targetId, isGood, detail);
  }

  tripped(targetId: string, _nowMs: number): void {
    this.step(targetId, { kind: "tripped" });
  }

  tripwireLearned(targetId: string, state: TripwireState): void {
    const target = this.#all.get(targetId);
    if (target === undefined || target.tripwire === state) return;
    const wasLearned = target.tripwire === "serial" || target.tripwire === "closes-idle";
    target.tripwire = state;
    target.told.isDirty = true;
    if (state !== "serial" && state !== "closes-idle" && !wasLearned) return;
    this.#ports.emit(
      event("target.tripwire", `${target.config.display}: tripwire ${state}`, {
        target: target.config.display,
        state,
      }),
    );
  }

  // --- what is probed ---------------------------------------------------------------------------

  /** Lets a pool look at a target, and begins to probe it within 500 ms where it is new. */
  attach(config: ConfiguredTarget, pool: PoolRuntime): void {
    const known = this.#all.get(config.id);
    if (known !== undefined) {
      known.pools.add(pool);
      pool.see(known);
      if (known.config !== config) this.#configure(known, config);
      return;
    }
    const { time, memories, random } = this.#ports;
    const stored = memories.belief(config.id);
    const health = newTarget(time.nowMs(), stored && memories.revived(stored), {
      mustEarnRise: pool.isRunning,
    });
    const tripwire = stored?.tripwire ?? (config.ask.tripwire ? "idle" : "off");
    const target: TargetRuntime = {
      id: config.id,
      config,
      health,
      settings: config.settings,
      tripwire,
      lastCode: stored?.code ?? "",
      lastObservedMs: undefined,
      told: { place: -1, isDirty: false },
      pools: new Set([pool]),
      wake: new LateTimer(time, () => this.step(config.id, { kind: "wake" })),
    };
    this.#all.set(config.id, target);
    pool.see(target);
    this.#probes.watch(config.id, config.ask, tripwire);
    this.step(config.id, { kind: "begin", phase: random.fraction() });
  }

  /** Takes a new definition; what is known of the target stays. */
  #configure(known: TargetRuntime, config: ConfiguredTarget): void {
    const isAsBefore = isDeepStrictEqual(known.settings, config.settings);
    known.config = config;
    known.settings = config.settings;
    this.#probes.watch(config.id, config.ask, known.tripwire);
    if (isAsBefore) return;
    // How soon a belief could change follows from the thresholds, too.
    for (const pool of known.pools) pool.see(known);
    this.step(config.id, { kind: "configured" });
  }

  /** A pool looks at no target any more; `dropUnused` then stops what nobody looks at. */
  detach(pool: PoolRuntime): void {
    for (const id of pool.seenIds) this.#all.get(id)?.pools.delete(pool);
  }

  dropUnused(): void {
    for (const [id, target] of this.#all) {
      if (target.pools.size > 0) continue;
      // It may come back with the next edit: what is known of it counts until it is stale.
      const left = this.#news.leave(target);
      if (left !== undefined) this.#ports.memories.keep(left);
      this.#probes.unwatch(id);
      target.wake.cancel();
      this.rollups.forget(id);
      this.#faults.forget(id);
      this.#warnings.forget(id);
      this.#all.delete(id);
    }
    this.#ports.memories.prune();
  }

  /** Beliefs are stored as those of this life of control. */
  beginLife(life: number): void {
    this.#news.begin(life);
  }

  /** What the store does not know yet. @param isLast as of `BeliefNewsSource.take`. */
  takeBeliefs(isLast: boolean): BeliefNews {
    return this.#news.take(this.#all.values(), isLast);
  }

  /** The wall clock was set. */
  restamp(): void {
    this.#news.restamp(this.#all.values());
  }

  /** The store did not take these. */
  putBack(beliefs: readonly StoredBelief[]): void {
    this.#news.putBack(beliefs, this.#all, (id) => this.#ports.memories.belief(id));
  }

  /** Lets something happen to a target. */
  step(targetId: string, input: HealthInput): void {
    const target = this.#all.get(targetId);
    if (target === undefined) return;
    const { time, emit } = this.#ports;
    const nowMs = time.nowMs();
    const before = target.health;
    const result = step(before, input, withTurn(target.settings, time), nowMs);
    target.health = result.state;
    if (result.plan !== undefined) this.#probes.plan(targetId, result.plan);
    target.wake.plan(result.wakeAtMs, nowMs);
    if (result.change !== undefined) {
      target.told.isDirty = true;
      emit(beliefEvent(target.config.display, result.change, nowMs));
    }
    if (result.staleForMs !== undefined) {
      const { display } = target.config;
      emit(staleEvent(display, target.health.belief, result.staleForMs));
    }
    this.#ports.stepped(target, result.change, before);
  }
}

/** The addresses that a target speaks for; its own may be another one. */
export function addressesOf(target: TargetRuntime): ReadonlySet<string> {
  const { id } = target.config;
  const addresses = new Set<string>();
  for (const { pool } of target.pools) {
    for (const { v4, v6, host, targetsV4, targetsV6, targetsHost } of pool.members) {
      if (host !== undefined && targetsHost?.includes(id)) addresses.add(host);
      if (v4 !== undefined && targetsV4.includes(id)) addresses.add(v4);
      if (v6 !== undefined && targetsV6.includes(id)) addresses.add(v6);
    }
  }
  return addresses;
}
