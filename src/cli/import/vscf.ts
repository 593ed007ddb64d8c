// gdnsd's configuration language: maps, lists and single values, with or without "=>" and commas.

/** A value: text, a list, or a map in the order of the file. */
export type VscfValue = string | readonly VscfValue[] | ReadonlyMap<string, VscfValue>;

/** A file as a map, or where and why it is none. */
export type VscfReading =
  | { readonly kind: "ok"; readonly root: ReadonlyMap<string, VscfValue> }
  | { readonly kind: "bad"; readonly line: number; readonly state: string };

interface Token {
  readonly text: string;
  readonly line: number;
  readonly isQuoted: boolean;
}

const DEPTH_MAX = 100;

class VscfError extends Error {
  readonly line: number;

  constructor(line: number, state: string) {
    super(state);
    this.line = line;
  }
}

/** Reads a configuration; `$include` is refused, as it reaches for other files. */
export function readVscf(text: string): VscfReading {
  const tokens = tokensOf(text);
  try {
    const isBraced = tokens[0]?.text === "{" && !tokens[0].isQuoted;
    const cursor = { tokens, at: isBraced ? 1 : 0 };
    return { kind: "ok", root: readMap(cursor, isBraced ? "}" : undefined, 0) };
  } catch (error) {
    if (!(error instanceof VscfError)) throw error;
    return { kind: "bad", line: error.line, state: error.message };
  }
}

interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
}

function readMap(cursor: Cursor, end: "}" | undefined, depth: number): Map<string, VscfValue> {
  const map = new Map<string, VscfValue>();
  for (;;) {
    const key = next(cursor, end);
    if (key === undefined) return map;
    if (key.text.startsWith("$include") && !key.isQuoted) {
      throw new VscfError(key.line, "it includes another file; put that file's text in its place");
    }
    const arrow = cursor.tokens[cursor.at];
    if (arrow?.text !== "=>" && arrow?.text !== "=") {
      throw new VscfError(key.line, `"${key.text}" is followed by no "=>"`);
    }
    cursor.at++;
    const value = readValue(cursor, depth + 1);
    map.set(key.text, value);
  }
}

function readValue(cursor: Cursor, depth: number): VscfValue {
  const token = cursor.tokens[cursor.at++];
  if (token === undefined) throw new VscfError(0, "it ends where a value is expected");
  if (depth > DEPTH_MAX) throw new VscfError(token.line, "it is nested too deeply");
  if (token.isQuoted || !/^[[{\]}]$/.test(token.text)) return token.text;
  if (token.text === "{") return readMap(cursor, "}", depth);
  if (token.text !== "[") throw new VscfError(token.line, `"${token.text}" closes nothing`);
  const list: VscfValue[] = [];
  for (;;) {
    if (next({ ...cursor }, "]") === undefined) {
      next(cursor, "]");
      return list;
    }
    while (cursor.tokens[cursor.at]?.text === ",") cursor.at++;
    list.push(readValue(cursor, depth + 1));
  }
}

/** The next token past commas, or undefined after the end of what is being read. */
function next(cursor: Cursor, end: string | undefined): Token | undefined {
  let token = cursor.tokens[cursor.at++];
  while (token?.text === "," && !token.isQuoted) token = cursor.tokens[cursor.at++];
  if (token === undefined) {
    if (end === undefined) return undefined;
    throw new VscfError(cursor.tokens.at(-1)?.line ?? 1, `it ends before its "${end}"`);
  }
  return token.text === end && !token.isQuoted ? undefined : token;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const [all] of text.matchAll(
    /\n|#[^\n]*|"(?:\\[\s\S]|[^"\\])*"|=>|[={}[\],]|\$include\{[^}]*\}|(?:\\.|[^\s#"={}[\],])+/g,
  )) {
    if (all === "\n") line++;
    if (all === "\n" || all.startsWith("#")) continue;
    const isQuoted = all.startsWith('"');
    const plain = (isQuoted ? all.slice(1, -1) : all).replace(/\\(.)/g, "$1");
    tokens.push({ text: plain, line, isQuoted });
    if (isQuoted) line += all.split("\n").length - 1;
  }
  return tokens;
}
