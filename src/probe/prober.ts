// The prober: starts planned probes when they are due and reports what they find. It owns no
// judgement: when to probe is planned by health, what a result means is decided there.

import { isDeepStrictEqual } from "node:util";
import type { Time } from "../base/clock.ts";
import type { Ask } from "../config/ask.ts";
import type { PlannedProbe, ProbePort, ProbeReports, TripwireState } from "../control/ports.ts";
import { Heartbeats } from "./heartbeats.ts";
import { type HostFinding, Hosts } from "./hosts.ts";
import type { Finding, Kinds, UsesWay } from "./kind.ts";
import { dns } from "./kinds/dns.ts";
import { exec } from "./kinds/exec.ts";
import { http } from "./kinds/http.ts";
import { Icmp } from "./kinds/icmp.ts";
import { PlainTcp } from "./kinds/plain-tcp.ts";
import { postgres } from "./kinds/postgres.ts";
import { push } from "./kinds/push.ts";
import { redis } from "./kinds/redis.ts";
import { tcp } from "./kinds/tcp.ts";
import { DEFAULT_LIMITS, type ProberLimits } from "./limits.ts";
import type { Patience } from "./post.ts";
import { askerOf, type ResolverPlace } from "./resolver.ts";
import { type DropProbe, type Run, Runner } from "./runner.ts";
import { type TripwireHost, Tripwires } from "./tripwire.ts";
import { type Alarm, newAlarm, Wheel } from "./wheel.ts";

/** What a prober is made of; all but `time` and `reports` has a default. */
export interface ProberOptions {
  readonly time: Time;
  readonly reports: ProbeReports;
  readonly limits?: Partial<ProberLimits>;
  /** Our version, for the User-Agent. */
  readonly version?: string;
  readonly kinds?: Partial<Kinds>;
  /** Asked for the addresses of host names; none: the system's. */
  readonly resolvers?: readonly ResolverPlace[];
  /** Told once of each way that a kind asks by, where there are several; `isPoor`: a makeshift. */
  readonly usesWay?: UsesWay;
}

interface Target {
  readonly id: string;
  ask: Ask;
  /** Probes that have not started, by the way to take each back. */
  readonly planned: Map<() => void, PlannedProbe>;
  readonly running: Set<DropProbe>;
}

/** Probes targets over the network. It reports from its own timers, never from inside a call. */
export class Prober implements ProbePort {
  readonly #reports: ProbeReports;
  readonly #wheel: Wheel;
  readonly #runner: Runner;
  readonly #tripwires: Tripwires;
  readonly #heartbeats: Heartbeats;
  readonly #hosts: Hosts;
  readonly #time: Time;
  readonly #targets = new Map<string, Target>();
  #lastProbe = 0;

