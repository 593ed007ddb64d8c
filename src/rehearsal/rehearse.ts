// Plays a world against settings: the real engine (beliefs, damping, decisions) in stepped time over
// a simulated network, and counts what came of it.

import { seededRandom } from "../base/random.ts";
import { SteppedTime } from "../base/stepped-time.ts";
import type { ConfiguredTarget } from "../config/targets.ts";
import { Aftermath } from "../control/aftermath.ts";
import { Engine } from "../control/engine.ts";
import type { HookEnd, HookPort } from "../control/ports-hooks.ts";
import type { Name } from "../dns/name.ts";
import type { LivezoneEvent } from "../events/event.ts";
import type { Pool } from "../failover/pool.ts";
import type { DampingSettings } from "../health/damping.ts";
import type { SimulationTally } from "../view/simulation.ts";
import { Network } from "./network.ts";
import type { FaultSpan, World } from "./world.ts";

/** Settings to be tried. */
export interface Settings {
  readonly origin: Name;
  readonly pools: readonly Pool[];
  readonly targets: readonly ConfiguredTarget[];
  readonly damping: DampingSettings | undefined;
}

/** Before the world begins: every target is known. */
const WARM_UP_MS = 60_000;
/** How often it is looked at what is answered. */
const LOOK_MS = 500;
/** A target that is believed down this long after its fault is still on its way back. */
const AFTERMATH_MS = 10_000;

/** Hooks that all succeed at once: what is compared are settings, not programs. */
function willing(time: SteppedTime): HookPort {
  const end: HookEnd = {
    ...{ outcome: "succeeded", detail: "exit status 0", output: "" },
    ...{ isCut: false, durationMs: 0 },
  };
  return { start: (_, ended) => time.after(0, () => ended(end)) };
}

/**
 * Plays the whole world.
 *
 * @param seed of phases and jitter; of packets lost, too.
 * @param progress told the share that is done, 0 to 1, now and then.
 */
export function rehearse(
  settings: Settings,
  world: World,
  seed: number,
  progress: (share: number) => void = () => undefined,
): SimulationTally {
  const time = new SteppedTime();
  const network = new Network(time, seededRandom(seed + 1));
  const startMs = time.nowMs() + WARM_UP_MS;
  const counts = new Counts(settings, world, startMs);
  let swaps = 0;
  const engine = new Engine({
    time,
    random: seededRandom(seed),
    emit: (event) => counts.hear(event, time.nowMs()),
    remember: () => undefined,
    hooks: willing(time),
    note: async () => true,
    settings: { damping: settings.damping },
    prober: (reports) => network.connect(time, reports),
    aftermath: new Aftermath(),
    publish: {
      show: () => undefined,
      swap: () => ++swaps,
      staticAnswer: () => [],
    },
  });
  const placed = settings.targets.map((target) => {
    return { id: target.id, display: target.display, address: target.ask.address };
  });
  const after = (fromStartMs: number, run: () => void): void => {
    time.after(startMs + fromStartMs - time.nowMs(), run);
  };
  engine.start();
  engine.setPools(settings.origin, settings.pools, settings.targets);
  pass(time, startMs);
  world.happen({ network, targets: placed, startMs, after });
  swaps = 0;
  const started = totalOf(network.started);
  const endMs = startMs + world.lengthMs;
  for (let lookMs = startMs + LOOK_MS; lookMs <= endMs; lookMs += LOOK_MS) {
    pass(time, lookMs);
    counts.look(engine, lookMs, LOOK_MS);
    if ((lookMs - startMs) % (LOOK_MS * 10_000) === 0)
      progress((lookMs - startMs) / world.lengthMs);
  }
  engine.close();
  return { ...counts.tally(), swaps, probes: totalOf(network.started) - started };
}

function pass(time: SteppedTime, untilMs: number): void {
  while (time.runNext(untilMs)) {
    // Each step is one timer.
  }
}

function totalOf(started: ReadonlyMap<string, number>): number {
  return [...started.values()].reduce((sum, count) => sum + count, 0);
}

interface Judged {
  readonly spans: readonly FaultSpan[];
  readonly flaps: readonly FaultSpan[];
  readonly detectedMs: (number | undefined)[];
  at: number;
}

/** What is counted while the world passes. */
class Counts {
  readonly #byDisplay = new Map<string, Judged>();
  readonly #byAddress = new Map<string, Judged[]>();
  readonly #startMs: number;
  #falseAlarms = 0;
  #servedDeadMs = 0;
  #hopelessMs = 0;
  #dampedMs = 0;

