// The comparison itself: what it forgives, and what it must not.

import { describe, expect, it } from "vitest";
import { encodeMessage, encodeQuery, type MessageDraft } from "../../src/dns/message.ts";
import { nameFromText } from "../../src/dns/name.ts";
import { CLASS, RCODE, TYPE } from "../../src/dns/types.ts";
import { ASPECTS, brokenForm, compare, hasAllOf, readAnswer } from "./differential-answers.ts";
import { EXCEPTIONS_MAX, readExceptions } from "./differential-exceptions.ts";

const ORIGINS = new Set(["example.org."]);
const MAIL = record("example.org.", TYPE.MX, mx(10, "mail.example.org."));
const ADDRESS = record("mail.example.org.", TYPE.A, Uint8Array.of(192, 0, 2, 25));
const SERVER = record("example.org.", TYPE.NS, nameFromText("ns.example.org."));
const SERVER_ADDRESS = record("ns.example.org.", TYPE.A, Uint8Array.of(192, 0, 2, 53));
const GOOD = { isAuthoritative: true, answers: [MAIL], additionals: [ADDRESS] };

describe("compare() finds", () => {
  it.each([
    ["another rcode", { rcode: RCODE.NXDOMAIN }, ["status"]],
    ["a missing AA", { isAuthoritative: false }, ["status"]],
    ["a TC too many", { isTruncated: true }, ["truncation"]],
    ["another TTL", { answers: [{ ...MAIL, ttl: 59 }] }, ["answer"]],
    ["a missing record", { answers: [] }, ["answer"]],
    ["a record twice", { answers: [MAIL, MAIL] }, ["answer"]],
    ["an RRset in another section", { answers: [], authorities: [MAIL] }, ["answer", "authority"]],
    ["an address too many", { additionals: [ADDRESS, SERVER_ADDRESS] }, ["additional"]],
    ["RA", { isRecursionAvailable: true }, ["flags"]],
  ])("%s", (_, change, expected) => {
    const peers = [reading(GOOD), reading(GOOD)];
    expect(compare(reading({ ...GOOD, ...change }), peers).differing).toEqual(expected);
  });

  it("nothing in what the peers do not agree on", () => {
    const peers = [reading(GOOD), reading({ ...GOOD, additionals: [] })];
    const compared = compare(reading({ ...GOOD, additionals: [SERVER_ADDRESS] }), peers);
    expect(compared.differing).toEqual([]);
    expect(compared.agreed).toEqual(ASPECTS.filter((aspect) => aspect !== "additional"));
  });
});

describe("readAnswer() forgives", () => {
  it("letter case and order", () => {
    const second = record("EXAMPLE.org.", TYPE.MX, mx(20, "Mail.Example.ORG."));
    const lower = record("example.org.", TYPE.MX, mx(20, "mail.example.org."));
    const one = reading({ ...GOOD, answers: [MAIL, second] });
    expect(one).toEqual(reading({ ...GOOD, answers: [lower, MAIL] }));
  });

  it("NSD its apex servers, but not those of a referral", () => {
    const full = { authorities: [SERVER], additionals: [ADDRESS, SERVER_ADDRESS] };
    expect(reading({ ...GOOD, ...full }, "nsd")).toEqual(reading(GOOD));
    expect(reading({ ...GOOD, ...full }, "knot")).not.toEqual(reading(GOOD));
    const referral = { answers: [], isAuthoritative: false, ...full };
    expect(reading(referral, "nsd")).toEqual(reading(referral, "knot"));
  });
});

describe("hasAllOf() allows", () => {
  const cut = record("sub.example.org.", TYPE.NS, nameFromText("ns.sub.example.org."));
  const inside = record("ns.sub.example.org.", TYPE.A, Uint8Array.of(192, 0, 2, 1));
  const whole = reading({ authorities: [cut], additionals: [inside, ADDRESS] });

  it.each([
    ["all of it", [inside, ADDRESS], true],
    ["addresses from outside to be missing", [inside], true],
    ["no glue to be missing", [ADDRESS], false],
    ["no addresses of its own", [inside, SERVER_ADDRESS], false],
  ])("%s", (_, additionals, expected) => {
    expect(hasAllOf(reading({ authorities: [cut], additionals }), whole)).toBe(expected);
  });

  it("no other sections", () => {
    expect(hasAllOf(reading({ authorities: [], additionals: [inside] }), whole)).toBe(false);
  });
});

describe("brokenForm() finds", () => {
  const query = encodeQuery({ id: 4660, name: nameFromText("eXample.org."), type: TYPE.MX });
  const answer = Uint8Array.from(query);

  it.each([
    ["silence", undefined, "silence"],
    ["another id", answer.with(0, 0), "another id"],
    ["a question in another case", answer.with(13, 0x45), "the question is not repeated"],
    ["an answer that is too large", new Uint8Array([...answer, ...Array(600)]), "629 octets"],
  ])("%s", (_, packet, expected) => {
    expect(brokenForm(query, packet, 512)).toMatch(expected);
  });

  it("nothing in a good answer", () => {
    expect(brokenForm(query, answer, 512)).toBe(undefined);
  });
});

describe("the list of exceptions", () => {
  it("is short, and every entry has its reason", () => {
    const exceptions = readExceptions();
    expect(exceptions.length).toBeLessThanOrEqual(EXCEPTIONS_MAX);
    for (const { reason, aspects } of exceptions) {
      expect(reason).toMatch(/RFC \d+ section \d/);
      expect(ASPECTS.filter((aspect) => aspects.test(aspect))).not.toEqual([]);
    }
  });
});

function reading(draft: Partial<MessageDraft>, server: "nsd" | "knot" = "knot") {
  return readAnswer(server, encodeMessage({ id: 1, isResponse: true, ...draft }), ORIGINS);
}

function record(owner: string, type: number, rdata: Uint8Array) {
  return { owner: nameFromText(owner), type, class: CLASS.IN, ttl: 60, rdata };
}

function mx(preference: number, host: string): Uint8Array {
  return Uint8Array.of(0, preference, ...nameFromText(host));
}
