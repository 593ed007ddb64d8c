// A network that exists only in simulated time: each address is in some condition, and a prober that
// asks it gets what a real one would see. Implements the same port as the real prober.

import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Ask } from "../config/ask.ts";
import type { PlannedProbe, ProbePort, ProbeReports } from "../control/ports.ts";
import type { Observation, ObservationCode } from "../health/observation.ts";
import { exchangeMs } from "./lossy.ts";

/**
 * What an address does with a connection: answers after `afterMs`, refuses, says nothing at all,
 * answers with a bad status, or loses a share of the packets (`lossFraction`), which TCP sends
 * again. `recorded` says what was once found at such a moment. `prober-cut` is the prober's own
 * network, not the address; `isProberDeaf` is that network too, where nobody says so.
 */
export type Condition =
  | { readonly kind: "answers"; readonly afterMs: number }
  | { readonly kind: "refuses" }
  | { readonly kind: "silent" }
  | { readonly kind: "status"; readonly afterMs: number }
  | { readonly kind: "lossy"; readonly afterMs: number; readonly lossFraction: number }
  | { readonly kind: "recorded"; readonly at: (nowMs: number) => Outcome }
  | { readonly kind: "prober-cut" };

const HEALTHY: Condition = { kind: "answers", afterMs: 2 };
/** A kernel gives up an idle connection to a black hole: 1 s idle, then two tries of 1 s. */
const KEEPALIVE_MS = 3000;
const CUT: Condition = { kind: "prober-cut" };
const SILENT: Condition = { kind: "silent" };

interface Running {
  readonly probe: number;
  readonly startedMs: number;
  readonly timeoutMs: number;
  /** Takes back what is to happen to it. */
  drop: () => void;
}

interface Watched {
  ask: Ask;
  readonly sinceMs: number;
  lastStartMs: number;
  readonly planned: Set<() => void>;
  readonly running: Set<Running>;
  isArmed: boolean;
}

/** How a probe ends. */
export interface Outcome {
  readonly afterMs: number;
  readonly code: ObservationCode;
}

/** The addresses and what they do; it goes on whoever probes it. */
export class Network {
  readonly #conditions = new Map<string, Condition>();
  readonly #random: Random;
  readonly #flaps = new Map<string, () => void>();
  #time: Time;
  #prober: NetworkProber | undefined;
  isProberCut = false;
  /** Whatever is asked, no answer comes back. */
  isProberDeaf = false;
  /** Probes that were started, by address. */
  readonly started = new Map<string, number>();

