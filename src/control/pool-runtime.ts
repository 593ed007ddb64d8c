// One pool while it runs: it looks at its members' beliefs, asks the pure rooms what to answer,
// and has the difference published. A and AAAA are decided apart, unless the pool says otherwise.

import { nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import { type Decision, type DecisionInput, decide, type MemberView } from "../failover/decide.ts";
import { type AnswerFamily, answerTypeText, placeIn } from "../failover/family.ts";
import type { Pool } from "../failover/pool.ts";
import { sameAnswer, sameMembers } from "../failover/same.ts";
import { answerTtl, isAfterSwap, type TtlInput, ttlSteadyUntilMs } from "../failover/ttl.ts";
import type { BeliefChange } from "../health/step.ts";
import { Handovers } from "./handovers.ts";
import {
  askedIds,
  decidedMembers,
  hasEarned,
  type SeenTarget,
  targetIds,
  type ViewSources,
  viewFlipMs,
  viewOf,
} from "./member-views.ts";
import { type Alikeness, type Decided, likenessOf, Moment, type SteadyTtl } from "./moment.ts";
import { type Begun, swapStory } from "./pool-events.ts";
import {
  answerData,
  type FamilyRuntime,
  type LiveAnswerData,
  liveRequest,
  NO_WAKE,
  newFamily,
  servedIn,
  stillMembers,
} from "./pool-family.ts";
import type { DecideCause, PoolPorts } from "./pool-ports.ts";
import { recall, recallTogether, SWAPS_KEPT } from "./pool-recall.ts";
import { tellDecision } from "./pool-telling.ts";

/** Decisions that wait for an operator's yes. */
const ASKING = ["awaiting-approval", "failback-manual", "hook-failed"] as const;

/** A running pool. Where its families go together, one decision is carried out in each of them. */
export class PoolRuntime {
  pool: Pool;
  #likeness: string;
  readonly #ports: PoolPorts;
  readonly #seen = new Map<string, SeenTarget>();
  /** Members that joined while the pool ran: they must earn `rise` before they are served. */
  readonly #joining = new Set<string>();
  /** What is served may be of members that are gone: nothing is shown before the next decision. */
  #isDecisionDue = false;
  /** The TTLs are right until then, or until how soon a belief could change is another. */
  #ttlSteadyUntilMs = 0;
  readonly families = new Map<AnswerFamily, FamilyRuntime>();
  readonly handovers: Handovers;
  /** The handover under way, for the story of its swap. */
  #begun: Begun | undefined;

  constructor(pool: Pool, ports: PoolPorts) {
    this.pool = pool;
    this.#likeness = likenessOf(pool);
    this.#ports = ports;
    this.handovers = new Handovers(pool, {
      ...{ time: ports.time, emit: ports.emit, hooks: ports.hooks, note: ports.note },
      stored: ports.storedHandover,
      decide: () => this.decide("hook"),
    });
  }

  /** Whether it has decided before: members that join from now on must earn `rise`. */
  get isRunning(): boolean {
    return [...this.families.values()].some((family) => family.decision !== undefined);
  }

  /** Whether `retune` would change nothing: of ten thousand steps a second, nearly all are such. */
  isTtlSteady(nowMs: number): boolean {
    return nowMs < this.#ttlSteadyUntilMs;
  }

  /** Takes a new definition; members that stay keep their beliefs. */
  configure(pool: Pool): void {
    const before = new Set(this.pool.members.map((member) => member.id));
    const joined = this.isRunning ? pool.members.filter(({ id }) => !before.has(id)) : [];
    for (const member of joined) if (targetIds(member).length > 0) this.#joining.add(member.id);
    const members = new Set(pool.members.map((member) => member.id));
    for (const id of this.#joining) if (!members.has(id)) this.#joining.delete(id);
    const targets = new Set(pool.members.flatMap(askedIds));
    for (const id of this.#seen.keys()) if (!targets.has(id)) this.#seen.delete(id);
    this.#isDecisionDue = true;
    this.pool = pool;
    this.#likeness = likenessOf(pool);
    this.handovers.configure(pool);
    for (const [family, runtime] of this.families) {
      if (pool.families.includes(family)) continue;
      runtime.cancelWake();
      this.families.delete(family);
    }
    for (const family of pool.families) {
      if (!this.families.has(family)) this.families.set(family, newFamily(pool.owner, family));
    }
  }

  /** Ids of the targets that it looks at. */
  get seenIds(): Iterable<string> {
    return this.#seen.keys();
  }

  /** Looks at a target from now on, whatever becomes of it; decides nothing yet. */
  see(target: SeenTarget): void {
    this.#seen.set(target.id, target);
    this.#ttlSteadyUntilMs = 0;
  }

  /**
   * A target that it looks at was stepped; decides nothing yet.
   *
   * @param isAlike a belief could change as soon as before (`flipsAlike`).
   * @returns whether a member that had joined has earned its place by it, so that it is time to.
   */
  follow(isAlike: boolean): boolean {
    if (!isAlike) this.#ttlSteadyUntilMs = 0;
    if (this.#joining.size === 0) return false;
    const risen = this.pool.members.filter(
      (member) => this.#joining.has(member.id) && hasEarned(member, this.pool, this.#seen),
    );
    for (const member of risen) this.#joining.delete(member.id);
    return risen.length > 0;
  }

  /** Decides every family, and publishes what differs. */
  decide(cause: DecideCause, change?: BeliefChange, moment = new Moment()): void {
    const isOrdered = cause === "configured" || cause === "operator" || cause === "hook";
    if (this.#ports.isHolding() && !isOrdered) return;
    this.#isDecisionDue = false;
    this.#ttlSteadyUntilMs = 0;
    const families = [...this.families.values()];
    const fresh = families.filter((runtime) => runtime.serving === undefined);
    for (const runtime of fresh) recall(this.pool, runtime, this.#ports);
    const isTogether = this.pool.isTogether === true;
    if (isTogether && fresh.length > 0) recallTogether(this.pool, families);
    const [first] = families;
    const shared = isTogether && first ? this.#decided(first, moment) : undefined;
    for (const runtime of families) {
      this.#carryOut(runtime, shared ?? this.#decided(runtime, moment), { change, moment });
    }
    if (shared === undefined) return;
    const { time } = this.#ports;
    const { begins, code } = shared.decision;
    if (begins) this.#begun = { change, atMs: time.nowMs(), wallMs: time.wallMs() };
    else if (code !== "handing-over") this.#begun = undefined;
    // A yes is used up by the handover that begins with it: one that fails asks for another.
    if (begins) for (const runtime of families) runtime.approved = undefined;
    this.#ports.aftermath.after(() => this.handovers.follow(shared.decision));
  }

  #decided(runtime: FamilyRuntime, moment: Moment): Decided {
    const make = (): Decided => {
      const input = this.input(runtime);
      return { views: input.members, decision: decide(input) };
    };
    const { guards, hooks } = this.pool;
    const isOwn = guards !== undefined || hooks !== undefined || runtime.approved !== undefined;
    if (isOwn || this.#joining.size > 0) return make();
    return moment.decisions.of(this.#like(runtime, stillMembers(this.pool, runtime)), make);
  }

  /** Counters moved without a change of belief: the TTL may follow, the members do not. */
  retune(moment = new Moment()): void {
    if (this.#isDecisionDue) return;
    let steadyUntilMs = Number.POSITIVE_INFINITY;
    for (const runtime of this.families.values()) {
      if (runtime.serving === undefined) continue;
      const { ttlSeconds, untilMs } = this.#steadyTtl(runtime, moment);
      steadyUntilMs = Math.min(steadyUntilMs, untilMs);
      if (ttlSeconds === runtime.ttlSeconds) continue;
      runtime.ttlSeconds = ttlSeconds;
      const data = this.#answerData(runtime, runtime.serving, moment);
      this.#ports.publish.show(liveRequest(this.pool, runtime, data));
    }
    this.#ttlSteadyUntilMs = steadyUntilMs;
  }

  #steadyTtl(runtime: FamilyRuntime, moment: Moment): SteadyTtl {
    const make = (): SteadyTtl => {
      const input = this.#ttlInput(runtime);
      return { ttlSeconds: answerTtl(input), untilMs: ttlSteadyUntilMs(input) };
    };
    const { lastSwap, decision, chosen } = runtime;
    const isOwn = isAfterSwap(lastSwap, this.#ports.time.nowMs()) || decision?.isFailOpen === true;
    return isOwn ? make() : moment.ttls.of(this.#like(runtime, chosen), make);
  }

  #answerData(runtime: FamilyRuntime, serve: readonly string[], moment: Moment): LiveAnswerData {
    const make = (): LiveAnswerData => answerData(this.pool, runtime.family, serve);
    return moment.answers.of(this.#like(runtime, serve), make);
  }

  #like({ family }: FamilyRuntime, members: readonly string[] | undefined): Alikeness {
    return { likeness: this.#likeness, family, members };
  }

  close(): void {
    for (const runtime of this.families.values()) runtime.cancelWake();
    this.handovers.close();
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
    this.bring(runtime, wanted, author);
    return wanted;
  }

  /** An operator wants another answer; guards and hooks may still make it wait. */
  bring(runtime: FamilyRuntime, wanted: readonly string[], author: string): void {
    const together = this.pool.isTogether === true ? [...this.families.values()] : [runtime];
    for (const each of together) each.approved = wanted;
    const pool = nameToDisplay(this.pool.owner);
    const type = answerTypeText(runtime.type);
    const msg = `${author} approved ${wanted.join(", ")} for ${pool} ${type}`;
    this.#ports.emit(event("pool.approved", msg, { pool, type, author, wanted: [...wanted] }));
    this.decide("operator");
  }

  /** All that a decision of a family follows from now. */
  input(runtime: FamilyRuntime): DecisionInput {
    const { approved } = runtime;
    const handover = this.handovers.current;
    return {
      pool: this.pool,
      family: runtime.family,
      members: this.views(runtime.family),
      serving: stillMembers(this.pool, runtime),
      nowMs: this.#ports.time.nowMs(),
      swapsMs: [...new Set(this.#deciding(runtime).flatMap((each) => each.swapsMs))],
      ...(approved !== undefined && { approved }),
      ...(handover !== undefined && { handover }),
    };
  }

  /** What is believed of each member that a family decides among, in the operator's order. */
  views(family: AnswerFamily): MemberView[] {
    const sources = this.#sources();
    return decidedMembers(this.pool, family).map((member) => viewOf(member, family, sources));
  }

  /** What is believed of the members at an address. */
  viewsAt(address: string): MemberView[] {
    return this.pool.members.flatMap((member) => {
      const all = [4, 6, "host"] as const;
      const families = all.filter((family) => placeIn(member, family) === address);
      return families.map((family) => viewOf(member, family, this.#sources()));
    });
  }

  /** Publishes what a decision says of one family; ten thousand may wait for their turn here. */
  #carryOut(
    runtime: FamilyRuntime,
    { views, decision: decided }: Decided,
    { change, moment }: { readonly change: BeliefChange | undefined; readonly moment: Moment },
  ): void {
    const { time } = this.#ports;
    const nowMs = time.nowMs();
    const before = runtime.serving ?? [];
    const serve = servedIn(this.pool, runtime.family, decided.serve);
    const decision = serve === decided.serve ? decided : { ...decided, serve };
    const { decision: previous, views: viewsBefore, approved } = runtime;
    runtime.decision = decision;
    runtime.serving = serve;
    runtime.chosen = decided.serve;
    runtime.chosenOf = this.pool;
    runtime.views = views;
    this.#planWake(runtime, decision, nowMs);
    const isSwap = !sameAnswer(before, serve);
    if (isSwap) {
      runtime.lastSwap = { atMs: nowMs, ttlBeforeSeconds: runtime.ttlSeconds };
      runtime.swapsMs = [...runtime.swapsMs, nowMs].slice(-SWAPS_KEPT);
      runtime.sinceWallMs = time.wallMs();
    }
    runtime.ttlSeconds = this.#ttlSeconds(runtime, nowMs);
    const request = liveRequest(this.pool, runtime, this.#answerData(runtime, serve, moment));
    if (isSwap) {
      const begun = this.#begun;
      const wallMs = runtime.sinceWallMs;
      runtime.swapId = this.#ports.publish.swap(request, () =>
        swapStory({ before, decision, change, begun, nowMs, wallMs }),
      );
    } else {
      this.#ports.publish.show(request);
    }
    // Carried out, or something else is wanted by now: a yes is a yes to one answer, once.
    if (approved !== undefined && !sameMembers(decision.wanted ?? [], approved)) {
      runtime.approved = undefined;
    }
    this.#ports.aftermath.after(() => {
      const news = { pool: this.pool, type: runtime.type, decision, previous, isSwap };
      tellDecision({ news, runtime, request, views, before: viewsBefore }, this.#ports);
    });
  }

  /** The families that one decision is made for. */
  #deciding(runtime: FamilyRuntime): readonly FamilyRuntime[] {
    return this.pool.isTogether === true ? [...this.families.values()] : [runtime];
  }

  #planWake(runtime: FamilyRuntime, decision: Decision, nowMs: number): void {
    runtime.cancelWake();
    runtime.cancelWake = NO_WAKE;
    if (decision.wakeAtMs === undefined) return;
    const delayMs = Math.max(0, decision.wakeAtMs - nowMs);
    runtime.cancelWake = this.#ports.time.after(delayMs, () => this.decide("hold"));
  }

  #ttlSeconds(runtime: FamilyRuntime, nowMs: number): number {
    // No member counts then: none is looked at.
    if (isAfterSwap(runtime.lastSwap, nowMs)) return this.pool.ttl.minSeconds;
    return answerTtl(this.#ttlInput(runtime));
  }

  #ttlInput(runtime: FamilyRuntime): TtlInput {
    const { pool } = this;
    const nowMs = this.#ports.time.nowMs();
    const { decision, lastSwap } = runtime;
    const sources = this.#sources();
    const looked = isAfterSwap(lastSwap, nowMs) ? [] : decidedMembers(pool, runtime.family);
    const members = looked.map((member) => ({
      ...viewOf(member, runtime.family, sources),
      flipMs: viewFlipMs(member, runtime.family, sources),
    }));
    return {
      pool,
      decision: { serve: runtime.chosen ?? [], isFailOpen: decision?.isFailOpen ?? false },
      members,
      nowMs,
      ...(lastSwap !== undefined && { lastSwap }),
    };
  }

  #sources(): ViewSources {
    const { addressView } = this.#ports;
    return { pool: this.pool, seen: this.#seen, joining: this.#joining, addressView };
  }
}
