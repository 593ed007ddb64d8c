// Lines that begin with a dollar sign. $INCLUDE is only read here: opening files is `parse.ts`'s.

import type { Name } from "../dns/name.ts";
import { endEntry, readName } from "./entry.ts";
import { readGenerate } from "./generated.ts";
import { readTtl } from "./header.ts";
import { END, FAULT, type Spot } from "./lexer.ts";
import { quoted } from "./problem.ts";
import type { OpenFile, Reading } from "./reading.ts";

/** What an $INCLUDE line asks for. */
export interface Inclusion {
  readonly path: string;
  readonly origin: Name;
  /** Where the path is written. */
  readonly spot: Spot;
}

/** Obeys the directive at the cursor, whatever its case, and leaves the cursor behind the entry. */
export function readDirective(reading: Reading, file: OpenFile): Inclusion | undefined {
  const { lexer } = file;
  lexer.begin();
  lexer.next();
  const text = lexer.text(0);
  let inclusion: Inclusion | undefined;
  switch (text.toUpperCase()) {
    case "$ORIGIN":
      readOrigin(reading, file);
      break;
    case "$TTL":
      readDefaultTtl(reading, file);
      break;
    case "$INCLUDE":
      inclusion = readInclude(reading, file);
      break;
    case "$GENERATE":
      readGenerate(reading, file);
      break;
    default: {
      const mend = "use $ORIGIN, $TTL, $INCLUDE or $GENERATE, or write an owner's first $ as \\$";
      const message = `Cannot read directive ${quoted(text)}: there is none of this name; ${mend}`;
      reading.error(file, lexer.spot(0), message);
    }
  }
  endEntry(reading, file);
  return lexer.fault === undefined ? inclusion : undefined;
}

function readOrigin(reading: Reading, file: OpenFile): void {
  if (!hasArgument(reading, file, "$ORIGIN", "a domain name such as example.org.")) return;
  const origin = readName(reading, file, 1);
  if (origin !== undefined && endsHere(reading, file, "$ORIGIN")) file.origin = origin;
}

function readDefaultTtl(reading: Reading, file: OpenFile): void {
  if (!hasArgument(reading, file, "$TTL", "seconds such as 3600, or units such as 1h30m")) return;
  const ttl = readTtl(reading, file, 1);
  if (ttl !== undefined && endsHere(reading, file, "$TTL")) reading.setDefaultTtl(ttl);
}

function readInclude(reading: Reading, file: OpenFile): Inclusion | undefined {
  const { lexer } = file;
  if (!hasArgument(reading, file, "$INCLUDE", "the name of a file")) return undefined;
  const octets = Buffer.from(lexer.text(1).replace(/\\(.)/gs, "$1"), "latin1");
  const inclusion = { path: octets.toString("utf8"), origin: file.origin, spot: lexer.spot(1) };
  const kind = lexer.next();
  if (kind === FAULT) return undefined;
  if (kind === END) return inclusion;
  const origin = readName(reading, file, 2);
  if (origin === undefined || !endsHere(reading, file, "$INCLUDE")) return undefined;
  return { ...inclusion, origin };
}

function hasArgument(reading: Reading, file: OpenFile, name: string, expected: string): boolean {
  const { lexer } = file;
  const kind = lexer.next();
  if (kind !== END) return kind !== FAULT;
  const message = `Cannot read ${name}: expected ${expected}, but the line ends here`;
  reading.error(file, lexer.spot(1), message);
  return false;
}

function endsHere(reading: Reading, file: OpenFile, name: string): boolean {
  const { lexer } = file;
  const kind = lexer.next();
  if (kind === END || kind === FAULT) return kind === END;
  const found = quoted(lexer.text(lexer.count - 1));
  const state = `expected the end of the line, found ${found}; remove it, or put ";" before it`;
  reading.error(file, lexer.spot(lexer.count - 1), `Cannot read ${name}: ${state}`);
  return false;
}
