// SVCB and HTTPS (RFC 9460): a priority, a target, and parameters in ascending order of their keys.

import { TYPE } from "../types.ts";
import type { Field, RdataDescription, TokenCursor } from "./description.ts";
import { NAME, U16, uintAt } from "./fields.ts";
import {
  ALPN,
  isNumberedKey,
  keyFromText,
  keyToText,
  MANDATORY,
  NO_DEFAULT_ALPN,
  OPAQUE,
  parameterOf,
  uint16sOf,
} from "./service-parameters.ts";
import { unescapeText } from "./text-fields.ts";

/**
 * The parameters: any order in text, sorted on the wire. Parameters in AliasMode (priority 0) are
 * kept; clients ignore them (section 2.4.2).
 */
const PARAMETERS: Field = {
  read(cursor, out) {
    const values = new Map<number, Uint8Array>();
    const tokens = new Map<number, number>();
    for (; !cursor.isAtEnd(); cursor.at++) {
      const expected = readParameter(cursor, values, tokens);
      if (expected !== undefined) return expected;
    }
    for (const { key, expected } of contradictions(values)) {
      cursor.at = tokens.get(key) ?? cursor.at;
      return expected;
    }
    for (const [key, value] of [...values].sort(([a], [b]) => a - b)) {
      out.uint(key, 2);
      out.uint(value.length, 2);
      out.append(value);
    }
    return undefined;
  },
  skip(octets, at, end) {
    const values = new Map<number, Uint8Array>();
    let last = -1;
    let here = at;
    while (here < end) {
      const key = uintAt(octets, here, 2);
      const next = here + 4 + uintAt(octets, here + 2, 2);
      if (here + 4 > end || next > end || key <= last) return -1;
      const value = octets.subarray(here + 4, next);
      if (!parameterOf(key).isSound(value)) return -1;
      values.set(key, value);
      last = key;
      here = next;
    }
    return contradictions(values).length === 0 ? here : -1;
  },
  print(octets, at, end) {
    const texts: string[] = [];
    for (let here = at; here < end; ) {
      const key = uintAt(octets, here, 2);
      const next = here + 4 + uintAt(octets, here + 2, 2);
      texts.push(keyToText(key) + parameterOf(key).toText(octets.subarray(here + 4, next)));
      here = next;
    }
    return texts.join(" ");
  },
};

/** SVCB, HTTPS. */
export const SERVICE_BINDINGS: readonly RdataDescription[] = [
  { type: TYPE.SVCB, fields: [U16, NAME, PARAMETERS] },
  { type: TYPE.HTTPS, fields: [U16, NAME, PARAMETERS] },
];

/** One `key`, `key=value` or `key="value"`; which token each key came from is kept for blame. */
function readParameter(
  cursor: TokenCursor,
  values: Map<number, Uint8Array>,
  tokens: Map<number, number>,
): string | undefined {
  const token = cursor.tokens[cursor.at];
  const text = token?.text ?? "";
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const key = token?.isQuoted === true ? undefined : keyFromText(name);
  if (key === undefined) return 'a parameter such as alpn=h2 or key667="text"';
  if (values.has(key)) return `each parameter once (${keyToText(key)} is repeated)`;
  const raw = unescapeText(equals < 0 ? "" : unquoted(text.slice(equals + 1)));
  const form = parameterOf(key);
  const value = raw && (isNumberedKey(name) ? OPAQUE : form).fromText(raw);
  if (value === undefined || value.length > 0xffff || !form.isSound(value)) {
    return form === OPAQUE ? `${name}= and octets, escapes \\000 to \\255` : form.expected;
  }
  values.set(key, value);
  tokens.set(key, cursor.at);
  return undefined;
}

/** What breaks section 7.1.1 or section 8, with the key to blame. */
function contradictions(
  values: ReadonlyMap<number, Uint8Array>,
): readonly { readonly key: number; readonly expected: string }[] {
  const found: { key: number; expected: string }[] = [];
  if (values.has(NO_DEFAULT_ALPN) && !values.has(ALPN)) {
    found.push({ key: NO_DEFAULT_ALPN, expected: "alpn beside no-default-alpn" });
  }
  for (const key of uint16sOf(values.get(MANDATORY) ?? new Uint8Array(0))) {
    if (values.has(key)) continue;
    found.push({ key: MANDATORY, expected: `${keyToText(key)}, since it is mandatory` });
  }
  return found;
}

function unquoted(text: string): string {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return isQuoted ? text.slice(1, -1) : text;
}
