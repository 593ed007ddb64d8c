// Records as text, to compare what others answer with what is answered here.

import { printRdata } from "../dns/rdata.ts";
import type { LiveAnswer } from "./served-zone.ts";

/** Records as `printRdata` writes them, names in lower case. */
export function recordTexts(type: number, rdatas: readonly Uint8Array[]): readonly string[] {
  return rdatas.map((rdata) => printRdata(type, rdata).toLowerCase());
}

/** Whether these records are what is answered now. */
export function isAnsweredNow({ type, rrset, pick }: LiveAnswer, said: readonly string[]): boolean {
  const right = new Set(recordTexts(type, rrset.rdatas));
  if (!said.every((text) => right.has(text))) return false;
  const isOneEnough = pick !== undefined && right.size > 0;
  return isOneEnough ? said.length > 0 : new Set(said).size === right.size;
}
