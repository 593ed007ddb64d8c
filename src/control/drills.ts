// Drills: a member is forced down for a while, its pool is watched until it moved and came back, and
// everything is written down. The forced state has an end of its own, so that it ends whatever
// becomes of the drill, the operator's terminal or the server.

import type { Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { Refusal } from "../base/refusal.ts";
import { nameToDisplay } from "../dns/name.ts";
import { event } from "../events/event.ts";
import { beginWatch, type DrillWatch, refusalToDrill, watchDrill } from "../failover/drill.ts";
import { answerTypeText, placeIn } from "../failover/family.ts";
import { inForce } from "../health/forced.ts";
import type { DrillMoment, DrillOrder, DrillReport } from "../view/drills.ts";
import type { Engine } from "./engine.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";
import type { EventSink } from "./ports.ts";
import type { DrillRecord } from "./ports-drills.ts";

/** What drills are given. */
export interface DrillPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly engine: Engine;
  readonly pool: (owner: string) => PoolRuntime;
  /** Why an address cannot be taken out of all its pools, if it cannot. */
  readonly refusalToTakeOut: (address: string) => string | undefined;
  readonly save: (drill: DrillRecord) => Promise<void>;
}

/** How often a running drill looks at its pool. */
const LOOK_MS = 50;
const SAVE_AGAIN_MS = 5000;
const TIMELINE_MAX = 200;
/** Drills of this run of the server that are kept with their timelines, beside those of before. */
const KEPT_MAX = 100;

/** A drill by the calendar. */
export interface PlannedDrill extends Omit<DrillOrder, "author"> {
  readonly cron: string;
}

interface Watched {
  readonly family: FamilyRuntime;
  readonly type: "A" | "AAAA" | "CNAME";
  watch: DrillWatch;
  said: string;
}

interface Running {
  record: DrillRecord;
  readonly startedMs: number;
  readonly runtime: PoolRuntime;
  readonly addresses: readonly string[];
  readonly families: readonly Watched[];
  readonly timeline: DrillMoment[];
  cancel: () => void;
}

/** All drills: those of earlier runs as they were stored, those of this one as they go. */
export class Drills {
  readonly #ports: DrillPorts;
  readonly #reports = new Map<number, DrillReport>();
  readonly #running = new Map<number, Running>();
  #lastId = 0;
  #isClosed = false;

  constructor(ports: DrillPorts) {
    this.#ports = ports;
  }

  /** Takes up what is stored. A drill that still ran when the server ended has failed. */
  restore(stored: readonly DrillRecord[]): void {
    for (const record of [...stored].reverse()) {
      this.#lastId = Math.max(this.#lastId, record.id);
      if (record.outcome !== "running") {
        this.#keep(reportOf(record, []));
        continue;
      }
      const reason = "the server ended during the drill; what it forced ends by itself";
      const failed: DrillRecord = { ...record, outcome: "failed", reason };
      this.#keep(reportOf(failed, []));
      this.#save(failed);
      this.#tellEnd(failed, []);
    }
  }

  /** Begins a drill. @throws Refusal when it would show nothing, or do harm. */
  start(order: DrillOrder): DrillReport {
    const { time, emit, engine } = this.#ports;
    const runtime = this.#ports.pool(order.pool);
    const pool = nameToDisplay(runtime.pool.owner);
    const member = memberOf(runtime, order);
    const families = [...runtime.families.values()].filter(({ serving }) => {
      return serving?.includes(member) === true;
    });
    const addresses = this.#refuse(runtime, member, families);
    const id = ++this.#lastId;
    const startedMs = time.nowMs();
    const { author, forMs } = order;
    const startedWallMs = Math.round(time.wallMs());
    const running: Running = {
      record: {
        ...{ id, pool, member, author, forMs, startedWallMs },
        ...{ outcome: "running", reason: "" },
      },
      ...{ startedMs, runtime, addresses, timeline: [], cancel: () => undefined },
      families: families.map((family) => ({
        ...{ family, type: answerTypeText(family.type), said: "" },
        watch: beginWatch(startedMs),
      })),
    };
    this.#running.set(id, running);
    this.#save(running.record);
    const length = formatDuration(forMs);
    for (const { type } of running.families) {
      const msg = `Drill ${id} takes ${member} out of ${pool} ${type} for ${length}`;
      emit(event("drill.started", msg, { drill: id, pool, type, member, author, forMs }));
    }
    this.#note(running, `${addresses.join(" and ")} forced down for ${length}`);
    const reason = `drill ${id}`;
    for (const address of addresses) {
      engine.addresses.forced.force({ address, state: "down", author, reason, forMs });
    }
    this.#look(running);
    return this.report(id);
  }

