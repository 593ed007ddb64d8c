// What each octet means to the lexer (RFC 1035 section 5.1). Files are octets throughout: text is
// made of them only for types without a quicker way, and for messages.

const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
export const QUOTE = 0x22;
export const DOLLAR = 0x24;
export const OPEN = 0x28;
export const CLOSE = 0x29;
export const DOT = 0x2e;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const AT_SIGN = 0x40;
export const BACKSLASH = 0x5c;

/** Part of a word. */
export const ORDINARY = 0;
/** Parts words; a carriage return counts, so that CRLF needs no rule of its own. */
export const BLANK = 1;
/** Ends a line. */
export const NEWLINE = 2;
/** A quote, parenthesis, backslash or semicolon. */
const SPECIAL = 3;

/** `ORDINARY`, `BLANK`, `NEWLINE` or `SPECIAL` for each octet. */
export const KIND: Uint8Array = kinds();

function kinds(): Uint8Array {
  const table = new Uint8Array(256);
  for (const octet of [SPACE, TAB, CR]) table[octet] = BLANK;
  table[LF] = NEWLINE;
  for (const octet of [QUOTE, OPEN, CLOSE, SEMICOLON, BACKSLASH]) table[octet] = SPECIAL;
  return table;
}
