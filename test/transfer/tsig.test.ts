import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, encodeQuery } from "../../src/dns/message.ts";
import { nameFromText, nameToText } from "../../src/dns/name.ts";
import { TSIG_ALGORITHMS, type TsigAlgorithm, type TsigKey } from "../../src/dns/tsig-key.ts";
import { RCODE, TYPE } from "../../src/dns/types.ts";
import {
  FUDGE_SECONDS,
  signAnswer,
  signatureOctets,
  signRefusal,
  signRequest,
  type TsigChain,
  verifyAnswer,
  verifyRequest,
} from "../../src/transfer/tsig.ts";
import { splitTsig, withTsig } from "../../src/transfer/tsig-record.ts";

const SECRET = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
const ALGORITHMS = Object.keys(TSIG_ALGORITHMS) as TsigAlgorithm[];
const NAME = nameFromText("ns2.example.org.");
const KEYS: readonly TsigKey[] = ALGORITHMS.map((algorithm) => {
  return { name: NAME, algorithm, secret: SECRET };
});
const KEY = KEYS[1] as TsigKey;
const NOW = 1_795_000_000;
const QUERY = encodeQuery({ id: 77, name: nameFromText("example.org."), type: TYPE.SOA });

interface Captured {
  readonly title: string;
  readonly atSeconds: number;
  readonly request: Uint8Array;
  readonly answers: readonly Uint8Array[];
}

/** The cases of the table: see its head. */
function captured(): Captured[] {
  const text = readFileSync("test/data/transfer-tsig.txt", "utf8");
  const blocks = text.split("\n\n").filter((block) => block.includes("\nat "));
  return blocks.map((block) => {
    const title = /^# (.*)$/m.exec(block)?.[1] ?? "";
    const atSeconds = Number(/^at (\d+)$/m.exec(block)?.[1]);
    const messages = block.split(/^(?:request|answer)$/m).slice(1);
    const [request, ...answers] = messages.map((hex) => {
      return new Uint8Array(Buffer.from(hex.replace(/\s/g, ""), "hex"));
    });
    return { title, atSeconds, request: request as Uint8Array, answers };
  });
}

/** A request of ours that has been verified: the chain of its answers. */
function asked(key = KEY): { readonly server: TsigChain; readonly client: TsigChain } {
  const { octets, chain } = signRequest(QUERY, key, NOW);
  const verified = verifyRequest(octets, KEYS, NOW);
  if (verified.kind !== "signed") throw new Error(verified.kind);
  return { server: verified.chain, client: chain };
}

describe("verifyRequest() of what other programs signed", () => {
  it.each(captured())("takes $title", ({ request, atSeconds }) => {
    const verified = verifyRequest(request, KEYS, atSeconds);
    expect(verified.kind).toBe("signed");
    if (verified.kind !== "signed") return;
    expect(nameToText(verified.chain.key.name)).toBe("ns2.example.org.");
    expect(decodeMessage(verified.message).questions).toHaveLength(1);
    const late = verifyRequest(request, KEYS, atSeconds + FUDGE_SECONDS + 60);
    expect(late).toMatchObject({ kind: "refused", fault: "BADTIME" });
    const other = KEYS.map((key) => ({ ...key, secret: SECRET.slice(1) }));
    const wrong = verifyRequest(request, other, atSeconds);
    expect(wrong).toMatchObject({ kind: "refused", fault: "BADSIG" });
  });
});

describe("verifyAnswer() of a stream that BIND signed", () => {
  const { request, answers, atSeconds } = captured().at(-1) as Captured;

  function chainOf(): TsigChain {
    const split = splitTsig(request);
    if (split.kind !== "signed") throw new Error(split.kind);
    return { key: KEY, mac: split.tsig.mac, isContinued: false, unsigned: [] };
  }

  function follow(messages: readonly Uint8Array[]): string[] {
    let chain = chainOf();
    const said: string[] = [];
    for (const message of messages) {
      const verified = verifyAnswer(message, chain, atSeconds);
      if (verified.kind === "bad") return [...said, verified.why];
      chain = verified.chain;
      said.push("good");
    }
    return said;
  }

  it("takes every message, each chained to the one before", () => {
    expect(follow(answers)).toEqual(Array(6).fill("good"));
  });

  it("refuses messages that change places, are left out, or are changed", () => {
    const [first, second, third, ...rest] = answers as Uint8Array[];
    const wrong = "its signature is wrong (BADSIG)";
    expect(follow([first, third, second, ...rest] as Uint8Array[])).toEqual(["good", wrong]);
    expect(follow([first, third, ...rest] as Uint8Array[])).toEqual(["good", wrong]);
    const changed = (second as Uint8Array).slice();
    changed[3] = 5;
    expect(follow([first as Uint8Array, changed])).toEqual(["good", wrong]);
  });
});

