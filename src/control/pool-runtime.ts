// One pool while it runs: it looks at its members' beliefs, asks the pure rooms what to answer,
// and has the difference published. A and AAAA are decided apart.

import type { Time } from "../base/clock.ts";
import { nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import {
  type Decision,
  type DecisionInput,
  decide,
  type MemberView,
  membersOf,
  sameAnswer,
} from "../failover/decide.ts";
import { type AnswerFamily, answerTypeText, placeIn, targetsIn } from "../failover/family.ts";
import type { Member, Pool } from "../failover/pool.ts";
import { sameMembers } from "../failover/same.ts";
import { answerTtl } from "../failover/ttl.ts";
import { memberFlipMs } from "../health/flip.ts";
import { memberHealth } from "../health/member.ts";
import type { HealthSettings } from "../health/settings.ts";
import type { BeliefChange } from "../health/step.ts";
import type { TargetHealth } from "../health/target.ts";
import type { LiveRequest, SwapStory } from "./announce.ts";
import { decisionEvent, memberEvents, swapStory } from "./pool-events.ts";
import { type FamilyRuntime, liveRequest, newFamily } from "./pool-family.ts";
import type { EventSink, StoredServing } from "./ports.ts";

/** What makes a runtime decide: for the log, and to know whether a first fault can be named. */
export type DecideCause = "configured" | "belief" | "hold" | "clock" | "operator";

/** Decisions that wait for an operator's yes. */
const ASKING = ["awaiting-approval", "failback-manual"] as const;

/** Swaps whose moments are kept: as many as a budget can speak of. */
export const SWAPS_KEPT = 100;

/** The publisher's side of a pool. */
export interface PublishAnswer {
  show(request: LiveRequest): void;
  /** @returns the swap's id. */
  swap(request: LiveRequest, story: SwapStory): number;
  /** Ids (addresses) the zone's static RRset answers, before any pool spoke. */
  staticAnswer(pool: Pool, type: number): readonly string[];
}

/** What a pool runtime is given. */
export interface PoolPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly publish: PublishAnswer;
  /** While true nothing is decided: the clock cannot be trusted. */
  readonly isHolding: () => boolean;
  readonly stored: (type: number) => StoredServing | undefined;
  /** Monotonic moments of the swaps that earlier runs made, for the guards. */
  readonly storedSwaps: (type: number) => readonly number[];
  /** What counts of an address beside what its probes say. */
  readonly addressView: (
    address: string,
  ) => Partial<Pick<MemberView, "forced" | "reusableAtMs" | "isLeaving">>;
}

interface SeenTarget {
  readonly id: string;
  readonly health: TargetHealth;
  readonly settings: HealthSettings;
}

/** A running pool. */
export class PoolRuntime {
  pool: Pool;
  readonly #ports: PoolPorts;
  readonly #seen = new Map<string, SeenTarget>();
  /** Members that joined while the pool ran: they must earn `rise` before they are served. */
  readonly #joining = new Set<string>();
  /** What is served may be of members that are gone: nothing is shown before the next decision. */
  #isDecisionDue = false;
  readonly families = new Map<AnswerFamily, FamilyRuntime>();

  constructor(pool: Pool, ports: PoolPorts) {
    this.pool = pool;
    this.#ports = ports;
  }

  /** Whether it has decided before: members that join from now on must earn `rise`. */
  get isRunning(): boolean {
    return [...this.families.values()].some((family) => family.decision !== undefined);
  }

