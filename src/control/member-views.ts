// What is believed of a pool's members, as its decisions see them: their targets' beliefs combined,
// and what is forced or damped of their addresses.

import type { MemberView } from "../failover/decision.ts";
import { type AnswerFamily, placeIn, targetsIn } from "../failover/family.ts";
import type { Member, Pool } from "../failover/pool.ts";
import { flipMs, memberFlipMs } from "../health/flip.ts";
import type { ForcedState } from "../health/forced.ts";
import { type MemberHealth, type MemberTarget, memberHealth } from "../health/member.ts";
import type { HealthSettings } from "../health/settings.ts";
import type { TargetHealth } from "../health/target.ts";

/** A target as a pool sees it: as it is whenever it is looked at. */
export interface SeenTarget {
  readonly id: string;
  readonly health: TargetHealth;
  readonly settings: HealthSettings;
}

/** What counts of an address beside what its probes say. */
export type AddressView = Partial<Pick<MemberView, "forced" | "reusableAtMs" | "isLeaving">>;

/** Where views are taken from. */
export interface ViewSources {
  readonly pool: Pool;
  readonly seen: ReadonlyMap<string, SeenTarget>;
  /** Ids of members that must earn `rise` yet. */
  readonly joining: ReadonlySet<string>;
  readonly addressView: (address: string) => AddressView;
}

/** The families that a decision about `family` is made for. */
function decidedFamilies(pool: Pool, family: AnswerFamily): readonly AnswerFamily[] {
  return pool.isTogether === true ? pool.families : [family];
}

/** Ids of the targets that make up a member where a decision about `family` is made. */
export function decidingTargets(
  pool: Pool,
  member: Member,
  family: AnswerFamily,
): readonly string[] {
  const families = decidedFamilies(pool, family);
  return families.flatMap((each) => targetsIn(member, each));
}

/** Members that a decision about `family` may choose from, in the operator's order. */
export function decidedMembers(pool: Pool, family: AnswerFamily): readonly Member[] {
  const families = decidedFamilies(pool, family);
  return pool.members.filter((member) =>
    families.some((each) => placeIn(member, each) !== undefined),
  );
}

/** What is believed of one member where a decision about `family` is made. */
export function viewOf(member: Member, family: AnswerFamily, sources: ViewSources): MemberView {
  const { pool, joining, addressView } = sources;
  const families = familiesOf(member, pool, family);
  const healths = families.map((each) => memberHealth(targetsOf(member, each, sources), pool.rule));
  const { belief, sinceMs, reason } = worstOf(healths);
  const held = families.map((each) => addressView(placeIn(member, each) ?? ""));
  const forced = strictest(held.map((view) => view.forced));
  const reusable = held.map((view) => view.reusableAtMs).filter((atMs) => atMs !== undefined);
  return {
    ...{ id: member.id, belief, sinceMs, reason, isNew: joining.has(member.id) },
    ...(forced !== undefined && { forced }),
    ...(held.some((view) => view.isLeaving === true) && { isLeaving: true }),
    ...(member.gateTargets !== undefined && { gate: gateOf(member.gateTargets, sources) }),
    ...(reusable.length > 0 && !pool.isUndamped && { reusableAtMs: Math.max(...reusable) }),
  };
}

/** How soon a member could be believed otherwise, in milliseconds. */
export function viewFlipMs(member: Member, family: AnswerFamily, sources: ViewSources): number {
  const flips = familiesOf(member, sources.pool, family).map((each) => {
    const targets = targetsOf(member, each, sources);
    const { rule } = sources.pool;
    const isUp = memberHealth(targets, rule).belief === "up";
    return { isUp, flipMs: memberFlipMs(targets, rule) };
  });
  const others = flips.filter((flip) => !flip.isUp).map((flip) => flip.flipMs);
  // Up: the first that falls takes it down. Else the last of those that are missing brings it up.
  return others.length > 0 ? Math.max(...others) : Math.min(...flips.map((flip) => flip.flipMs));
}

