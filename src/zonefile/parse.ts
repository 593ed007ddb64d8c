// A master file (RFC 1035 section 5, RFC 2308 section 4, BIND's $GENERATE) to records, with every
// error it has. It opens no files: what $INCLUDE names comes from a reader that the caller brings.

import type { Name } from "../dns/name.ts";
import { type Inclusion, readDirective } from "./directive.ts";
import { readRecord } from "./entry.ts";
import { Lexer, type Spot } from "./lexer.ts";
import { DOLLAR } from "./octets.ts";
import { quoted, type ZoneFileProblem } from "./problem.ts";
import { type OpenFile, type ParsedRecord, Reading } from "./reading.ts";
import { SimpleRecords } from "./simple-records.ts";
import type { ZoneFilePlace } from "./source-map.ts";

export { formatProblem, type ZoneFileProblem } from "./problem.ts";
export type { ParsedRecord } from "./reading.ts";
export type { ZoneFilePlace } from "./source-map.ts";

/** A file's content, and the name under which it appears in messages and is found to include itself. */
export interface ZoneFileSource {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Opens the file that an $INCLUDE line of the file `from` calls `path`. Relative paths are meant
 * relative to `from`; a reader that does not want to open a file says why ("it is outside the zone
 * folder"). The result's path is the same for the same file, however it was written.
 */
export type IncludeReader = (
  path: string,
  from: string,
) => ZoneFileSource | { readonly refused: string };

interface ZoneFileOptions {
  /** Completes relative names until a $ORIGIN line changes it: the zone's name. */
  readonly origin: Name;
  /** Without a reader every $INCLUDE is an error. */
  readonly include?: IncludeReader;
  /** The parse ends after this many errors; 100 if absent. */
  readonly errorsMax?: number;
}

export interface ParsedZoneFile {
  /** In the order of reading; with any error among them the records are no zone. */
  readonly problems: readonly ZoneFileProblem[];
  /** How many records were handed out. */
  readonly records: number;
  /** Every file that was read, once, the main one first. */
  readonly files: readonly string[];
  /** Whether `errorsMax` was reached, and what follows the last problem was not read. */
  readonly isCut: boolean;
  /** Where a record with this position was written; for generated records the $GENERATE line. */
  locate(position: number): ZoneFilePlace;
}

/** The most files open within each other, the main one included. */
export const INCLUDE_DEPTH_MAX = 16;
/** The most files that one zone may include, counting each time. */
export const INCLUDES_MAX = 10_000;
/** The most octets of all files of a zone together. */
const ZONE_FILE_OCTETS_MAX = 0x7fff_ffff;

const ERRORS_MAX = 100;

/** A file with what is put back when it goes on after an include. */
interface Frame {
  readonly file: OpenFile;
  owner: Name;
}

/**
 * Parses a zone's master file and all it includes, handing out records in the order they are
 * written. It never throws on any input. After an error it goes on with the next record, so that
 * all errors are told at once; the records of a file with errors must not be used.
 *
 * An included file begins with the includer's last owner and TTL; behind it the includer's origin
 * and owner are in force again (RFC 1035 section 5.1 for the origin; BIND for the rest).
 */
export function parseZoneFile(
  source: ZoneFileSource,
  options: ZoneFileOptions,
  onRecord: (record: ParsedRecord) => void,
): ParsedZoneFile {
  const reading = new Reading(onRecord, options.errorsMax ?? ERRORS_MAX);
  const simple = new SimpleRecords(reading);
  const files = new Set([source.path]);
  const frames: Frame[] = [open(reading, source, options.origin, 0)];
  let octets = source.bytes.length;
  for (let frame = frames.at(-1); frame !== undefined && !reading.isFull; frame = frames.at(-1)) {
    const { file } = frame;
    const inclusion = readToInclude(reading, simple, file);
    if (inclusion === undefined) {
      close(reading, frames);
      continue;
    }
    const included = include(reading, frames, inclusion, options.include);
    if (included === undefined) continue;
    octets += included.bytes.length;
    if (octets > ZONE_FILE_OCTETS_MAX) {
      refuse(reading, file, inclusion, `all files together exceed ${ZONE_FILE_OCTETS_MAX} octets`);
      continue;
    }
    files.add(included.path);
    frame.owner = reading.owner.slice();
    frames.push(open(reading, included, inclusion.origin, file.lexer.line));
  }
  return {
    problems: reading.problems,
    records: reading.records,
    files: [...files],
    isCut: reading.isFull,
    locate: (position) => reading.places.locate(position),
  };
}

/** Reads on to the file's end, or to an $INCLUDE line. */
function readToInclude(
  reading: Reading,
  simple: SimpleRecords,
  file: OpenFile,
): Inclusion | undefined {
  const { lexer } = file;
  while (!reading.isFull) {
    simple.read(file);
    const first = lexer.bytes[lexer.at];
    if (first === undefined) return undefined;
    if (first === DOLLAR) {
      const inclusion = readDirective(reading, file);
      if (inclusion !== undefined) return inclusion;
    } else {
      readRecord(reading, file);
    }
  }
  return undefined;
}

function open(reading: Reading, source: ZoneFileSource, origin: Name, lastLine: number): Frame {
  const lexer = new Lexer(source.bytes);
  const file: OpenFile = { path: source.path, lexer, origin };
  reading.places.enter(source.path, 1, lastLine);
  skipByteOrderMark(reading, file);
  return { file, owner: origin };
}

/** Some editors write the mark without telling; taken for octets, it would become a label's. */
function skipByteOrderMark(reading: Reading, file: OpenFile): void {
  const { lexer } = file;
  const [first, second, third] = lexer.bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    lexer.at = 3;
    lexer.lineStart = 3;
  }
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    const spot: Spot = { at: 0, line: 1, lineStart: 0 };
    reading.error(file, spot, "Cannot read file: it is UTF-16 text; save it as UTF-8 or ASCII");
    lexer.at = lexer.bytes.length;
  }
}