  constructor(time: Time, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** The prober of one life of control; the one before it is gone. */
  connect(time: Time, reports: ProbeReports): ProbePort {
    this.#prober = new NetworkProber(this, time, reports);
    return this.#prober;
  }

  /** Nobody probes any more: that life is over. */
  disconnect(): void {
    this.#prober?.close();
    this.#prober = undefined;
  }

  /** The prober of the present life. */
  get prober(): NetworkProber | undefined {
    return this.#prober;
  }

  /** The targets that are probed now. */
  get watched(): string[] {
    return this.#prober?.watched ?? [];
  }

  /** @param target a target with a condition of its own, whatever its address does. */
  condition(address: string, target = ""): Condition {
    if (this.isProberCut) return CUT;
    if (this.isProberDeaf) return SILENT;
    return this.#conditions.get(target) ?? this.#conditions.get(address) ?? HEALTHY;
  }

  /** Changes what an address does from now on, and ends its flapping. */
  set(address: string, condition: Condition): void {
    this.#flaps.get(address)?.();
    this.#flaps.delete(address);
    this.#become(address, condition);
  }

  /** Lets an address be in two conditions by turns, half a period each, the bad one first. */
  flap(address: string, bad: Condition, periodMs: number): void {
    this.set(address, bad);
    let isBad = true;
    const turn = (): void => {
      isBad = !isBad;
      this.#become(address, isBad ? bad : HEALTHY);
      this.#flaps.set(address, this.#time.after(periodMs / 2, turn));
    };
    this.#flaps.set(address, this.#time.after(periodMs / 2, turn));
  }

  /** What a probe that starts now will find. */
  outcome(address: string, timeoutMs: number, target?: string): Outcome {
    this.started.set(address, (this.started.get(address) ?? 0) + 1);
    const condition = this.condition(address, target);
    const within = (afterMs: number, code: ObservationCode): Outcome =>
      afterMs < timeoutMs
        ? { afterMs, code }
        : {
            afterMs: timeoutMs,
            code: afterMs === SILENCE ? "connect-timeout" : "response-timeout",
          };
    switch (condition.kind) {
      case "answers":
        return within(condition.afterMs, "ok");
      case "refuses":
        return { afterMs: 0.3, code: "connect-refused" };
      case "silent":
        return within(SILENCE, "connect-timeout");
      case "status":
        return within(condition.afterMs, "http-status");
      case "lossy":
        return within(condition.afterMs + exchangeMs(this.#random, condition.lossFraction), "ok");
      case "recorded": {
        const { afterMs, code } = condition.at(this.#time.nowMs());
        return code === "ok"
          ? within(afterMs, code)
          : { afterMs: Math.min(afterMs, timeoutMs), code };
      }
      case "prober-cut":
        return { afterMs: 0.1, code: "prober-network" };
    }
  }

  #become(address: string, condition: Condition): void {
    this.#conditions.set(address, condition);
    if (!this.isProberCut && !this.isProberDeaf) this.#prober?.changed(address, condition);
  }
}

const SILENCE = Number.POSITIVE_INFINITY;

/** A prober over the simulated network. It reports from timers, never from inside a call. */
export class NetworkProber implements ProbePort {
  readonly #network: Network;
  readonly #time: Time;
  readonly #reports: ProbeReports;
  readonly #targets = new Map<string, Watched>();
  #lastProbe = 0;

  constructor(network: Network, time: Time, reports: ProbeReports) {
    this.#network = network;
    this.#time = time;
    this.#reports = reports;
  }

  get watched(): string[] {
    return [...this.#targets.keys()];
  }

  /** By target: its address, and since when no probe of it has started. */
  idle(): { readonly id: string; readonly ask: Ask; readonly sinceMs: number }[] {
    return [...this.#targets].map(([id, { ask, sinceMs, lastStartMs }]) => {
      return { id, ask, sinceMs: Math.max(sinceMs, lastStartMs) };
    });
  }

  /** A host that dies resets what was asked of it, and its idle connection; a black hole does not. */
  changed(address: string, condition: Condition): void {
    for (const [id, target] of this.#targets) {
      if (target.ask.address !== address) continue;
      if (condition.kind === "refuses") {
        for (const running of [...target.running]) {
          running.drop();
          this.#endAfter(id, target, running, { afterMs: 0.2, code: "connect-reset" });
        }
        if (target.isArmed) this.#tripAfter(id, target, 0.2);
      }
      if (condition.kind === "silent") {
        for (const running of [...target.running]) {
          running.drop();
          const afterMs = running.startedMs + running.timeoutMs - this.#time.nowMs();
          this.#endAfter(id, target, running, { afterMs, code: "response-timeout" });
        }
        if (target.isArmed) this.#tripAfter(id, target, KEEPALIVE_MS);
      }
    }
  }

  watch(targetId: string, ask: Ask): void {
    const known = this.#targets.get(targetId);
    if (known !== undefined) {
      known.ask = ask;
      return;
    }
    const planned = new Set<() => void>();
    const times = { sinceMs: this.#time.nowMs(), lastStartMs: Number.NEGATIVE_INFINITY };
    this.#targets.set(targetId, { ask, ...times, planned, running: new Set(), isArmed: false });
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

  heartbeat(): boolean {
    return false;
  }

  unwatch(targetId: string): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    for (const takeBack of target.planned) takeBack();
    for (const running of target.running) running.drop();
    this.#targets.delete(targetId);
  }

  close(): void {
    for (const id of [...this.#targets.keys()]) this.unwatch(id);
  }

  #start(id: string, target: Watched, planned: PlannedProbe): void {
    const { timeoutMs } = planned;
    const startedMs = this.#time.nowMs();
    target.lastStartMs = startedMs;
    const running: Running = {
      ...{ probe: ++this.#lastProbe, startedMs, timeoutMs },
      drop: () => undefined,
    };
    target.running.add(running);
    this.#reports.started(id, running.probe, startedMs, planned.purpose);
    if (!target.running.has(running)) return;
    const outcome = this.#network.outcome(target.ask.address, timeoutMs, id);
    const cancelLate = this.#time.after(planned.lateAfterMs, () => {
      target.isArmed = false;
      this.#reports.late(id, running.probe, this.#time.nowMs());
    });
    this.#endAfter(id, target, running, outcome, cancelLate);
  }

  #endAfter(
    id: string,
    target: Watched,
    running: Running,
    outcome: Outcome,
    cancelLate: () => void = () => undefined,
  ): void {
    target.running.add(running);
    const cancelEnd = this.#time.after(outcome.afterMs, () => {
      running.drop();
      this.#finish(id, target, running, outcome.code);
    });
    running.drop = () => {
      cancelLate();
      cancelEnd();
      target.running.delete(running);
    };
  }

  /** A loop that stood still meets its own deadline first: what came meanwhile came too late. */
  #finish(id: string, target: Watched, running: Running, code: ObservationCode): void {
    const endedMs = this.#time.nowMs();
    const isOver = endedMs - running.startedMs > running.timeoutMs;
    const found = isOver ? "response-timeout" : code;
    target.isArmed = target.ask.tripwire && found === "ok";
    const observation: Observation = {
      ...{ startedMs: running.startedMs, endedMs, code: found },
      ...{ isHard: found === "connect-refused" || found === "connect-reset" },
      ...{ phases: {}, detail: found === "ok" ? "" : found },
    };
    this.#reports.observed(id, running.probe, observation);
  }

  #tripAfter(id: string, target: Watched, delayMs: number): void {
    this.#time.after(delayMs, () => {
      const { kind } = this.#network.condition(target.ask.address);
      if (!target.isArmed || this.#targets.get(id) !== target) return;
      if (delayMs === KEEPALIVE_MS && kind !== "silent") return;
      target.isArmed = false;
      this.#reports.tripped(id, this.#time.nowMs());
    });
  }
}
