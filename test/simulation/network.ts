// A network that exists only in simulated time: each address is in some condition, and a prober that
// asks it gets what a real one would see. Implements the same port as the real prober.

import type { Time } from "../../src/base/clock.ts";
import type { Ask } from "../../src/config/ask.ts";
import type { PlannedProbe, ProbePort, ProbeReports } from "../../src/control/ports.ts";
import type { Observation, ObservationCode } from "../../src/health/observation.ts";

/**
 * What an address does with a connection: answers after `afterMs`, refuses, says nothing at all,
 * answers with a bad status, or loses a share of the probes (`lossFraction`).
 */
export type Condition =
  | { readonly kind: "answers"; readonly afterMs: number }
  | { readonly kind: "refuses" }
  | { readonly kind: "silent" }
  | { readonly kind: "status"; readonly afterMs: number }
  | { readonly kind: "lossy"; readonly afterMs: number; readonly lossFraction: number }
  | { readonly kind: "prober-cut" };

const HEALTHY: Condition = { kind: "answers", afterMs: 2 };

interface Watched {
  ask: Ask;
  readonly planned: Set<() => void>;
  readonly running: Set<() => void>;
  isArmed: boolean;
}

/** The simulated network and, at once, its prober. */
export class Network implements ProbePort {
  readonly #time: Time;
  readonly #draw: () => number;
  readonly #conditions = new Map<string, Condition>();
  readonly #targets = new Map<string, Watched>();
  #reports: ProbeReports | undefined;
  #lastProbe = 0;
  /** Probes that were started, by address. */
  readonly started = new Map<string, number>();

  constructor(time: Time, draw: () => number) {
    this.#time = time;
    this.#draw = draw;
  }

  /** Becomes the prober that reports to `reports`. */
  connect(reports: ProbeReports): this {
    this.#reports = reports;
    return this;
  }

  /** Changes what an address does from now on; a refusing one resets idle connections at once. */
  set(address: string, condition: Condition): void {
    this.#conditions.set(address, condition);
    if (condition.kind !== "refuses") return;
    for (const [id, target] of this.#targets) {
      if (target.ask.address !== address || !target.isArmed) continue;
      target.isArmed = false;
      this.#time.after(0.2, () => this.#reports?.tripped(id, this.#time.nowMs()));
    }
  }

  /** The targets that are probed now. */
  get watched(): string[] {
    return [...this.#targets.keys()];
  }

  watch(targetId: string, ask: Ask): void {
    const known = this.#targets.get(targetId);
    if (known !== undefined) known.ask = ask;
    else {
      const target = { ask, planned: new Set<() => void>(), running: new Set<() => void>() };
      this.#targets.set(targetId, { ...target, isArmed: false });
    }
  }

  plan(targetId: string, probes: readonly PlannedProbe[]): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    for (const takeBack of target.planned) takeBack();
    target.planned.clear();
    for (const probe of probes) {
      const takeBack = this.#time.after(probe.atMs - this.#time.nowMs(), () => {
        target.planned.delete(takeBack);
        this.#start(targetId, target, probe);
      });
      target.planned.add(takeBack);
    }
  }

  unwatch(targetId: string): void {
    const target = this.#targets.get(targetId);
    for (const takeBack of [...(target?.planned ?? []), ...(target?.running ?? [])]) takeBack();
    this.#targets.delete(targetId);
  }

  close(): void {
    for (const id of [...this.#targets.keys()]) this.unwatch(id);
  }

  #start(targetId: string, target: Watched, planned: PlannedProbe): void {
    const { address } = target.ask;
    const probe = ++this.#lastProbe;
    const startedMs = this.#time.nowMs();
    this.started.set(address, (this.started.get(address) ?? 0) + 1);
    this.#reports?.started(targetId, probe, startedMs, planned.purpose);
    const outcome = this.#outcome(address, planned.timeoutMs);
    const cancelLate = this.#time.after(planned.lateAfterMs, () =>
      this.#reports?.late(targetId, probe, this.#time.nowMs()),
    );
    const cancelEnd = this.#time.after(outcome.afterMs, () => {
      cancelLate();
      target.running.delete(drop);
      target.isArmed = target.ask.tripwire && outcome.code === "ok";
      const observation: Observation = {
        startedMs,
        endedMs: this.#time.nowMs(),
        code: outcome.code,
        isHard: outcome.code === "connect-refused",
        phases: {},
        detail: outcome.code === "ok" ? "" : outcome.code,
      };
      this.#reports?.observed(targetId, probe, observation);
    });
    const drop = (): void => {
      cancelLate();
      cancelEnd();
    };
    target.running.add(drop);
  }

  #outcome(address: string, timeoutMs: number): { afterMs: number; code: ObservationCode } {
    const condition = this.#conditions.get(address) ?? HEALTHY;
    switch (condition.kind) {
      case "answers":
        return condition.afterMs < timeoutMs
          ? { afterMs: condition.afterMs, code: "ok" }
          : { afterMs: timeoutMs, code: "response-timeout" };
      case "refuses":
        return { afterMs: 0.3, code: "connect-refused" };
      case "silent":
        return { afterMs: timeoutMs, code: "connect-timeout" };
      case "status":
        return { afterMs: condition.afterMs, code: "http-status" };
      case "lossy":
        return this.#draw() < condition.lossFraction
          ? { afterMs: timeoutMs, code: "connect-timeout" }
          : { afterMs: condition.afterMs, code: "ok" };
      case "prober-cut":
        return { afterMs: 0.1, code: "prober-network" };
    }
  }
}
