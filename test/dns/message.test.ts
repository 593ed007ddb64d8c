// Whole messages: encoded, decoded, and refused.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeMessage,
  encodeMessage,
  encodeQuery,
  type Message,
  MessageError,
  type MessageRecord,
} from "../../src/dns/message.ts";
import { nameFromText, ROOT } from "../../src/dns/name.ts";
import { parseRdata } from "../../src/dns/rdata.ts";
import { CLASS, OPCODE, RCODE, TYPE, typeFromText } from "../../src/dns/types.ts";
import { anyName, knownTypes, octets, rdataOf, smallName } from "./arbitraries.ts";
import { hexOf, octetsOf, tokensOf } from "./tokens.ts";

const SEED = 20_260_101;
const HEADER = "0007 8400 0001 0001 0000 0000";
const QUESTION = "03777777 07657861 6d706c65 036f7267 00 0001 0001";

describe("encodeMessage()", () => {
  it("compresses owners and the names of old types, and keeps case", () => {
    const message: Message = {
      ...response(),
      answers: [record("www.example.org.", "CNAME", "Web.example.org.")],
      authorities: [record("example.org.", "NS", "ns1.example.org.")],
      additionals: [record("Web.example.org.", "SRV", "1 2 3 ns1.example.org.")],
    };
    const packet = encodeMessage(message);
    expect(hexOf(packet)).toBe(
      hexOf(
        octetsOf(
          [
            "0007 8400 0001 0001 0001 0001",
            QUESTION,
            "c00c 0005 0001 0000012c 0006 03576562 c010",
            "c010 0002 0001 0000012c 0006 036e7331 c010",
            "c02d 0021 0001 0000012c 0017 0001 0002 0003 036e7331076578616d706c65036f726700",
          ].join(" "),
        ),
      ),
    );
    expect(decodeMessage(packet)).toEqual(message);
  });

  it("points to no offset past 14 bits", () => {
    const owner = nameFromText("far.example.org.");
    const filler = { ...record("a.", "TXT", "x"), rdata: octetsOf(`c8${"61".repeat(200)}`) };
    const answers = Array.from({ length: 90 }, () => filler);
    const message = {
      ...response(),
      answers: [...answers, { ...filler, owner }, { ...filler, owner }],
    };
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it("refuses more than 65535 octets", () => {
    const filler = { ...record("a.", "NULL", "\\# 0"), rdata: new Uint8Array(60_000) };
    const encode = (): unknown => encodeMessage({ id: 1, answers: [filler, filler] });
    expect(encode).toThrow(/Cannot write message .* exceeds 65535 octets/);
    expect(codeOf(encode)).toBe("MESSAGE_TOO_LONG");
  });

  it("decodes to what it was made from", () => {
    fc.assert(
      fc.property(anyMessage(), (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
      { numRuns: 200, seed: SEED },
    );
  });
});

describe("encodeQuery()", () => {
  it("asks without recursion and without EDNS unless told otherwise", () => {
    const name = nameFromText("www.example.org.");
    expect(hexOf(encodeQuery({ id: 7, name, type: TYPE.A }))).toBe(
      hexOf(octetsOf(`0007 0000 0001 0000 0000 0000 ${QUESTION}`)),
    );
    const query = decodeMessage(
      encodeQuery({
        id: 8,
        name,
        type: TYPE.TXT,
        class: CLASS.CH,
        isRecursionDesired: true,
        isCheckingDisabled: true,
        edns: { isDnssecOk: true },
      }),
    );
    expect(query).toMatchObject({ id: 8, isRecursionDesired: true, isCheckingDisabled: true });
    expect(query.questions).toEqual([{ name, type: TYPE.TXT, class: CLASS.CH }]);
    expect(query.edns).toEqual({
      udpSize: 1232,
      version: 0,
      isDnssecOk: true,
      flags: 0,
      options: [],
    });
  });
});

describe("decodeMessage()", () => {
  it("joins the upper bits of an extended rcode", () => {
    const packet = octetsOf("0001 8006 0000 0000 0000 0001 00 0029 04d0 01000000 0000");
    expect(decodeMessage(packet)).toMatchObject({ rcode: 0x16, edns: { udpSize: 1232 } });
    expect(encodeMessage(decodeMessage(packet))).toEqual(packet);
  });

  it("takes the records without data that delete in an UPDATE", () => {
    const zone = "076578616d706c65036f726700";
    const packet = octetsOf(
      `0001 2800 0001 0000 0001 0000 ${zone} 0006 0001 c00c 0001 00ff 00000000 0000`,
    );
    const message = decodeMessage(packet);
    expect(message.opcode).toBe(OPCODE.UPDATE);
    expect(message.authorities[0]).toMatchObject({ type: TYPE.A, class: CLASS.ANY, ttl: 0 });
    expect(encodeMessage(message)).toEqual(packet);
  });

  it("takes an A record of class CH for what it is", () => {
    const data = "0161 00 0001";
    const packet = octetsOf(`0001 8000 0000 0001 0000 0000 00 0001 0003 00000000 0005 ${data}`);
    expect(decodeMessage(packet).answers[0]?.rdata).toEqual(octetsOf(data));
  });

  // hex, code, why
  const bad: readonly (readonly [string, MessageError["code"], string])[] = [
    ["", "MESSAGE_TRUNCATED", "nothing at all"],
    ["0007 8400 0001 0001 0000 00", "MESSAGE_TRUNCATED", "a header of 11 octets"],
    ["0007 8400 0001 0000 0000 0000", "MESSAGE_TRUNCATED", "a question that is not there"],
    [`${HEADER} ${QUESTION}`, "MESSAGE_TRUNCATED", "a record that is not there"],
    ["0007 0000 0001 0000 0000 0000 0161", "MESSAGE_TRUNCATED", "a name without its end"],
    ["0007 0000 0001 0000 0000 0000 3f61", "MESSAGE_TRUNCATED", "a label past the end"],
    ["0007 0000 0001 0000 0000 0000 c0", "MESSAGE_TRUNCATED", "half a pointer"],
    ["0007 0000 0001 0000 0000 0000 00 0001 00", "MESSAGE_TRUNCATED", "half a class"],
    ["0007 0000 0001 0000 0000 0000 c00c 0001 0001", "MESSAGE_BAD_POINTER", "a pointer to itself"],
    ["0007 0000 0001 0000 0000 0000 c00e 0001 0001", "MESSAGE_BAD_POINTER", "a pointer forwards"],
    [
      "0007 0000 0002 0000 0000 0000 0161c00c 0001 0001 00 0001 0001",
      "MESSAGE_BAD_POINTER",
      "a label that leads back to itself",
    ],
    ["0007 0000 0001 0000 0000 0000 c00c 00", "MESSAGE_BAD_POINTER", "a loop at the very end"],
    ["0007 0000 0001 0000 0000 0000 4161 00 0001 0001", "MESSAGE_BAD_NAME", "a label of kind 01"],
    ["0007 0000 0001 0000 0000 0000 8161 00 0001 0001", "MESSAGE_BAD_NAME", "a label of kind 10"],
    [
      `0007 0000 0001 0000 0000 0000 ${`3f${"61".repeat(63)}`.repeat(4)} 00 0001 0001`,
      "MESSAGE_BAD_NAME",
      "a name of 257 octets",
    ],
    [`${HEADER} ${QUESTION} c00c 0001 0001 00000000`, "MESSAGE_TRUNCATED", "no data length"],
    [`${HEADER} ${QUESTION} c00c 0001 0001 00000000 0004 c000`, "MESSAGE_TRUNCATED", "short data"],
    [`${HEADER} ${QUESTION} c00c 0001 0001 00000000 0003 c00002`, "MESSAGE_BAD_RDATA", "an A of 3"],
    [`${HEADER} ${QUESTION} c00c 0001 0001 00000000 0000`, "MESSAGE_BAD_RDATA", "an A of 0"],
    [`${HEADER} ${QUESTION} c00c 0010 0001 00000000 0002 0261`, "MESSAGE_BAD_RDATA", "a bad TXT"],
    [
      `${HEADER} ${QUESTION} c00c 0002 0001 00000000 0001 c00c`,
      "MESSAGE_TRUNCATED",
      "a pointer that its data length cuts in two",
    ],
    [
      `${HEADER} ${QUESTION} c00c 0027 0001 00000000 0002 c00c`,
      "MESSAGE_BAD_RDATA",
      "a compressed DNAME",
    ],
    [`${HEADER} ${QUESTION} c00c 0002 0001 00000000 0003 c00c00`, "MESSAGE_BAD_RDATA", "a tail"],
    [`0007 0000 0001 0000 0000 0000 ${QUESTION} 00`, "MESSAGE_TRAILING", "an octet too many"],
    [
      `0007 0000 0001 0000 0000 0002 ${QUESTION} ${"00 0029 04d0 00000000 0000 ".repeat(2)}`,
      "MESSAGE_BAD_OPT",
      "two OPT records",
    ],
    ["0007 0000 0000 0001 0000 0000 00 0029 04d0 00000000 0000", "MESSAGE_BAD_OPT", "OPT up front"],
    [
      "0007 0000 0000 0000 0000 0001 0161 00 0029 04d0 00000000 0000",
      "MESSAGE_BAD_OPT",
      "an OPT record with an owner",
    ],
    [
      "0007 0000 0000 0000 0000 0001 00 0029 04d0 00000000 0005 0003 0002 61",
      "MESSAGE_BAD_OPT",
      "an option past the end",
    ],
    [
      "0007 0000 0000 0000 0000 0001 00 0029 04d0 00000000 0003 0003 00",
      "MESSAGE_BAD_OPT",
      "half an option",
    ],
  ];
  for (const [hex, code, why] of bad) {
    it(`refuses ${why} with ${code}`, () => {
      expect(codeOf(() => decodeMessage(octetsOf(hex)))).toBe(code);
    });
  }

  it("refuses every true beginning of a message", () => {
    const packet = encodeMessage({
      ...response(),
      answers: [record("www.example.org.", "MX", "10 mail.example.org.")],
      edns: { udpSize: 1232, version: 0, isDnssecOk: false, flags: 0, options: [] },
    });
    for (let length = 0; length < packet.length; length++) {
      expect(() => decodeMessage(packet.subarray(0, length))).toThrow(MessageError);
    }
  });

  it("shares no memory with a Buffer it was given", () => {
    const answers = [record("www.example.org.", "A", "192.0.2.1")];
    const packet = Buffer.from(encodeMessage({ ...response(), answers }));
    const message = decodeMessage(packet);
    packet.fill(0xff);
    expect(message).toEqual({ ...response(), answers });
  });

  it("reads a message wherever it lies in its memory", () => {
    const packet = encodeMessage(response());
    const memory = new Uint8Array(packet.length + 9).fill(0xff);
    memory.set(packet, 5);
    expect(decodeMessage(memory.subarray(5, 5 + packet.length))).toEqual(response());
  });
});

function response(): Message {
  return {
    id: 7,
    isResponse: true,
    opcode: OPCODE.QUERY,
    isAuthoritative: true,
    isTruncated: false,
    isRecursionDesired: false,
    isRecursionAvailable: false,
    isAuthenticated: false,
    isCheckingDisabled: false,
    isReservedSet: false,
    rcode: RCODE.NOERROR,
    questions: [{ name: nameFromText("www.example.org."), type: TYPE.A, class: CLASS.IN }],
    answers: [],
    authorities: [],
    additionals: [],
  };
}

function record(owner: string, typeText: string, text: string): MessageRecord {
  const type = typeFromText(typeText) ?? 0;
  const result = parseRdata(type, tokensOf(text), ROOT);
  if (result.kind === "bad") throw new Error(`${typeText} ${text}: expected ${result.expected}`);
  return { owner: nameFromText(owner), type, class: CLASS.IN, ttl: 300, rdata: result.rdata };
}

function anyMessage(): fc.Arbitrary<Message> {
  const name = fc.oneof({ weight: 3, arbitrary: smallName }, anyName);
  const uint = (octetCount: number): fc.Arbitrary<number> => fc.nat(256 ** octetCount - 1);
  const anyRecord = fc.constantFrom(...knownTypes).chain((type) =>
    fc.record({
      owner: name,
      type: fc.constant(type),
      class: fc.constant(CLASS.IN),
      ttl: fc.nat(0x7fff_ffff),
      rdata: rdataOf(type),
    }),
  );
  const section = fc.array(anyRecord, { maxLength: 4 });
  const edns = fc.record({
    udpSize: uint(2),
    version: uint(1),
    isDnssecOk: fc.boolean(),
    flags: fc.nat(0x7fff),
    options: fc.array(fc.record({ code: uint(2), octets: octets(0, 20) }), { maxLength: 3 }),
  });
  const base = {
    id: uint(2),
    isResponse: fc.boolean(),
    opcode: fc.nat(15),
    isAuthoritative: fc.boolean(),
    isTruncated: fc.boolean(),
    isRecursionDesired: fc.boolean(),
    isRecursionAvailable: fc.boolean(),
    isAuthenticated: fc.boolean(),
    isCheckingDisabled: fc.boolean(),
    isReservedSet: fc.boolean(),
    questions: fc.array(fc.record({ name, type: uint(2), class: uint(2) }), { maxLength: 2 }),
    answers: section,
    authorities: section,
    additionals: section,
  };
  return fc.oneof(
    fc.record({ ...base, rcode: fc.nat(15) }),
    fc.record({ ...base, rcode: fc.nat(4095), edns }),
  );
}

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof MessageError ? error.code : `not a MessageError: ${String(error)}`;
  }
}
