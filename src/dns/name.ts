// Domain names in wire form: bytes, not strings, so that a dot inside a label, any octet and the
// letter case survive. Text is for people and for files.

import { AppError } from "../base/errors.ts";

/**
 * An uncompressed domain name in wire form (RFC 1035 section 3.1): labels of 1 to 63 octets, each
 * with its length before it, ended by the root's zero octet; 1 to 255 octets in all. Case is kept.
 * Treat it as immutable.
 */
export type Name = Uint8Array;

/** The longest name on the wire, in octets (RFC 1035 section 2.3.4). */
export const NAME_OCTETS_MAX = 255;
/** The longest label, in octets without its length (RFC 1035 section 2.3.4). */
export const LABEL_OCTETS_MAX = 63;

/** The root, a single zero octet. */
export const ROOT: Name = Uint8Array.of(0);

/** What is wrong with a name in text form; `offset` counts characters from its start. */
export class NameError extends AppError {
  override readonly code:
    | "NAME_EMPTY_LABEL"
    | "NAME_LABEL_TOO_LONG"
    | "NAME_TOO_LONG"
    | "NAME_BAD_ESCAPE"
    | "NAME_NOT_ABSOLUTE";
  readonly offset: number;
  /** The clause behind the colon of the message ("it has an empty label"). */
  readonly state: string;

  constructor(code: NameError["code"], text: string, offset: number, state: string) {
    super(`Cannot read name "${text}": ${state}`);
    this.code = code;
    this.offset = offset;
    this.state = state;
  }
}

/**
 * Reads a name in master-file text (RFC 1035 section 5.1): `\X` and `\DDD` escapes, "@" for the
 * origin, a missing final dot completed with `origin`.
 *
 * @param text one character per octet (latin1); those above 255 are refused (NAME_BAD_ESCAPE).
 * @param origin appended to relative names; without it they are refused (NAME_NOT_ABSOLUTE).
 * @throws NameError
 */
export function nameFromText(text: string, origin?: Name): Name {
  if (text === ".") return ROOT;
  if (text === "@" && origin !== undefined) return origin;
  if (text === "") throw new NameError("NAME_EMPTY_LABEL", text, 0, "the name is empty");
  const out = new Uint8Array(NAME_OCTETS_MAX + 1);
  let labelStart = 0;
  let end = 1;
  let isAbsolute = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === 0x2e) {
      closeLabel(out, { labelStart, end, text, offset: i });
      labelStart = end;
      end++;
      if (end > NAME_OCTETS_MAX) throw tooLong(text, i);
      isAbsolute = i === text.length - 1;
      continue;
    }
    const octet = character === 0x5c ? escapedOctet(text, i) : character;
    if (octet > 255) {
      throw new NameError("NAME_BAD_ESCAPE", text, i, `character "${text[i]}" is not one octet`);
    }
    if (character === 0x5c) i += isDigit(text.charCodeAt(i + 1)) ? 3 : 1;
    if (end >= NAME_OCTETS_MAX) throw tooLong(text, i);
    out[end++] = octet;
  }
  if (isAbsolute) return out.slice(0, end);
  closeLabel(out, { labelStart, end, text, offset: text.length });
  if (origin === undefined) {
    throw new NameError(
      "NAME_NOT_ABSOLUTE",
      text,
      text.length,
      "it has no final dot and no origin",
    );
  }
  if (end + origin.length > NAME_OCTETS_MAX) throw tooLong(text, text.length);
  out.set(origin, end);
  return out.slice(0, end + origin.length);
}

/** Absolute master-file text of a name, escapes as RFC 1035 section 5.1 asks; the root is ".". */
export function nameToText(name: Name): string {
  if (name.length <= 1) return ".";
  let text = "";
  for (let at = 0; at < name.length; ) {
    const size = name[at++] ?? 0;
    if (size === 0) break;
    for (const end = at + size; at < end; at++) text += octetToText(name[at] ?? 0);
    text += ".";
  }
  return text;
}

/** Like `nameToText`, without the final dot, for messages and configuration ("www.lab.example"). */
export function nameToDisplay(name: Name): string {
  const text = nameToText(name);
  return text === "." ? text : text.slice(0, -1);
}

/** The same name with A-Z as a-z (RFC 4343 section 3): the form names are compared in. */
export function lowerName(name: Name): Name {
  // A copy even of a Buffer, whose own `slice` would share its memory.
  const lower = new Uint8Array(name);
  for (let i = 0; i < lower.length; i++) lower[i] = lowerOctet(lower[i] ?? 0);
  return lower;
}

/**
 * A string that is equal for names that are equal without regard to case, for `Map` and `Set`.
 * One character per octet of the lower-case wire form; not for people.
 */
export function nameKey(name: Name): string {
  let key = "";
  for (let i = 0; i < name.length; i++) key += String.fromCharCode(lowerOctet(name[i] ?? 0));
  return key;
}

