// The verdicts on updates, as a table; every message goes over the wire form.

import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, type MessageRecord } from "../../src/dns/message.ts";
import { equalNames, nameFromText } from "../../src/dns/name.ts";
import {
  CLASS,
  classFromText,
  OPCODE,
  rcodeToText,
  TYPE,
  typeFromText,
  typeToText,
} from "../../src/dns/types.ts";
import { judgeUpdate } from "../../src/transfer/update.ts";
import { withSerial } from "../../src/zone/soa.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { linesOf, ORIGIN, recordOf, zoneOf } from "../zone/records.ts";

interface Told {
  readonly zone: { name: string; type: string; class: string }[];
  readonly has: string[];
  readonly may: string[];
  readonly pools: string[];
  readonly prereq: MessageRecord[];
  readonly update: MessageRecord[];
}

describe("judgeUpdate()", () => {
  testTextCases("transfer-update.txt", (input) => verdictOn(toldBy(input)));

  it("takes an RRset of thousands of records, but none that no answer can carry", () => {
    const thousands = Array.from({ length: 4000 }, (_, i) => {
      return recordFrom(["IN", "many", "60", "A", `192.0.${i >> 8}.${i & 255}`]);
    });
    const told = { ...toldBy([]), update: thousands };
    expect(verdictOn(told)).toEqual(["changed many A: 4000 records"]);
    const rdatas = Array.from({ length: 9000 }, (_, i) => Uint8Array.of(198, 51, i >> 8, i & 255));
    const owner = nameFromText("many", ORIGIN);
    const rrset = { owner, type: TYPE.A, ttl: 60, rdatas };
    const zone = zoneOf().with([{ owner, type: TYPE.A, rrset }]);
    expect(verdictOn(told, zone)).toEqual([
      "REFUSED: many.example.org A would be longer than an answer can be",
    ]);
  });
});

/** Reads a case: its head in the table says how one is written. */
function toldBy(input: readonly string[]): Told {
  const told: Told = { zone: [], has: [], may: [], pools: [], prereq: [], update: [] };
  for (const line of input) {
    const [word = "", ...rest] = line.split(/\s+/);
    if (word === "has") told.has.push(rest.join(" "));
    else if (word === "may") told.may.push(rest.join(" "));
    else if (word === "pool") told.pools.push(rest.join(" "));
    else if (word === "prereq") told.prereq.push(recordFrom(rest));
    else if (word === "update") told.update.push(recordFrom(rest));
    else if (word === "zone") {
      const [name = "", type = "SOA", recordClass = "IN"] = rest;
      told.zone.push({ name, type, class: recordClass });
    } else throw new Error(line);
  }
  return told;
}

function recordFrom([recordClass = "", owner = "", ttl = "", type = "", ...data]: string[]) {
  const asClass = classFromText(recordClass) ?? 0;
  const typed = { class: asClass, ttl: Number(ttl), type: typeFromText(type) ?? 0 };
  if (data.length === 0) {
    return { owner: nameFromText(owner, ORIGIN), ...typed, rdata: new Uint8Array(0) };
  }
  return { ...recordOf([owner, ttl, type, ...data].join(" ")), ...typed };
}

function verdictOn(told: Told, zone = zoneOf(...told.has)): string[] {
  const zones = told.zone.length === 0 ? [{ name: "@", type: "SOA", class: "IN" }] : told.zone;
  const packet = encodeMessage({
    id: 1,
    opcode: OPCODE.UPDATE,
    questions: zones
      .filter(({ name }) => name !== "none")
      .map(({ name, type, class: zoneClass }) => {
        const asClass = classFromText(zoneClass) ?? CLASS.IN;
        return { name: nameFromText(name, ORIGIN), type: typeFromText(type) ?? 0, class: asClass };
      }),
    answers: told.prereq,
    authorities: told.update,
  });
  const isListed = (list: readonly string[], owner: Uint8Array, type: number): boolean => {
    return list.some((entry) => {
      const [name = "", ...types] = entry.split(" ");
      const isNamed = equalNames(owner, nameFromText(name, ORIGIN));
      return isNamed && types.includes(typeToText(type));
    });
  };
  const ground = { zone, serial: 10 };
  const verdict = judgeUpdate(decodeMessage(packet), ground, {
    may: (owner, type) => told.may.length === 0 || isListed(told.may, owner, type),
    isPooled: (owner, type) => isListed(told.pools, owner, type),
  });
  if (verdict.kind === "refused") return [`${rcodeToText(verdict.rcode)}: ${verdict.reason}`];
  const lines = verdict.changes.flatMap(({ owner, type, rrset }) => {
    const title = `${relative(owner)} ${typeToText(type)}`;
    if (rrset === undefined) return [`gone ${title}`];
    if (rrset.rdatas.length > 10) return [`changed ${title}: ${rrset.rdatas.length} records`];
    const shown = type === TYPE.SOA ? withSerial(rrset, 0) : rrset;
    return linesOf([shown]).map((line) => line.replace(/\.example\.org\. /, " "));
  });
  const serial = verdict.serial === undefined ? [] : [`serial ${verdict.serial}`];
  return lines.length + serial.length === 0 ? ["nothing changes"] : [...lines, ...serial];
}

function relative(owner: Uint8Array): string {
  const [line = ""] = linesOf([
    { owner, type: TYPE.A, ttl: 0, rdatas: [Uint8Array.of(192, 0, 2, 1)] },
  ]);
  return (line.split(" ")[0] ?? "").replace(/\.?example\.org\.$/, "") || "@";
}
