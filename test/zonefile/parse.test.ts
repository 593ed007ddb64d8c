import { describe, expect, it } from "vitest";
import {
  formatProblem,
  INCLUDE_DEPTH_MAX,
  INCLUDES_MAX,
  type IncludeReader,
  parseZoneFile,
} from "../../src/zonefile/parse.ts";
import { ORIGIN, octets, parseBytes } from "./parsing.ts";

const messagesOf = (bytes: Uint8Array, include?: IncludeReader): string[] =>
  parseBytes(bytes, include).parsed.problems.map((problem) => problem.message);

describe("parseZoneFile()", () => {
  it("ends after errorsMax errors, and says so", () => {
    const bytes = octets("a 60 A x\n".repeat(7));
    const parse = (errorsMax: number) =>
      parseZoneFile({ path: "zone", bytes }, { origin: ORIGIN, errorsMax }, () => {});
    expect(parse(5)).toMatchObject({ isCut: true, problems: { length: 5 } });
    expect(parse(8)).toMatchObject({ isCut: false, problems: { length: 7 } });
  });

  it("tells 100 errors where nothing else is asked for", () => {
    expect(messagesOf(octets("a 60 A x\n".repeat(500)))).toHaveLength(100);
  });

  it("refuses includes when no reader is given", () => {
    const message = 'Cannot include "more": files cannot be included here';
    expect(messagesOf(octets("$INCLUDE more\n"))).toEqual([message]);
  });

  it("refuses what the reader refuses, in the reader's words", () => {
    const reader = () => ({ refused: "it is outside the zone folder" });
    const message = 'Cannot include "/größe": it is outside the zone folder';
    expect(messagesOf(new TextEncoder().encode("$INCLUDE /größe\n"), reader)).toEqual([message]);
  });

  it("hands the reader the including file's own path", () => {
    const asked: string[] = [];
    const reader: IncludeReader = (path, from) => {
      asked.push(`${from} asks for ${path}`);
      return { path: `folder/${path}`, bytes: octets(path === "one" ? "$INCLUDE two\n" : "") };
    };
    const { parsed } = parseBytes(octets("$INCLUDE one\n"), reader);
    expect(asked).toEqual(["zone asks for one", "folder/one asks for two"]);
    expect(parsed.files).toEqual(["zone", "folder/one", "folder/two"]);
  });

  it("bounds how deep files include each other", () => {
    const reader: IncludeReader = (path) => ({
      path,
      bytes: octets(`n${path} 60 A 192.0.2.1\n$INCLUDE ${Number(path) + 1}\n`),
    });
    const { parsed, records } = parseBytes(octets("$INCLUDE 1\n"), reader);
    expect(records).toHaveLength(INCLUDE_DEPTH_MAX - 1);
    expect(parsed.problems.map(formatProblem)).toEqual([
      '15:2:10: Cannot include "16": 16 files are open within each other already\n' +
        "$INCLUDE 16\n         ^",
    ]);
  });

  it("bounds how often files are included", () => {
    const bytes = octets("$INCLUDE more\n".repeat(INCLUDES_MAX + 1));
    const { parsed, records } = parseBytes(bytes, (path) => ({
      path,
      bytes: octets("a 60 A 192.0.2.1"),
    }));
    expect(records).toHaveLength(INCLUDES_MAX);
    expect(parsed.problems.map(({ line, message }) => [line, message])).toEqual([
      [INCLUDES_MAX + 1, `Cannot include "more": ${INCLUDES_MAX} files were included before`],
    ]);
    expect(parsed.locate(records.at(-1)?.position ?? 0)).toEqual({ file: "more", line: 1 });
  });

  it("passes over a byte order mark, and counts columns behind it", () => {
    const { parsed, records } = parseBytes(octets("\xef\xbb\xbfa 60 A 192.0.2.1\n"));
    expect([records.length, parsed.problems]).toEqual([1, []]);
    const [problem] = parseBytes(octets("\xef\xbb\xbfa 60 A x\n")).parsed.problems;
    expect(problem).toMatchObject({ line: 1, column: 8, lineText: "a 60 A x" });
  });

  it("refuses UTF-16 with one error", () => {
    const bytes = octets("\xff\xfea\0 \x006\x000\0 \0A\0\n\0");
    expect(messagesOf(bytes)).toEqual([
      "Cannot read file: it is UTF-16 text; save it as UTF-8 or ASCII",
    ]);
  });

  it("gives up on an entry that goes on too long, and reads on behind its first line", () => {
    const bytes = octets(`a 60 TXT (\n${"  ; a comment that goes on\n".repeat(50_000)}b 60 A x\n`);
    expect(messagesOf(bytes)).toEqual([
      'Cannot read record: "(" is not closed before the file ends or the record grows too long; write ")" behind the last field',
      'Cannot read A record: expected an IPv4 address such as 192.0.2.1, found "x"',
    ]);
  });

  it("gives up on a line with too many fields", () => {
    expect(messagesOf(octets(`a 60 TXT ${"x ".repeat(140_000)}\n`))).toEqual([
      "Cannot read record: it has more than 131072 fields or 1048576 octets",
    ]);
  });

  it("spends no more on nested mistakes than a few looks at the file", () => {
    // Each open mark is looked for to the end of the file; without a bound on that search, and with
    // one error for each line, a small file would take minutes.
    const open = parseBytes(octets("a (\n".repeat(100_000))).parsed;
    expect(open).toMatchObject({ isCut: true, records: 0 });
    const quoted = parseBytes(octets(' ( "\n'.repeat(100_000))).parsed;
    expect(quoted.problems.length).toBeGreaterThan(0);
  });

  it("keeps control characters of the file from the terminal", () => {
    const [problem] = parseBytes(octets("a 60 A \x1b[31mred\n")).parsed.problems;
    expect(problem?.message).toContain('found "\ufffd[31mred"');
    expect(problem?.lineText).toBe("a 60 A \ufffd[31mred");
  });
});

describe("parseZoneFile().locate()", () => {
  it("gives the line that a record begins on, blank lines and parentheses notwithstanding", () => {
    const { parsed, records } = parseBytes(
      octets("\n; x\na 60 TXT (\n one\n two )\n\n 60 TXT x\n60 60 A 192.0.2.1"),
    );
    const lines = records.map((record) => parsed.locate(record.position));
    expect(lines).toEqual([3, 7, 8].map((line) => ({ file: "zone", line })));
  });
});
