// Times in master files: seconds, or BIND's units, which every server reads.

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** The largest TTL a record may have, in seconds (RFC 2181 section 8). */
export const TTL_MAX = 0x7fff_ffff;

/**
 * Seconds of "300", "1h", "1W2d" or "1h30m" (units in any case, every number with one, or a single
 * number with none).
 *
 * @returns 0 to 4294967295, or `undefined` where the text is no such time. A TTL may use only half
 *   of that range (`TTL_MAX`); the timers of a SOA may use all of it.
 */
export function ttlFromText(text: string): number | undefined {
  let total = 0;
  let value = -1;
  let hasUnits = false;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = (value < 0 ? 0 : value) * 10 + digit;
      if (value > 0xffff_ffff) return undefined;
      continue;
    }
    const unit = UNIT_SECONDS[(text[at] ?? "").toLowerCase()];
    if (unit === undefined || value < 0) return undefined;
    total += value * unit;
    value = -1;
    hasUnits = true;
  }
  if (value >= 0) {
    if (hasUnits) return undefined;
    total = value;
  } else if (!hasUnits) {
    return undefined;
  }
  return total <= 0xffff_ffff ? total : undefined;
}
