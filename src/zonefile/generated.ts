// $GENERATE range owner [ttl] [class] type data: the records that BIND would make of it.

import { type Name, NameError, nameFromText } from "../dns/name.ts";
import { parseRdata, type RdataToken } from "../dns/rdata.ts";
import { describeBadRdata, impliedTtl, readRdataTokens } from "./entry.ts";
import {
  countOf,
  expandTemplate,
  parseRange,
  parseTemplate,
  type Range,
  type Template,
} from "./generate.ts";
import { type Header, readHeader } from "./header.ts";
import { END, FAULT, Lexer, type Spot } from "./lexer.ts";
import { quoted } from "./problem.ts";
import type { OpenFile, Reading } from "./reading.ts";

/** The most records that the $GENERATE lines of one zone may make together. */
const GENERATED_MAX = 1_048_576;

const RANGE_TOKEN = 1;
const OWNER_TOKEN = 2;

interface DataTemplate {
  readonly template: Template;
  readonly isQuoted: boolean;
}

/** Reads the rest of a $GENERATE line, whose name is the lexer's newest token. */
export function readGenerate(reading: Reading, file: OpenFile): void {
  const { lexer } = file;
  for (const what of ["a range such as 1-254", "an owner such as host-$"]) {
    const kind = lexer.next();
    if (kind === FAULT) return;
    if (kind !== END) continue;
    const state = `expected ${what}, but the line ends here`;
    reading.error(file, lexer.spot(lexer.count), `Cannot read $GENERATE: ${state}`);
    return;
  }
  const rangeText = lexer.text(RANGE_TOKEN);
  const range = parseRange(rangeText);
  if (range === undefined) {
    const state = "expected a range such as 1-254 or 0-100/2, to 2147483647 at most";
    reading.error(file, lexer.spot(RANGE_TOKEN), `${cannotRead(rangeText)}: ${state}`);
    return;
  }
  if (reading.generated + countOf(range) > GENERATED_MAX) {
    const state = `a zone may generate ${GENERATED_MAX} records at most; make the range smaller`;
    reading.error(file, lexer.spot(RANGE_TOKEN), `${cannotRead(rangeText)}: ${state}`);
    return;
  }
  const owner = templateOf(reading, file, lexer.text(OWNER_TOKEN), {
    range,
    spot: lexer.spot(OWNER_TOKEN),
  });
  if (owner === undefined) return;
  const header = readHeader(reading, file, lexer.next());
  if (header === undefined) return;
  const data = readData(reading, file, header, range);
  if (data !== undefined) generate(reading, file, { range, owner, header, data });
}

function cannotRead(text: string): string {
  return `Cannot read $GENERATE ${quoted(text)}`;
}

function templateOf(
  reading: Reading,
  file: OpenFile,
  text: string,
  within: { readonly range: Range; readonly spot: Spot },
): Template | undefined {
  const parsed = parseTemplate(text, within.range);
  if (parsed.kind === "ok") return parsed.template;
  reading.error(file, within.spot, `${cannotRead(text.slice(parsed.offset))}: ${parsed.why}`);
  return undefined;
}

function readData(
  reading: Reading,
  file: OpenFile,
  header: Header,
  range: Range,
): DataTemplate[] | undefined {
  const { lexer } = file;
  const tokens = readRdataTokens(lexer, header.type);
  if (tokens === undefined) return undefined;
  const [only] = tokens;
  const data: DataTemplate[] = [];
  // BIND takes one token only, and reads what a quoted one holds as the record's whole data. More
  // than one is refused there, and means here what it says.
  const isWhole = tokens.length === 1 && only?.isQuoted === true;
  const parts = isWhole ? innerTokens(only.text, header.type) : tokens;
  if (parts === undefined) {
    const state = "the quoted data has a quote or parenthesis that is not closed";
    const spot = lexer.spot(header.typeToken + 1);
    reading.error(file, spot, `${cannotRead(only?.text ?? "")}: ${state}`);
    return undefined;
  }
  for (const [i, part] of parts.entries()) {
    const spot = lexer.spot(header.typeToken + 1 + (isWhole ? 0 : i));
    const template = templateOf(reading, file, part.text, { range, spot });
    if (template === undefined) return undefined;
    data.push({ template, isQuoted: part.isQuoted });
  }
  return data;
}

function innerTokens(text: string, type: number): RdataToken[] | undefined {
  const inner = text.replace(/\\(.)/gs, (pair, escaped) => (escaped === '"' ? '"' : pair));
  const lexer = new Lexer(Buffer.from(inner, "latin1"));
  lexer.begin();
  return readRdataTokens(lexer, type);
}

function generate(
  reading: Reading,
  file: OpenFile,
  plan: {
    readonly range: Range;
    readonly owner: Template;
    readonly header: Header;
    readonly data: readonly DataTemplate[];
  },
): void {
  const { lexer } = file;
  const { range, header } = plan;
  const { type, typeToken } = header;
  const { line } = lexer.spot(0);
  let ttl = header.ttl;
  for (let value = range.start; value <= range.stop; value += range.step) {
    const owner = ownerOf(reading, file, plan.owner, value);
    if (owner === undefined) return;
    const tokens = plan.data.map(({ template, isQuoted }) => ({
      text: expandTemplate(template, value),
      isQuoted,
    }));
    const parsed = parseRdata(type, tokens, file.origin);
    if (parsed.kind === "bad") {
      const spot = lexer.spot(typeToken + 1 + parsed.token);
      const message = describeBadRdata(type, parsed.expected, tokens[parsed.token]);
      reading.error(file, spot, `${message} (where $ is ${value})`);
      return;
    }
    const { rdata } = parsed;
    ttl ??= impliedTtl(reading, file, { type, rdata, spot: lexer.spot(typeToken) });
    if (ttl === undefined) return;
    reading.generated++;
    reading.emit(owner, type, ttl, rdata, line);
  }
}

function ownerOf(
  reading: Reading,
  file: OpenFile,
  template: Template,
  value: number,
): Name | undefined {
  const text = expandTemplate(template, value);
  try {
    return nameFromText(text, file.origin);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    const message = `Cannot read name ${quoted(text)}: ${error.state} (where $ is ${value})`;
    reading.error(file, file.lexer.spot(OWNER_TOKEN), message);
    return undefined;
  }
}
