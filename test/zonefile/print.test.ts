import { describe, expect, it } from "vitest";
import { printRecord, printZone } from "../../src/zonefile/print.ts";
import { octets, parseBytes } from "./parsing.ts";

/** The zone's lines as printed, tabs as blanks, owners without the origin. */
function printed(text: string): string[] {
  const { parsed, records } = parseBytes(octets(`$TTL 60\n${text}`));
  expect(parsed.problems).toEqual([]);
  return [...printZone(records)].map((line) =>
    line.replaceAll("\t", " ").replace(" 60 IN", "").replaceAll("example.org.", "@"),
  );
}

describe("printRecord()", () => {
  it("prints one line, absolute and complete, parted by tabs", () => {
    const { records } = parseBytes(octets("www 1h MX 10 mail\n"));
    expect(records.map(printRecord)).toEqual([
      "www.example.org.\t3600\tIN\tMX\t10 mail.example.org.",
    ]);
  });
});

describe("printZone()", () => {
  it("puts SOA and NS first, and other types in the order of their numbers", () => {
    const types =
      "TXT t\n@ A 192.0.2.1\n@ NS ns\n@ AAAA ::1\n@ SOA ns admin 1 2 3 4 5\n@ TYPE65535 \\# 0";
    expect(printed(`@ ${types}\n`)).toEqual([
      "@ SOA ns.@ admin.@ 1 2 3 4 5",
      "@ NS ns.@",
      "@ A 192.0.2.1",
      '@ TXT "t"',
      "@ AAAA ::1",
      "@ TYPE65535 \\# 0",
    ]);
  });

  it("orders owners as RFC 4034 section 6.1 does in its example", () => {
    const names = ["\\200.z", "zABC.a", "*.z", "a", "yljkjljk.a", "@", "z", "\\001.z", "Z.a"];
    expect(printed(names.map((name) => `${name} A 192.0.2.1\n`).join(""))).toEqual(
      [
        "@",
        "a.@",
        "yljkjljk.a.@",
        "Z.a.@",
        "zABC.a.@",
        "z.@",
        "\\001.z.@",
        "*.z.@",
        "\\200.z.@",
      ].map((name) => `${name} A 192.0.2.1`),
    );
  });

  it("keeps names below a name together, before longer labels", () => {
    const names = ["ab", "a", "x.a", "\\000.a", "a\\000", "aa"];
    expect(printed(names.map((name) => `${name} A 192.0.2.1\n`).join(""))).toEqual(
      ["a.@", "\\000.a.@", "x.a.@", "a\\000.@", "aa.@", "ab.@"].map(
        (name) => `${name} A 192.0.2.1`,
      ),
    );
  });

  it("orders an RRset by its data, without regard to case where names are lowered", () => {
    expect(printed("@ NS b\n@ NS A\n@ NS C\n")).toEqual(["@ NS A.@", "@ NS b.@", "@ NS C.@"]);
    expect(printed('@ TXT "b"\n@ TXT "aa"\n@ TXT "a"\n')).toEqual([
      '@ TXT "a"',
      '@ TXT "b"',
      '@ TXT "aa"',
    ]);
  });

  it("puts a signature behind what it signs", () => {
    const rrsig = (type: string): string => `${type} 8 3 60 20300101000000 20200101000000 1 @ AAAA`;
    const lines = printed(
      `@ RRSIG ${rrsig("TXT")}\n@ TXT t\n@ RRSIG ${rrsig("NS")}\n@ NS ns\n@ A 192.0.2.1\n`,
    );
    expect(lines.map((line) => line.split(" ").slice(1, 3).join(" "))).toEqual([
      "NS ns.@",
      "RRSIG NS",
      "A 192.0.2.1",
      'TXT "t"',
      "RRSIG TXT",
    ]);
  });
});
