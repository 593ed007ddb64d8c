// What a kind of check is to the prober: one small function per kind, in `kinds/`. A kind knows one
// protocol; deadlines, caps, lateness and reporting are the runner's.

import { unreachable } from "../base/assert.ts";
import type { Time } from "../base/clock.ts";
import type { Ask } from "../config/ask.ts";
import type { ObservationCode, ObservationPhases } from "../health/observation.ts";
import type { Connection } from "./connection.ts";
import type { Heartbeat } from "./heartbeats.ts";

/** What one probe found, without its times. */
export interface Finding {
  readonly code: ObservationCode;
  readonly isHard: boolean;
  readonly phases: ObservationPhases;
  readonly detail: string;
  /** What is doubtful about a success. */
  readonly warning?: string;
  /** A healthy connection left open for a tripwire; whoever gets it must close it. */
  readonly connection?: Connection;
  /** How long the other side says that it keeps that connection while it is idle. */
  readonly idleMs?: number;
}

/** What a kind gets from the prober, for one probe. */
export interface KindEnv {
  readonly time: Time;
  /** How long the probe may take from its beginning; the runner ends it then. */
  readonly timeoutMs: number;
  /** Whether a success should leave its connection open. */
  readonly keepsConnection: boolean;
  /** Who asks, for protocols that say so. */
  readonly userAgent: string;
  /** The last that was heard of a target that reports in by itself. */
  readonly heartbeat: Heartbeat | undefined;
  /** Takes notice of the way by which a kind asks on this host, where there are several. */
  readonly usesWay: UsesWay;
}

/** Called as often as a way is used; `isPoor` where it is a makeshift. */
export type UsesWay = (kind: Ask["kind"], way: string, isPoor: boolean) => void;

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
    case "https":
      return kinds.https.begin(ask, env, done);
    case "tcp":
      return kinds.tcp.begin(ask, env, done);
    case "tls":
      return kinds.tls.begin(ask, env, done);
    case "dns":
      return kinds.dns.begin(ask, env, done);
    case "icmp":
      return kinds.icmp.begin(ask, env, done);
    case "redis":
      return kinds.redis.begin(ask, env, done);
    case "postgres":
      return kinds.postgres.begin(ask, env, done);
    case "exec":
      return kinds.exec.begin(ask, env, done);
    case "push":
      return kinds.push.begin(ask, env, done);
    default:
      return unreachable(ask);
  }
}
