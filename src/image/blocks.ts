// Room for answers that come and go: blocks of 16, 32, 64 ... words out of one heap, each size with
// a list of free ones. Nothing of it lies in shared memory: a successor rebuilds it from what is
// used.

/** The smallest block, in words: a cache line, so that two answers never share one. */
const WORDS_MIN = 16;
/** Sizes from 16 words to 2^27 words. */
const CLASSES = 24;

/** A block in use. */
export interface UsedBlock {
  readonly at: number;
  readonly words: number;
}

/** Gives out blocks of the words from `start` to `end`. */
export class Blocks {
  private readonly end: number;
  private readonly free: number[][] = Array.from({ length: CLASSES }, () => []);
  private next: number;

  /** @param used blocks that were given out before, in any order. */
  constructor(start: number, end: number, used: readonly UsedBlock[]) {
    this.end = end;
    this.next = start;
    for (const block of [...used].sort((a, b) => a.at - b.at)) {
      this.addGap(this.next, block.at);
      this.next = block.at + block.words;
    }
  }

  /** A block of at least `words` words, or `undefined` when the heap is full. */
  take(words: number): UsedBlock | undefined {
    const size = Blocks.sizeFor(words);
    const free = this.free[classOf(size)]?.pop();
    if (free !== undefined) return { at: free, words: size };
    if (this.next + size > this.end) return this.split(size);
    const at = this.next;
    this.next += size;
    return { at, words: size };
  }

  /** Takes a block back; nobody may read it any more. */
  give(block: UsedBlock): void {
    this.free[classOf(block.words)]?.push(block.at);
  }

  /** The size that `take` gives for a wish. */
  static sizeFor(words: number): number {
    let size = WORDS_MIN;
    while (size < words) size *= 2;
    return size;
  }

  /** Halves a larger free block until it fits. */
  private split(size: number): UsedBlock | undefined {
    for (let larger = size * 2, i = classOf(larger); i < CLASSES; i++, larger *= 2) {
      const at = this.free[i]?.pop();
      if (at === undefined) continue;
      this.addGap(at + size, at + larger);
      return { at, words: size };
    }
    return undefined;
  }

  private addGap(from: number, to: number): void {
    for (let at = from; at < to; ) {
      let size = WORDS_MIN;
      while (at + size * 2 <= to) size *= 2;
      this.free[classOf(size)]?.push(at);
      at += size;
    }
  }
}

function classOf(size: number): number {
  return 31 - Math.clz32(size / WORDS_MIN);
}
