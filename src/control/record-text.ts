// Changes of records as the API brings them, from text to RRsets of a zone. Each is refused with a
// sentence that names the change.

import { messageOf } from "../base/errors.ts";
import { Refusal } from "../base/refusal.ts";
import { isAtOrBelow, type Name, nameFromText, nameToText, ROOT } from "../dns/name.ts";
import { printRdata } from "../dns/rdata.ts";
import { isDataType, TYPE, typeFromText, typeToText } from "../dns/types.ts";
import type { RecordChange } from "../view/records.ts";
import type { RRsetChange } from "../zone/change.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Zone } from "../zone/zone.ts";
import { parseZoneFile } from "../zonefile/parse.ts";

/** The RRsets that changes leave, one after the other. @throws Refusal */
export function rrsetChanges(zone: Zone, changes: readonly RecordChange[]): RRsetChange[] {
  const result = new Map<string, RRsetChange>();
  for (const [index, change] of changes.entries()) {
    const type = readType(change.type, index);
    const owner = readOwner(change.name, zone.origin, index);
    const key = `${type} ${nameToText(owner).toLowerCase()}`;
    const before = result.has(key) ? result.get(key)?.rrset : zone.get(owner, type);
    const rrset = rrsetAfter(change, { owner, type, before, index });
    if (type === TYPE.SOA && rrset === undefined) {
      throw unfit(index, "a zone cannot be without its SOA; replace it instead");
    }
    result.set(key, { owner, type, rrset });
  }
  return [...result.values()];
}

/** A name as people write it, absolute with or without its final dot. @throws Refusal */
export function readName(text: string, what: string): Name {
  try {
    return nameFromText(text, ROOT);
  } catch (error) {
    throw new Refusal("unfit", "BAD_REQUEST", `Cannot read ${what}: ${messageOf(error)}`);
  }
}

interface Place {
  readonly owner: Name;
  readonly type: number;
  readonly before: RRset | undefined;
  readonly index: number;
}

function rrsetAfter(change: RecordChange, place: Place): RRset | undefined {
  const { owner, type, before, index } = place;
  switch (change.action) {
    case "replace":
      return { owner, type, ttl: change.ttl, rdatas: distinct(readRdatas(change.rdata, place)) };
    case "add": {
      const ttl = change.ttl ?? before?.ttl;
      if (ttl === undefined) throw unfit(index, "there is no such RRset yet; say its ttl");
      const rdatas = distinct([...(before?.rdatas ?? []), ...readRdatas(change.rdata, place)]);
      return { owner: before?.owner ?? owner, type, ttl, rdatas };
    }
    case "remove": {
      const gone = readRdatas(change.rdata, place).map(keyOf);
      const had = new Set(before?.rdatas.map(keyOf));
      const absent = gone.findIndex((key) => !had.has(key));
      if (absent >= 0) throw unfit(index, `there is no record ${change.rdata[absent]}`);
      const rdatas = (before?.rdatas ?? []).filter((rdata) => !gone.includes(keyOf(rdata)));
      return before === undefined || rdatas.length === 0 ? undefined : { ...before, rdatas };
    }
    case "delete":
      if (before === undefined) throw unfit(index, "there is no such RRset");
      return undefined;
  }
}

function readOwner(text: string, origin: Name, index: number): Name {
  const owner = readName(text, `"changes.${index}.name"`);
  if (isAtOrBelow(owner, origin)) return owner;
  throw unfit(index, `${nameToText(owner)} is not in the zone; names are absolute`);
}

function readType(text: string, index: number): number {
  const type = typeFromText(text.toUpperCase());
  if (type !== undefined && isDataType(type)) return type;
  throw unfit(index, `"${text}" is no record type; write one such as A or TYPE65280`);
}

/** Reads data by the master-file parser, as the only line of a file. */
function readRdatas(texts: readonly string[], { owner, type, index }: Place): Uint8Array[] {
  return texts.map((text) => {
    if (/[\r\n]/.test(text)) throw unfit(index, "data must be on one line");
    const line = `${nameToText(owner)} 0 IN ${typeToText(type)} ${text}\n`;
    const rdatas: Uint8Array[] = [];
    const source = { path: "rdata", bytes: new TextEncoder().encode(line) };
    const { problems } = parseZoneFile(source, { origin: ROOT }, (record) => {
      if (record.type === type) rdatas.push(record.rdata.slice());
    });
    const problem = problems.find(({ severity }) => severity === "error");
    if (problem !== undefined) {
      throw unfit(index, problem.message.replace(/^Cannot read \S+ record: /, ""));
    }
    const [rdata] = rdatas;
    if (rdata === undefined || rdatas.length > 1) throw unfit(index, `this is no data: ${text}`);
    return rdata;
  });
}

/** An RRset's data as text. */
export function rdataTexts({ type, rdatas }: Pick<RRset, "type" | "rdatas">): string[] {
  return rdatas.map((rdata) => printRdata(type, rdata));
}

function distinct(rdatas: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(rdatas.map((rdata) => [keyOf(rdata), rdata])).values()];
}

function keyOf(rdata: Uint8Array): string {
  return Buffer.from(rdata).toString("latin1");
}

function unfit(index: number, state: string): Refusal {
  return new Refusal("unfit", "BAD_CHANGE", `Cannot make change ${index + 1}: ${state}`);
}
