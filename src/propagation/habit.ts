// What a resolver's questions say of how long it keeps answers.

/** Questions so few apart from each other prove nothing. */
const QUESTIONS_MIN = 4;
/** It keeps answers longer than their TTL by so much at least: less is idleness or chance. */
const LONGER_MIN_MS = 5000;
/** The greatest pause may be longer than the least by so much: a clock's, not a client's pace. */
const SPREAD_MAX = 1.25;

/**
 * How long a resolver keeps answers, whatever their TTL: known of one that has asked several times
 * at an even pace, slower than the TTL would have it. Idle resolvers ask unevenly.
 *
 * @returns milliseconds; undefined where it keeps to the TTL, or nothing is known.
 */
export function keepsMs(habit: {
  readonly questions: number;
  readonly ttlMs: number;
  readonly paceMs: { readonly least: number; readonly greatest: number } | undefined;
}): number | undefined {
  const { questions, ttlMs, paceMs } = habit;
  if (paceMs === undefined || questions < QUESTIONS_MIN) return undefined;
  const isEven = paceMs.greatest <= paceMs.least * SPREAD_MAX + LONGER_MIN_MS;
  return isEven && paceMs.least > ttlMs + LONGER_MIN_MS ? paceMs.greatest : undefined;
}