  /** A drill as far as it has come. @throws Refusal when there is none of that number. */
  report(id: number): DrillReport {
    const running = this.#running.get(id);
    if (running !== undefined) return reportOf(running.record, running.timeline);
    const report = this.#reports.get(id);
    if (report !== undefined) return report;
    throw new Refusal("absent", "NO_DRILL", `There is no drill ${id}`);
  }

  /** The newest first. */
  list(): readonly DrillReport[] {
    const running = [...this.#running.keys()].map((id) => this.report(id));
    return [...this.#reports.values(), ...running].sort((a, b) => b.drill - a.drill);
  }

  /** The drills that pools are to have by the calendar. */
  planned(): readonly PlannedDrill[] {
    const planned: PlannedDrill[] = [];
    // Of thousands of pools few have one.
    for (const { pool } of this.#ports.engine.pools.values()) {
      if (pool.drill === undefined) continue;
      planned.push({ pool: nameToDisplay(pool.owner), ...pool.drill });
    }
    return planned;
  }

  /** The calendar says it is time. A refusal is told: nobody waits for an answer. */
  startPlanned({ pool, member, forMs }: PlannedDrill): void {
    const order = { pool, author: "schedule", forMs, ...(member !== undefined && { member }) };
    try {
      this.start(order);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { message: reason } = error;
      this.#ports.emit(event("drill.refused", reason, { pool, reason }));
    }
  }

  /** Ends the watching; what is forced ends by itself. */
  close(): void {
    this.#isClosed = true;
    for (const running of this.#running.values()) running.cancel();
  }

  /** The addresses that are taken out. @throws Refusal */
  #refuse(
    runtime: PoolRuntime,
    member: string,
    families: readonly FamilyRuntime[],
  ): readonly string[] {
    const pool = nameToDisplay(runtime.pool.owner);
    const refuse = (why: string): never => {
      throw new Refusal("conflict", "NO_DRILL_NOW", `Cannot drill ${pool}: ${why}`);
    };
    const other = [...this.#running.values()].find((running) => running.runtime === runtime);
    if (other !== undefined) refuse(`drill ${other.record.id} is under way`);
    const [first] = runtime.families.values();
    const watched = families.length > 0 ? families : first === undefined ? [] : [first];
    for (const family of watched) {
      const why = refusalToDrill(runtime.input(family), member);
      if (why !== undefined) refuse(why);
    }
    const found = runtime.pool.members.find(({ id }) => id === member);
    const addresses = families.map(({ family }) => placeIn(found, family));
    const known = addresses.filter((address) => address !== undefined);
    for (const address of known) {
      const why = this.#ports.refusalToTakeOut(address);
      if (why !== undefined) refuse(why);
    }
    return known;
  }

  #look(running: Running): void {
    const { time } = this.#ports;
    for (const watched of running.families) this.#watch(running, watched);
    const watches = running.families.map(({ watch }) => watch);
    const failed = watches.find(({ phase }) => phase === "failed");
    const isPassed = watches.every(({ phase }) => phase === "passed");
    if (failed !== undefined) this.#end(running, "failed", failed.reason);
    else if (isPassed) this.#end(running, "passed", "the answer moved and came back");
    else running.cancel = time.after(LOOK_MS, () => this.#look(running));
  }

  #watch(running: Running, watched: Watched): void {
    const { time } = this.#ports;
    const { family, type, watch } = watched;
    const { runtime, record } = running;
    const { decision } = family;
    if (decision === undefined) return;
    const said = `${type} answers ${decision.serve.join(" ") || "nothing"} (${decision.code})`;
    if (said !== watched.said) this.#note(running, said);
    watched.said = said;
    const view = runtime.views(family.family).find(({ id }) => id === record.member);
    const isForced = running.addresses.some((address) => this.#isOurs(address, record.id));
    const seen = {
      ...{ decision, isForced, belief: view?.belief ?? "unknown" },
      changedMs: family.lastSwap?.atMs ?? running.startedMs,
    };
    const nowMs = time.nowMs();
    watched.watch = watchDrill(watch, seen, {
      ...{ pool: runtime.pool, member: record.member, nowMs },
    });
    if (watch.phase === "away" && watched.watch.phase === "returning") {
      this.#note(running, `${record.member} is free again`);
    }
    // What the drill moved it moves back: no operator has to.
    const isAsked = decision.code === "failback-manual" && watched.watch.phase === "returning";
    if (isAsked) runtime.approve(family, record.author);
  }

  #isOurs(address: string, id: number): boolean {
    const forced = this.#ports.engine.addresses.forced.of(address);
    const isOurs = forced?.reason === `drill ${id}`;
    return isOurs && inForce(forced, this.#ports.time.nowMs()) !== undefined;
  }

  #end(running: Running, outcome: "passed" | "failed", reason: string): void {
    const { id, author } = running.record;
    for (const address of running.addresses) {
      if (this.#isOurs(address, id)) this.#ports.engine.addresses.forced.end(address, author);
    }
    const moved = running.families.map(({ watch }) => watch.movedMs);
    const back = running.families.map(({ watch }) => watch.backMs);
    running.record = {
      ...{ ...running.record, outcome, reason },
      ...timeOf("movedMs", moved),
      ...timeOf("backMs", back),
    };
    this.#note(running, `${outcome}: ${reason}`);
    this.#running.delete(id);
    this.#keep(reportOf(running.record, running.timeline));
    this.#save(running.record);
    this.#tellEnd(
      running.record,
      running.families.map(({ type }) => type),
    );
  }

  #tellEnd(record: DrillRecord, types: readonly Watched["type"][]): void {
    const { id, pool, member, outcome, reason, movedMs, backMs } = record;
    const passed = outcome === "passed";
    for (const type of types.length === 0 ? (["A"] as const) : types) {
      const msg = `Drill ${id} of ${member} in ${pool} ${type} ${outcome}: ${reason}`;
      this.#ports.emit(
        event("drill.finished", msg, {
          ...{ drill: id, pool, type, member, passed, reason },
          ...(movedMs !== undefined && { movedMs }),
          ...(backMs !== undefined && { backMs }),
        }),
      );
    }
  }

