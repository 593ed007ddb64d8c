// Why a pool answers what it answers, for those who may see it: the text of an extended error (RFC
// 8914) in the answer itself. Control has made the texts; here they are only copied.

import { nameFromText } from "../dns/name.ts";
import { EDE, EDNS_OPTION, TYPE } from "../dns/types.ts";
import { NameBuffer } from "../image/name-buffer.ts";
import type { ReasonReader } from "../image/reasons.ts";
import type { Exchange } from "./exchange.ts";
import { type AddressPrefix, Prefixes } from "./prefixes.ts";
import { NOTED_ERA, NOTED_SLOT, type Query } from "./query.ts";

/** An option's head and the extended error's code. */
const HEAD_OCTETS = 6;
/** Below it class CH has what this server says of its pools. */
const SUFFIX_TEXT = "livezone.";

/** Explains the answers of one thread. */
export class Explainer {
  private readonly prefixes: Prefixes;
  private readonly reasons: ReasonReader;
  private readonly suffix = new NameBuffer();

  constructor(explainTo: readonly AddressPrefix[], reasons: ReasonReader) {
    this.prefixes = new Prefixes(explainTo);
    this.reasons = reasons;
    const suffix = nameFromText(SUFFIX_TEXT);
    this.suffix.read(suffix, 0, suffix.length);
  }

  /**
   * Writes why the first live RRset of the answer is what it is, where the asker may know and there
   * is room up to `limit`; returns where it ends.
   */
  write(query: Query, exchange: Exchange, at: number, limit: number): number {
    if (!this.prefixes.has(exchange)) return at;
    const slot = query.notes[NOTED_SLOT] as number;
    const era = query.notes[NOTED_ERA] as number;
    const { out } = query;
    const octets = this.reasons.read(slot, era, out, at + HEAD_OCTETS, limit - at - HEAD_OCTETS);
    if (octets <= 0) return at;
    out[at] = EDNS_OPTION.EDE >>> 8;
    out[at + 1] = EDNS_OPTION.EDE;
    out[at + 2] = (octets + 2) >>> 8;
    out[at + 3] = octets + 2;
    out[at + 4] = 0;
    out[at + 5] = EDE.OTHER;
    return at + HEAD_OCTETS + octets;
  }

  /** Whether the question is for a text below "livezone", from somebody who may have it. */
  isMeant(query: Query, exchange: Exchange): boolean {
    const { name, type } = query;
    if (type !== TYPE.TXT && type !== TYPE.ANY) return false;
    const { length } = this.suffix;
    return (
      name.length > length && name.endsWith(this.suffix, length) && this.prefixes.has(exchange)
    );
  }
}
