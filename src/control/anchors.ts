// Anchors: what is there whatever happens to the targets. They are probed and believed like targets,
// are in no pool, and nothing is decided by them but whether the prober itself may be cut off.

import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ConfiguredTarget } from "../config/targets.ts";
import { event } from "../events/event.ts";
import type { BrakeTarget } from "../health/brake.ts";
import { isProberFault, type Observation } from "../health/observation.ts";
import { type BeliefChange, type HealthInput, step } from "../health/step.ts";
import { firstFaultMs, newTarget, type TargetHealth } from "../health/target.ts";
import type { EventSink, ProbePort, ProbePurpose, ProbeReports } from "./ports.ts";

/** One anchor and what is believed of it. */
export interface AnchorRuntime {
  readonly config: ConfiguredTarget;
  health: TargetHealth;
  /** Whether the newest of its probes that has ended was answered. */
  isAnswering: boolean;
  /** When what stands against it first showed; undefined while it answers. */
  faultMs: number | undefined;
  cancelWake: () => void;
}

/** What anchors are given. */
export interface AnchorsPorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly configured: readonly ConfiguredTarget[];
  /** A step of one of them was taken. */
  readonly stepped: () => void;
}

/** Every anchor of the configuration. They share the prober with the targets, under ids of their own. */
export class Anchors implements ProbeReports {
  readonly #ports: AnchorsPorts;
  readonly #all = new Map<string, AnchorRuntime>();
  #probes: ProbePort | undefined;

  constructor(ports: AnchorsPorts) {
    this.#ports = ports;
    const nowMs = ports.time.nowMs();
    for (const config of ports.configured) {
      const fresh = { health: newTarget(nowMs), isAnswering: false, faultMs: undefined };
      this.#all.set(config.id, { config, ...fresh, cancelWake: () => undefined });
    }
  }

  get all(): readonly AnchorRuntime[] {
    return [...this.#all.values()];
  }

  /** As the brake looks at them. */
  get seen(): readonly BrakeTarget[] {
    return this.all.map(({ faultMs, config }) => {
      return { faultMs, intervalMs: config.settings.intervalMs };
    });
  }

  /** Builds the one prober: what it says of anchors comes here, all else goes to `others`. */
  share(build: (reports: ProbeReports) => ProbePort, others: ProbeReports): ProbePort {
    const whose = (id: string): ProbeReports => (this.#all.has(id) ? this : others);
    const probes = build({
      started: (id, probe, startedMs, purpose) => whose(id).started(id, probe, startedMs, purpose),
      late: (id, probe, nowMs) => whose(id).late(id, probe, nowMs),
      observed: (id, probe, observation) => whose(id).observed(id, probe, observation),
      tripped: (id, nowMs) => whose(id).tripped(id, nowMs),
      tripwireLearned: (id, state) => whose(id).tripwireLearned(id, state),
    });
    this.#probes = probes;
    return probes;
  }

  /** Begins to probe them. */
  start(): void {
    for (const { config } of this.#all.values()) {
      this.#probes?.watch(config.id, config.ask, "off");
      this.step(config.id, { kind: "begin", phase: this.#ports.random.fraction() });
    }
  }

  close(): void {
    for (const anchor of this.#all.values()) anchor.cancelWake();
  }

  /** Lets the same happen to each of them. */
  stepAll(input: HealthInput): void {
    for (const id of this.#all.keys()) this.step(id, input);
  }

  // --- ProbeReports ---------------------------------------------------------------------------

  started(id: string, probe: number, startedMs: number, purpose: ProbePurpose): void {
    this.step(id, { kind: "started", probe, startedMs, purpose });
  }

  late(id: string, probe: number): void {
    this.step(id, { kind: "late", probe });
  }

  observed(id: string, probe: number, observation: Observation): void {
    const anchor = this.#all.get(id);
    if (anchor !== undefined && !isProberFault(observation)) {
      // One that started before the newest success and fails late is old news.
      const isNews = observation.startedMs > anchor.health.successStartMs;
      if (observation.code === "ok") anchor.isAnswering = true;
      else if (isNews) anchor.isAnswering = false;
    }
    const jitter = this.#ports.random.fraction() * 2 - 1;
    this.step(id, { kind: "observed", probe, observation, jitter });
  }

  /** They have no idle connections: those would say nothing that a probe does not. */
  tripped(): void {
    // Nothing was armed.
  }

  tripwireLearned(): void {
    // Nothing was armed.
  }

  /** Lets something happen to an anchor. */
  step(id: string, input: HealthInput): void {
    const anchor = this.#all.get(id);
    if (anchor === undefined) return;
    const { time } = this.#ports;
    const nowMs = time.nowMs();
    const result = step(anchor.health, input, anchor.config.settings, nowMs);
    anchor.health = result.state;
    anchor.faultMs = faultOf(anchor, nowMs);
    if (result.plan !== undefined) this.#probes?.plan(id, result.plan);
    anchor.cancelWake();
    anchor.cancelWake = () => undefined;
    if (result.wakeAtMs !== undefined) {
      const wake = (): void => this.step(id, { kind: "wake" });
      anchor.cancelWake = time.after(Math.max(0, result.wakeAtMs - nowMs), wake);
    }
    if (result.change !== undefined) this.#tell(anchor, result.change);
    this.#ports.stepped();
  }

  #tell({ config }: AnchorRuntime, { to, from, reason }: BeliefChange): void {
    const { display } = config;
    // That they are there at a start is no news.
    if (to === "up" && from === "unknown") return;
    const fields = { anchor: display, reason };
    const msg = `Anchor ${display} is ${to}: ${reason}`;
    this.#ports.emit(event(to === "up" ? "anchor.up" : "anchor.down", msg, fields));
  }
}

/** One success is enough to answer: the way there is open, whatever it takes to be believed up. */
function faultOf(anchor: AnchorRuntime, nowMs: number): number | undefined {
  if (anchor.health.belief !== "down") return firstFaultMs(anchor.health);
  return anchor.isAnswering ? undefined : (anchor.faultMs ?? nowMs);
}
