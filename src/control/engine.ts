// The engine: observations become beliefs, beliefs become decisions, decisions become answers.
// It holds the state that the pure rooms step, and calls out only through its ports.

import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ConfiguredTarget } from "../config/pools.ts";
import { type Name, nameKey } from "../dns/name.ts";
import { event } from "../events/event.ts";
import type { Member, Pool } from "../failover/pool.ts";
import { type DampingSettings, DEFAULT_DAMPING } from "../health/damping.ts";
import type { BeliefChange } from "../health/step.ts";
import type { TargetHealth } from "../health/target.ts";
import { Addresses, type StoredAddresses } from "./addresses.ts";
import type { Aftermath } from "./aftermath.ts";
import { Anchors } from "./anchors.ts";
import type { BeliefNews } from "./belief-news.ts";
import { Braking, brakeableTarget } from "./braking.ts";
import { BEAT_MS, beat, type ClockGuard, HOLD_MS, newClockGuard } from "./clock-guard.ts";
import { askedIds, flipsAlike } from "./member-views.ts";
import { Memories } from "./memories.ts";
import { Moment } from "./moment.ts";
import type { PublishAnswer } from "./pool-ports.ts";
import { PoolRuntime } from "./pool-runtime.ts";
import type { EventSink, ProbePort, ProbeReports, StoredState, SwapRecord } from "./ports.ts";
import type { HookPort, StoredHandover } from "./ports-hooks.ts";
import type { Rollups } from "./rollups.ts";
import { round } from "./target-events.ts";
import { addressesOf, type TargetRuntime, Targets, type TargetsPorts } from "./targets.ts";

/** What is set for all pools of all zones. */
export interface EngineSettings {
  /** Undefined: flapping is not damped. */
  readonly damping: DampingSettings | undefined;
  /** By which the prober tells that it is cut off itself; by default it does not. */
  readonly anchors?: readonly ConfiguredTarget[];
}

/** What applies where nothing is set. */
export const ENGINE_DEFAULTS: EngineSettings = { damping: DEFAULT_DAMPING };

/** What is new for the store. */
export interface EngineNews extends StoredAddresses, BeliefNews {}

/** What the engine is given: everything it knows of the world. */
export interface EnginePorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly publish: PublishAnswer;
  readonly aftermath: Aftermath;
  /** Stores what is new soon; a swap that follows from it is stored after it. */
  readonly remember: (news: EngineNews) => void;
  readonly settings: EngineSettings;
  readonly hooks: HookPort;
  /** Durable when it resolves; false when the store would not take it. */
  readonly note: (handover: StoredHandover) => Promise<boolean>;
  /** Builds the prober; the engine's targets are who it reports to. */
  readonly prober: (reports: ProbeReports) => ProbePort;
}

/** A pool that a step of a target means something to. */
interface Due {
  readonly pool: PoolRuntime;
  readonly isToDecide: boolean;
}

