// What goes by the calendar: windows that pools can do without their member in, and checks with a
// schedule.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import type { MemberStatus, PoolStatus } from "../../../src/view/status.ts";
import type { Invariant, ProbeNews, View } from "../invariant.ts";
import { ownerName } from "../setup.ts";
import { AnchorRecords } from "./anchors.ts";

/** A timer may fire early: what starts so shortly before a moment belongs to it. */
const EARLY_MS = 1000;
/** The shortest gap of the schedules that scripts have. */
const MOMENT_MS = 60_000;

/** A window begins where enough are left, and is refused where they are not; and it ends. */
export class WindowsKeepTheFloor implements Invariant {
  readonly name = "a window begins if enough healthy members are left, and only then";

  heard(event: LivezoneEvent, view: View): string | undefined {
    if (event.event === "maintenance.started") {
      const short = poolsWith(view, event).find((one) => isShort(one, view));
      return short && `${event.member} is taken out of ${titleOf(short.pool)}, too few are left`;
    }
    if (event.event !== "maintenance.refused") return undefined;
    const concerned = poolsWith(view, event);
    const isForced = concerned.some(({ out }) => out.some(({ forced }) => forced !== undefined));
    const isBelow = concerned.some((one) => isShort(one, view));
    return isForced || isBelow
      ? undefined
      : `${event.member} is kept in for nothing: ${event.reason}`;
  }

  settled(view: View): string | undefined {
    for (const { pool, members } of view.pools) {
      const out = members.find(({ forced }) => forced?.author === "schedule");
      if (out !== undefined) return `the window of ${out.member} in ${pool} has not ended`;
    }
    return undefined;
  }
}

/** A pool that a window takes members out of, for all that share their addresses. */
interface Concerned {
  readonly pool: PoolStatus;
  readonly out: readonly MemberStatus[];
}

function poolsWith(
  view: View,
  of: { readonly pool: string; readonly member: string },
): Concerned[] {
  const own = view.pools.filter(({ pool }) => pool === of.pool).flatMap(({ members }) => members);
  const named = own.filter(({ member, address }) => member === of.member && address !== "");
  const addresses = named.map(({ address }) => address);
  return view.pools
    .map((pool) => {
      return { pool, out: pool.members.filter(({ address }) => addresses.includes(address)) };
    })
    .filter(({ out }) => out.length > 0);
}

function isShort(of: Concerned, { setup }: View): boolean {
  const owner = [...setup.pools.keys()].find((one) => ownerName(one) === of.pool.pool) ?? "";
  const guards = setup.pools.get(owner)?.options["guards"] ?? "{}";
  const { healthyMin = 1 } = JSON.parse(guards) as { readonly healthyMin?: number };
  return leftOf(of).length < healthyMin;
}

/** The others that may be answered for long: healthy, be it that they flap. */
function leftOf({ pool, out }: Concerned): readonly MemberStatus[] {
  return pool.members.filter((member) => {
    if (out.includes(member)) return false;
    if (member.forced !== undefined) return member.forced.state === "up";
    const isBarred = /^up but (?!damped)/.test(member.reason);
    return member.belief === "up" && !isBarred;
  });
}

function titleOf({ pool, type }: PoolStatus): string {
  return `${pool} ${type}`;
}

/**
 * Each moment of a schedule asks a target once. More is asked in doubt, when the prober itself has
 * failed or was excused by its anchors or its clock, and of a member that must earn its place yet.
 */
export class MomentsAskOnce implements Invariant {
  readonly name = "a moment of a schedule asks a target that is well once";
  readonly #asked = new Map<string, { readonly moment: number; readonly aheadMs: number }>();

  probed(targetId: string, _probe: number, news: ProbeNews, view: View): string | undefined {
    if (!hasSchedules(view)) return undefined;
    if (AnchorRecords.isAnchor(targetId)) {
      if (isFailure(news)) this.#asked.clear();
      return undefined;
    }
    const before = this.#asked.get(targetId);
    const isRegular = news.kind === "started" && news.purpose === "regular";
    if (isFailure(news)) this.#asked.delete(targetId);
    if (!isRegular) return undefined;
    const wallMs = view.plane.time.wallMs();
    const aheadMs = wallMs - view.nowMs;
    const moment = Math.floor((wallMs + EARLY_MS) / MOMENT_MS);
    // What it is earning its place by is asked once more when it has.
    if (isEarning(targetId, view)) this.#asked.delete(targetId);
    else this.#asked.set(targetId, { moment, aheadMs });
    // A wall clock that was set back comes by the same moment again.
    if (before?.moment !== moment || before.aheadMs !== aheadMs) return undefined;
    return `${targetId} is asked again at the same moment`;
  }

  heard(event: LivezoneEvent): undefined {
    if (event.event === "clock.jumped") this.#asked.clear();
    return undefined;
  }

  ending(): undefined {
    this.#asked.clear();
    return undefined;
  }
}

/** Something else than that a target was asked in its turn, and is well. */
function isFailure(news: ProbeNews): boolean {
  return news.kind === "started" ? news.purpose !== "regular" : news.observation.code !== "ok";
}

function isEarning(targetId: string, view: View): boolean {
  return view.pools.some(({ members }) =>
    members.some(({ address, belief, reason }) => {
      const isNew = belief === "unknown" || reason.startsWith("up but new");
      return isNew && address !== "" && targetId.includes(address);
    }),
  );
}

function hasSchedules({ setup }: View): boolean {
  return [...setup.checks.values()].every(({ schedule }) => schedule !== undefined);
}