  /** Takes a new definition; members that stay keep their beliefs. */
  configure(pool: Pool): void {
    const before = new Set(this.pool.members.map((member) => member.id));
    const joined = this.isRunning ? pool.members.filter(({ id }) => !before.has(id)) : [];
    for (const member of joined) if (targetIds(member).length > 0) this.#joining.add(member.id);
    const members = new Set(pool.members.map((member) => member.id));
    for (const id of this.#joining) if (!members.has(id)) this.#joining.delete(id);
    const targets = new Set(pool.members.flatMap(targetIds));
    for (const id of this.#seen.keys()) if (!targets.has(id)) this.#seen.delete(id);
    this.#isDecisionDue = true;
    this.pool = pool;
    for (const [family, runtime] of this.families) {
      if (pool.families.includes(family)) continue;
      runtime.cancelWake();
      this.families.delete(family);
    }
    for (const family of pool.families) {
      if (!this.families.has(family)) this.families.set(family, newFamily(family));
    }
  }

  /**
   * Notes what is known of a target now; decides nothing yet.
   *
   * @returns whether a member that had joined has earned its place by it, so that it is time to.
   */
  see(id: string, health: TargetHealth, settings: HealthSettings): boolean {
    this.#seen.set(id, { id, health, settings });
    if (this.#joining.size === 0) return false;
    const risen = this.pool.members.filter((member) => {
      const targets = targetIds(member).map((target) => this.#seen.get(target));
      return this.#joining.has(member.id) && targets.every(hasRisen);
    });
    for (const member of risen) this.#joining.delete(member.id);
    return risen.length > 0;
  }

  /** Decides every family, and publishes what differs. */
  decide(cause: DecideCause, change?: BeliefChange): void {
    const isOrdered = cause === "configured" || cause === "operator";
    if (this.#ports.isHolding() && !isOrdered) return;
    this.#isDecisionDue = false;
    for (const runtime of this.families.values()) this.#decideFamily(runtime, change);
  }

  /** Counters moved without a change of belief: the TTL may follow, the members do not. */
  retune(): void {
    if (this.#isDecisionDue) return;
    for (const runtime of this.families.values()) {
      if (runtime.serving === undefined) continue;
      const ttlSeconds = this.#ttl(runtime);
      if (ttlSeconds === runtime.ttlSeconds) continue;
      runtime.ttlSeconds = ttlSeconds;
      this.#ports.publish.show(liveRequest(this.pool, runtime, runtime.serving));
    }
  }

  close(): void {
    for (const runtime of this.families.values()) runtime.cancelWake();
  }

  /**
   * An operator says yes to the answer that a family waits for.
   *
   * @returns that answer; undefined where none is waited for.
   */
  approve(runtime: FamilyRuntime, author: string): readonly string[] | undefined {
    const wanted = runtime.decision?.wanted;
    const isAsked = ASKING.some((code) => code === runtime.decision?.code);
    if (wanted === undefined || !isAsked) return undefined;
    runtime.approved = wanted;
    const pool = nameToDisplay(this.pool.owner);
    const type = answerTypeText(runtime.type);
    const msg = `${author} approved ${wanted.join(", ")} for ${pool} ${type}`;
    this.#ports.emit(event("pool.approved", msg, { pool, type, author, wanted: [...wanted] }));
    this.decide("operator");
    return wanted;
  }

  /** All that a decision of a family follows from now. */
  input(runtime: FamilyRuntime): DecisionInput {
    const { approved } = runtime;
    return {
      pool: this.pool,
      family: runtime.family,
      members: this.views(runtime.family),
      serving: this.#stillMembers(runtime),
      nowMs: this.#ports.time.nowMs(),
      swapsMs: runtime.swapsMs,
      ...(approved !== undefined && { approved }),
    };
  }

  /** What is believed of each member of a family, in the operator's order. */
  views(family: AnswerFamily): MemberView[] {
    return membersOf(this.pool, family).map((member) => this.#view(member, family));
  }

  /** What is believed of the members at an address. */
  viewsAt(address: string): MemberView[] {
    return this.pool.members.flatMap((member) => {
      const all = [4, 6, "host"] as const;
      const families = all.filter((family) => placeIn(member, family) === address);
      return families.map((family) => this.#view(member, family));
    });
  }

  #decideFamily(runtime: FamilyRuntime, change?: BeliefChange): void {
    const { time } = this.#ports;
    const nowMs = time.nowMs();
    const isFirst = runtime.serving === undefined;
    if (isFirst) this.#recall(runtime);
    const before = runtime.serving ?? [];
    const input = this.input(runtime);
    const decision = decide(input);
    const previous = runtime.decision;
    runtime.decision = decision;
    runtime.serving = decision.serve;
    this.#planWake(runtime, decision, nowMs);
    const isChanged = !sameAnswer(before, decision.serve);
    if (isChanged) {
      runtime.lastSwap = { atMs: nowMs, ttlBeforeSeconds: runtime.ttlSeconds };
      runtime.swapsMs = [...runtime.swapsMs, nowMs].slice(-SWAPS_KEPT);
      runtime.sinceWallMs = time.wallMs();
    }
    runtime.ttlSeconds = this.#ttl(runtime);
    const request = liveRequest(this.pool, runtime, decision.serve);
    if (isChanged) {
      const story = swapStory({ before, decision, change, nowMs, wallMs: time.wallMs() });
      runtime.swapId = this.#ports.publish.swap(request, story);
    } else {
      this.#ports.publish.show(request);
    }
    const { approved } = runtime;
    // Carried out, or something else is wanted by now: a yes is a yes to one answer, once.
    if (approved !== undefined && !sameMembers(decision.wanted ?? [], approved)) {
      runtime.approved = undefined;
    }
    const { pool } = this;
    const news = { pool, type: runtime.type, decision, previous, isSwap: isChanged };
    const said = decisionEvent(news);
    if (said !== undefined) this.#ports.emit(said);
    for (const each of memberEvents(news, input.members, runtime.views)) this.#ports.emit(each);
    runtime.views = input.members;
  }

  /** Before the first decision: what was answered until now, by the last run or by the zone file. */
  #recall(runtime: FamilyRuntime): void {
    const stored = this.#ports.stored(runtime.type);
    runtime.sinceWallMs = stored?.sinceWallMs ?? this.#ports.time.wallMs();
    runtime.swapId = stored?.swapId ?? 0;
    runtime.ttlSeconds = this.pool.ttl.maxSeconds;
    runtime.swapsMs = this.#ports.storedSwaps(runtime.type).slice(-SWAPS_KEPT);
    runtime.serving =
      stored?.memberIds ?? this.#ports.publish.staticAnswer(this.pool, runtime.type);
  }

  /** The serving members that the pool still has; all gone counts as never served. */
  #stillMembers(runtime: FamilyRuntime): readonly string[] | undefined {
    const ids = new Set(membersOf(this.pool, runtime.family).map((member) => member.id));
    const still = (runtime.serving ?? []).filter((id) => ids.has(id));
    return still.length === 0 ? undefined : still;
  }

  #planWake(runtime: FamilyRuntime, decision: Decision, nowMs: number): void {
    runtime.cancelWake();
    runtime.cancelWake = () => undefined;
    if (decision.wakeAtMs === undefined) return;
    const delayMs = Math.max(0, decision.wakeAtMs - nowMs);
    runtime.cancelWake = this.#ports.time.after(delayMs, () => this.decide("hold"));
  }

  #ttl(runtime: FamilyRuntime): number {
    const { pool } = this;
    const nowMs = this.#ports.time.nowMs();
    const members = membersOf(pool, runtime.family).map((member) => {
      const targets = this.#targetsOf(member, runtime.family);
      return { ...this.#view(member, runtime.family), flipMs: memberFlipMs(targets) };
    });
    const { decision, lastSwap } = runtime;
    const serve = runtime.serving ?? [];
    return answerTtl({
      pool,
      decision: { serve, isFailOpen: decision?.isFailOpen ?? false },
      members,
      nowMs,
      ...(lastSwap !== undefined && { lastSwap }),
    });
  }

  #targetsOf(member: Member, family: AnswerFamily): SeenTarget[] {
    return targetsIn(member, family)
      .map((id) => this.#seen.get(id))
      .filter((seen) => seen !== undefined);
  }

  #view(member: Member, family: AnswerFamily): MemberView {
    const targets = this.#targetsOf(member, family);
    const { belief, sinceMs, reason } = memberHealth(targets);
    const address = placeIn(member, family);
    const said = address === undefined ? {} : this.#ports.addressView(address);
    const { forced, reusableAtMs, isLeaving } = said;
    return {
      ...{ id: member.id, belief, sinceMs, reason, isNew: this.#joining.has(member.id) },
      ...(forced !== undefined && { forced }),
      ...(isLeaving && { isLeaving }),
      ...(reusableAtMs !== undefined && !this.pool.isUndamped && { reusableAtMs }),
    };
  }
}

function hasRisen(seen: SeenTarget | undefined): boolean {
  return seen?.health.belief === "up" && seen.health.successRun >= seen.settings.rise;
}

/** The ids of the targets that a member's beliefs are made of. */
export function targetIds(member: Member): readonly string[] {
  return [...member.targetsV4, ...member.targetsV6, ...(member.targetsHost ?? [])];
}
