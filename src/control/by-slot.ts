// Things of a slot, found without looking at those of every other slot.

/** Holds what belongs to slots; a thing may have moved to another slot since it was added. */
export class BySlot<T extends { readonly slot: number }> {
  readonly #all = new Map<number, T[]>();

  add(one: T): void {
    const known = this.#all.get(one.slot);
    if (known === undefined) this.#all.set(one.slot, [one]);
    else if (!known.includes(one)) known.push(one);
  }

  /** Hands out what is a slot's now, and forgets it. */
  take(slot: number): readonly T[] {
    const known = this.#all.get(slot);
    if (known === undefined) return [];
    this.#all.delete(slot);
    return known.filter((one) => one.slot === slot);
  }
}