function close(reading: Reading, frames: Frame[]): void {
  const closed = frames.pop();
  const frame = frames.at(-1);
  if (closed === undefined || frame === undefined) return;
  reading.setOwner(frame.owner);
  reading.places.enter(frame.file.path, frame.file.lexer.line, closed.file.lexer.line);
}

/** The file that is asked for, or `undefined` after an error. */
function include(
  reading: Reading,
  frames: readonly Frame[],
  inclusion: Inclusion,
  reader: IncludeReader | undefined,
): ZoneFileSource | undefined {
  const file = frames.at(-1)?.file;
  if (file === undefined) return undefined;
  const refused = (why: string): undefined => refuse(reading, file, inclusion, why);
  if (reader === undefined) return refused("files cannot be included here");
  if (frames.length === INCLUDE_DEPTH_MAX) {
    return refused(`${INCLUDE_DEPTH_MAX} files are open within each other already`);
  }
  if (reading.includes === INCLUDES_MAX)
    return refused(`${INCLUDES_MAX} files were included before`);
  reading.includes++;
  const found = reader(inclusion.path, file.path);
  if ("refused" in found) return refused(found.refused);
  const at = frames.findIndex((frame) => frame.file.path === found.path);
  if (at < 0) return found;
  const loop = [...frames.slice(at).map((frame) => frame.file.path), found.path];
  return refused(`it includes itself (${loop.join(" > ")}); remove this line`);
}

function refuse(reading: Reading, file: OpenFile, inclusion: Inclusion, why: string): undefined {
  reading.error(file, inclusion.spot, `Cannot include ${quotedPath(inclusion.path)}: ${why}`);
  return undefined;
}

function quotedPath(path: string): string {
  return quoted(Buffer.from(path, "utf8").toString("latin1"));
}
