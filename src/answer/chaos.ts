// Class CH: who this server says it is (RFC 4892; version.bind and hostname.bind by BIND's custom).

import { nameFromText } from "../dns/name.ts";
import { CLASS, TYPE } from "../dns/types.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import { copyOctets } from "./octets.ts";
import { HEADER_OCTETS, KIND, type Query } from "./query.ts";
import type { AnswerSettings } from "./settings.ts";

const TEXT_OCTETS_MAX = 255;

interface ChaosName {
  readonly name: NameBuffer;
  readonly text: Uint8Array;
}

/** Answers the texts that the settings hold. */
export class Chaos {
  private readonly names: readonly ChaosName[];

  constructor(settings: AnswerSettings["chaos"]) {
    const { version, identity } = settings ?? {};
    const texts: readonly (readonly [string, string | undefined])[] = [
      ["version.bind.", version],
      ["version.server.", version],
      ["hostname.bind.", identity],
      ["id.server.", identity],
    ];
    this.names = texts.flatMap(([name, text]) => (text === undefined ? [] : [entry(name, text)]));
  }

  /**
   * Writes the answer at `at`; returns where it ends, or -1 where nothing is told under this name.
   */
  answer(query: Query, at: number): number {
    if (query.type !== TYPE.TXT && query.type !== TYPE.ANY) return -1;
    for (let i = 0; i < this.names.length; i++) {
      const { name, text } = this.names[i] as ChaosName;
      if (name.length !== query.name.length || !name.endsWith(query.name, name.length)) continue;
      query.answers = 1;
      query.isAuthoritative = true;
      query.kind = KIND.positive;
      return writeText(query.out, at, text);
    }
    return -1;
  }
}

function entry(nameText: string, text: string): ChaosName {
  const owner = nameFromText(nameText);
  const name = new NameBuffer();
  name.read(owner, 0, owner.length);
  return { name, text: new TextEncoder().encode(text).subarray(0, TEXT_OCTETS_MAX) };
}

function writeText(out: Uint8Array, at: number, text: Uint8Array): number {
  const length = text.length + 1;
  out[at] = 0xc0;
  out[at + 1] = HEADER_OCTETS;
  out[at + 2] = 0;
  out[at + 3] = TYPE.TXT;
  out[at + 4] = 0;
  out[at + 5] = CLASS.CH;
  for (let i = 6; i < 10; i++) out[at + i] = 0;
  out[at + 10] = length >>> 8;
  out[at + 11] = length;
  out[at + 12] = text.length;
  copyOctets(text, 0, text.length, out, at + 13);
  return at + 13 + text.length;
}
