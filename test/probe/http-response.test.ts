import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HttpReading, readResponse } from "../../src/probe/kinds/http-response.ts";

interface Case {
  readonly title: string;
  readonly text: string;
  readonly isHead: boolean;
  readonly isEnded: boolean;
  readonly expected: string;
}

const CASES = readCases("test/data/probe-http-responses.txt");

function readCases(path: string): Case[] {
  const cases: Case[] = [];
  for (const block of readFileSync(path, "utf8").split("\n\n").slice(1)) {
    const [title = "", request = "", expected = ""] = block.trim().split("\n");
    const [, method, side, sent = ""] = /^(\S+) (\S+) (".*")$/.exec(request) ?? [];
    cases.push({
      title: title.slice(2),
      text: JSON.parse(unfold(sent)),
      isHead: method === "HEAD",
      isEnded: side === "ended",
      expected: unfold(expected.trim()),
    });
  }
  return cases;
}

/** `{x*3}` is `xxx`. */
function unfold(text: string): string {
  return text.replace(/\{(.)\*(\d+)\}/g, (_, char: string, count: string) =>
    char.repeat(Number(count)),
  );
}

function inWords(reading: HttpReading): string {
  if (reading.kind === "more") return "more";
  if (reading.kind !== "response") return `${reading.kind}: ${reading.why}`;
  const { status, body, isReusable, idleMs, location } = reading.response;
  const words = ["response", status, JSON.stringify(body)];
  if (isReusable) words.push("reusable");
  if (idleMs !== undefined) words.push(`idle=${idleMs}`);
  if (location !== undefined) words.push(`to=${location}`);
  return words.join(" ");
}

describe("readResponse() reads", () => {
  for (const { title, text, isHead, isEnded, expected } of CASES) {
    it(title, () => {
      expect(inWords(readResponse(text, { isHead, isEnded }))).toBe(expected);
    });
  }
});

describe("readResponse()", () => {
  it("asks for more of every beginning of an answer that is complete", () => {
    const complete = CASES.filter(({ expected }) => expected.includes("reusable"));
    expect(complete.length).toBeGreaterThan(10);
    for (const { text, isHead, expected } of complete) {
      for (let length = 0; length < text.length; length++) {
        const words = inWords(readResponse(text.slice(0, length), { isHead, isEnded: false }));
        // The last chunk's size alone already says that the body is complete.
        if (words !== expected.replace(" reusable", "")) expect(words).toBe("more");
      }
    }
  });

  it("reads whatever it is sent, and waits for nothing once the server has closed", () => {
    const word = fc.constantFrom(
      "HTTP/1.1 ",
      "200",
      "100",
      "\r\n",
      "\n",
      ": ",
      "chunked",
      "0",
      "5",
    );
    const name = fc.constantFrom(
      "Content-Length",
      "Transfer-Encoding",
      "Connection",
      "close",
      "xx",
    );
    const text = fc.array(fc.oneof(word, name, fc.string({ maxLength: 9 })), { maxLength: 30 });
    fc.assert(
      fc.property(text, fc.boolean(), (words, isHead) => {
        const sent = `HTTP/1.1 200 OK\r\n${words.join("")}`;
        expect(readResponse(sent, { isHead, isEnded: true }).kind).not.toBe("more");
        readResponse(words.join(""), { isHead, isEnded: false });
      }),
    );
  });
});
