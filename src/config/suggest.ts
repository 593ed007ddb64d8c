// Near misses: what an operator probably meant by a word that is not known.

/** Two words are near when this many edits, at most, turn one into the other. */
const EDITS_MAX = 2;

/** The mend for a word that is none of `known`: the nearest of them, or the list of all. */
export function mendWord(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return `use ${listWords(known.map((each) => `"${each}"`))}`;
}

/** The one of `known` that `word` is most probably a slip of, if any is near enough. */
function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { word: string; edits: number } | undefined;
  for (const each of known) {
    const edits = editDistance(word.toLowerCase(), each.toLowerCase());
    // Half the letters may not be wrong, or "ttl" would be near to everything short.
    if (edits > Math.min(EDITS_MAX, Math.floor(each.length / 2))) continue;
    if (best === undefined || edits < best.edits) best = { word: each, edits };
  }
  return best?.word;
}

/** `a, b or c`. */
function listWords(words: readonly string[]): string {
  const head = words.slice(0, -1).join(", ");
  const last = words.at(-1) ?? "nothing";
  return head === "" ? last : `${head} or ${last}`;
}

/** Insertions, deletions, changed letters and swapped neighbours between two words. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
