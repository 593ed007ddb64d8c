// The prober: starts planned probes when they are due and reports what they find. It owns no
// judgement: when to probe is planned by health, what a result means is decided there.

import { isDeepStrictEqual } from "node:util";
import type { Time } from "../base/clock.ts";
import type { Ask } from "../config/ask.ts";
import type { PlannedProbe, ProbePort, ProbeReports, TripwireState } from "../control/ports.ts";
import { Heartbeats } from "./heartbeats.ts";
import { Hosts } from "./hosts.ts";
import type { Kinds, UsesWay } from "./kind.ts";
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
import { askerOf, type ResolverPlace } from "./resolver.ts";
import { Runner } from "./runner.ts";
import { type TripwireHost, Tripwires } from "./tripwire.ts";
import { type Target, Turn, type TurnHost } from "./turn.ts";
import { Wheel } from "./wheel.ts";

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

/** Probes targets over the network. It reports from its own timers, never from inside a call. */
export class Prober implements ProbePort {
  readonly #wheel: Wheel;
  readonly #runner: Runner;
  readonly #tripwires: Tripwires;
  readonly #heartbeats: Heartbeats;
  readonly #time: Time;
  readonly #targets = new Map<string, Target>();
  readonly #turns: TurnHost;

  constructor(options: ProberOptions) {
    const { time, reports, version } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#time = time;
    this.#wheel = new Wheel(time);
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
      probe: (ask, patience, hear) => {
        // An idle connection waits for its verdict: it must not keep a target busy for long.
        const always = { isUrgent: true, keepsConnection: () => true };
        const { lateAfterMs, timeoutMs } = patience;
        const run = this.#runner.submit({ ...hear, ...always, ask, lateAfterMs, timeoutMs });
        return () => run.drop();
      },
    };
    this.#tripwires = new Tripwires(host, limits.tripwiresMax);
    let lastProbe = 0;
    this.#turns = {
      ...{ reports, wheel: this.#wheel, runner: this.#runner, tripwires: this.#tripwires },
      heartbeats: this.#heartbeats,
      hosts: new Hosts(time, askerOf(time, options.resolvers ?? [])),
      nowMs: () => time.nowMs(),
      number: () => ++lastProbe,
    };
  }

  watch(targetId: string, ask: Ask, tripwire: TripwireState | undefined): void {
    const known = this.#targets.get(targetId);
    if (known === undefined) {
      this.#targets.set(targetId, { id: targetId, ask, planned: [], running: [] });
    } else {
      // A configuration that was loaded anew must not cost every target its tripwire.
      if (isDeepStrictEqual(known.ask, ask)) return;
      this.#tripwires.leave(targetId, known.ask);
      known.ask = ask;
      // Those that are due and wait for the caps wait in the line of the old address.
      this.plan(targetId, plansOf(known));
    }
    if (ask.tripwire) this.#tripwires.join(targetId, ask, tripwire);
    if (ask.kind === "push") this.#heartbeats.join(targetId, ask.ttlMs, this.#time.nowMs());
  }

  plan(targetId: string, probes: readonly PlannedProbe[]): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    for (const turn of target.planned) turn.takeBack();
    // Emptied one by one it keeps its room; set to nothing it would be given anew with each probe.
    while (target.planned.length > 0) target.planned.pop();
    for (const planned of probes) new Turn(target, planned, this.#turns).begin();
  }

  heartbeat(targetId: string, isGood: boolean, detail: string): boolean {
    const target = this.#targets.get(targetId);
    const report = { atMs: this.#time.nowMs(), isGood, detail };
    const isFirst = this.#heartbeats.take(targetId, report);
    if (target === undefined || isFirst === undefined) return false;
    // What is planned was put off until something could be said.
    if (isFirst) this.plan(targetId, plansOf(target));
    return true;
  }

  unwatch(targetId: string): void {
    const target = this.#targets.get(targetId);
    if (target === undefined) return;
    this.#targets.delete(targetId);
    for (const turn of target.planned) turn.takeBack();
    for (const turn of target.running) turn.takeBack();
    this.#tripwires.leave(targetId, target.ask);
    this.#heartbeats.leave(targetId);
  }

  close(): void {
    this.#runner.close();
    for (const targetId of this.#targets.keys()) this.unwatch(targetId);
    this.#tripwires.close();
    this.#wheel.close();
  }
}

function plansOf({ planned }: Target): readonly PlannedProbe[] {
  return planned.map((turn) => turn.planned);
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
