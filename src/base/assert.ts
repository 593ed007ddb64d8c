// Invariants. A failed assertion is a defect of livezone, never of its input.

import { InvariantError } from "./errors.ts";

/** Narrows `condition` to true, or throws `InvariantError` with the claim that did not hold. */
export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new InvariantError(`Cannot go on: ${claim} does not hold`);
}

/** Returns a value the caller knows to be there; the claim says why it must be. */
export function present<T>(value: T | undefined | null, claim: string): T {
  assert(value !== undefined && value !== null, claim);
  return value;
}

/** Ends a switch over a union: the compiler proves that no case is missing. */
export function unreachable(value: never): never {
  throw new InvariantError(`Cannot handle ${JSON.stringify(value)}: no case is left for it`);
}
