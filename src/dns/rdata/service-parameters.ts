// The parameters of SVCB and HTTPS (RFC 9460 section 7 and appendix A): what each key's value looks
// like in text and on the wire. The list as a whole is in `service-binding.ts`.

import { ipv4FromText, ipv6FromText, ipv6ToText } from "./address-text.ts";
import { base64FromText, base64ToText } from "./encodings.ts";
import { numberFromText, uintAt } from "./fields.ts";
import { escapedOctet, quoted } from "./text-fields.ts";

/** How one key's value is read, checked and printed. */
interface ServiceParameter {
  readonly name: string;
  /** Wire octets of a value with its character-string escapes resolved; `undefined` when wrong. */
  fromText(value: Uint8Array): Uint8Array | undefined;
  isSound(octets: Uint8Array): boolean;
  /** The value with its "=", or "" where the key has none. */
  toText(octets: Uint8Array): string;
  /** What the value looks like, for a complaint. */
  readonly expected: string;
}

export const MANDATORY = 0;
export const ALPN = 1;
export const NO_DEFAULT_ALPN = 2;

const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** By key number; the other keys are opaque. */
const PARAMETERS: ReadonlyMap<number, ServiceParameter> = new Map([
  [
    MANDATORY,
    {
      name: "mandatory",
      fromText: (value) => {
        const keys = listed(value).map(keyFromText);
        return keys.includes(undefined) ? undefined : uint16s(keys.map((key) => key ?? 0).sort(by));
      },
      isSound: (octets) => isAscending(octets) && uintAt(octets, 0, 2) !== MANDATORY,
      toText: (octets) => `=${uint16sOf(octets).map(keyToText).join(",")}`,
      expected: "mandatory=key,key with other keys, each once",
    },
  ],
  [
    ALPN,
    {
      name: "alpn",
      fromText: alpnFromText,
      isSound: isStringList,
      toText: alpnToText,
      expected: "alpn=id,id with ids of 1 to 255 octets",
    },
  ],
  [NO_DEFAULT_ALPN, flag("no-default-alpn")],
  [
    3,
    {
      name: "port",
      fromText: (value) => {
        const port = numberFromText(latin1(value), 0xffff);
        return port === undefined ? undefined : uint16s([port]);
      },
      isSound: (octets) => octets.length === 2,
      toText: (octets) => `=${uintAt(octets, 0, 2)}`,
      expected: "port= and a number from 0 to 65535",
    },
  ],
  [4, addresses("ipv4hint", 4, ipv4FromText, (octets) => octets.join("."))],
  [
    5,
    {
      name: "ech",
      fromText: (value) => base64FromText(latin1(value)),
      isSound: (octets) => octets.length > 0,
      toText: (octets) => `=${base64ToText(octets)}`,
      expected: "ech= and base64 text",
    },
  ],
  [6, addresses("ipv6hint", 16, ipv6FromText, ipv6ToText)],
  [
    7,
    {
      name: "dohpath",
      fromText: (value) => value,
      isSound: (octets) => octets.length > 0,
      toText: (octets) => `=${quoted(octets, 0, octets.length)}`,
      expected: "dohpath= and a path such as /dns-query{?dns}",
    },
  ],
  [8, flag("ohttp")],
]);

const KEYS_BY_NAME = new Map([...PARAMETERS].map(([key, { name }]) => [name, key]));

/** The form of a key's value; opaque for keys without one of their own. */
export function parameterOf(key: number): ServiceParameter {
  return PARAMETERS.get(key) ?? OPAQUE;
}

/** The number of a key: a name, or "key" and a decimal number without leading zeros. */
export function keyFromText(text: string): number | undefined {
  const known = KEYS_BY_NAME.get(text);
  if (known !== undefined) return known;
  return isNumberedKey(text) ? numberFromText(text.slice(3), 0xffff) : undefined;
}

/** Whether a key is written by its number: its value is then opaque octets (section 2.1). */
export function isNumberedKey(text: string): boolean {
  return /^key(0|[1-9]\d{0,4})$/.test(text);
}

export function keyToText(key: number): string {
  return PARAMETERS.get(key)?.name ?? `key${key}`;
}

/** The numbers in a list of 16-bit numbers. */
export function uint16sOf(octets: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at + 2 <= octets.length; at += 2) values.push(uintAt(octets, at, 2));
  return values;
}

/** What keys without a form of their own hold, and what numbered keys are read as. */
export const OPAQUE: ServiceParameter = {
  name: "",
  fromText: (value) => value,
  isSound: () => true,
  toText: (octets) => (octets.length === 0 ? "" : `=${quoted(octets, 0, octets.length)}`),
  expected: "octets",
};

function flag(name: string): ServiceParameter {
  return {
    name,
    fromText: (value) => (value.length === 0 ? value : undefined),
    isSound: (octets) => octets.length === 0,
    toText: () => "",
    expected: `${name} without a value`,
  };
}

function addresses(
  name: string,
  width: number,
  fromText: (text: string) => Uint8Array | undefined,
  toText: (octets: Uint8Array) => string,
): ServiceParameter {
  return {
    name,
    fromText(value) {
      const octets: number[] = [];
      for (const text of listed(value)) {
        const address = fromText(text);
        if (address === undefined) return undefined;
        octets.push(...address);
      }
      return Uint8Array.from(octets);
    },
    isSound: (octets) => octets.length > 0 && octets.length % width === 0,
    toText(octets) {
      const texts: string[] = [];
      for (let at = 0; at < octets.length; at += width) {
        texts.push(toText(octets.subarray(at, at + width)));
      }
      return `=${texts.join(",")}`;
    },
    expected: `${name}= and IPv${width === 4 ? 4 : 6} addresses with commas between`,
  };
}

/** Ids with commas between; `\,` and `\\` stand for the characters (RFC 9460 appendix A.1). */
function alpnFromText(value: Uint8Array): Uint8Array | undefined {
  const octets: number[] = [];
  let id: number[] = [];
  for (let at = 0; at <= value.length; at++) {
    const octet = value[at];
    if (octet === undefined || octet === COMMA) {
      if (id.length === 0 || id.length > 255) return undefined;
      octets.push(id.length, ...id);
      id = [];
    } else if (octet === BACKSLASH) {
      const next = value[++at];
      if (next !== COMMA && next !== BACKSLASH) return undefined;
      id.push(next);
    } else {
      id.push(octet);
    }
  }
  return Uint8Array.from(octets);
}

function alpnToText(octets: Uint8Array): string {
  let text = "";
  for (let at = 0; at < octets.length; ) {
    const end = at + 1 + (octets[at] ?? 0);
    if (text !== "") text += ",";
    for (at++; at < end; at++) {
      const octet = octets[at] ?? 0;
      // Once for the list and once more for the string that holds it.
      if (octet === COMMA || octet === BACKSLASH) text += "\\\\";
      text += escapedOctet(octet, '"\\');
    }
  }
  return `="${text}"`;
}

function isStringList(octets: Uint8Array): boolean {
  let at = 0;
  while (at < octets.length) {
    const size = octets[at] ?? 0;
    if (size === 0) return false;
    at += 1 + size;
  }
  return octets.length > 0 && at === octets.length;
}

function isAscending(octets: Uint8Array): boolean {
  const values = uint16sOf(octets);
  const isSorted = values.every((value, i) => i === 0 || (values[i - 1] ?? 0) < value);
  return values.length > 0 && octets.length % 2 === 0 && isSorted;
}

function listed(value: Uint8Array): string[] {
  return latin1(value).split(",");
}

function latin1(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}

function uint16s(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
}

function by(a: number, b: number): number {
  return a - b;
}
