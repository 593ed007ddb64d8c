// Whether two answers are one.

/** Whether two decisions answer the same members in the same order: no swap lies between them. */
export function sameAnswer(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((id, i) => id === b[i]);
}

/** Whether two answers hold the same members, in any order. */
export function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}
