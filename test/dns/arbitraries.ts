// Random names and record data. The wire form of every type is written down here a second time, so
// that the descriptions under test are not their own judge.

import fc from "fast-check";
import { TYPE } from "../../src/dns/types.ts";

type Octets = fc.Arbitrary<Uint8Array>;

/** Any sound name, odd octets and long labels included, most of them short. */
export const anyName: Octets = fc
  .array(fc.oneof({ weight: 9, arbitrary: octets(1, 6) }, octets(1, 63)), { maxLength: 5 })
  .map((labels) => {
    const last = labels.findIndex((_, i) => joined(labels.slice(0, i + 1)).length + i > 253);
    const kept = last < 0 ? labels : labels.slice(0, last);
    return joined([...kept.map(counted), Uint8Array.of(0)]);
  });

/** A name of letters in both cases, so that equal suffixes turn up often. */
export const smallName: Octets = fc
  .array(fc.constantFrom("a", "B", "b", "example", "org"), { maxLength: 4 })
  .map((labels) => joined([...labels.map((label) => counted(ascii(label))), Uint8Array.of(0)]));

const u8 = octets(1, 1);
const u16 = octets(2, 2);
const u32 = octets(4, 4);
const name = anyName;
const string = octets(0, 255).map(counted);
const strings = fc.array(string, { minLength: 1, maxLength: 4 }).map(joined);
const rest = octets(0, 80);
const some = octets(1, 80);

const tag = fc.stringMatching(/^[0-9a-zA-Z]{1,20}$/).map((text) => counted(ascii(text)));
const bitmap = typeSets(1).map(windows);
const bitmapOrNone = typeSets(0).map(windows);
const shortBitmap = fc
  .uniqueArray(fc.integer({ min: 1, max: 127 }), { maxLength: 20 })
  .map((types) => bits(types));
const digest = fc.oneof(
  octets(20, 20).map((tail) => joined([Uint8Array.of(1), tail])),
  octets(32, 32).map((tail) => joined([Uint8Array.of(2), tail])),
  octets(48, 48).map((tail) => joined([Uint8Array.of(4), tail])),
  some.map((tail) => joined([Uint8Array.of(9), tail])),
);
const fingerprint = fc.oneof(
  octets(20, 20).map((tail) => joined([Uint8Array.of(1), tail])),
  some.map((tail) => joined([Uint8Array.of(3), tail])),
);
const zoneDigest = fc.oneof(
  octets(48, 48).map((tail) => joined([Uint8Array.of(1, 1), tail])),
  octets(12, 80).map((tail) => joined([Uint8Array.of(240, 1), tail])),
);
const prefixes = fc
  .array(
    fc.record({
      family: fc.constantFrom(1, 2),
      bits: fc.nat(32),
      isNegated: fc.boolean(),
      address: octets(0, 4).map(withoutTrailingZeros),
    }),
    { maxLength: 4 },
  )
  .map((items) =>
    joined(
      items.flatMap(({ family, bits: count, isNegated, address }) => [
        Uint8Array.of(0, family, count, (isNegated ? 0x80 : 0) | address.length),
        address,
      ]),
    ),
  );
const size = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9))
  .map(([digit, power]) => Uint8Array.of(digit * 16 + power));
const location = fc
  .tuple(size, size, size, degrees(90), degrees(180), u32)
  .map((parts) => joined([Uint8Array.of(0), ...parts]));

const parameters = fc
  .record(
    {
      1: fc.array(octets(1, 9).map(counted), { minLength: 1, maxLength: 3 }).map(joined),
      2: fc.constant(new Uint8Array(0)),
      3: u16,
      4: fc.array(u32, { minLength: 1, maxLength: 3 }).map(joined),
      5: some,
      6: octets(16, 16),
      7: some,
      8: fc.constant(new Uint8Array(0)),
      65280: rest,
    },
    { requiredKeys: [] },
  )
  .chain((values) => {
    const given = Object.entries(values).map(([key, value]) => [Number(key), value] as const);
    const kept = given.filter(([key]) => key !== 2 || given.some(([other]) => other === 1));
    return fc.subarray(kept.map(([key]) => key)).map((mandatory) => {
      const all = new Map(kept);
      if (mandatory.length > 0) all.set(0, joined(mandatory.map(uint16)));
      return joined(
        [...all]
          .sort(([a], [b]) => a - b)
          .flatMap(([key, value]) => [uint16(key), uint16(value.length), value]),
      );
    });
  });