  #note(running: Running, what: string): void {
    if (running.timeline.length >= TIMELINE_MAX) return;
    const atMs = Math.round(this.#ports.time.nowMs() - running.startedMs);
    running.timeline.push({ atMs, what });
  }

  #keep(report: DrillReport): void {
    this.#reports.set(report.drill, report);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > KEPT_MAX && oldest !== undefined) this.#reports.delete(oldest);
  }

  /** Stores a drill, again and again while the store fails; its newest outcome wins. */
  #save(record: DrillRecord): void {
    this.#ports.save(record).catch(() => {
      if (this.#isClosed) return;
      this.#ports.time.after(SAVE_AGAIN_MS, () => {
        if (this.#isClosed || this.#isOutdated(record)) return;
        this.#save(record);
      });
    });
  }

  #isOutdated(record: DrillRecord): boolean {
    return record.outcome === "running" && !this.#running.has(record.id);
  }
}

function memberOf({ families, pool }: PoolRuntime, { member }: DrillOrder): string {
  const first = [...families.values()].map(({ serving }) => serving?.[0]);
  const id = member ?? first.find((one) => one !== undefined);
  const found = pool.members.find((one) => one.id === id || one.v4 === id || one.v6 === id);
  if (found !== undefined) return found.id;
  const known = pool.members.map((one) => one.id).join(", ");
  const wanted = member ?? "that is answered";
  throw new Refusal("absent", "NO_MEMBER", `There is no member ${wanted}: there are ${known}`);
}

/** The slowest family's time, when every family has one. */
function timeOf<K extends "movedMs" | "backMs">(
  key: K,
  times: readonly (number | undefined)[],
): { readonly [P in K]?: number } {
  const known = times.filter((time) => time !== undefined);
  if (known.length < times.length || known.length === 0) return {};
  return { [key]: Math.round(Math.max(...known)) } as { readonly [P in K]?: number };
}

function reportOf(record: DrillRecord, timeline: readonly DrillMoment[]): DrillReport {
  const { id, ...rest } = record;
  return { drill: id, ...rest, timeline: [...timeline] };
}