/** Whether a target is as it was `before` for how soon a member of it could be believed otherwise. */
export function flipsAlike(before: TargetHealth, { health, settings }: SeenTarget): boolean {
  if (before.belief !== health.belief) return false;
  const isSteady = before.failures.length === 0 && health.failures.length === 0;
  // Of ten thousand steps a second nearly all are of targets that are up, and against which nothing stands.
  if (health.belief === "up" && isSteady && before.failureCount === health.failureCount)
    return true;
  return flipMs({ health: before, settings }) === flipMs({ health, settings });
}

/** A gate is open while fresh beliefs say so; what is not known keeps it closed. */
function gateOf(ids: readonly string[], { seen }: ViewSources): NonNullable<MemberView["gate"]> {
  const targets = ids.map((id) => seen.get(id)).filter((target) => target !== undefined);
  const closed = targets.find(({ health }) => health.belief !== "up" || health.isStale);
  const isOpen = targets.length === ids.length && closed === undefined;
  return { isOpen, reason: closed?.health.reason ?? (isOpen ? "" : "not probed yet") };
}

function familiesOf(member: Member, pool: Pool, family: AnswerFamily): readonly AnswerFamily[] {
  return decidedFamilies(pool, family).filter((each) => placeIn(member, each) !== undefined);
}

function targetsOf(
  member: Member,
  family: AnswerFamily,
  { seen }: Pick<ViewSources, "seen">,
): readonly (SeenTarget & MemberTarget)[] {
  const ids = targetsIn(member, family);
  const targets = ids.map((id) => seen.get(id)).filter((target) => target !== undefined);
  const { terms } = member;
  if (terms === undefined) return targets;
  return targets.map((target) => ({ ...target, ...terms[target.id] }));
}

/**
 * Whether a member that joined a running pool has earned its place: those of its targets that rose
 * are enough for it to be up, in each family.
 */
export function hasEarned(member: Member, pool: Pool, seen: ViewSources["seen"]): boolean {
  const families = pool.families.filter((family) => placeIn(member, family) !== undefined);
  return families.every((family) => {
    const ids = targetsIn(member, family);
    const targets = targetsOf(member, family, { seen });
    const risen = targets.map((target) =>
      hasRisen(target)
        ? target
        : { ...target, health: { ...target.health, belief: "unknown" as const } },
    );
    return targets.length === ids.length && memberHealth(risen, pool.rule).belief === "up";
  });
}

function hasRisen({ health, settings }: SeenTarget): boolean {
  return health.belief === "up" && health.successRun >= settings.rise;
}

/**
 * A member with two addresses is as good as the worse of them: whoever is served by it gets both.
 * It has been so since the first went down, or the last came up.
 */
function worstOf(healths: readonly MemberHealth[]): Omit<MemberHealth, "code"> {
  const [only] = healths;
  if (only !== undefined && healths.length === 1) return only;
  const bySince = healths.toSorted((a, b) => a.sinceMs - b.sinceMs);
  const down = bySince.find((health) => health.belief === "down");
  const unknown = bySince.findLast((health) => health.belief === "unknown");
  const none: MemberHealth = memberHealth([]);
  return down ?? unknown ?? bySince.at(-1) ?? none;
}

const STRICTNESS: readonly ForcedState["state"][] = ["down", "drain", "up"];

function strictest(states: readonly (ForcedState | undefined)[]): ForcedState | undefined {
  const forced = states.filter((state) => state !== undefined);
  return forced.toSorted((a, b) => STRICTNESS.indexOf(a.state) - STRICTNESS.indexOf(b.state))[0];
}

/** The ids of the targets that a member's beliefs are made of. */
export function targetIds(member: Member): readonly string[] {
  return [...member.targetsV4, ...member.targetsV6, ...(member.targetsHost ?? [])];
}

/** The same, with those that are asked for its gate. */
export function askedIds(member: Member): readonly string[] {
  return [...targetIds(member), ...(member.gateTargets ?? [])];
}