const key = [u16, u8, u8, some];
const keyOrNone = [u16, u8, u8, rest];
const signature = [u16, u8, u8, u32, u32, u32, u16, name, some];

const WIRES: Readonly<Record<number, readonly Octets[]>> = {
  [TYPE.A]: [u32],
  [TYPE.NS]: [name],
  [TYPE.MD]: [name],
  [TYPE.MF]: [name],
  [TYPE.CNAME]: [name],
  [TYPE.SOA]: [name, name, u32, u32, u32, u32, u32],
  [TYPE.MB]: [name],
  [TYPE.MG]: [name],
  [TYPE.MR]: [name],
  [TYPE.WKS]: [u32, u8, octets(0, 20).map(withoutTrailingZeros)],
  [TYPE.PTR]: [name],
  [TYPE.HINFO]: [string, string],
  [TYPE.MINFO]: [name, name],
  [TYPE.MX]: [u16, name],
  [TYPE.TXT]: [strings],
  [TYPE.RP]: [name, name],
  [TYPE.AFSDB]: [u16, name],
  [TYPE.X25]: [string],
  [TYPE.ISDN]: [string, fc.oneof(string, fc.constant(new Uint8Array(0)))],
  [TYPE.RT]: [u16, name],
  [TYPE.NSAP]: [some],
  [TYPE["NSAP-PTR"]]: [name],
  [TYPE.SIG]: signature,
  [TYPE.KEY]: keyOrNone,
  [TYPE.PX]: [u16, name, name],
  [TYPE.GPOS]: [string, string, string],
  [TYPE.AAAA]: [octets(16, 16)],
  [TYPE.LOC]: [location],
  [TYPE.NXT]: [name, shortBitmap],
  [TYPE.EID]: [some],
  [TYPE.NIMLOC]: [some],
  [TYPE.SRV]: [u16, u16, u16, name],
  [TYPE.ATMA]: [fc.constant(Uint8Array.of(0)), some],
  [TYPE.NAPTR]: [u16, u16, string, string, string, name],
  [TYPE.KX]: [u16, name],
  [TYPE.CERT]: [u16, u16, u8, some],
  [TYPE.DNAME]: [name],
  [TYPE.SINK]: [u8, u8, u8, rest],
  [TYPE.APL]: [prefixes],
  [TYPE.DS]: [u16, u8, digest],
  [TYPE.SSHFP]: [u8, fingerprint],
  [TYPE.IPSECKEY]: [u8, fc.constant(Uint8Array.of(3)), u8, name, rest],
  [TYPE.RRSIG]: signature,
  [TYPE.NSEC]: [name, bitmap],
  [TYPE.DNSKEY]: key,
  [TYPE.DHCID]: [some],
  [TYPE.NSEC3]: [u8, u8, u16, string, octets(1, 40).map(counted), bitmapOrNone],
  [TYPE.NSEC3PARAM]: [u8, u8, u16, string],
  [TYPE.TLSA]: [u8, u8, u8, some],
  [TYPE.SMIMEA]: [u8, u8, u8, some],
  [TYPE.HIP]: [
    fc
      .tuple(octets(1, 20), octets(1, 40), fc.array(name, { maxLength: 2 }))
      .map(([hit, hipKey, servers]) =>
        joined([Uint8Array.of(hit.length, 2), uint16(hipKey.length), hit, hipKey, ...servers]),
      ),
  ],
  [TYPE.NINFO]: [strings],
  [TYPE.RKEY]: keyOrNone,
  [TYPE.TALINK]: [name, name],
  [TYPE.CDS]: [u16, u8, digest],
  [TYPE.CDNSKEY]: key,
  [TYPE.OPENPGPKEY]: [some],
  [TYPE.CSYNC]: [u32, u16, bitmapOrNone],
  [TYPE.ZONEMD]: [u32, zoneDigest.map(swapFirstTwo)],
  [TYPE.SVCB]: [u16, name, parameters],
  [TYPE.HTTPS]: [u16, name, parameters],
  [TYPE.DSYNC]: [u16, u8, u16, name],
  [TYPE.HHIT]: [some],
  [TYPE.BRID]: [some],
  [TYPE.SPF]: [strings],
  [TYPE.UINFO]: [string],
  [TYPE.NID]: [u16, octets(8, 8)],
  [TYPE.L32]: [u16, u32],
  [TYPE.L64]: [u16, octets(8, 8)],
  [TYPE.LP]: [u16, name],
  [TYPE.EUI48]: [octets(6, 6)],
  [TYPE.EUI64]: [octets(8, 8)],
  [TYPE.URI]: [u16, u16, rest],
  [TYPE.CAA]: [u8, tag, rest],
  [TYPE.AVC]: [strings],
  [TYPE.DOA]: [u32, u32, u8, string, rest],
  [TYPE.AMTRELAY]: [u8, fc.constantFrom(Uint8Array.of(1), Uint8Array.of(0x81)), u32],
  [TYPE.RESINFO]: [strings],
  [TYPE.WALLET]: [strings],
  [TYPE.CLA]: [strings],
  [TYPE.TA]: [u16, u8, digest],
  [TYPE.DLV]: [u16, u8, digest],
  65280: [rest],
};

