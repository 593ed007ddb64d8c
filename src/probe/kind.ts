// What a kind of check is to the prober: one small function per kind, in `kinds/`. A kind knows one
// protocol; deadlines, caps, lateness and reporting are the runner's.

import { unreachable } from "../base/assert.ts";
import type { Ask } from "../config/ask.ts";
import type { ObservationCode, ObservationPhases } from "../health/observation.ts";
import type { Connection } from "./connection.ts";

/** What one probe found, without its times. */
export interface Finding {
  readonly code: ObservationCode;
  readonly isHard: boolean;
  readonly phases: ObservationPhases;
  readonly detail: string;
  /** A healthy connection left open for a tripwire; whoever gets it must close it. */
  readonly connection?: Connection;
  /** How long the other side says that it keeps that connection while it is idle. */
  readonly idleMs?: number;
}

/** What a kind gets from the prober. */
export interface KindEnv {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** Whether a success should leave its connection open. */
  readonly keepsConnection: boolean;
  /** Who asks, for protocols that say so. */
  readonly userAgent: string;
}

/**
 * Ends a probe before its own end, closing all it holds; `done` is not called any more.
 *
 * @returns what the silence until now means: a time-out of the phase it had reached.
 */
export type StopProbe = () => Finding;

/** One way of asking. */
export interface Kind<A extends Ask> {
  /**
   * Starts one probe. `done` is called at most once, never from inside this call.
   * What this throws is the prober's own failure, never the target's.
   */
  begin(ask: A, env: KindEnv, done: (finding: Finding) => void): StopProbe;
}

/** The kind for every ask that the configuration can hold. */
export type Kinds = { readonly [K in Ask["kind"]]: Kind<Extract<Ask, { readonly kind: K }>> };

/** Starts one probe of the kind that `ask` names. @throws what the kind's `begin` throws. */
export function beginKind(
  kinds: Kinds,
  ask: Ask,
  env: KindEnv,
  done: (finding: Finding) => void,
): StopProbe {
  switch (ask.kind) {
    case "http":
      return kinds.http.begin(ask, env, done);
    case "tcp":
      return kinds.tcp.begin(ask, env, done);
    default:
      return unreachable(ask);
  }
}
