// A prober on the real clock whose reports are kept, and can be waited for.

import { realTime } from "../../src/app/real-time.ts";
import type { PlannedProbe, TripwireState } from "../../src/control/ports.ts";
import type { Observation } from "../../src/health/observation.ts";
import type { Kinds } from "../../src/probe/kind.ts";
import type { ProberLimits } from "../../src/probe/limits.ts";
import { Prober } from "../../src/probe/prober.ts";

/** One report, in the order they came. */
export type Report =
  | { readonly kind: "started"; readonly targetId: string; readonly probe: number }
  | { readonly kind: "late"; readonly targetId: string; readonly probe: number }
  | { readonly kind: "observed"; readonly targetId: string; readonly observation: Observation }
  | { readonly kind: "tripped"; readonly targetId: string; readonly nowMs: number }
  | { readonly kind: "learned"; readonly targetId: string; readonly state: TripwireState };

export class Recorder {
  readonly reports: Report[] = [];
  readonly prober: Prober;
  /** Added to the wall clock that the prober sees, in milliseconds. */
  wallShiftMs = 0;
  /** The ways that were used, in the order they were first told. */
  readonly ways: string[] = [];
  #wake = (): void => {};

  /**
   * @param speed how much faster than the real clock time passes for the prober.
   * @param kinds in place of the prober's own.
   */
  constructor(limits: Partial<ProberLimits> = {}, speed = 1, kinds: Partial<Kinds> = {}) {
    const add = (report: Report): void => {
      this.reports.push(report);
      this.#wake();
    };
    this.prober = new Prober({
      time: {
        nowMs: () => realTime.nowMs() * speed,
        wallMs: () => realTime.wallMs() + this.wallShiftMs,
        after: (delayMs, run) => realTime.after(delayMs / speed, run),
      },
      version: "0.0.0",
      usesWay: (kind, way, isPoor) => this.ways.push(`${kind}: ${way}${isPoor ? "!" : ""}`),
      limits,
      kinds,
      reports: {
        started: (targetId, probe) => add({ kind: "started", targetId, probe }),
        late: (targetId, probe) => add({ kind: "late", targetId, probe }),
        observed: (targetId, _probe, observation) =>
          add({ kind: "observed", targetId, observation }),
        tripped: (targetId, nowMs) => add({ kind: "tripped", targetId, nowMs }),
        tripwireLearned: (targetId, state) => add({ kind: "learned", targetId, state }),
      },
    });
  }

  /** Plans one probe for now. */
  ask(targetId: string, options: Partial<PlannedProbe> = {}): void {
    const planned = { atMs: 0, purpose: "regular", lateAfterMs: 250, timeoutMs: 1000 } as const;
    this.prober.plan(targetId, [{ ...planned, ...options }]);
  }

  /** Probes once, and waits for the result. */
  async observe(targetId: string, options: Partial<PlannedProbe> = {}): Promise<Observation> {
    const before = this.of("observed").length;
    this.ask(targetId, options);
    await this.until(() => this.of("observed").length > before);
    const report = this.of("observed")[before];
    if (report === undefined) throw new Error("nothing was observed");
    return report.observation;
  }

  /** The reports of one kind. */
  of<K extends Report["kind"]>(kind: K): Extract<Report, { kind: K }>[] {
    return this.reports.filter((report): report is Extract<Report, { kind: K }> => {
      return report.kind === kind;
    });
  }

  /** The tripwire states that were reported, in order. */
  get states(): TripwireState[] {
    return this.of("learned").map((report) => report.state);
  }

  /** Waits until a report makes `holds` true. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Waits for something that no report tells of. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
