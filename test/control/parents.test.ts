import { describe, expect, it } from "vitest";
import { askParent } from "../../src/control/parents.ts";
import type { AskedPlace, QuestionsPort, Said } from "../../src/control/ports-watch.ts";
import { TYPE } from "../../src/dns/types.ts";

const RESOLVER: AskedPlace = { name: "resolver", address: "192.0.2.1", port: 53 };

/** `NAME TYPE` to what is answered, as text; everything else has no answer. */
function answering(
  records: Readonly<Record<string, string>>,
): QuestionsPort & { readonly askedAt: string[] } {
  const askedAt: string[] = [];
  return {
    askedAt,
    ask: (place, { name, type }) => {
      askedAt.push(place.address);
      const text = records[`${name} ${type}`];
      const answers = text === undefined ? [] : [{ name, type, ttlSeconds: 60, text }];
      const said: Said = { kind: "reply", rcode: 0, answers, authorities: [], additionals: [] };
      return Promise.resolve(said);
    },
    close: () => undefined,
  };
}

const WORLD = {
  [`org. ${TYPE.SOA}`]: "",
  [`org. ${TYPE.NS}`]: "ns.org.",
  [`example.org. ${TYPE.NS}`]: "ns.example.org.",
  [`example.org. ${TYPE.DS}`]: "4711 13 2 aa",
};

describe("askParent()", () => {
  it.each([
    ["its IPv4 address", { [`ns.org. ${TYPE.A}`]: "192.0.2.2" }, "192.0.2.2"],
    [
      "its IPv6 address where it has no other",
      { [`ns.org. ${TYPE.AAAA}`]: "2001:db8::2" },
      "2001:db8::2",
    ],
  ])("asks the parent's server at %s", async (_what, address, expected) => {
    const questions = answering({ ...WORLD, ...address });
    const reply = await askParent("example.org.", questions, [RESOLVER]);
    expect(reply).toMatchObject({ kind: "says", parent: "org." });
    expect(questions.askedAt.slice(-2)).toEqual([expected, expected]);
    const signers = [{ tag: 4711, algorithm: 13, digestType: 2, digest: "aa" }];
    expect(reply.kind === "says" && reply.says.signers).toEqual(signers);
  });

  it("says so when no server of the parent has an address", async () => {
    const reply = await askParent("example.org.", answering(WORLD), [RESOLVER]);
    expect(reply).toEqual({
      kind: "unknown",
      detail: "no resolver tells the name servers of org.",
    });
  });
});