  constructor(options: ProberOptions) {
    const { time, reports, version } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#reports = reports;
    this.#time = time;
    this.#wheel = new Wheel(time);
    this.#hosts = new Hosts(time, askerOf(time, options.resolvers ?? []));
    this.#heartbeats = new Heartbeats(this.#wheel, (targetId) => {
      reports.tripped(targetId, time.nowMs());
    });
    const surroundings = {
      time,
      wheel: this.#wheel,
      kinds: { ...newKinds(time), ...options.kinds },
      userAgent: `livezone${version === undefined ? "" : `/${version}`} (+health check)`,
      usesWay: once(options.usesWay),
    };
    this.#runner = new Runner(surroundings, limits);
    const host: TripwireHost = {
      nowMs: () => time.nowMs(),
      isCrowded: () => this.#runner.isCrowded,
      tripped: (targetId, nowMs) => reports.tripped(targetId, nowMs),
      learned: (targetId, state) => reports.tripwireLearned(targetId, state),
      probe: (ask, patience, hear) =>
        this.#runner.submit({
          ...patience,
          ...hear,
          ask,
          // An idle connection waits for its verdict: it must not keep a target busy for long.
          isUrgent: true,
          keepsConnection: () => true,
        }),
    };
    this.#tripwires = new Tripwires(host, limits.tripwiresMax);
  }

  watch(targetId: string, ask: Ask, tripwire: TripwireState | undefined): void {
    const known = this.#targets.get(targetId);
    if (known === undefined) {
      this.#targets.set(targetId, { id: targetId, ask, planned: new Map(), running: new Set() });
    } else {
      // A configuration that was loaded anew must not cost every target its tripwire.
      if (isDeepStrictEqual(known.ask, ask)) return;
      this.#tripwires.leave(targetId, known.ask);
      known.ask = ask;
      // Those that are due and wait for the caps wait in the line of the old address.
      this.plan(targetId, [...known.planned.values()]);
    }
    if (ask.tripwire) this.#tripwires.join(targetId, ask, tripwire);
    if (ask.kind === "push") this.#heartbeats.join(targetId, ask.ttlMs, this.#time.nowMs());
  }

  plan(targetId: string, probes: readonly PlannedProbe[]): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    for (const takeBack of target.planned.keys()) takeBack();
    target.planned.clear();
    for (const planned of probes) this.#hangUp(target, planned);
  }

  heartbeat(targetId: string, isGood: boolean, detail: string): boolean {
    const target = this.#targets.get(targetId);
    const report = { atMs: this.#time.nowMs(), isGood, detail };
    const isFirst = this.#heartbeats.take(targetId, report);
    if (target === undefined || isFirst === undefined) return false;
    // What is planned was put off until something could be said.
    if (isFirst) this.plan(targetId, [...target.planned.values()]);
    return true;
  }

  unwatch(targetId: string): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    this.#targets.delete(targetId);
    for (const takeBack of target.planned.keys()) takeBack();
    for (const drop of target.running) drop();
    this.#tripwires.leave(targetId, target.ask);
    this.#heartbeats.leave(targetId);
  }

  close(): void {
    this.#runner.close();
    for (const targetId of this.#targets.keys()) this.unwatch(targetId);
    this.#tripwires.close();
    this.#wheel.close();
  }

  #hangUp(target: Target, planned: PlannedProbe): void {
    const alarm: Alarm = newAlarm(() => {
      target.planned.delete(takeBack);
      this.#resolve(target, planned);
    });
    const takeBack = (): void => this.#wheel.cancel(alarm);
    target.planned.set(takeBack, planned);
    this.#wheel.plan(alarm, Math.max(planned.atMs, this.#heartbeats.readyMs(target.id)));
  }

  /** Begins a probe at the address that its target's name has now. */
  #resolve(target: Target, planned: PlannedProbe): void {
    const { ask } = target;
    if (ask.resolve === undefined) {
      this.#submit(target, planned, ask);
      return;
    }
    // A name that is known is answered within the call, before its way back is known here.
    let isFound = false;
    const found = (finding: HostFinding): void => {
      isFound = true;
      target.planned.delete(takeBack);
      if (finding.kind !== "address") this.#unresolved(target, planned, finding);
      else this.#submit(target, planned, { ...ask, address: finding.address });
    };
    let withdraw: () => void = () => undefined;
    const takeBack = (): void => withdraw();
    withdraw = this.#hosts.find(ask.resolve, found);
    if (!isFound) target.planned.set(takeBack, planned);
  }

  /** A name without an address fails as a target does; who cannot be told its address, does not know. */
  #unresolved(
    target: Target,
    { purpose }: PlannedProbe,
    { kind, detail }: { readonly kind: "missing" | "failed"; readonly detail: string },
  ): void {
    const nowMs = this.#time.nowMs();
    const probe = ++this.#lastProbe;
    const code = kind === "missing" ? "host-missing" : "prober-resolver";
    const times = { startedMs: nowMs, endedMs: nowMs };
    this.#reports.started(target.id, probe, nowMs, purpose);
    this.#reports.observed(target.id, probe, { ...times, code, isHard: false, phases: {}, detail });
  }

  #submit(target: Target, planned: PlannedProbe, ask: Ask): void {
    const { purpose, lateAfterMs, timeoutMs } = planned;
    const probe = ++this.#lastProbe;
    // Submitting may start the probe at once, before its way back is known here.
    let drop: DropProbe = () => {};
    const dropIt = (): void => drop();
    const run: Run = {
      ask,
      isUrgent: purpose === "confirm",
      keepsConnection: () => this.#tripwires.wants(ask),
      heartbeat: () => this.#heartbeats.last(target.id),
      lateAfterMs,
      timeoutMs,
      started: (startedMs) => {
        target.planned.delete(dropIt);
        target.running.add(dropIt);
        this.#reports.started(target.id, probe, startedMs, purpose);
      },
      late: (nowMs) => {
        // Before the report: the confirm probes that follow must find the target unhindered.
        this.#tripwires.troubled(ask);
        this.#reports.late(target.id, probe, nowMs);
      },
      ended: (finding, startedMs, endedMs) => {
        target.running.delete(dropIt);
        this.#settle(finding, ask, planned);
        const { code, isHard, phases, detail, warning } = finding;
        if (ask.resolve !== undefined && code !== "ok") this.#hosts.failed(ask.resolve);
        const observation = { startedMs, endedMs, code, isHard, phases, detail };
        const doubt = warning === undefined ? {} : { warning };
        this.#reports.observed(target.id, probe, { ...observation, ...doubt });
      },
    };
    target.planned.set(dropIt, planned);
    drop = this.#runner.submit(run);
  }

  /** What a result means for the tripwire. */
  #settle(finding: Finding, ask: Ask, patience: Patience): void {
    if (finding.code === "ok") this.#tripwires.succeeded({ ask, patience, finding });
    else if (finding.code === "prober-resources") this.#tripwires.relieve();
    else if (!finding.code.startsWith("prober-")) this.#tripwires.troubled(ask);
  }
}

/** Every kind; what a kind needs beyond node is loaded with its first probe. */
function newKinds(time: Time): Kinds {
  const own = { icmp: new Icmp(), tcp: new PlainTcp(time) };
  return { http, https: http, tls: tcp, dns, redis, postgres, exec, push, ...own };
}

/** Hears each way once. */
function once(usesWay: UsesWay | undefined): UsesWay {
  const told = new Set<string>();
  return (kind, way, isPoor) => {
    const key = `${kind} ${way}`;
    if (told.has(key)) return;
    told.add(key);
    usesWay?.(kind, way, isPoor);
  };
}
