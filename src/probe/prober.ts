// The prober: starts planned probes when they are due and reports what they find. It owns no
// judgement: when to probe is planned by health, what a result means is decided there.

import type { Time } from "../base/clock.ts";
import type { Ask } from "../config/ask.ts";
import type { PlannedProbe, ProbePort, ProbeReports, TripwireState } from "../control/ports.ts";
import type { Kinds } from "./kind.ts";
import { http } from "./kinds/http.ts";
import { tcp } from "./kinds/tcp.ts";
import { DEFAULT_LIMITS, type ProberLimits } from "./limits.ts";
import { type DropProbe, Runner } from "./runner.ts";
import { type Alarm, newAlarm, Wheel } from "./wheel.ts";

/** What a prober is made of; all but `time` and `reports` has a default. */
export interface ProberOptions {
  readonly time: Time;
  readonly reports: ProbeReports;
  readonly limits?: Partial<ProberLimits>;
  /** Our version, for the User-Agent. */
  readonly version?: string;
  readonly kinds?: Kinds;
}

interface Target {
  readonly id: string;
  ask: Ask;
  /** Probes that have not started, as ways to take them back. */
  readonly planned: Set<() => void>;
  readonly running: Set<DropProbe>;
}

/** Probes targets over the network. It reports from its own timers, never from inside a call. */
export class Prober implements ProbePort {
  readonly #reports: ProbeReports;
  readonly #wheel: Wheel;
  readonly #runner: Runner;
  readonly #targets = new Map<string, Target>();
  #lastProbe = 0;

  constructor(options: ProberOptions) {
    this.#reports = options.reports;
    this.#wheel = new Wheel(options.time);
    const surroundings = {
      time: options.time,
      wheel: this.#wheel,
      kinds: options.kinds ?? { http, tcp },
      userAgent: `livezone${options.version === undefined ? "" : `/${options.version}`} (+health check)`,
    };
    this.#runner = new Runner(surroundings, { ...DEFAULT_LIMITS, ...options.limits });
  }

  watch(targetId: string, ask: Ask, _tripwire: TripwireState | undefined): void {
    const known = this.#targets.get(targetId);
    if (known !== undefined) known.ask = ask;
    else this.#targets.set(targetId, { id: targetId, ask, planned: new Set(), running: new Set() });
  }

  plan(targetId: string, probes: readonly PlannedProbe[]): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    for (const takeBack of target.planned) takeBack();
    target.planned.clear();
    for (const planned of probes) this.#hangUp(target, planned);
  }

  unwatch(targetId: string): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    this.#targets.delete(targetId);
    for (const takeBack of target.planned) takeBack();
    for (const drop of target.running) drop();
  }

  close(): void {
    this.#runner.close();
    for (const targetId of this.#targets.keys()) this.unwatch(targetId);
    this.#wheel.close();
  }

  #hangUp(target: Target, planned: PlannedProbe): void {
    const alarm: Alarm = newAlarm(() => {
      target.planned.delete(takeBack);
      this.#submit(target, planned);
    });
    const takeBack = (): void => this.#wheel.cancel(alarm);
    target.planned.add(takeBack);
    this.#wheel.plan(alarm, planned.atMs);
  }

  #submit(target: Target, planned: PlannedProbe): void {
    const reports = this.#reports;
    const { purpose, lateAfterMs, timeoutMs } = planned;
    const probe = ++this.#lastProbe;
    // Submitting may start the probe at once, before its way back is known here.
    let drop: DropProbe = () => {};
    const dropIt = (): void => drop();
    target.planned.add(dropIt);
    drop = this.#runner.submit({
      ask: target.ask,
      isUrgent: purpose === "confirm",
      keepsConnection: () => false,
      lateAfterMs,
      timeoutMs,
      started: (startedMs) => {
        target.planned.delete(dropIt);
        target.running.add(dropIt);
        reports.started(target.id, probe, startedMs, purpose);
      },
      late: (nowMs) => reports.late(target.id, probe, nowMs),
      ended: (finding, startedMs, endedMs) => {
        target.running.delete(dropIt);
        const { code, isHard, phases, detail } = finding;
        reports.observed(target.id, probe, { startedMs, endedMs, code, isHard, phases, detail });
      },
    });
  }
}