/** Probing and deciding for all pools of all zones. */
export class Engine {
  readonly #ports: EnginePorts;
  readonly #targets: Targets;
  readonly #pools = new Map<string, PoolRuntime>();
  readonly #memories: Memories;
  readonly addresses: Addresses;
  readonly anchors: Anchors;
  readonly braking: Braking;
  #guard: ClockGuard;
  /** Since the last beat. */
  #ownWorkMs = 0;
  #isRemembering = false;
  #isClosed = false;
  #cancelBeat: () => void = () => undefined;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.#memories = new Memories(ports.time);
    const stepped: TargetsPorts["stepped"] = (target, change, before) =>
      this.#stepped(target, change, before);
    const { time, random, emit } = ports;
    const configured = ports.settings.anchors ?? [];
    const looked = (): void => this.braking.look();
    const anchors = new Anchors({ time, random, emit, configured, stepped: looked });
    this.anchors = anchors;
    const prober = (reports: ProbeReports): ProbePort => anchors.share(ports.prober, reports);
    this.#targets = new Targets({ ...ports, prober, memories: this.#memories, stepped });
    this.braking = new Braking({ time, emit, anchors, targets: this.#targets });
    this.addresses = new Addresses({
      ...{ time: ports.time, emit: ports.emit, damping: ports.settings.damping },
      changed: (address) => this.#ordered(address),
    });
    this.#guard = newClockGuard(ports.time.nowMs(), ports.time.wallMs());
  }

  get targets(): ReadonlyMap<string, TargetRuntime> {
    return this.#targets.all;
  }

  /** What the prober itself suffers from now; undefined: nothing. */
  get proberFault(): Targets["proberFault"] {
    return this.#targets.proberFault;
  }

  get rollups(): Rollups {
    return this.#targets.rollups;
  }

  get pools(): ReadonlyMap<string, PoolRuntime> {
    return this.#pools;
  }

  /** What is probed for the pools of other zones: their ids must not be used otherwise. */
  targetsOfOthers(origin: Name): ConfiguredTarget[] {
    const zone = nameKey(origin);
    return [...this.targets.values()]
      .filter((target) => [...target.pools].some((pool) => nameKey(pool.pool.origin) !== zone))
      .map((target) => target.config);
  }

  /** Takes up what was known, forced and served before a restart; call it before `setPools`. */
  restore(
    state: StoredAddresses & Pick<StoredState, "beliefs" | "life" | "servings" | "handovers">,
    swaps: readonly SwapRecord[],
  ): void {
    this.#targets.beginLife(state.life);
    this.#memories.restore({ ...state, swaps });
    this.addresses.restore(state);
  }

  /** The start is over: pools that were not there begin with what is answered when they come. */
  forgetServings(): void {
    this.#memories.forgetServings();
  }

  /** Takes the report of a target that is asked nothing. @returns false where none waits for one. */
  heartbeat(targetId: string, isGood: boolean, detail: string): boolean {
    return this.#targets.heartbeat(targetId, isGood, detail);
  }

  start(): void {
    this.anchors.start();
    this.#cancelBeat = this.#ports.time.after(BEAT_MS, () => this.#beat());
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelBeat();
    this.#targets.close();
    this.anchors.close();
    this.braking.close();
    this.addresses.close();
    for (const pool of this.#pools.values()) pool.close();
  }

  /**
   * Replaces the pools of one zone. Targets that stay keep their history; new ones begin within
   * 500 ms; those that no pool needs any more are not probed from this call on. Once it is closed it
   * takes no more: a file may have been read until then.
   */
  setPools(origin: Name, pools: readonly Pool[], targets: readonly ConfiguredTarget[]): void {
    if (this.#isClosed) return;
    const zone = nameKey(origin);
    const hasAnchors = this.anchors.all.length > 0;
    const configured = new Map(
      targets.map((target) => [target.id, hasAnchors ? brakeableTarget(target) : target]),
    );
    const wanted = new Map(pools.map((pool) => [nameKey(pool.owner), pool]));
    for (const [key, runtime] of this.#pools) {
      if (nameKey(runtime.pool.origin) !== zone || wanted.has(key)) continue;
      this.#targets.detach(runtime);
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
          aftermath: this.#ports.aftermath,
          isHolding: () => this.#ports.time.nowMs() < this.#guard.holdUntilMs,
          stored: (type) => this.#memories.takeServing(`${type} ${key}`),
          storedSwaps: (type) => this.#memories.swapsMs(`${type} ${key}`),
          addressView: (address) => this.addresses.viewOf(address),
          hooks: this.#ports.hooks,
          note: this.#ports.note,
          storedHandover: () => this.#memories.takeHandover(key),
        });
      if (before !== undefined) this.#targets.detach(before);
      runtime.configure(pool);
      this.#pools.set(key, runtime);
      for (const id of new Set(pool.members.flatMap(askedIds))) {
        const config = configured.get(id);
        if (config !== undefined) this.#targets.attach(config, runtime);
      }
    }
    this.#targets.dropUnused();
    this.braking.prune();
    for (const key of wanted.keys()) this.#pools.get(key)?.decide("configured");
  }

  /** The pools that have a member at an address. */
  poolsAt(address: string): PoolRuntime[] {
    return [...this.#pools.values()].filter((pool) => pool.pool.members.some(isAt(address)));
  }

  /** What the store is to be told. @param isLast nothing follows. */
  takeNews(isLast = false): EngineNews {
    return { ...this.#targets.takeBeliefs(isLast), ...this.addresses.take() };
  }

  /** The store did not take it: all of it is new again. */
  putBack(news: EngineNews): void {
    this.addresses.putBack(news);
    this.#targets.putBack(news.beliefs);
  }

  /** A target was stepped: its pools follow. */
  #stepped(target: TargetRuntime, change: BeliefChange | undefined, before: TargetHealth): void {
    if (change === undefined) this.#follow(target, flipsAlike(before, target), undefined);
    else this.#changed(target, change);
    this.braking.noted(target);
  }

  /** It is believed otherwise than before. */
  #changed(target: TargetRuntime, change: BeliefChange): void {
    const { id } = target.config;
    this.#rememberSoon();
    const addresses = addressesOf(target);
    if (change.from === "up" && change.to === "down") {
      const isDown = (other: string): boolean => this.targets.get(other)?.health.belief === "down";
      for (const address of addresses) this.addresses.fell(address, id, isDown);
    }
    const nowMs = this.#ports.time.nowMs();
    this.#follow(target, false, change);
    this.#ownWorkMs += this.#ports.time.nowMs() - nowMs;
    for (const address of addresses) this.#compare(address);
  }

  /**
   * Has the pools of a target that it means something to decide or retune. @param isAlike as of
   * `PoolRuntime.follow`.
   */
  #follow(target: TargetRuntime, isAlike: boolean, change: BeliefChange | undefined): void {
    if (change !== undefined) {
      for (const pool of target.pools) pool.follow(isAlike);
      this.#together(target.pools, (pool, moment) => pool.decide("belief", change, moment));
      return;
    }
    const nowMs = this.#ports.time.nowMs();
    // Of ten thousand steps a second nearly all mean nothing to any pool.
    let due: Due[] | undefined;
    for (const pool of target.pools) {
      const isToDecide = pool.follow(isAlike);
      if (!isToDecide && pool.isTtlSteady(nowMs)) continue;
      due ??= [];
      due.push({ pool, isToDecide });
    }
    if (due === undefined) return;
    this.#together(due, ({ pool, isToDecide }, moment) => {
      if (isToDecide) pool.decide("belief", undefined, moment);
      else pool.retune(moment);
    });
  }

  /** Answers first: what follows from them is done when all pools have had their turn. */
  #together<T>(all: Iterable<T>, work: (one: T, moment: Moment) => void): void {
    const moment = new Moment();
    this.#ports.aftermath.together(() => {
      for (const one of all) work(one, moment);
    });
  }

  /** An operator forced something of an address, or that ended. */
  #ordered(address: string): void {
    this.#together(this.poolsAt(address), (pool, moment) => {
      pool.decide("operator", undefined, moment);
    });
    this.#compare(address);
    this.#rememberSoon();
  }

  /** Shouts where an address is forced up and a pool's probes say down. */
  #compare(address: string): void {
    if (this.addresses.forced.of(address) === undefined) return;
    const views = this.poolsAt(address).flatMap((pool) => pool.viewsAt(address));
    const down = views.find((view) => view.belief === "down");
    this.addresses.compare(address, down?.reason);
  }

  /** Once for all changes of one moment, and before the swaps that follow from them. */
  #rememberSoon(): void {
    if (this.#isRemembering) return;
    this.#isRemembering = true;
    this.#ports.time.after(0, () => {
      this.#isRemembering = false;
      this.#ports.remember(this.takeNews());
    });
  }

  #beat(): void {
    const { time, emit } = this.#ports;
    const now = { nowMs: time.nowMs(), wallMs: time.wallMs(), ownWorkMs: this.#ownWorkMs };
    const outcome = beat(this.#guard, now);
    this.#guard = outcome.guard;
    this.#ownWorkMs = 0;
    if (outcome.gapMs !== undefined) {
      const gapMs = round(outcome.gapMs);
      const msg = `Time jumped or stood still for ${gapMs} ms: deciding nothing for ${HOLD_MS} ms`;
      emit(event("clock.jumped", msg, { gapMs, holdMs: HOLD_MS }));
      this.addresses.forced.restamp();
      this.#targets.restamp();
      this.#rememberSoon();
      const untilMs = this.#guard.holdUntilMs;
      for (const id of this.targets.keys()) this.#targets.step(id, { kind: "hold", untilMs });
      this.anchors.stepAll({ kind: "hold", untilMs });
      time.after(HOLD_MS, () => {
        this.#together(this.#pools.values(), (pool, moment) => {
          pool.decide("clock", undefined, moment);
        });
      });
    }
    this.#cancelBeat = time.after(BEAT_MS, () => this.#beat());
  }
}

function isAt(address: string): (member: Member) => boolean {
  return ({ v4, v6, host }) => [v4, v6, host].includes(address);
}
