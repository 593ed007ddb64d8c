import { describe, expect, it } from "vitest";
import { nameFromText } from "../../src/dns/name.ts";
import {
  DELEGATION_UNKNOWN,
  delegationFaults,
  type ParentSays,
  stepDelegation,
  type ZoneSays,
} from "../../src/propagation/delegation.ts";
import { type Ds, dsFault, dsFromText, type ZoneKey, zoneKeyOf } from "../../src/propagation/ds.ts";

const NS1 = "ns1.example.org.";
const AWAY = "ns.example.net.";
const ZONE: ZoneSays = {
  zone: "example.org.",
  servers: [NS1, AWAY],
  addresses: [
    { name: NS1, address: "192.0.2.53" },
    { name: NS1, address: "2001:db8::53" },
  ],
  keys: [],
};
const PARENT: ParentSays = {
  servers: [AWAY, NS1],
  glue: [...ZONE.addresses].reverse(),
  signers: [],
};

const KEY: ZoneKey = { tag: 7, algorithm: 13, digests: { 2: "aa" } };

function ds(tag: number, algorithm: number, rest: Partial<Ds> = {}): Ds {
  return { tag, algorithm, digestType: 2, digest: "aa", ...rest };
}

describe("delegationFaults()", () => {
  it.each<[string, Partial<ParentSays>, Partial<ZoneSays>, readonly string[]]>([
    ["all is as it should be", {}, {}, []],
    ["nobody is named", { servers: [] }, {}, ["the parent names no server for it"]],
    [
      "a server is gone from the zone",
      {},
      { servers: [NS1] },
      ["the parent names ns.example.net, which the zone does not"],
    ],
    [
      "a server is new in the zone",
      { servers: [NS1] },
      {},
      ["the parent does not name ns.example.net"],
    ],
    [
      "glue is for one family alone",
      { glue: [{ name: NS1, address: "192.0.2.53" }] },
      {},
      [
        "the parent gives ns1.example.org the address 192.0.2.53, the zone 192.0.2.53, 2001:db8::53",
      ],
    ],
    [
      "glue is missing",
      { glue: [] },
      {},
      ["the parent gives ns1.example.org the address none, the zone 192.0.2.53, 2001:db8::53"],
    ],
    ["no glue can be compared", { glue: undefined }, {}, []],
    [
      "a DS is of a zone that is not signed",
      { signers: [ds(7, 13)] },
      {},
      ["the parent has a DS for key 7, and the zone is not signed"],
    ],
    [
      "a DS is of another algorithm",
      { signers: [ds(7, 8)] },
      { keys: [KEY] },
      ["the parent has a DS for key 7, and no key of the zone is that"],
    ],
    [
      "one DS of two is of a key: a change of keys",
      {
        signers: [ds(6, 13), ds(7, 13)],
      },
      { keys: [KEY] },
      [],
    ],
    [
      "a DS has the tag of a key, and another's digest",
      { signers: [ds(7, 13, { digest: "bb" })] },
      { keys: [KEY] },
      ["the parent has a DS for key 7, and its digest is not that of the zone's key"],
    ],
    [
      "a digest cannot be held against the key: its type is not known here",
      { signers: [ds(7, 13, { digestType: 9, digest: "bb" })] },
      { keys: [KEY] },
      [],
    ],
  ])("tells when %s", (_, parent, zone, expected) => {
    expect(delegationFaults({ ...PARENT, ...parent }, { ...ZONE, ...zone })).toEqual(expected);
  });
});

describe("stepDelegation()", () => {
  it("tells what is found twice in a row, once, and what it has become", () => {
    const found = [["a"], [], ["a"], ["a"], ["a"], ["a", "b"], ["a", "b"], [], ["a"], [], [], []];
    let state = DELEGATION_UNKNOWN;
    const told = found.map((faults) => {
      const stepped = stepDelegation(state, faults);
      state = stepped.state;
      return stepped.news ?? "";
    });
    expect(told.join(",")).toBe(",,,broken,,,broken,,,,mended,");
  });
});

describe("zoneKeyOf()", () => {
  it("is named by the DS of RFC 4034's example", () => {
    // Section 5.4.
    const key =
      "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAph" +
      "XdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
    const rdata = Uint8Array.from([1, 0, 3, 5, ...Buffer.from(key, "base64")]);
    const known = zoneKeyOf(nameFromText("dskey.example.com."), rdata);
    expect(known).toMatchObject({ tag: 60485, algorithm: 5 });
    const text = "60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118";
    expect(dsFault([dsFromText(text)], [known])).toBeUndefined();
    const forged = dsFromText(text.replace("2BB1", "2BB2"));
    expect(dsFault([forged], [known])).toMatch(/its digest is not/);
  });
});
