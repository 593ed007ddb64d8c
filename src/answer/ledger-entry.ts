// One asker's entry in the ledger, and what a note makes of it.

import {
  checkAfterRepeat,
  checkOf,
  ENTRY_ASKED,
  ENTRY_BEFORE_COUNT,
  ENTRY_BEFORE_END,
  ENTRY_BEFORE_ERA,
  ENTRY_CHECK,
  ENTRY_COUNT,
  ENTRY_END,
  ENTRY_ERA,
  ENTRY_PACE,
  ENTRY_SOURCE,
  ENTRY_WHAT,
  PACE_MAX,
  WHAT_PROVEN,
} from "./ledger-memory.ts";
import {
  KEY_WORDS,
  NOTE_END,
  NOTE_ERA,
  NOTE_KEY,
  NOTE_NOW,
  NOTE_SLOT_AND_VARIANT,
  NOTE_WHAT,
} from "./ledger-notes.ts";

/** Writes a note into the entry of its asker and slot; one that is free begins with it. */
export function writeEntry(
  words: Int32Array,
  entry: number,
  notes: Int32Array,
  note: number,
): void {
  const era = notes[note + NOTE_ERA] as number;
  const known = words[entry + ENTRY_ERA] as number;
  const isFree = known === 0;
  // A slot that was never published has era 0: its entry is begun each time, and stays free.
  if (known === era && !isFree) {
    repeat(words, entry, notes, note);
    return;
  }
  const now = notes[note + NOTE_NOW] as number;
  if (isFree) begin(words, entry, notes, note);
  else words[entry + ENTRY_PACE] = paceAt(words, entry, now);
  words[entry + ENTRY_WHAT] = whatOf(words, entry, notes, note);
  words[entry + ENTRY_ASKED] = now;
  beginEra(words, entry, era, notes[note + NOTE_END] as number);
  words[entry + ENTRY_CHECK] = checkOf(words, entry);
}

/** When the last copy that an asker was given ends, of whatever answer. */
export function lastEndOf(words: Int32Array, entry: number): number {
  const end = words[entry + ENTRY_END] as number;
  const before = words[entry + ENTRY_BEFORE_END] as number;
  return words[entry + ENTRY_BEFORE_ERA] !== 0 && ((before - end) | 0) > 0 ? before : end;
}

/** It is given what it was given before. */
function repeat(words: Int32Array, entry: number, notes: Int32Array, note: number): void {
  const now = notes[note + NOTE_NOW] as number;
  const end = notes[note + NOTE_END] as number;
  const newWhat = whatOf(words, entry, notes, note);
  const newPace = paceAt(words, entry, now);
  const oldEnd = words[entry + ENTRY_END] as number;
  const newEnd = ((oldEnd - end) | 0) < 0 ? end : oldEnd;
  const check = checkAfterRepeat(
    words[entry + ENTRY_CHECK] as number,
    newWhat - (words[entry + ENTRY_WHAT] as number),
    now - (words[entry + ENTRY_ASKED] as number),
    newEnd - oldEnd,
    newPace - (words[entry + ENTRY_PACE] as number),
  );
  words[entry + ENTRY_WHAT] = newWhat;
  words[entry + ENTRY_ASKED] = now;
  words[entry + ENTRY_END] = newEnd;
  words[entry + ENTRY_COUNT] = ((words[entry + ENTRY_COUNT] as number) + 1) | 0;
  words[entry + ENTRY_PACE] = newPace;
  words[entry + ENTRY_CHECK] = check;
}

/** Its slot, its variant and its asker; who was proven once stays so. */
function whatOf(words: Int32Array, entry: number, notes: Int32Array, note: number): number {
  const isKnown = words[entry + ENTRY_ERA] !== 0;
  const proven = isKnown ? (words[entry + ENTRY_WHAT] as number) & WHAT_PROVEN : 0;
  const slot = notes[note + NOTE_SLOT_AND_VARIANT] as number;
  return slot | (notes[note + NOTE_WHAT] as number) | proven;
}

/** Its least and greatest time between two questions, this one being asked now. */
function paceAt(words: Int32Array, entry: number, now: number): number {
  const passed = Math.min((now - (words[entry + ENTRY_ASKED] as number)) | 0, PACE_MAX);
  const pace = words[entry + ENTRY_PACE] as number;
  const least = passed < pace >>> 16 ? passed : pace >>> 16;
  const greatest = passed > (pace & PACE_MAX) ? passed : pace & PACE_MAX;
  return (least << 16) | greatest;
}

function begin(words: Int32Array, entry: number, notes: Int32Array, note: number): void {
  words[entry + ENTRY_END] = 0;
  words[entry + ENTRY_COUNT] = 0;
  words[entry + ENTRY_PACE] = PACE_MAX << 16;
  for (let i = 0; i < KEY_WORDS; i++) {
    words[entry + ENTRY_SOURCE + i] = notes[note + NOTE_KEY + i] as number;
  }
}

/** It is given this answer for the first time; what it was given before stays known. */
function beginEra(words: Int32Array, entry: number, era: number, end: number): void {
  words[entry + ENTRY_BEFORE_ERA] = words[entry + ENTRY_ERA] as number;
  words[entry + ENTRY_BEFORE_END] = words[entry + ENTRY_END] as number;
  words[entry + ENTRY_BEFORE_COUNT] = words[entry + ENTRY_COUNT] as number;
  words[entry + ENTRY_ERA] = era;
  words[entry + ENTRY_END] = end;
  words[entry + ENTRY_COUNT] = 1;
}
