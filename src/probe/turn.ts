// One planned probe of one target, from its plan to its report: it waits for its time, for its name's
// address and for the caps, runs, and is reported. One object for all of it: there are ten thousand
// a second.

import type { Ask } from "../config/ask.ts";
import type { PlannedProbe, ProbeReports } from "../control/ports.ts";
import type { Heartbeat, Heartbeats } from "./heartbeats.ts";
import type { HostFinding, Hosts } from "./hosts.ts";
import type { Finding } from "./kind.ts";
import type { Run, Runner, Submitted } from "./runner.ts";
import type { Tripwires } from "./tripwire.ts";
import { Alarm, type Wheel } from "./wheel.ts";

/** What is probed, and the turns of it that are not over. */
export interface Target {
  readonly id: string;
  ask: Ask;
  /** Turns that have not started: nearly always one. */
  readonly planned: Turn[];
  readonly running: Turn[];
}

/** What all turns of a prober share. */
export interface TurnHost {
  readonly reports: ProbeReports;
  readonly wheel: Wheel;
  readonly runner: Runner;
  readonly tripwires: Tripwires;
  readonly heartbeats: Heartbeats;
  readonly hosts: Hosts;
  nowMs(): number;
  /** The number of the next probe. */
  number(): number;
}

/** A turn. `begin` it once; `takeBack` ends it unreported. */
export class Turn extends Alarm implements Run {
  readonly planned: PlannedProbe;
  readonly #target: Target;
  readonly #host: TurnHost;
  #ask: Ask;
  #probe = 0;
  /** While the name's address is waited for. */
  #withdraw: (() => void) | undefined = undefined;
  #submitted: Submitted | undefined = undefined;

  constructor(target: Target, planned: PlannedProbe, host: TurnHost) {
    super();
    this.#target = target;
    this.planned = planned;
    this.#host = host;
    this.#ask = target.ask;
  }

  /** Waits for its time. */
  begin(): void {
    const { wheel, heartbeats } = this.#host;
    this.#target.planned.push(this);
    wheel.plan(this, Math.max(this.planned.atMs, heartbeats.readyMs(this.#target.id)));
  }

  /** Ends it, wherever it is; nothing is reported any more. */
  takeBack(): void {
    this.#host.wheel.cancel(this);
    this.#withdraw?.();
    this.#submitted?.drop();
    this.#submitted = undefined;
  }

  // --- Alarm --------------------------------------------------------------------------------------

  /** Its time has come: it is probed at the address that its target's name has now. */
  override ring(): void {
    const { ask } = this.#target;
    this.#ask = ask;
    if (ask.resolve === undefined) {
      this.#submit();
      return;
    }
    // A name that is known is answered within the call, before its way back is known here.
    let isFound = false;
    const withdraw = this.#host.hosts.find(ask.resolve, (finding) => {
      isFound = true;
      this.#withdraw = undefined;
      if (finding.kind !== "address") this.#unresolved(finding);
      else {
        this.#ask = { ...ask, address: finding.address };
        this.#submit();
      }
    });
    if (!isFound) this.#withdraw = withdraw;
  }

  // --- Run ----------------------------------------------------------------------------------------

  get ask(): Ask {
    return this.#ask;
  }

  get isUrgent(): boolean {
    return this.planned.purpose === "confirm";
  }

  get lateAfterMs(): number {
    return this.planned.lateAfterMs;
  }

  get timeoutMs(): number {
    return this.planned.timeoutMs;
  }

  keepsConnection(): boolean {
    return this.#host.tripwires.wants(this.#ask);
  }

  heartbeat(): Heartbeat | undefined {
    return this.#host.heartbeats.last(this.#target.id);
  }

  started(startedMs: number): void {
    const { planned, running, id } = this.#target;
    takeOut(planned, this);
    running.push(this);
    this.#host.reports.started(id, this.#probe, startedMs, this.planned.purpose);
  }

  late(nowMs: number): void {
    // Before the report: the confirm probes that follow must find the target unhindered.
    this.#host.tripwires.troubled(this.#ask);
    this.#host.reports.late(this.#target.id, this.#probe, nowMs);
  }

  ended(finding: Finding, startedMs: number, endedMs: number): void {
    const { running, id } = this.#target;
    const { hosts, reports } = this.#host;
    const { resolve } = this.#ask;
    takeOut(running, this);
    // A turn is as old as the interval when it is over; what it still held would be collected as late.
    this.#submitted = undefined;
    this.#settle(finding);
    const { code, isHard, phases, detail, warning } = finding;
    if (resolve !== undefined && code !== "ok") hosts.failed(resolve);
    const observation = { startedMs, endedMs, code, isHard, phases, detail };
    const isDoubtful = warning !== undefined;
    reports.observed(id, this.#probe, isDoubtful ? { ...observation, warning } : observation);
  }

  /** What a result means for the tripwire. */
  #settle(finding: Finding): void {
    const { tripwires } = this.#host;
    const ask = this.#ask;
    if (finding.code === "ok") tripwires.succeeded({ ask, patience: this.planned, finding });
    else if (finding.code === "prober-resources") tripwires.relieve();
    else if (!finding.code.startsWith("prober-")) tripwires.troubled(ask);
  }

  #submit(): void {
    this.#probe = this.#host.number();
    this.#submitted = this.#host.runner.submit(this);
  }

  /** A name without an address fails as a target does; who cannot be told its address, does not know. */
  #unresolved({ kind, detail }: Exclude<HostFinding, { kind: "address" }>): void {
    const { planned, id } = this.#target;
    const { reports } = this.#host;
    const nowMs = this.#host.nowMs();
    const probe = this.#host.number();
    const code = kind === "missing" ? "host-missing" : "prober-resolver";
    const times = { startedMs: nowMs, endedMs: nowMs };
    takeOut(planned, this);
    reports.started(id, probe, nowMs, this.planned.purpose);
    reports.observed(id, probe, { ...times, code, isHard: false, phases: {}, detail });
  }
}

/** Takes a turn out of a short list, in place: lists of ten thousand targets change each second. */
function takeOut(turns: Turn[], turn: Turn): void {
  const at = turns.indexOf(turn);
  if (at < 0) return;
  turns.copyWithin(at, at + 1);
  turns.pop();
}
