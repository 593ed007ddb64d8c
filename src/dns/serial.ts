// SOA serial arithmetic on the 32-bit circle (RFC 1982).

const HALF = 0x8000_0000;

/**
 * Compares two SOA serials (RFC 1982 section 3.2).
 *
 * @returns 1 when `a` is newer, -1 when older, 0 when equal, and `undefined` for the pair exactly
 *   2^31 apart, which the RFC leaves undefined: treat it as a resync.
 */
export function compareSerial(a: number, b: number): -1 | 0 | 1 | undefined {
  const distance = (a - b) >>> 0;
  if (distance === 0) return 0;
  if (distance === HALF) return undefined;
  return distance < HALF ? 1 : -1;
}

/**
 * `serial` moved forward by `step` (RFC 1982 section 3.1), 0 to 2^31 - 1. Zero is skipped: some
 * secondaries take serial 0 for "no zone yet".
 */
export function advanceSerial(serial: number, step = 1): number {
  const next = (serial + step) >>> 0;
  return next === 0 && step > 0 ? 1 : next;
}
