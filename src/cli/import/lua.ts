// The one Lua expression that a PowerDNS LUA record mostly is: a call with literal arguments.
// Anything that computes (variables, statements, nested calls) is refused, not guessed at.

/** A literal: text, a number, true or false, or a table with its list and its named parts. */
export type LuaValue = string | number | boolean | LuaTable;

/** `{ 'a', 'b', name = 'c' }`. */
export interface LuaTable {
  readonly list: readonly LuaValue[];
  readonly named: ReadonlyMap<string, LuaValue>;
}

/** A call, or `undefined` for what is none. */
export interface LuaCall {
  readonly name: string;
  readonly args: readonly LuaValue[];
}

const DEPTH_MAX = 20;

/** Reads `name(arguments…)`. */
export function readLuaCall(source: string): LuaCall | undefined {
  const tokens = tokensOf(source.trim().replace(/^return\s+/, ""));
  const [name, open] = tokens ?? [];
  if (tokens === undefined || name === undefined || open !== "(") return undefined;
  if (!/^[a-z_]\w*$/i.test(name)) return undefined;
  const cursor = { tokens, at: 2 };
  const table = readParts(cursor, ")", 0);
  if (table === undefined || cursor.at !== tokens.length || table.named.size > 0) return undefined;
  return { name, args: table.list };
}

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
}

function readParts(cursor: Cursor, end: string, depth: number): LuaTable | undefined {
  const list: LuaValue[] = [];
  const named = new Map<string, LuaValue>();
  while (depth < DEPTH_MAX) {
    if (cursor.tokens[cursor.at] === end) {
      cursor.at++;
      return { list, named };
    }
    const key = keyAt(cursor);
    const value = readValue(cursor, depth);
    if (value === undefined) return undefined;
    if (key === undefined) list.push(value);
    else named.set(key, value);
    const separator = cursor.tokens[cursor.at];
    if (separator === "," || separator === ";") cursor.at++;
    else if (separator !== end) return undefined;
  }
  return undefined;
}

/** `name =` or `['name'] =`, where one stands. */
function keyAt(cursor: Cursor): string | undefined {
  const [a = "", b = "", c, d] = cursor.tokens.slice(cursor.at, cursor.at + 4);
  if (/^[a-z_]\w*$/i.test(a) && b === "=") {
    cursor.at += 2;
    return a;
  }
  if (a !== "[" || c !== "]" || d !== "=") return undefined;
  cursor.at += 4;
  return /^['"]/.test(b) ? b.slice(1, -1) : b;
}

function readValue(cursor: Cursor, depth: number): LuaValue | undefined {
  const token = cursor.tokens[cursor.at++] ?? "";
  if (token === "{") return readParts(cursor, "}", depth + 1);
  if (/^['"]/.test(token)) return token.slice(1, -1).replace(/\\(.)/g, "$1");
  if (/^-?\d/.test(token)) return Number(token);
  if (token === "true" || token === "false") return token === "true";
  return undefined;
}

/** The tokens, or undefined where something else stands among them. */
function tokensOf(source: string): readonly string[] | undefined {
  const pattern =
    /\s+|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?|[a-z_]\w*|[(){}[\],;=]/gi;
  const found = source.match(pattern) ?? [];
  if (found.join("") !== source) return undefined;
  return found.filter((token) => token.trim() !== "");
}
