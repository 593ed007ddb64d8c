// One result of one probe, coded by the layer at which it failed. Pure data: probes make it,
// thresholds read it, logs and the store keep it.

/**
 * Why a probe ended as it did, by layer (the shape of HAProxy's L4/L6/L7 codes, in words).
 * "ok" is the only success. Codes that begin with "prober-" blame this host, never the target.
 */
export type ObservationCode =
  | "ok"
  | "connect-refused"
  | "connect-reset"
  | "connect-timeout"
  | "connect-unreachable"
  | "send-failed"
  | "response-timeout"
  | "response-closed"
  | "response-malformed"
  | "http-status"
  | "body-mismatch"
  | "json-bound"
  | "json-missing"
  | "tls-timeout"
  | "tls-handshake"
  | "tls-expired"
  | "tls-untrusted"
  | "tls-name"
  | "dns-rcode"
  | "dns-answer"
  | "icmp-timeout"
  | "icmp-unreachable"
  | "service-refused"
  | "role-mismatch"
  | "exec-status"
  | "exec-timeout"
  | "push-failed"
  | "push-silent"
  | "tripwire-closed"
  | "host-missing"
  | "prober-resolver"
  | "prober-resources"
  | "prober-network"
  | "prober-config";

/** What one probe found. Durations are milliseconds; a phase that was never reached is absent. */
export interface Observation {
  /** Monotonic milliseconds at which the probe's first packet was due to leave. */
  readonly startedMs: number;
  /** Monotonic milliseconds at which the result was known. */
  readonly endedMs: number;
  readonly code: ObservationCode;
  /** A failure that the target's own host reported (refused, reset, tripwire closed). */
  readonly isHard: boolean;
  readonly phases: ObservationPhases;
  /** What was seen, for people: "status 503, expected 200-299". Empty on success. */
  readonly detail: string;
  /** What is doubtful about a success: "the certificate ends in 9 days, on 2026-03-01". */
  readonly warning?: string;
}

/** How long each layer took, in milliseconds. */
export interface ObservationPhases {
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs?: number;
}

/** Whether an observation counts for the target. */
export function isSuccess(observation: Observation): boolean {
  return observation.code === "ok";
}

/** Whether the prober itself failed, which is never held against a target. */
export function isProberFault(observation: Observation): boolean {
  return observation.code.startsWith("prober-");
}

/** Whether the target answered nothing at all before the probe's deadline. */
export function isSilence(observation: Observation): boolean {
  return (
    observation.code === "connect-timeout" ||
    observation.code === "tls-timeout" ||
    observation.code === "response-timeout" ||
    observation.code === "icmp-timeout" ||
    observation.code === "exec-timeout"
  );
}
