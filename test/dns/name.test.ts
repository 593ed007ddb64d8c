// Names: text to wire and back, their order, and their relations.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareNames,
  equalNames,
  isAtOrBelow,
  isWildcard,
  labelCount,
  labelStarts,
  lowerName,
  NAME_OCTETS_MAX,
  NameError,
  nameFromKey,
  nameFromText,
  nameKey,
  nameToDisplay,
  nameToText,
  parentOf,
  ROOT,
} from "../../src/dns/name.ts";
import { anyName, smallName } from "./arbitraries.ts";
import { hexOf } from "./tokens.ts";

const RUNS = { numRuns: 150, seed: 20_260_101 };
const ORIGIN = nameFromText("example.org.");
const LABEL_63 = "a".repeat(63);

describe("nameFromText()", () => {
  // text, octets, text again
  const good: readonly (readonly [string, string, string])[] = [
    [".", "00", "."],
    ["@", "076578616d706c65036f726700", "example.org."],
    ["www", "03777777076578616d706c65036f726700", "www.example.org."],
    ["www.", "0377777700", "www."],
    ["WwW.", "0357775700", "WwW."],
    ["*.a.", "012a016100", "*.a."],
    ["a\\.b.", "03612e6200", "a\\.b."],
    ["a\\046b.", "03612e6200", "a\\.b."],
    ["\\@.", "014000", "\\@."],
    ["\\a\\ .", "02612000", "a\\032."],
    ["\\000\\255.", "0200ff00", "\\000\\255."],
    ["\u00e9.", "01e900", "\\233."],
    ['\\"\\(\\)\\;\\$\\\\.', "062228293b245c00", '\\"\\(\\)\\;\\$\\\\.'],
    ["a@b$c.", "05614062246300", "a\\@b\\$c."],
  ];
  for (const [text, hex, printed] of good) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const name = nameFromText(text, ORIGIN);
      expect(hexOf(name)).toBe(hex);
      expect(nameToText(name)).toBe(printed);
    });
  }

  const bad: readonly (readonly [string, NameError["code"], number])[] = [
    ["", "NAME_EMPTY_LABEL", 0],
    ["..", "NAME_EMPTY_LABEL", 0],
    [".a", "NAME_EMPTY_LABEL", 0],
    ["a..b.", "NAME_EMPTY_LABEL", 2],
    [`${LABEL_63}a.`, "NAME_LABEL_TOO_LONG", 64],
    [`${`${LABEL_63}.`.repeat(3)}${"a".repeat(62)}.`, "NAME_TOO_LONG", 254],
    [`${LABEL_63}.`.repeat(4), "NAME_TOO_LONG", 254],
    ["a\\", "NAME_BAD_ESCAPE", 1],
    ["a\\256.", "NAME_BAD_ESCAPE", 1],
    ["a\\25", "NAME_BAD_ESCAPE", 1],
    ["a\\2x5.", "NAME_BAD_ESCAPE", 1],
    ["\u20ac.", "NAME_BAD_ESCAPE", 0],
    ["\\\u20ac.", "NAME_BAD_ESCAPE", 0],
  ];
  for (const [text, code, offset] of bad) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))} with ${code}`, () => {
      const thrown = caught(() => nameFromText(text, ORIGIN));
      expect(thrown).toBeInstanceOf(NameError);
      expect(thrown).toMatchObject({ code, offset });
    });
  }

  it("refuses a relative name without an origin", () => {
    expect(caught(() => nameFromText("www"))).toMatchObject({ code: "NAME_NOT_ABSOLUTE" });
    expect(caught(() => nameFromText("@"))).toMatchObject({ code: "NAME_NOT_ABSOLUTE" });
  });

  it("takes a name of exactly 255 octets, and no more with its origin", () => {
    const longest = `${`${LABEL_63}.`.repeat(3)}${"a".repeat(61)}.`;
    expect(nameFromText(longest).length).toBe(NAME_OCTETS_MAX);
    const head = `${`${LABEL_63}.`.repeat(3)}`;
    expect(nameFromText(`${head}${"a".repeat(49)}`, ORIGIN).length).toBe(NAME_OCTETS_MAX);
    expect(caught(() => nameFromText(`${head}${"a".repeat(50)}`, ORIGIN))).toMatchObject({
      code: "NAME_TOO_LONG",
    });
  });

  it("reads what nameToText() wrote, whatever the octets", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(hexOf(nameFromText(nameToText(name)))).toBe(hexOf(name));
      }),
      RUNS,
    );
  });

  it("throws nothing but NameError", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 40 }), (characters) => {
        const text = String.fromCharCode(...characters);
        const thrown = caught(() => nameFromText(text, ORIGIN));
        expect(thrown === undefined || thrown instanceof NameError).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("nameToDisplay()", () => {
  it("leaves the final dot out, but not the root's", () => {
    expect(nameToDisplay(ORIGIN)).toBe("example.org");
    expect(nameToDisplay(ROOT)).toBe(".");
    expect(nameToDisplay(nameFromText("a\\.."))).toBe("a\\.");
  });
});

describe("compareNames()", () => {
  // RFC 4034 section 6.1, in its order.
  const ordered = [
    "example.",
    "a.example.",
    "yljkjljk.a.example.",
    "Z.a.example.",
    "zABC.a.EXAMPLE.",
    "z.example.",
    "\\001.z.example.",
    "*.z.example.",
    "\\200.z.example.",
  ].map((text) => nameFromText(text));

  it("gives the order of RFC 4034 section 6.1", () => {
    const shuffled = [4, 0, 8, 2, 6, 1, 7, 3, 5].map((i) => ordered[i] ?? ROOT);
    expect(shuffled.sort(compareNames).map(nameToText)).toEqual(ordered.map(nameToText));
  });

  it("is a total order that knows no case", () => {
    fc.assert(
      fc.property(smallName, smallName, smallName, (a, b, c) => {
        expect(Math.sign(compareNames(a, b))).toBe(0 - Math.sign(compareNames(b, a)));
        expect(compareNames(a, b) === 0).toBe(equalNames(a, b));
        if (compareNames(a, b) <= 0 && compareNames(b, c) <= 0) {
          expect(compareNames(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      RUNS,
    );
  });

  it("puts a name right before those below it", () => {
    fc.assert(
      fc.property(smallName, smallName, smallName, (a, b, c) => {
        const [first = ROOT, second = ROOT, third = ROOT] = [a, b, c].sort(compareNames);
        if (isAtOrBelow(third, first)) expect(isAtOrBelow(second, first)).toBe(true);
      }),
      RUNS,
    );
  });
});

describe("equalNames(), nameKey() and lowerName()", () => {
  it("agree on which names are the same", () => {
    fc.assert(
      fc.property(smallName, smallName, (a, b) => {
        expect(nameKey(a) === nameKey(b)).toBe(equalNames(a, b));
        expect(hexOf(lowerName(a)) === hexOf(lowerName(b))).toBe(equalNames(a, b));
        expect(nameFromKey(nameKey(a))).toEqual(lowerName(a));
      }),
      RUNS,
    );
  });

  it("leave a name alone that came as a Buffer", () => {
    const name = Buffer.from(nameFromText("WWW."));
    expect(nameToText(lowerName(name))).toBe("www.");
    expect(nameToText(name)).toBe("WWW.");
  });

  it("lower A-Z only", () => {
    expect(nameToText(lowerName(nameFromText("AZ\\[\\@\\`\\192.")))).toBe("az[\\@`\\192.");
    expect(equalNames(nameFromText("\\[."), nameFromText("{."))).toBe(false);
  });
});

describe("isAtOrBelow() and parentOf()", () => {
  it("tell ancestors by whole labels", () => {
    const below = (name: string, ancestor: string): boolean =>
      isAtOrBelow(nameFromText(name), nameFromText(ancestor));
    expect(below("example.org.", "example.org.")).toBe(true);
    expect(below("a.b.Example.ORG.", "example.org.")).toBe(true);
    expect(below("a.", ".")).toBe(true);
    expect(below(".", "a.")).toBe(false);
    expect(below("badexample.org.", "example.org.")).toBe(false);
    expect(below("a\\007example\\003org\\000.", "example.org.")).toBe(false);
  });

  it("walk up to the root", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        let steps = 0;
        for (let here = parentOf(name); here !== undefined; here = parentOf(here)) {
          expect(isAtOrBelow(name, here)).toBe(true);
          expect(isAtOrBelow(here, name)).toBe(false);
          steps++;
        }
        expect(steps).toBe(labelCount(name));
        expect(labelStarts(name).length).toBe(labelCount(name));
      }),
      RUNS,
    );
  });
});

describe("isWildcard()", () => {
  it("is true for a first label that is one asterisk", () => {
    expect(isWildcard(nameFromText("*.a."))).toBe(true);
    expect(isWildcard(nameFromText("\\*.a."))).toBe(true);
    expect(isWildcard(nameFromText("**.a."))).toBe(false);
    expect(isWildcard(nameFromText("a.*."))).toBe(false);
    expect(isWildcard(ROOT)).toBe(false);
  });
});

function caught(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
