// The worst case, as a sum that can be printed: how long after a fault the last client that obeys
// TTLs has the new answer.

import { formatDuration } from "../base/duration.ts";
import { brakeable } from "../health/brake.ts";
import { type HealthSettings, lateAfterMs, silentAfterMs, softGapMs } from "../health/settings.ts";
import type { Pool } from "./pool.ts";

/** Deciding, rendering and publishing a swap; measured in milliseconds, counted generously. */
const SWAP_MS = 50;

/** A way to fail, and how it shows: refused, answered wrongly, or nothing at all. */
export type Fault = "killed" | "wrong-answer" | "silent";

/** One summand of a worst case. */
export interface RtoPart {
  /** What passes: "until the next probe". */
  readonly what: string;
  readonly durationMs: number;
}

/** The worst case of one fault. */
export interface RtoSum {
  readonly fault: Fault;
  readonly parts: readonly RtoPart[];
  /** From the fault until the target is believed down. */
  readonly detectMs: number;
  /** From the fault until the last TTL of the old answer has run out. */
  readonly totalMs: number;
}

/** What the worst case follows from. */
export interface RtoInput {
  readonly health: HealthSettings;
  readonly ttl: Pool["ttl"];
  /** How long the target usually takes to answer; by default a late probe's least, 62.5 ms. */
  readonly usualMs?: number;
  /** For targets that report in by themselves: how long their last report counts. */
  readonly reportTtlMs?: number;
  /** Timeouts of the hooks that run before the swap. */
  readonly hooksMs?: number;
  /** Whether anchors tell the prober that it is cut off: then one failure is no verdict. */
  readonly hasAnchors?: boolean;
}

/**
 * The worst case of each fault, the worst first.
 *
 *   last report              the time that it counts, where targets report in by themselves
 *   until the next probe     interval x (1 + jitter)
 *   killed                   (fall - 1) x 50 ms, or the restart grace where that is longer
 *   wrong answer             (fall - 1) x 250 ms, and the answer's own time
 *   silent                   the timeout of the first probe, or the silence of the last confirm
 *                            probe where that ends later
 *   swap                     the hooks, and 50 ms
 *   ttl                      interval x fall, within the pool's bounds: what a resolver was given
 *                            a moment before the fault
 *
 * Beside anchors `fall` is at least 2, here too. While none of them answers verdicts wait, and that
 * is not in the sum: nobody can say what a prober that is cut off would have seen.
 * No tripwire is counted on: a target may not allow one. With the defaults and a TTL of 5 to 60 s,
 * silence makes 5.25 + 2 + 0.05 + 15 = 22.3 s.
 */
export function worstCases(given: RtoInput): readonly [RtoSum, ...RtoSum[]] {
  const input = given.hasAnchors === true ? { ...given, health: brakeable(given.health) } : given;
  const silent = sumOf("silent", silence(input), input);
  const others = [
    sumOf("killed", hard(input), input),
    sumOf("wrong-answer", wrongAnswer(input), input),
  ];
  const [worst = silent, ...rest] = [silent, ...others].sort((a, b) => b.totalMs - a.totalMs);
  return [worst, ...rest];
}

/** The sum in words: "5.25s until the next probe + ... = 22.3s". */
export function formatSum(sum: RtoSum): string {
  const parts = sum.parts.map((part) => `${seconds(part.durationMs)} ${part.what}`);
  return `${parts.join(" + ")} = ${seconds(sum.totalMs)}`;
}

function sumOf(fault: Fault, detection: readonly RtoPart[], input: RtoInput): RtoSum {
  const { health, ttl, reportTtlMs = 0, hooksMs = 0 } = input;
  const nextProbeMs = health.intervalMs * (1 + health.jitterFraction);
  const detecting = [
    ...(reportTtlMs > 0 ? [{ what: "of the last report", durationMs: reportTtlMs }] : []),
    { what: "until the next probe", durationMs: nextProbeMs },
    ...detection,
  ];
  const freshMs = health.intervalMs * health.fall;
  const ttlMs = Math.max(ttl.minSeconds * 1000, Math.min(ttl.maxSeconds * 1000, freshMs));
  const parts = [
    ...detecting,
    ...(hooksMs > 0 ? [{ what: "for hooks", durationMs: hooksMs }] : []),
    { what: "for the swap", durationMs: SWAP_MS },
    { what: "of TTL", durationMs: ttlMs },
  ];
  return { fault, parts, detectMs: total(detecting), totalMs: total(parts) };
}

function hard({ health }: RtoInput): readonly RtoPart[] {
  const confirmMs = (health.fall - 1) * health.hardConfirmMs;
  if (health.restartGraceMs <= confirmMs) {
    return [{ what: "for confirm probes", durationMs: confirmMs }];
  }
  return [{ what: "of restart grace", durationMs: health.restartGraceMs }];
}

function wrongAnswer({ health, usualMs = usualDefault(health) }: RtoInput): readonly RtoPart[] {
  return [
    { what: "for confirm probes", durationMs: (health.fall - 1) * softGapMs(health) },
    { what: "until the last is answered", durationMs: usualMs },
  ];
}

function silence({ health, usualMs = usualDefault(health) }: RtoInput): readonly RtoPart[] {
  const first = { what: "of timeout", durationMs: health.timeoutMs };
  if (health.fall === 1) return [first];
  const lastStartMs = lateAfterMs(usualMs, health) + (health.fall - 2) * softGapMs(health);
  const restMs = lastStartMs + silentAfterMs(usualMs, health) - health.timeoutMs;
  return restMs <= 0 ? [first] : [first, { what: "of more silence", durationMs: restMs }];
}

function usualDefault(health: HealthSettings): number {
  return health.lateMinMs / health.lateFactor;
}

function total(parts: readonly RtoPart[]): number {
  return parts.reduce((sum, part) => sum + part.durationMs, 0);
}

/** Seconds as people add them up: at most three decimals. */
function seconds(durationMs: number): string {
  return durationMs < 1000
    ? formatDuration(durationMs)
    : `${Number((durationMs / 1000).toFixed(3))}s`;
}