/** The lower-case wire form that `nameKey` was made from. */
export function nameFromKey(key: string): Name {
  return Uint8Array.from(key, (character) => character.charCodeAt(0));
}

/** Whether two names are the same without regard to ASCII case (RFC 4343). */
export function equalNames(a: Name, b: Name): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i] && lowerOctet(a[i] ?? 0) !== lowerOctet(b[i] ?? 0)) return false;
  }
  return true;
}

/** Whether `name` is `ancestor` or lies below it. */
export function isAtOrBelow(name: Name, ancestor: Name): boolean {
  return isAtOrBelowIn(name, 0, name.length, ancestor);
}

/** The same of a name that lies in other octets, without a view of it: for a million in a row. */
export function isAtOrBelowIn(
  octets: Uint8Array,
  start: number,
  length: number,
  ancestor: Name,
): boolean {
  const end = start + length;
  const from = end - ancestor.length;
  let at = start;
  while (at < from) at += 1 + (octets[at] ?? 0);
  if (at !== from) return false;
  for (let i = 0; at < end; i++, at++) {
    if (lowerOctet(octets[at] ?? 0) !== lowerOctet(ancestor[i] ?? 0)) return false;
  }
  return true;
}

/** The name without its first label, or `undefined` for the root. Shares memory with `name`. */
export function parentOf(name: Name): Name | undefined {
  const size = name[0] ?? 0;
  return size === 0 ? undefined : name.subarray(1 + size);
}

/** How many labels a name has, the root's not counted: "www.lab.example." has 3. */
export function labelCount(name: Name): number {
  let count = 0;
  for (let at = 0; (name[at] ?? 0) !== 0; at += 1 + (name[at] ?? 0)) count++;
  return count;
}

/** Whether the first label is the single octet "*" (RFC 4592 section 2.1.1). */
export function isWildcard(name: Name): boolean {
  return name[0] === 1 && name[1] === 0x2a;
}

/**
 * Orders names canonically (RFC 4034 section 6.1): by labels from the right, as lower-case octets,
 * the absent label first.
 *
 * @returns negative, 0 or positive, as `Array.prototype.sort` wants it.
 */
export function compareNames(a: Name, b: Name): number {
  const left = labelStarts(a);
  const right = labelStarts(b);
  for (let i = 1; i <= Math.min(left.length, right.length); i++) {
    const order = compareLabels(a, left[left.length - i] ?? 0, b, right[right.length - i] ?? 0);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Offsets of each label's length octet, the root's left out. */
export function labelStarts(name: Name): number[] {
  const starts: number[] = [];
  for (let at = 0; (name[at] ?? 0) !== 0; at += 1 + (name[at] ?? 0)) starts.push(at);
  return starts;
}

/** A-Z as a-z, every other octet as it is. */
export function lowerOctet(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function compareLabels(a: Name, atA: number, b: Name, atB: number): number {
  const sizeA = a[atA] ?? 0;
  const sizeB = b[atB] ?? 0;
  for (let i = 1; i <= Math.min(sizeA, sizeB); i++) {
    const order = lowerOctet(a[atA + i] ?? 0) - lowerOctet(b[atB + i] ?? 0);
    if (order !== 0) return order;
  }
  return sizeA - sizeB;
}

function closeLabel(
  out: Uint8Array,
  label: { labelStart: number; end: number; text: string; offset: number },
): void {
  const size = label.end - label.labelStart - 1;
  if (size === 0) {
    throw new NameError("NAME_EMPTY_LABEL", label.text, label.offset, "it has an empty label");
  }
  if (size > LABEL_OCTETS_MAX) {
    throw new NameError(
      "NAME_LABEL_TOO_LONG",
      label.text,
      label.offset,
      `a label has ${size} octets, the most is ${LABEL_OCTETS_MAX}`,
    );
  }
  out[label.labelStart] = size;
}

function tooLong(text: string, offset: number): NameError {
  return new NameError("NAME_TOO_LONG", text, offset, `it exceeds ${NAME_OCTETS_MAX} octets`);
}

/** The octet of the escape that starts at `at`, which holds the backslash. */
function escapedOctet(text: string, at: number): number {
  const first = text.charCodeAt(at + 1);
  if (Number.isNaN(first)) {
    throw new NameError("NAME_BAD_ESCAPE", text, at, "it ends in a lone backslash");
  }
  if (!isDigit(first)) return first;
  const digits = text.slice(at + 1, at + 4);
  if (!/^\d{3}$/.test(digits) || Number(digits) > 255) {
    throw new NameError("NAME_BAD_ESCAPE", text, at, `"\\${digits}" is not \\000 to \\255`);
  }
  return Number(digits);
}

function isDigit(character: number): boolean {
  return character >= 0x30 && character <= 0x39;
}

function octetToText(octet: number): string {
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, "0")}`;
  const character = String.fromCharCode(octet);
  return '.\\"();@$'.includes(character) ? `\\${character}` : character;
}
