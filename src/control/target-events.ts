// What is said of a target: one line for each change, in words and in fields.

import { event, type LivezoneEvent } from "../events/event.ts";
import type { Observation } from "../health/observation.ts";
import type { BeliefChange } from "../health/step.ts";
import type { Belief } from "../health/target.ts";

/** A target's belief changed. */
export function beliefEvent(target: string, change: BeliefChange, nowMs: number): LivezoneEvent {
  const { reason, from: before } = change;
  if (change.to === "up") {
    return event("target.up", `${target} is up: ${reason}`, { target, before, reason });
  }
  return event("target.down", `${target} is down: ${reason}`, {
    target,
    before,
    reason,
    code: change.code,
    hard: change.isHard,
    failures: change.failures,
    sinceFaultMs: round(nowMs - (change.firstFaultMs ?? nowMs)),
  });
}

/** One probe's result, for the debug log. */
export function observedEvent(target: string, observation: Observation): LivezoneEvent {
  const { connectMs, tlsMs, firstByteMs } = observation.phases;
  const { code, isHard: hard, detail } = observation;
  const msg = `${target}: ${code}`;
  const durationMs = round(observation.endedMs - observation.startedMs);
  // As of ten thousand a second nearly all are: one object, and nothing put together.
  if (connectMs !== undefined && tlsMs === undefined && firstByteMs === undefined) {
    return {
      event: "probe.observed",
      msg,
      target,
      code,
      hard,
      durationMs,
      connectMs: round(connectMs),
      detail,
    };
  }
  return event("probe.observed", msg, {
    ...{ target, code, hard, durationMs },
    ...(connectMs !== undefined && { connectMs: round(connectMs) }),
    ...(tlsMs !== undefined && { tlsMs: round(tlsMs) }),
    ...(firstByteMs !== undefined && { firstByteMs: round(firstByteMs) }),
    detail,
  });
}

/** By which way checks of a kind ask; a makeshift is worth a warning. */
export function wayEvent(kind: string, way: string, isPoor: boolean): LivezoneEvent {
  const msg = `Checks of kind ${kind} ask through ${way}`;
  if (!isPoor) return event("probe.way", msg, { kind, way });
  return event("server.degraded", msg, { missing: `sockets for ${kind}`, instead: way });
}

/** A target was not observed for too long. */
export function staleEvent(target: string, belief: Belief, silentForMs: number): LivezoneEvent {
  const silentMs = round(silentForMs);
  const msg = `${target} was not observed for ${silentMs} ms; it counts as ${belief} still`;
  return event("target.stale", msg, { target, belief, silentMs });
}

/** Milliseconds with one decimal: what a reader of the log can use. */
export function round(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}
