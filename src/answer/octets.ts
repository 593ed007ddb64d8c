// Octets on the way of an answer: from one place to another, and four as a word.

/**
 * Copies `length` octets, which do not overlap with where they go. Four a step: in a loop, what each
 * step is checked for costs more than an octet.
 */
export function copyOctets(
  from: Uint8Array,
  fromAt: number,
  length: number,
  to: Uint8Array,
  toAt: number,
): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    to[toAt + i] = from[fromAt + i] as number;
    to[toAt + i + 1] = from[fromAt + i + 1] as number;
    to[toAt + i + 2] = from[fromAt + i + 2] as number;
    to[toAt + i + 3] = from[fromAt + i + 3] as number;
  }
  for (; i < length; i++) to[toAt + i] = from[fromAt + i] as number;
}

/** Four octets in network order. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
