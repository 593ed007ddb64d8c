// A simulated target, network and prober for health tests: time is a number, a plan is obeyed to
// the millisecond, and what a probe finds follows from how the target behaves while it runs.

import { parseDurationMs } from "../../src/base/duration.ts";
import type { Observation, ObservationCode } from "../../src/health/observation.ts";
import type { PlannedProbe } from "../../src/health/plan.ts";
import { DEFAULT_HEALTH, type HealthSettings } from "../../src/health/settings.ts";
import { type HealthInput, type HealthStep, step } from "../../src/health/step.ts";
import { newTarget, type RememberedBelief, type TargetHealth } from "../../src/health/target.ts";

/** How a target behaves from a moment on. */
export interface Behaviour {
  readonly kind: "answers" | "refuses" | "silent" | "wrong" | "faulty" | "pattern" | "lossy";
  /** Time to the answer, for "answers" and "wrong". */
  readonly afterMs: number;
  /** For "pattern": one probe each, in turn; "+" answers, "-" is silent, "!" refuses, "x" wrong. */
  readonly pattern: string;
}

/** Something that happens to the target or to the prober. */
export type WorldEvent =
  | { readonly atMs: number; readonly kind: "behave"; readonly behaviour: Behaviour }
  | { readonly atMs: number; readonly kind: "trip" }
  | { readonly atMs: number; readonly kind: "hold"; readonly forMs: number };

export interface World {
  readonly settings: HealthSettings;
  readonly phase: number;
  /** The jitter of the n-th observation, -1 to 1. */
  readonly jitter: (n: number) => number;
  /** A closed listener trips the wire at once. */
  readonly hasTripwire: boolean;
  readonly stored?: RememberedBelief;
  readonly mustEarnRise: boolean;
  readonly events: readonly WorldEvent[];
  readonly untilMs: number;
  /** For "lossy": how long an exchange takes, drawn for each probe. */
  readonly exchangeMs?: () => number;
}

/** One step as it was taken. */
export interface WorldStep {
  readonly atMs: number;
  readonly input: HealthInput;
  readonly result: HealthStep;
}

interface Running {
  readonly probe: number;
  readonly startedMs: number;
  readonly plan: PlannedProbe;
  isLate: boolean;
  code: ObservationCode;
  endMs: number;
}

const ANSWERS: Behaviour = { kind: "answers", afterMs: 3, pattern: "" };
const STEPS_MAX = 2_000_000;

/** Runs a world to its end and returns every step, in order. */
export function runWorld(world: World, seen: (step: WorldStep) => void): TargetHealth {
  return new Simulation(world, seen).run();
}

