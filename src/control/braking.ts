// The brake on the whole of the plane: follows what stands against targets and anchors, and while the
// prober may be the one that is cut off, lets no target be believed down.

import type { Time } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { ConfiguredTarget } from "../config/pools.ts";
import { event } from "../events/event.ts";
import {
  BRAKE_MAX_MS,
  type Brake,
  type BrakeTarget,
  brake,
  brakeable,
  brakedUntilMs,
  RELEASED,
} from "../health/brake.ts";
import type { HealthInput } from "../health/step.ts";
import { firstFaultMs } from "../health/target.ts";
import type { Anchors } from "./anchors.ts";
import type { EventSink } from "./ports.ts";
import { round } from "./target-events.ts";
import type { TargetRuntime } from "./targets.ts";

/** New doubts of one moment are looked at together, this long after the first of them. */
const LOOK_SOON_MS = 10;
/** While it holds, anchors are asked this often, so that it ends soon after the cut. */
const LOOK_AGAIN_MS = 1000;
/** Anchors that fail again sooner than this after they answered have never quite been back. */
const RELAPSE_MS = 10_000;

/** A target whose verdicts the brake can hold back. */
export function brakeableTarget(target: ConfiguredTarget): ConfiguredTarget {
  const settings = brakeable(target.settings);
  return settings === target.settings ? target : { ...target, settings };
}

/** What the brake is given. */
export interface BrakingPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly anchors: Anchors;
  readonly targets: {
    readonly all: ReadonlyMap<string, TargetRuntime>;
    step(targetId: string, input: HealthInput): void;
  };
}

/**
 * The brake, between what is seen and what is believed.
 *
 * A doubt about any target asks the anchors at once: their answer is there before `fall` failures
 * are. When none answers, verdicts wait for two intervals to see whether half of the targets follow.
 */
export class Braking {
  readonly #ports: BrakingPorts;
  /** By target: when what stands against it, or brought it down, first showed. */
  readonly #faults = new Map<string, number>();
  #brake: Brake = RELEASED;
  /** When anchors last answered again, and since when it had held until then. */
  #released: { readonly atMs: number; readonly heldSinceMs: number | undefined } | undefined;
  /** As it was put on: what failed then is not counted anew. */
  #why = "";
  #cancelLook: (() => void) | undefined;
  #cancelEnd: () => void = () => undefined;

  constructor(ports: BrakingPorts) {
    this.#ports = ports;
  }

  /** The brake while it holds, and since when, in monotonic milliseconds. */
  get holding(): { readonly why: string; readonly sinceMs: number } | undefined {
    const { isHolding, sinceMs } = this.#brake;
    return isHolding && sinceMs !== undefined ? { why: this.#why, sinceMs } : undefined;
  }

  close(): void {
    this.#cancelLook?.();
    this.#cancelEnd();
  }

  /** A target was stepped. */
  noted({ config, health }: TargetRuntime): void {
    if (this.#ports.anchors.all.length === 0) return;
    const known = this.#faults.get(config.id);
    const isDown = health.belief === "down";
    const faultMs = isDown ? (known ?? health.sinceMs) : firstFaultMs(health);
    if (faultMs === undefined) this.#faults.delete(config.id);
    else this.#faults.set(config.id, faultMs);
    if (faultMs !== undefined && known === undefined) this.#lookWithin(LOOK_SOON_MS);
  }

  /** Targets may be gone. */
  prune(): void {
    for (const id of this.#faults.keys()) {
      if (!this.#ports.targets.all.has(id)) this.#faults.delete(id);
    }
  }

  /** Looks at everything now. */
  look(): void {
    const { anchors, time } = this.#ports;
    const nowMs = time.nowMs();
    const before = this.#brake;
    const seen = anchors.seen;
    const isAtRest = before.lostMs === undefined;
    if (isAtRest && seen.some(({ faultMs }) => faultMs === undefined)) return;
    const isRelapse = this.#released !== undefined && nowMs < this.#released.atMs + RELAPSE_MS;
    const sinceMs = before.sinceMs ?? (isRelapse ? this.#released?.heldSinceMs : undefined);
    const next = brake({ anchors: seen, targets: this.#seen(), sinceMs, nowMs });
    this.#brake = next;
    if (next.isHolding !== before.isHolding) this.#turned(before, nowMs);
    this.#apply(nowMs, before.isHolding || !isRelapse);
    if (next.lostMs === undefined) this.#released = { atMs: nowMs, heldSinceMs: sinceMs };
    if (next.isHolding) this.#lookWithin(LOOK_AGAIN_MS);
  }

  #seen(): readonly BrakeTarget[] {
    return [...this.#ports.targets.all].map(([id, { config }]) => {
      return { faultMs: this.#faults.get(id), intervalMs: config.settings.intervalMs };
    });
  }

  #turned(before: Brake, nowMs: number): void {
    const { targets, anchors, time, emit } = this.#ports;
    const { isHolding, why, failing } = this.#brake;
    this.#cancelEnd();
    if (isHolding) {
      this.#why = why;
      // Where it was on a moment ago it only has what is left of its time.
      const leftMs = (this.#brake.sinceMs ?? nowMs) + BRAKE_MAX_MS - nowMs;
      // Before the targets' own timers of that moment: the end is said first, then what is believed.
      this.#cancelEnd = time.after(leftMs, () => this.look());
      const counts = { failing, targets: targets.all.size, anchors: anchors.all.length };
      const fields = { reason: why, ...counts, atMostMs: round(leftMs) };
      const limit = formatDuration(Math.ceil(leftMs / 1000) * 1000);
      emit(event("brake.on", `Nothing is believed down for at most ${limit}: ${why}`, fields));
      return;
    }
    const heldMs = round(nowMs - (before.sinceMs ?? nowMs));
    emit(event("brake.off", `The brake is off again: ${why}`, { reason: why, heldMs }));
  }

  /**
   * Puts it on every target, or takes it off those that it is still on. What failed meanwhile says
   * nothing then; but anchors that answer by fits and starts excuse a target only once.
   */
  #apply(nowMs: number, isExcused: boolean): void {
    const { targets } = this.#ports;
    for (const [id, { health, config }] of targets.all) {
      const untilMs = brakedUntilMs(this.#brake, config.settings.intervalMs);
      if (untilMs === undefined) {
        if (health.brakedUntilMs <= nowMs) continue;
        targets.step(id, isExcused ? { kind: "release" } : { kind: "brake", untilMs: nowMs });
      } else if (untilMs > nowMs && health.brakedUntilMs < untilMs) {
        targets.step(id, { kind: "brake", untilMs });
      }
    }
  }

  #lookWithin(delayMs: number): void {
    if (this.#cancelLook !== undefined) {
      if (delayMs >= LOOK_AGAIN_MS) return;
      this.#cancelLook();
    }
    this.#cancelLook = this.#ports.time.after(delayMs, () => {
      this.#cancelLook = undefined;
      this.#ports.anchors.stepAll({ kind: "asked" });
      this.look();
    });
  }
}
