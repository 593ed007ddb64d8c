// A note of the ledger: what it has to write down of one live answer. Notes of a batch wait beside
// each other in private memory, which numbers alone describe.

/** Notes that wait at most: an answer of a batch rarely holds more than one live RRset. */
export const WAITING_MAX = 64;

export const NOTE_WORDS = 13;
/**
 * The word where this thread's row of the slot lies; and where its asker is looked for first, in words
 * from the thread's first entry: from the start of all threads' it might not fit.
 */
export const NOTE_ROW = 0;
export const NOTE_PLACE = 1;
export const NOTE_SLOT_AND_VARIANT = 2;
export const NOTE_ERA = 3;
/** When it was given, and until when it is good, in ticks. */
export const NOTE_NOW = 4;
export const NOTE_END = 5;
/** What an entry says of its asker, and then who that is: four words of address, two of subnet. */
export const NOTE_WHAT = 6;
export const NOTE_KEY = 7;
export const KEY_WORDS = 6;