class Simulation {
  readonly #world: World;
  readonly #seen: (step: WorldStep) => void;
  #state: TargetHealth;
  #plan: PlannedProbe[] = [];
  #running: Running[] = [];
  #events: WorldEvent[];
  #behaviour = ANSWERS;
  #patternAt = 0;
  #probes = 0;
  #observations = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(world: World, seen: (step: WorldStep) => void) {
    this.#world = world;
    this.#seen = seen;
    this.#events = [...world.events].sort((a, b) => a.atMs - b.atMs);
    this.#state = newTarget(0, world.stored, { mustEarnRise: world.mustEarnRise });
  }

  run(): TargetHealth {
    this.#step({ kind: "begin", phase: this.#world.phase }, 0);
    for (let i = 0; i < STEPS_MAX; i++) {
      const atMs = this.#nextMs();
      if (atMs > this.#world.untilMs) return this.#state;
      this.#advance(atMs);
    }
    throw new Error("Cannot finish world: it takes too many steps");
  }

  #nextMs(): number {
    return Math.min(
      this.#events[0]?.atMs ?? Number.POSITIVE_INFINITY,
      ...this.#plan.map((probe) => probe.atMs),
      ...this.#running.map((probe) => probe.endMs),
      ...this.#running.map((probe) => (probe.isLate ? Number.POSITIVE_INFINITY : lateMs(probe))),
      this.#wakeAtMs,
    );
  }

  /** One thing at a time, at equal times in this order: the world, results, starts, late, wake. */
  #advance(atMs: number): void {
    const [event] = this.#events;
    const ended = this.#running.find((probe) => probe.endMs <= atMs);
    const due = this.#plan.find((probe) => probe.atMs <= atMs);
    const late = this.#running.find((probe) => !probe.isLate && lateMs(probe) <= atMs);
    if (event !== undefined && event.atMs <= atMs) {
      this.#events.shift();
      this.#happen(event, atMs);
    } else if (ended !== undefined) this.#finish(ended, atMs);
    else if (due !== undefined) this.#start(due, atMs);
    else if (late !== undefined) {
      late.isLate = true;
      this.#step({ kind: "late", probe: late.probe }, atMs);
    } else this.#step({ kind: "wake" }, atMs);
  }

  #happen(event: WorldEvent, atMs: number): void {
    switch (event.kind) {
      case "behave":
        this.#behave(event.behaviour, atMs);
        break;
      case "trip":
        this.#step({ kind: "tripped" }, atMs);
        break;
      case "hold":
        this.#step({ kind: "hold", untilMs: atMs + event.forMs }, atMs);
        break;
    }
  }

  /** A target that dies resets what it was asked; one that goes silent leaves it unanswered. */
  #behave(behaviour: Behaviour, atMs: number): void {
    this.#behaviour = behaviour;
    this.#patternAt = 0;
    if (behaviour.kind === "refuses") {
      for (const probe of this.#running) {
        probe.code = "connect-reset";
        probe.endMs = atMs;
      }
      if (this.#world.hasTripwire) this.#step({ kind: "tripped" }, atMs);
    }
    if (behaviour.kind === "silent") for (const probe of this.#running) silence(probe);
  }

  #start(plan: PlannedProbe, atMs: number): void {
    this.#plan.splice(this.#plan.indexOf(plan), 1);
    const probe = ++this.#probes;
    const { code, afterMs } = this.#outcome(plan);
    const endMs = atMs + afterMs;
    this.#running.push({ probe, startedMs: atMs, plan, isLate: false, code, endMs });
    this.#step({ kind: "started", probe, startedMs: atMs, purpose: plan.purpose }, atMs);
  }

  #outcome(plan: PlannedProbe): { code: ObservationCode; afterMs: number } {
    const { kind, afterMs, pattern } = this.#behaviour;
    const silent = { code: "response-timeout", afterMs: plan.timeoutMs } as const;
    const mark = kind === "pattern" ? pattern[this.#patternAt++ % pattern.length] : kind;
    switch (mark) {
      case "+":
      case "answers":
        return afterMs < plan.timeoutMs ? { code: "ok", afterMs } : silent;
      case "x":
      case "wrong":
        return afterMs < plan.timeoutMs ? { code: "http-status", afterMs } : silent;
      case "!":
      case "refuses":
        return { code: "connect-refused", afterMs: 1 };
      case "lossy": {
        const exchangeMs = this.#world.exchangeMs?.() ?? 0;
        return exchangeMs < plan.timeoutMs ? { code: "ok", afterMs: exchangeMs } : silent;
      }
      case "faulty":
        return { code: "prober-resources", afterMs: 0 };
      default:
        return silent;
    }
  }

  #finish(running: Running, atMs: number): void {
    this.#running.splice(this.#running.indexOf(running), 1);
    const { probe, code, startedMs } = running;
    const isHard = code === "connect-refused" || code === "connect-reset";
    const observation: Observation = {
      ...{ startedMs, endedMs: atMs, code, isHard },
      ...{ phases: {}, detail: "" },
    };
    const jitter = this.#world.jitter(this.#observations++);
    this.#step({ kind: "observed", probe, observation, jitter }, atMs);
  }

  #step(input: HealthInput, atMs: number): void {
    const result = step(this.#state, input, this.#world.settings, atMs);
    this.#state = result.state;
    if (result.plan !== undefined) this.#plan = [...result.plan];
    this.#wakeAtMs = result.wakeAtMs ?? Number.POSITIVE_INFINITY;
    this.#seen({ atMs, input, result });
  }
}

function lateMs(probe: Running): number {
  return probe.startedMs + probe.plan.lateAfterMs;
}

function silence(probe: Running): void {
  probe.code = "response-timeout";
  probe.endMs = probe.startedMs + probe.plan.timeoutMs;
}

/** The durations and counts of settings as a text case writes them: "fall=2 interval=1s". */
export function readSettings(words: readonly string[]): HealthSettings {
  const NAMES: Readonly<Record<string, keyof HealthSettings>> = {
    interval: "intervalMs",
    timeout: "timeoutMs",
    jitter: "jitterFraction",
    fall: "fall",
    rise: "rise",
    grace: "restartGraceMs",
    failures: "failuresMax",
    clean: "cleanRun",
    stale: "staleAfterMs",
  };
  let settings = DEFAULT_HEALTH;
  for (const word of words) {
    const [key = "", value = ""] = word.split("=");
    const name = NAMES[key];
    if (key === "rate") {
      const errorRate = { fraction: Number(value), windowMs: 60_000, samplesMin: 10 };
      settings = { ...settings, errorRate };
      continue;
    }
    if (name === undefined) throw new Error(`Cannot read settings: unknown "${key}"`);
    settings = { ...settings, [name]: parseDurationMs(value) ?? Number(value) };
  }
  return settings;
}

/** Milliseconds of a signed duration in a text case. */
export function readMs(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const durationMs = parseDurationMs(text.replace(/^-/, ""));
  if (durationMs === undefined) throw new Error(`Cannot read duration "${text}"`);
  return sign * durationMs;
}
