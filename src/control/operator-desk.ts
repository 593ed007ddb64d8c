// Where operators are heard: what they order is looked at, refused with a sentence or carried out at
// once, and stored right behind.

import type { Time } from "../base/clock.ts";
import { Refusal } from "../base/refusal.ts";
import { nameToDisplay } from "../dns/name.ts";
import { membersOf } from "../failover/decide.ts";
import { answerTypeText, placeIn } from "../failover/family.ts";
import { refusalToTakeOut } from "../failover/guards.ts";
import type { DrillOrder, DrillReport } from "../view/drills.ts";
import type { ExplanationReport } from "../view/explanation.ts";
import type {
  ApproveReport,
  FailbackOrder,
  FailbackReport,
  ForceOrder,
  ForceReport,
  PoolAnswer,
} from "../view/orders.ts";
import { Drains } from "./drains.ts";
import { Drills } from "./drills.ts";
import type { Engine } from "./engine.ts";
import { explainFamily } from "./explain.ts";
import { bringBack } from "./failbacks.ts";
import { Maintenance } from "./maintenance.ts";
import { forcedOf } from "./member-facts.ts";
import type { FamilyRuntime } from "./pool-family.ts";
import type { PoolRuntime } from "./pool-runtime.ts";
import type { EventSink } from "./ports.ts";
import type { DrainRecord } from "./ports-drains.ts";
import type { DrillRecord } from "./ports-drills.ts";
import type { Propagations } from "./propagations.ts";
import { brakeOf } from "./status.ts";

/** What the desk is given. */
export interface DeskPorts {
  readonly time: Time;
  readonly engine: Engine;
  /** Stores what is new; false when the store would not take it. */
  readonly save: () => Promise<boolean>;
  readonly emit: EventSink;
  readonly saveDrill: (drill: DrillRecord) => Promise<void>;
  readonly saveDrain: (drain: DrainRecord) => Promise<void>;
  /** Undefined where nobody follows where swaps spread to. */
  readonly propagations: Propagations | undefined;
}

/** How long an order waits to be stored: it is in force already, and stored as soon as it can be. */
const DURABLE_WITHIN_MS = 2000;

