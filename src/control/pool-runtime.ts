// One pool while it runs: it looks at its members' beliefs, asks the pure rooms what to answer,
// and has the difference published. A and AAAA are decided apart.

import type { Time } from "../base/clock.ts";
import { type Family, ipToBytes } from "../base/ip.ts";
import { nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import {
  type Decision,
  decide,
  type MemberView,
  membersOf,
  sameAnswer,
} from "../failover/decide.ts";
import type { Member, Pool } from "../failover/pool.ts";
import { answerTtl } from "../failover/ttl.ts";
import { memberFlipMs } from "../health/flip.ts";
import { memberHealth } from "../health/member.ts";
import type { HealthSettings } from "../health/settings.ts";
import type { BeliefChange } from "../health/step.ts";
import type { TargetHealth } from "../health/target.ts";
import type { LiveRequest, SwapStory } from "./announce.ts";
import type { EventSink, StoredServing } from "./ports.ts";

/** What makes a runtime decide: for the log, and to know whether a first fault can be named. */
export type DecideCause = "configured" | "belief" | "hold" | "clock";

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
}

/** One family of a pool. `serving` is undefined until the first decision. */
export interface FamilyRuntime {
  readonly family: Family;
  readonly type: 1 | 28;
  serving: readonly string[] | undefined;
  decision: Decision | undefined;
  sinceWallMs: number;
  swapId: number;
  ttlSeconds: number;
  /** The last swap and the TTL given before it: the least TTL follows while old copies live. */
  lastSwap: { readonly atMs: number; readonly ttlBeforeSeconds: number } | undefined;
  cancelWake: () => void;
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
  readonly families = new Map<Family, FamilyRuntime>();

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
    if (this.#ports.isHolding() && cause !== "configured") return;
    this.#isDecisionDue = false;
    for (const runtime of this.families.values()) this.#decideFamily(runtime, cause, change);
  }

  /** Counters moved without a change of belief: the TTL may follow, the members do not. */
  retune(): void {
    if (this.#isDecisionDue) return;
    for (const runtime of this.families.values()) {
      if (runtime.serving === undefined) continue;
      const ttlSeconds = this.#ttl(runtime);
      if (ttlSeconds === runtime.ttlSeconds) continue;
      runtime.ttlSeconds = ttlSeconds;
      this.#ports.publish.show(this.#request(runtime, runtime.serving));
    }
  }

  close(): void {
    for (const runtime of this.families.values()) runtime.cancelWake();
  }

  /** What is believed of each member of a family, in the operator's order. */
  views(family: Family): MemberView[] {
    return membersOf(this.pool, family).map((member) => this.#view(member, family));
  }

  #decideFamily(runtime: FamilyRuntime, cause: DecideCause, change?: BeliefChange): void {
    const { time } = this.#ports;
    const nowMs = time.nowMs();
    const isFirst = runtime.serving === undefined;
    if (isFirst) this.#recall(runtime);
    const before = runtime.serving ?? [];
    const decision = decide({
      pool: this.pool,
      family: runtime.family,
      members: this.views(runtime.family),
      serving: this.#stillMembers(runtime),
      nowMs,
    });
    const previous = runtime.decision;
    runtime.decision = decision;
    runtime.serving = decision.serve;
    this.#planWake(runtime, decision, nowMs);
    const isChanged = !sameAnswer(before, decision.serve);
    if (isChanged) {
      runtime.lastSwap = { atMs: nowMs, ttlBeforeSeconds: runtime.ttlSeconds };
      runtime.sinceWallMs = time.wallMs();
    }
    runtime.ttlSeconds = this.#ttl(runtime);
    const request = this.#request(runtime, decision.serve);
    if (isChanged) {
      runtime.swapId = this.#ports.publish.swap(request, this.#story(before, decision, change));
    } else {
      this.#ports.publish.show(request);
    }
    this.#tell(runtime, { previous, isChanged, cause });
  }

  /** Before the first decision: what was answered until now, by the last run or by the zone file. */
  #recall(runtime: FamilyRuntime): void {
    const stored = this.#ports.stored(runtime.type);
    runtime.sinceWallMs = stored?.sinceWallMs ?? this.#ports.time.wallMs();
    runtime.swapId = stored?.swapId ?? 0;
    runtime.ttlSeconds = this.pool.ttl.maxSeconds;
    runtime.serving =
      stored?.memberIds ?? this.#ports.publish.staticAnswer(this.pool, runtime.type);
  }

