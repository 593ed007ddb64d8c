// Randomness as an argument, and the seeded generator that simulations and jitter share.

/** A source of uniform random numbers. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
}

/** A whole number from 0 to `bound` - 1; `bound` is at least 1. */
export function below(random: Random, bound: number): number {
  return Math.floor(random.fraction() * bound);
}

/**
 * The same numbers for the same seed on every machine (the sfc32 generator, which passes PractRand).
 * Not for secrets.
 *
 * @param seed any whole number; only its low 32 bits count.
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0;
  let b = 0x243f6a88 | 0;
  let c = seed | 0;
  let counter = 1;
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 15; warmUp++) uint32();
  return { uint32, fraction: () => uint32() / 0x1_0000_0000 };
}