/** The types that `rdataOf` knows. */
export const knownTypes: readonly number[] = Object.keys(WIRES).map(Number);

/** Sound data of a type in wire form. */
export function rdataOf(type: number): Octets {
  return fc.tuple(...(WIRES[type] ?? [])).map(joined);
}

/** Between `least` and `most` octets of any value. */
export function octets(least: number, most: number): Octets {
  return fc.uint8Array({ minLength: least, maxLength: most });
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function counted(part: Uint8Array): Uint8Array {
  return joined([Uint8Array.of(part.length), part]);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255);
}

function degrees(most: number): Octets {
  return fc.integer({ min: -most * 3_600_000, max: most * 3_600_000 }).map((value) => {
    const coordinate = new Uint8Array(4);
    new DataView(coordinate.buffer).setUint32(0, 0x8000_0000 + value);
    return coordinate;
  });
}

function withoutTrailingZeros(part: Uint8Array): Uint8Array {
  return part.slice(0, part.findLastIndex((octet) => octet !== 0) + 1);
}

/** ZONEMD has the scheme before the digest type; the digests above have them the other way. */
function swapFirstTwo(part: Uint8Array): Uint8Array {
  return joined([part.subarray(1, 2), part.subarray(0, 1), part.subarray(2)]);
}

function typeSets(least: number): fc.Arbitrary<number[]> {
  const type = fc.oneof(fc.integer({ min: 1, max: 110 }), fc.nat(0xffff));
  return fc.uniqueArray(type, { minLength: least, maxLength: 12 });
}

function windows(types: readonly number[]): Uint8Array {
  const numbers = [...new Set(types.map((type) => type >> 8))].sort((a, b) => a - b);
  return joined(
    numbers.flatMap((window) => {
      const bitmapOctets = bits(
        types.filter((type) => type >> 8 === window).map((type) => type & 255),
      );
      return [Uint8Array.of(window, bitmapOctets.length), bitmapOctets];
    }),
  );
}

function bits(values: readonly number[]): Uint8Array {
  const octetsOfBits = new Uint8Array(values.length === 0 ? 0 : (Math.max(...values) >> 3) + 1);
  for (const value of values) {
    octetsOfBits[value >> 3] = (octetsOfBits[value >> 3] ?? 0) | (0x80 >> (value & 7));
  }
  return octetsOfBits;
}
