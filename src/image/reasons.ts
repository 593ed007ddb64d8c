// Why each live answer is what it is, in words, beside the slots: made by control when it decides,
// read by answer threads for those who may see it. A text that speaks of another answer than the one
// given is never read: both carry the answer's era.
//
//   slot     stamp (odd while it is written) | era | octets | text ...

/** Words of one slot; memory that is not used costs address space only. */
const SLOT_WORDS = 128;
const STAMP = 0;
const ERA = 1;
const OCTETS = 2;
const TEXT = 3;
/** The longest text; what is longer ends in dots. */
export const REASON_OCTETS_MAX = (SLOT_WORDS - TEXT) * 4;
const DOTS = "...";

/** Room for a text of every slot. */
export function createReasons(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * SLOT_WORDS * 4);
}

/** Writes texts; control's thread alone does. */
export class ReasonWriter {
  private readonly words: Int32Array;

  constructor(reasons: SharedArrayBuffer) {
    this.words = new Int32Array(reasons);
  }

  /** Says why a slot gives the answer of an era; `why` is ASCII, other letters become "?". */
  write(slot: number, era: number, why: string): void {
    const { words } = this;
    const at = slot * SLOT_WORDS;
    const isLong = why.length > REASON_OCTETS_MAX;
    const text = isLong ? `${why.slice(0, REASON_OCTETS_MAX - DOTS.length)}${DOTS}` : why;
    const octets = text.length;
    // A control thread that died at it has left an odd stamp.
    const stamp = Atomics.load(words, at + STAMP) | 1;
    Atomics.store(words, at + STAMP, stamp);
    Atomics.store(words, at + ERA, era);
    Atomics.store(words, at + OCTETS, octets);
    for (let i = 0; i < octets; i += 4) {
      let word = 0;
      for (let j = 0; j < 4; j++) word |= letterAt(text, i + j) << (8 * j);
      Atomics.store(words, at + TEXT + (i >> 2), word);
    }
    Atomics.store(words, at + STAMP, (stamp + 1) | 0);
  }
}

/** Reads texts, for one answer thread. */
export class ReasonReader {
  private readonly words: Int32Array;

  constructor(reasons: SharedArrayBuffer) {
    this.words = new Int32Array(reasons);
  }

  /**
   * Copies the text about a slot's answer to `out`, of at most `room` octets.
   *
   * @returns its octets; 0 where there is none of this era, or it is being written just now.
   */
  read(slot: number, era: number, out: Uint8Array, at: number, room: number): number {
    const { words } = this;
    const from = slot * SLOT_WORDS;
    const stamp = Atomics.load(words, from + STAMP);
    if ((stamp & 1) === 1 || Atomics.load(words, from + ERA) !== era) return 0;
    const octets = Math.min(Atomics.load(words, from + OCTETS), room, REASON_OCTETS_MAX);
    for (let i = 0; i < octets; i += 4) {
      const word = Atomics.load(words, from + TEXT + (i >> 2));
      for (let j = 0; j < 4 && i + j < octets; j++) out[at + i + j] = word >>> (8 * j);
    }
    return Atomics.load(words, from + STAMP) === stamp ? Math.max(0, octets) : 0;
  }
}

function letterAt(text: string, index: number): number {
  if (index >= text.length) return 0;
  const code = text.charCodeAt(index);
  return code >= 0x20 && code < 0x7f ? code : 0x3f;
}
