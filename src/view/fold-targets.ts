// Targets, and what counts of addresses beside their probes, as events tell of them.

import type { EventFields, LivezoneEvent } from "../events/event.ts";
import { bounded, type Draft } from "./draft.ts";
import { changeAddress } from "./fold-addresses.ts";
import { type Belief, LIMITS, type TargetView } from "./state.ts";

/** Folds what tells of a target or of an address. */
export function foldTarget(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "probe.observed":
      change(draft, event.target, (target) => observed(target, event, atMs));
      return;
    case "target.up":
      change(draft, event.target, (target) => ({
        ...believed(target, { belief: "up", reason: event.reason, atMs }),
        lastCode: "ok",
      }));
      return;
    case "target.down":
      change(draft, event.target, (target) => ({
        ...believed(target, { belief: "down", reason: event.reason, atMs }),
        lastCode: event.code,
      }));
      return;
    case "target.stale":
      change(draft, event.target, (target) => ({ ...target, isStale: true }));
      return;
    case "target.warned":
      change(draft, event.target, (target) => ({ ...target, warning: event.warning }));
      return;
    case "target.unwarned":
      change(draft, event.target, ({ warning: _over, ...target }) => target);
      return;
    case "target.tripwire":
      change(draft, event.target, (target) => ({ ...target, tripwire: event.state }));
      return;
    default:
      foldAddress(draft, event, atMs);
      return;
  }
}

function foldAddress(draft: Draft, event: LivezoneEvent, atMs: number): void {
  switch (event.event) {
    case "target.damped": {
      const { penalty, keptOutMs } = event;
      const damping = { penalty, atMs, reusableMs: atMs + keptOutMs };
      changeAddress(draft, event.address, (address) => ({ ...address, damping }));
      return;
    }
    case "target.reusable": {
      const damping = { penalty: event.penalty, atMs };
      changeAddress(draft, event.address, (address) => ({ ...address, damping }));
      return;
    }
    case "target.forced": {
      const { state, author, reason, forMs } = event;
      const until = forMs === undefined ? {} : { untilMs: atMs + forMs };
      const forced = { state, author, reason, sinceMs: atMs, ...until, isAgainstProbes: false };
      changeAddress(draft, event.address, (address) => ({ ...address, forced }));
      return;
    }
    case "target.unforced":
      // A forced state that was replaced is followed by the one that replaces it.
      changeAddress(draft, event.address, ({ forced: _over, ...address }) => address);
      return;
    case "target.contradicted":
    case "target.agreed": {
      const isAgainstProbes = event.event === "target.contradicted";
      changeAddress(draft, event.address, (address) => {
        if (address.forced === undefined) return address;
        return { ...address, forced: { ...address.forced, isAgainstProbes } };
      });
      return;
    }
  }
}

function observed(
  target: TargetView,
  event: EventFields<"probe.observed">,
  atMs: number,
): TargetView {
  const { code, durationMs, connectMs, tlsMs, firstByteMs, detail } = event;
  const observation = {
    ...{ atMs, code, durationMs, detail },
    ...(connectMs !== undefined && { connectMs }),
    ...(tlsMs !== undefined && { tlsMs }),
    ...(firstByteMs !== undefined && { firstByteMs }),
  };
  return {
    ...target,
    ...(code.startsWith("prober-") ? {} : { lastCode: code, lastMs: atMs, isStale: false }),
    observations: bounded([...target.observations, observation], LIMITS.observations),
  };
}

function believed(
  target: TargetView,
  {
    belief,
    reason,
    atMs,
  }: { readonly belief: Belief; readonly reason: string; readonly atMs: number },
): TargetView {
  const history = bounded([...target.history, { atMs, belief, reason }], LIMITS.beliefs);
  return { ...target, belief, reason, sinceMs: atMs, lastMs: atMs, isStale: false, history };
}

function change(draft: Draft, id: string, changes: (target: TargetView) => TargetView): void {
  draft.targets.set(id, changes(draft.targets.get(id) ?? newTarget(id)));
}

function newTarget(target: string): TargetView {
  return {
    ...{ target, belief: "unknown", sinceMs: 0, reason: "", lastCode: "", lastMs: 0 },
    ...{ usualMs: 0, tripwire: "", intervalMs: 0, isStale: false, history: [], observations: [] },
  };
}