/** Takes orders about addresses and pools. Each throws a `Refusal` that says why it does nothing. */
export class OperatorDesk {
  readonly #ports: DeskPorts;
  readonly drills: Drills;
  readonly drains: Drains;
  readonly maintenance: Maintenance;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
    const { time, engine, emit, saveDrill } = ports;
    this.drills = new Drills({
      ...{ time, engine, emit, save: saveDrill },
      pool: (owner) => this.pool(owner),
      refusalToTakeOut: (address) => this.refusalToTakeOut(address),
    });
    this.maintenance = new Maintenance({
      ...{ time, engine, emit },
      refusalToTakeOut: (address) => this.refusalToTakeOut(address),
    });
    this.drains = new Drains({
      ...{ time, engine, emit, propagations: ports.propagations },
      save: (drain) => this.#saveDrain(drain),
      answersAt: (address) => this.#answersAt(address),
      refuseUnknown: (address) => this.#poolsAt(address),
      refusalToTakeOut: (address) => this.refusalToTakeOut(address),
    });
  }

  /** Forces an address up or down, unless that would leave a pool too few healthy members. */
  async force(order: ForceOrder): Promise<ForceReport> {
    const { address, state } = order;
    this.#poolsAt(address);
    const refusal = state === "down" ? this.refusalToTakeOut(address) : undefined;
    if (refusal !== undefined && order.isFloorIgnored !== true) {
      const mend = "force it if that is meant";
      throw new Refusal(
        "conflict",
        "FLOOR",
        `Cannot force ${address} ${state}: ${refusal}; ${mend}`,
      );
    }
    this.#ports.engine.addresses.forced.force(order);
    return this.#report(address);
  }

  /** Ends what is forced of an address. */
  async unforce(address: string, author: string): Promise<ForceReport> {
    const { engine } = this.#ports;
    if (!engine.addresses.forced.end(address, author)) {
      const others = engine.addresses.forced.inForce();
      const forced = others.length === 0 ? "" : `; what is forced: ${others.join(", ")}`;
      throw new Refusal("absent", "NOT_FORCED", `Nothing is forced of ${address}${forced}`);
    }
    return this.#report(address);
  }

  /** Says yes to what a pool waits for, in every family that waits. */
  approve(owner: string, author: string): ApproveReport {
    const pool = this.pool(owner);
    const approved = [...pool.families.values()].filter(
      (family) => pool.approve(family, author) !== undefined,
    );
    if (approved.length > 0) return { pools: approved.map((family) => answerOf(pool, family)) };
    const [family] = pool.families.values();
    const state =
      family?.decision?.code === "shadow"
        ? "the pool is in shadow mode and changes nothing"
        : "it waits for nothing";
    throw new Refusal(
      "conflict",
      "NOTHING_TO_APPROVE",
      `Cannot approve a swap of ${owner}: ${state}`,
    );
  }

  /** Brings the recovered member of a pool back, or says what that would do. */
  failback(owner: string, order: FailbackOrder): FailbackReport {
    return bringBack(this.pool(owner), order);
  }

  /** Why a pool answers what it answers, in one family or in all it has. */
  explain(owner: string, type?: "A" | "AAAA" | "CNAME"): ExplanationReport {
    const { time, engine } = this.#ports;
    const pool = this.pool(owner);
    const wanted = [...pool.families.values()].filter((family) => {
      return type === undefined || answerTypeText(family.type) === type;
    });
    if (wanted.length === 0) {
      throw new Refusal("absent", "NO_TYPE", `The pool ${owner} has no address of type ${type}`);
    }
    const nowMs = time.nowMs();
    const nowWallMs = time.wallMs();
    const toWallMs = (monotonicMs: number): number => Math.round(monotonicMs - nowMs + nowWallMs);
    const vantage = { engine, drains: this.drains, nowMs, toWallMs };
    const { brake } = brakeOf(engine, toWallMs);
    const families = wanted.map((family) => explainFamily(pool, family, vantage));
    return { nowWallMs, ...(brake !== undefined && { brake }), families };
  }

  /** Takes a member out for a while, and watches its pool move and come back. */
  drill(order: DrillOrder): DrillReport {
    return this.drills.start(order);
  }

  /** A pool by its owner's name. */
  pool(owner: string): PoolRuntime {
    const wanted = owner.replace(/\.$/, "").toLowerCase();
    const pools = [...this.#ports.engine.pools.values()];
    const found = pools.find(({ pool }) => nameToDisplay(pool.owner).toLowerCase() === wanted);
    if (found !== undefined) return found;
    const known = pools.map(({ pool }) => nameToDisplay(pool.owner));
    throw new Refusal("absent", "NO_POOL", `There is no pool ${owner}: ${listed(known)}`);
  }

  /** Why an address cannot be taken out of its pools, if it cannot. */
  refusalToTakeOut(address: string): string | undefined {
    for (const pool of this.#ports.engine.poolsAt(address)) {
      for (const family of pool.families.values()) {
        const ids = membersOf(pool.pool, family.family)
          .filter((member) => placeIn(member, family.family) === address)
          .map((member) => member.id);
        const refusal = ids.length === 0 ? undefined : refusalToTakeOut(pool.input(family), ids);
        if (refusal !== undefined) return `${titleOf(pool, family)}: ${refusal}`;
      }
    }
    return undefined;
  }

  #poolsAt(address: string): readonly PoolRuntime[] {
    const { engine } = this.#ports;
    const pools = engine.poolsAt(address);
    if (pools.length > 0) return pools;
    const known = new Set<string>();
    for (const { pool } of engine.pools.values()) {
      for (const { v4, v6 } of pool.members) for (const one of [v4, v6]) if (one) known.add(one);
    }
    throw new Refusal("absent", "NO_ADDRESS", `No pool answers ${address}: ${listed([...known])}`);
  }

  async #report(address: string): Promise<ForceReport> {
    const { engine, time } = this.#ports;
    const isDurable = await this.#isStored();
    const nowMs = time.nowMs();
    const nowWallMs = time.wallMs();
    const forced = engine.addresses.forced.of(address);
    const views = engine.poolsAt(address).flatMap((pool) => pool.viewsAt(address));
    const belief = views.some((view) => view.belief === "down") ? "down" : "up";
    const toWallMs = (monotonicMs: number): number => Math.round(monotonicMs - nowMs + nowWallMs);
    const status = forced && forcedOf({ forced, belief }, nowMs, toWallMs);
    return {
      ...{ address, isDurable, nowWallMs },
      ...(status !== undefined && { forced: status }),
      pools: this.#answersAt(address),
    };
  }

  /** What the pools that have an address answer. */
  #answersAt(address: string): PoolAnswer[] {
    return this.#ports.engine.poolsAt(address).flatMap((pool) => {
      return [...pool.families.values()]
        .filter(({ family }) => pool.pool.members.some((m) => placeIn(m, family) === address))
        .map((family) => answerOf(pool, family));
    });
  }

  /** What is forced first: a stage that is stored never tells of what is not. */
  #saveDrain(drain: DrainRecord): Promise<boolean> {
    const { save, saveDrain } = this.#ports;
    return this.#isStored(async () => {
      if (!(await save())) return false;
      return saveDrain(drain).then(
        () => true,
        () => false,
      );
    });
  }

  #isStored(save = this.#ports.save): Promise<boolean> {
    const { time } = this.#ports;
    return new Promise((resolve) => {
      const cancel = time.after(DURABLE_WITHIN_MS, () => resolve(false));
      void save().then((isSaved) => {
        cancel();
        resolve(isSaved);
      });
    });
  }
}

/** "www.example.org A", as people are told of a family of a pool. */
export function titleOf({ pool }: PoolRuntime, { type }: FamilyRuntime): string {
  return `${nameToDisplay(pool.owner)} ${answerTypeText(type)}`;
}

function answerOf({ pool }: PoolRuntime, family: FamilyRuntime): PoolAnswer {
  return {
    pool: nameToDisplay(pool.owner),
    type: answerTypeText(family.type),
    serving: family.serving ?? [],
    code: family.decision?.code ?? "",
    reason: family.decision?.why ?? "",
  };
}

/** At most a few of what there is, for whoever has mistyped. */
function listed(known: readonly string[]): string {
  const LISTED_MAX = 8;
  if (known.length === 0) return "there is none";
  const rest = known.length > LISTED_MAX ? ` and ${known.length - LISTED_MAX} more` : "";
  return `there are ${known.slice(0, LISTED_MAX).join(", ")}${rest}`;
}
