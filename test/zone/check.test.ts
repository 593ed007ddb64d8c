// The sentences about a zone, as a table.

import { describe, expect, it } from "vitest";
import { nameToDisplay } from "../../src/dns/name.ts";
import { TYPE, typeToText } from "../../src/dns/types.ts";
import { PROBLEMS_MAX, ZoneBuilder } from "../../src/zone/build.ts";
import { checkZone, type ZoneProblem } from "../../src/zone/check.ts";
import { testTextCases } from "../scenarios/text-cases.ts";
import { BASE, built, linesOf, ORIGIN, recordOf, rrsetOf, zoneOf } from "./records.ts";

describe("ZoneBuilder.finish()", () => {
  testTextCases("zone-check.txt", (input) => {
    const lines = input.flatMap((line) => (line === "base" ? BASE : [line]));
    const outcome = built(lines);
    const said = outcome.problems.map((problem) => sentenceOf(problem, lines));
    if (outcome.kind === "bad") return [...said, "not served"];
    const kept = new Set(linesOf(outcome.zone.rrsets()));
    return [...said, `served: ${kept.size} of ${lines.length} records`];
  });

  it("keeps at most a hundred problems of each severity and still refuses", () => {
    const builder = new ZoneBuilder(ORIGIN);
    for (const line of BASE) add(builder, line);
    for (let i = 0; i < 1000; i++) add(builder, "a 300 A 192.0.2.1");
    for (let i = 0; i < 1000; i++) add(builder, `a${i}.example.com. 300 A 192.0.2.1`);
    const { kind, problems } = builder.finish();
    expect(kind).toBe("bad");
    expect(problems).toHaveLength(2 * PROBLEMS_MAX);
  });

  it("refuses an RRset that no answer could carry", () => {
    const builder = new ZoneBuilder(ORIGIN);
    for (const line of BASE) add(builder, line);
    const { owner } = recordOf("a 300 A 192.0.2.1");
    for (let i = 1; i <= 300; i++) builder.add(owner, TYPE.TXT, 300, textOf(250, i), i);
    const { kind, problems } = builder.finish();
    expect(kind).toBe("bad");
    expect(problems[0]).toMatchObject({ code: "rrset-too-large", position: 260 });
  });
});

describe("checkZone()", () => {
  it("finds in an edited zone what a file would have been refused for", () => {
    const edited = zoneOf("www 300 A 192.0.2.10").with([
      changeOf("www 300 CNAME a.example.net."),
      changeOf("www.example.com. 300 A 192.0.2.1"),
      changeOf("sub 300 SOA ns1 admin 1 3600 600 86400 300"),
    ]);
    const codes = checkZone(edited).map((problem) => problem.code);
    expect(codes).toEqual(["cname-and-other", "out-of-zone", "soa-not-at-apex"]);
  });
});

/** A TXT rdata of `octets` octets of text, different for each `seed`. */
function textOf(octets: number, seed: number): Uint8Array {
  const text = new Uint8Array(octets + 1).fill(0x2e);
  text[0] = octets;
  text[1] = seed;
  text[2] = seed >> 8;
  return text;
}

function changeOf(line: string) {
  const rrset = rrsetOf(line);
  return { owner: rrset.owner, type: rrset.type, rrset };
}

function add(builder: ZoneBuilder, line: string): void {
  const { owner, type, ttl, rdata } = recordOf(line);
  builder.add(owner, type, ttl, rdata, 0);
}

function sentenceOf(problem: ZoneProblem, lines: readonly string[]): string {
  const { severity, code, message, owner, type, position } = problem;
  const place = position === undefined ? "nowhere" : `"${lines[position - 1]}"`;
  const what = type === undefined ? "" : ` ${typeToText(type)}`;
  return `${severity} ${code} at ${place}: ${message} (${nameToDisplay(owner)}${what})`;
}