  constructor(settings: Settings, world: World, startMs: number) {
    this.#startMs = startMs;
    for (const { display, ask } of settings.targets) {
      const spans = world.faultsOf({ display, address: ask.address });
      const flaps = world.flapsOf({ address: ask.address });
      const judged: Judged = { spans, flaps, detectedMs: spans.map(() => undefined), at: 0 };
      this.#byDisplay.set(display, judged);
    }
    for (const { members } of settings.pools) {
      for (const { v4, v6, targetsV4, targetsV6 } of members) {
        for (const [address, ids] of [[v4, targetsV4] as const, [v6, targetsV6] as const]) {
          if (address === undefined) continue;
          const own = settings.targets.filter(({ id }) => ids.includes(id));
          const judged = own.map(({ display }) => this.#byDisplay.get(display));
          this.#byAddress.set(
            address,
            judged.filter((one) => one !== undefined),
          );
        }
      }
    }
  }

  hear(event: LivezoneEvent, nowMs: number): void {
    if (event.event !== "target.down") return;
    const judged = this.#byDisplay.get(event.target);
    if (judged === undefined || nowMs < this.#startMs) return;
    const sinceMs = nowMs - this.#startMs;
    const at = judged.spans.findIndex((span) => {
      return span.fromMs <= sinceMs && sinceMs < span.toMs + AFTERMATH_MS;
    });
    const span = judged.spans[at];
    if (span === undefined && !isFlapping(judged, sinceMs)) this.#falseAlarms++;
    else if (span !== undefined) judged.detectedMs[at] ??= sinceMs - span.fromMs;
  }

  look(engine: Engine, nowMs: number, lengthMs: number): void {
    const sinceMs = nowMs - this.#startMs;
    const sick = new Set<string>();
    for (const [address, targets] of this.#byAddress) {
      if (targets.some((judged) => isSick(judged, sinceMs))) sick.add(address);
      else if (targets.some((judged) => isFlapping(judged, sinceMs))) continue;
      else if ((engine.addresses.viewOf(address).reusableAtMs ?? 0) > nowMs) {
        this.#dampedMs += lengthMs;
      }
    }
    if (sick.size === 0) return;
    for (const { pool, families } of engine.pools.values()) {
      for (const { family, serving = [] } of families.values()) {
        const addresses = pool.members.map(({ id, v4, v6 }) => ({
          isServed: serving.includes(id),
          isSick: sick.has((family === 4 ? v4 : v6) ?? ""),
          isMember: (family === 4 ? v4 : v6) !== undefined,
        }));
        const members = addresses.filter(({ isMember }) => isMember);
        const isDeadServed = members.some((member) => member.isServed && member.isSick);
        if (!isDeadServed) continue;
        if (members.every((member) => member.isSick)) this.#hopelessMs += lengthMs;
        else this.#servedDeadMs += lengthMs;
      }
    }
  }

  tally(): Omit<SimulationTally, "swaps" | "probes"> {
    const all = [...this.#byDisplay.values()];
    const found = all.flatMap(({ detectedMs }) => detectedMs.filter((ms) => ms !== undefined));
    found.sort((a, b) => a - b);
    const median = found[found.length >> 1];
    const worst = found.at(-1);
    return {
      faults: all.reduce((sum, { spans }) => sum + spans.length, 0),
      detected: found.length,
      ...(median !== undefined && { detectMedianMs: Math.round(median) }),
      ...(worst !== undefined && { detectWorstMs: Math.round(worst) }),
      falseAlarms: this.#falseAlarms,
      servedDeadMs: this.#servedDeadMs,
      hopelessMs: this.#hopelessMs,
      dampedMs: this.#dampedMs,
    };
  }
}

function isFlapping({ flaps }: Judged, sinceMs: number): boolean {
  return flaps.some(({ fromMs, toMs }) => fromMs <= sinceMs && sinceMs < toMs + AFTERMATH_MS);
}

/** Moments only grow, so that each look goes on where the one before ended. */
function isSick(judged: Judged, sinceMs: number): boolean {
  while ((judged.spans[judged.at]?.toMs ?? Number.POSITIVE_INFINITY) <= sinceMs) judged.at++;
  const span = judged.spans[judged.at];
  return span !== undefined && span.fromMs <= sinceMs;
}
