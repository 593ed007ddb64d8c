// What an invariant is, and what it looks at.

import type { ProbePurpose } from "../../src/control/ports.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import type { Observation } from "../../src/health/observation.ts";
import type { MemberStatus, PoolStatus, StatusReport } from "../../src/view/status.ts";
import type { Reply } from "./client.ts";
import type { Plane } from "./plane.ts";
import { APEX, type Setup } from "./setup.ts";

/** One probe, as the prober reported it to control. */
export type ProbeNews =
  | { readonly kind: "started"; readonly purpose: ProbePurpose }
  | { readonly kind: "observed"; readonly observation: Observation };

/** How a life of control or of the process ended. */
export type End = "control dies" | "process dies" | "process stops";

/** Something that must hold in every state. Each says what is wrong, or nothing. */
export interface Invariant {
  /** What must hold, in a few words. */
  readonly name: string;
  /** Control said something. */
  heard?(event: LivezoneEvent, view: View): string | undefined;
  /** A probe started or ended; control has not heard of it yet. */
  probed?(targetId: string, probe: number, news: ProbeNews, view: View): string | undefined;
  /** Something may have changed. */
  check?(view: View): string | undefined;
  /** A life is about to end. */
  ending?(end: End, view: View): string | undefined;
  /** A start has ended well. */
  started?(view: View): string | undefined;
  /** All faults are over for long. */
  settled?(view: View): string | undefined;
}

/** The state of everything at one moment; made anew for every look. */
export class View {
  readonly plane: Plane;
  /** What the files hold now. */
  readonly setup: Setup;
  readonly nowMs: number;
  /** Until then control decides nothing: it has said that it does not trust the clock. */
  readonly holdUntilMs: number;
  /** The end of the last stall. */
  readonly awakeMs: number;
  /** Every name that the script ever speaks of. */
  readonly owners: readonly string[];
  readonly #replies = new Map<string, Reply>();
  #status: StatusReport | undefined;

  constructor(
    plane: Plane,
    facts: {
      readonly setup: Setup;
      readonly holdUntilMs: number;
      readonly awakeMs: number;
      readonly owners: readonly string[];
    },
  ) {
    this.plane = plane;
    this.nowMs = plane.time.nowMs();
    this.setup = facts.setup;
    this.holdUntilMs = facts.holdUntilMs;
    this.awakeMs = facts.awakeMs;
    this.owners = facts.owners;
  }

  /** Whether control has started and lives. */
  get isReady(): boolean {
    return this.plane.readyMs !== undefined;
  }

  get isHolding(): boolean {
    return this.nowMs <= this.holdUntilMs;
  }

  get status(): StatusReport {
    this.#status ??= this.plane.status();
    return this.#status;
  }

  /** Every family of every pool in force; none while control is not there. */
  get pools(): readonly PoolStatus[] {
    return this.isReady ? this.status.pools : [];
  }

  /** What a client gets. */
  reply(name: string, type: "A" | "AAAA" | "CNAME" | "TXT"): Reply {
    const key = `${type} ${name}`;
    const reply = this.#replies.get(key) ?? this.plane.client.ask(`${name}.`, type);
    this.#replies.set(key, reply);
    return reply;
  }

  /** What clients get together: of a pool that answers one member to each, all it draws from. */
  answered(name: string, type: "A" | "AAAA" | "CNAME"): Reply {
    const reply = this.reply(name, type);
    const pool = this.pools.find((one) => one.pool === name && one.type === type);
    if (pool?.policy !== "weighted" && pool?.policy !== "sticky") return reply;
    const [one = "", ...others] = reply.data;
    const isDrawn = others.length === 0 && pool.serving.includes(one);
    return isDrawn ? { ...reply, data: [...pool.serving].sort() } : reply;
  }

  serial(): number | undefined {
    return this.plane.client.serial(`${APEX}.`);
  }
}

/** Whether a member may be served: up and nothing against it, or forced up. */
export function isAllowed(member: MemberStatus): boolean {
  if (member.forced !== undefined) return member.forced.state === "up";
  return member.belief === "up" && !member.reason.startsWith("up but");
}
