// Numbers with their nouns, for sentences that people read.

/** "1 zone", "2 zones", "0 zones": for nouns that take an s. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
