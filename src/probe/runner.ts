// The life of one probe: waits for the caps, starts, may be late, and ends exactly once, by its
// result, its deadline or its owner's word. Whatever a kind does, nothing is thrown out of here.

import type { Time } from "../base/clock.ts";
import type { Ask } from "../config/ask.ts";
import { faultOf } from "./fault.ts";
import { type Entrant, Gate } from "./gate.ts";
import type { Heartbeat } from "./heartbeats.ts";
import { beginKind, type Finding, type Kinds, type StopProbe, type UsesWay } from "./kind.ts";
import type { ProberLimits } from "./limits.ts";
import { Alarm, type Wheel } from "./wheel.ts";

/** What is to be run, and who hears of it. Times are monotonic milliseconds. */
export interface Run {
  readonly ask: Ask;
  readonly isUrgent: boolean;
  /** Asked when the probe begins: whether a success should leave its connection open. */
  readonly keepsConnection: () => boolean;
  /** Asked when the probe begins, of targets that report in by themselves. */
  readonly heartbeat?: () => Heartbeat | undefined;
  /** Silence after the start until `late` is called. */
  readonly lateAfterMs: number;
  /** Silence after the start until the probe ends as a time-out. */
  readonly timeoutMs: number;
  readonly started?: (startedMs: number) => void;
  /** Called at most once, between `started` and `ended`. */
  readonly late?: (nowMs: number) => void;
  /** Called exactly once after a start, unless the probe was dropped. */
  readonly ended: (finding: Finding, startedMs: number, endedMs: number) => void;
}

/** A run that waits or runs. */
export interface Submitted {
  /**
   * Forgets it; nothing more is called, also not from inside this call. Harmless when it has ended.
   */
  drop(): void;
}

/** What all probes of a prober share. */
interface Surroundings {
  readonly time: Time;
  readonly wheel: Wheel;
  readonly kinds: Kinds;
  readonly userAgent: string;
  readonly usesWay: UsesWay;
}

/** Runs probes within the caps. */
export class Runner {
  readonly #surroundings: Surroundings;
  readonly #gate: Gate;

  constructor(surroundings: Surroundings, limits: ProberLimits) {
    this.#surroundings = surroundings;
    this.#gate = new Gate(surroundings.time, limits);
  }

  /** Starts `run` as soon as the caps allow; that may be inside this call. */
  submit(run: Run): Submitted {
    const probe = new Probe(run, this.#surroundings, this.#gate);
    this.#gate.enter(probe);
    return probe;
  }

  /** Whether probes wait that are due. */
  get isCrowded(): boolean {
    return this.#gate.isCrowded;
  }

  /** Admits nothing more; running probes are their owners' to drop. */
  close(): void {
    this.#gate.close();
  }
}

class Probe extends Alarm implements Entrant, Submitted {
  readonly address: string;
  readonly isUrgent: boolean;
  readonly #run: Run;
  readonly #surroundings: Surroundings;
  readonly #gate: Gate;
  #stage: "waiting" | "running" | "over" = "waiting";
  #startedMs = 0;
  #stop: StopProbe | undefined = undefined;

  constructor(run: Run, surroundings: Surroundings, gate: Gate) {
    super();
    this.address = run.ask.address;
    this.isUrgent = run.isUrgent;
    this.#run = run;
    this.#surroundings = surroundings;
    this.#gate = gate;
  }

  admit(): void {
    const run = this.#run;
    const { kinds, time, userAgent, usesWay, wheel } = this.#surroundings;
    this.#stage = "running";
    this.#startedMs = time.nowMs();
    run.started?.(this.#startedMs);
    if (this.#isOver()) return;
    wheel.plan(this, this.#startedMs + Math.min(run.lateAfterMs, run.timeoutMs));
    const env = {
      time,
      timeoutMs: run.timeoutMs,
      keepsConnection: run.keepsConnection(),
      userAgent,
      heartbeat: run.heartbeat?.(),
      usesWay,
    };
    try {
      this.#stop = beginKind(kinds, run.ask, env, (finding) => this.#end(finding));
    } catch (error) {
      // What cannot even begin is this host's own doing, such as an address that it cannot use;
      // it is reported like every other end of a probe.
      const { code, detail } = faultOf(error, "local");
      this.#end({ code, isHard: false, phases: {}, detail });
    }
  }

  drop(): void {
    if (this.#stage === "waiting") this.#gate.withdraw(this);
    if (this.#stage === "running") {
      this.#leave();
      this.#stop?.();
    }
    this.#stage = "over";
    this.#gate.pumpSoon();
  }

  /** It is late, or its deadline has come. */
  override ring(nowMs: number): void {
    if (nowMs - this.#startedMs < this.#run.timeoutMs) {
      this.#surroundings.wheel.plan(this, this.#startedMs + this.#run.timeoutMs);
      this.#run.late?.(nowMs);
    } else if (this.#stop !== undefined) {
      this.#end(this.#stop());
    }
  }

  #end(finding: Finding): void {
    if (this.#isOver()) {
      finding.connection?.close();
      return;
    }
    this.#leave();
    this.#run.ended(finding, this.#startedMs, this.#surroundings.time.nowMs());
    this.#gate.pump();
  }

  /** Gives back what the running probe held of the caps; others start at the next `pump`. */
  #leave(): void {
    this.#stage = "over";
    this.#surroundings.wheel.cancel(this);
    this.#gate.leave(this);
  }

  #isOver(): boolean {
    return this.#stage === "over";
  }
}