describe("verifyRequest()", () => {
  it("says BADKEY to a name or an algorithm that is not shared, and answers unsigned", () => {
    const { octets } = signRequest(QUERY, KEY, NOW);
    const verified = verifyRequest(octets, [{ ...KEY, algorithm: "hmac-sha512" }], NOW);
    expect(verified).toMatchObject({ kind: "refused", fault: "BADKEY" });
    if (verified.kind !== "refused") return;
    const answer = splitTsig(signRefusal(refusalTo(QUERY), verified.answer, NOW));
    expect(answer).toMatchObject({
      kind: "signed",
      tsig: { error: RCODE.BADKEY, mac: new Uint8Array(0), timeSigned: NOW },
    });
  });

  it("answers BADTIME signed, with the time of the request and our own", () => {
    const { octets, chain } = signRequest(QUERY, KEY, NOW);
    const laterSeconds = NOW + 4000;
    const verified = verifyRequest(octets, KEYS, laterSeconds);
    if (verified.kind !== "refused") throw new Error(verified.kind);
    const answer = signRefusal(refusalTo(QUERY), verified.answer, laterSeconds);
    expect(splitTsig(answer)).toMatchObject({ tsig: { timeSigned: NOW, error: RCODE.BADTIME } });
    const why = "the other side says BADTIME: the clocks are 4000 s apart";
    expect(verifyAnswer(answer, chain, NOW)).toEqual({ kind: "bad", why });
  });

  it("says BADTRUNC to a good MAC that was cut, signed; FORMERR to one cut below half", () => {
    const split = splitTsig(signRequest(QUERY, KEY, NOW).octets);
    if (split.kind !== "signed") throw new Error(split.kind);
    const cut = (octets: number): Uint8Array => {
      const mac = split.tsig.mac.slice(0, octets);
      return withTsig(split.message, { ...split.tsig, mac });
    };
    const verified = verifyRequest(cut(16), KEYS, NOW);
    expect(verified).toMatchObject({ kind: "refused", fault: "BADTRUNC" });
    expect(verifyRequest(cut(15), KEYS, NOW)).toEqual({ kind: "malformed" });
    if (verified.kind !== "refused") return;
    const answer = splitTsig(signRefusal(refusalTo(QUERY), verified.answer, NOW));
    expect(answer).toMatchObject({ kind: "signed", tsig: { error: RCODE.BADTRUNC } });
    if (answer.kind === "signed") expect(answer.tsig.mac).toHaveLength(32);
  });

  it("calls a record malformed that is not the last one, or comes twice", () => {
    const { octets } = signRequest(QUERY, KEY, NOW);
    const twice = signRequest(octets, KEY, NOW).octets;
    expect(verifyRequest(twice, KEYS, NOW)).toEqual({ kind: "malformed" });
    const longer = Uint8Array.of(...octets, 0);
    expect(verifyRequest(longer, KEYS, NOW)).toEqual({ kind: "malformed" });
  });

  it("passes a message on that has no signature", () => {
    expect(verifyRequest(QUERY, KEYS, NOW)).toEqual({ kind: "unsigned", message: QUERY });
  });

  it("never throws, whatever the octets, and takes no changed message", () => {
    const { octets } = signRequest(QUERY, KEY, NOW);
    fc.assert(
      fc.property(fc.nat(octets.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = octets.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        const { kind } = verifyRequest(changed, KEYS, NOW);
        // The id is not signed itself, and names have no case.
        return kind !== "signed" || at < 2 || flip === 0x20;
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        return verifyRequest(noise, KEYS, NOW).kind !== "signed";
      }),
    );
  });
});

describe("signAnswer()", () => {
  it.each(KEYS)("makes streams that verifyAnswer() takes, under $algorithm", (key) => {
    let { server, client } = asked(key);
    for (let i = 0; i < 5; i++) {
      const message = encodeMessage({ id: 77, isResponse: true });
      const signed = signAnswer(message, server, NOW + i);
      expect(signed.octets.length - message.length).toBe(signatureOctets(key));
      server = signed.chain;
      const verified = verifyAnswer(signed.octets, client, NOW + i);
      if (verified.kind === "bad") throw new Error(verified.why);
      expect(verified.message).toEqual(message);
      client = verified.chain;
    }
  });
});

describe("verifyAnswer()", () => {
  it("lets later messages go unsigned, and holds the next signature to them", () => {
    const message = encodeMessage({ id: 77, isResponse: true });
    const { server, client } = asked();
    const first = signAnswer(message, server, NOW);
    const begun = verifyAnswer(first.octets, client, NOW);
    if (begun.kind === "bad") throw new Error(begun.why);
    const unsigned = verifyAnswer(message, begun.chain, NOW);
    if (unsigned.kind === "bad") throw new Error(unsigned.why);
    expect(unsigned.chain.unsigned).toHaveLength(1);
    // This server signs each message: its next signature does not cover the one between.
    const second = signAnswer(message, first.chain, NOW);
    expect(verifyAnswer(second.octets, unsigned.chain, NOW).kind).toBe("bad");
    let { chain } = unsigned;
    for (let i = 1; i < 99; i++) {
      const next = verifyAnswer(message, chain, NOW);
      if (next.kind === "bad") throw new Error(next.why);
      chain = next.chain;
    }
    const why = "99 messages are unsigned";
    expect(verifyAnswer(message, chain, NOW)).toEqual({ kind: "bad", why });
  });

  it("refuses a first answer that is not signed", () => {
    const message = encodeMessage({ id: 77, isResponse: true });
    const why = "it is not signed";
    expect(verifyAnswer(message, asked().client, NOW)).toEqual({ kind: "bad", why });
  });
});

function refusalTo(query: Uint8Array): Uint8Array {
  const { id, questions } = decodeMessage(query);
  return encodeMessage({ id, isResponse: true, rcode: RCODE.NOTAUTH, questions });
}