  /** The serving members that the pool still has; all gone counts as never served. */
  #stillMembers(runtime: FamilyRuntime): readonly string[] | undefined {
    const ids = new Set(membersOf(this.pool, runtime.family).map((member) => member.id));
    const still = (runtime.serving ?? []).filter((id) => ids.has(id));
    return still.length === 0 ? undefined : still;
  }

  #tell(
    runtime: FamilyRuntime,
    what: {
      readonly previous: Decision | undefined;
      readonly isChanged: boolean;
      readonly cause: DecideCause;
    },
  ): void {
    const decision = runtime.decision;
    if (decision === undefined) return;
    const pool = nameToDisplay(this.pool.owner);
    const type = runtime.type === 1 ? "A" : "AAAA";
    const reason = decision.why;
    const wasOpen = what.previous?.isFailOpen === true;
    if (decision.isFailOpen && !wasOpen) {
      const msg = `${pool} ${type} fails open: ${reason}`;
      const serving = [...decision.serve];
      this.#ports.emit(event("pool.failed-open", msg, { pool, type, reason, serving }));
    } else if (!decision.isFailOpen && wasOpen) {
      const msg = `${pool} ${type} has a healthy member again: ${reason}`;
      this.#ports.emit(event("pool.recovered", msg, { pool, type, reason }));
    } else if (!what.isChanged && decision.code !== what.previous?.code) {
      const msg = `${pool} ${type} keeps its answer: ${reason}`;
      this.#ports.emit(event("pool.decided", msg, { pool, type, code: decision.code, reason }));
    }
  }

  #planWake(runtime: FamilyRuntime, decision: Decision, nowMs: number): void {
    runtime.cancelWake();
    runtime.cancelWake = () => undefined;
    if (decision.wakeAtMs === undefined) return;
    const delayMs = Math.max(0, decision.wakeAtMs - nowMs);
    runtime.cancelWake = this.#ports.time.after(delayMs, () => this.decide("hold"));
  }

  #story(before: readonly string[], decision: Decision, change?: BeliefChange): SwapStory {
    const { time } = this.#ports;
    const nowMs = time.nowMs();
    const wallMs = time.wallMs();
    const firstFaultMs = change?.to === "down" ? change.firstFaultMs : undefined;
    return {
      before,
      after: decision.serve,
      code: decision.code,
      why: decision.why,
      decidedMs: nowMs,
      decidedWallMs: wallMs,
      ...(change === undefined ? {} : { detectedWallMs: wallMs }),
      ...(firstFaultMs === undefined
        ? {}
        : {
            detectMs: nowMs - firstFaultMs,
            firstFaultWallMs: Math.round(wallMs - (nowMs - firstFaultMs)),
          }),
    };
  }

  #request(runtime: FamilyRuntime, serve: readonly string[]): LiveRequest {
    const byId = new Map(this.pool.members.map((member) => [member.id, member]));
    const rdatas: Uint8Array[] = [];
    for (const id of serve) {
      const address = addressOf(byId.get(id), runtime.family);
      const octets = address === undefined ? undefined : ipToBytes(address);
      if (octets !== undefined) rdatas.push(octets);
    }
    return {
      origin: this.pool.origin,
      owner: this.pool.owner,
      type: runtime.type,
      rdatas,
      ttlSeconds: runtime.ttlSeconds,
      ttlMinSeconds: this.pool.ttl.minSeconds,
    };
  }

  #ttl(runtime: FamilyRuntime): number {
    const { pool } = this;
    const nowMs = this.#ports.time.nowMs();
    const members = membersOf(pool, runtime.family).map((member) => {
      const targets = this.#targetsOf(member, runtime.family);
      const { id, belief, sinceMs } = this.#view(member, runtime.family);
      return { id, belief, sinceMs, flipMs: memberFlipMs(targets) };
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

  #targetsOf(member: Member, family: Family): SeenTarget[] {
    const ids = family === 4 ? member.targetsV4 : member.targetsV6;
    return ids.map((id) => this.#seen.get(id)).filter((seen) => seen !== undefined);
  }

  #view(member: Member, family: Family): MemberView {
    const targets = this.#targetsOf(member, family);
    const { belief, sinceMs, reason } = memberHealth(targets);
    return { id: member.id, belief, sinceMs, reason, isNew: this.#joining.has(member.id) };
  }
}

/** A member's address in a family, if it has one. */
export function addressOf(member: Member | undefined, family: Family): string | undefined {
  return family === 4 ? member?.v4 : member?.v6;
}

function newFamily(family: Family): FamilyRuntime {
  return {
    family,
    type: family === 4 ? 1 : 28,
    serving: undefined,
    decision: undefined,
    sinceWallMs: 0,
    swapId: 0,
    ttlSeconds: 0,
    lastSwap: undefined,
    cancelWake: () => undefined,
  };
}

function hasRisen(seen: SeenTarget | undefined): boolean {
  return seen?.health.belief === "up" && seen.health.successRun >= seen.settings.rise;
}

/** The ids of the targets that a member's beliefs are made of. */
export function targetIds(member: Member): readonly string[] {
  return [...member.targetsV4, ...member.targetsV6];
}
