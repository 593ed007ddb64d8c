// Zones and questions drawn at random, and the image asked without a responder between.

import { below, type Random } from "../../src/base/random.ts";
import { type Name, nameFromText, nameKey } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import type { RRset } from "../../src/zone/rrset.ts";

/** Labels few enough that random names meet each other, the asterisk among them. */
const LABELS = ["a", "b", "c", "d", "*", "ns"];

/** A name of up to four random labels below `origin`, which it may be itself. */
export function randomName(random: Random, origin: string): string {
  const labels = Array.from({ length: below(random, 5) }, () => {
    return LABELS[below(random, LABELS.length)] ?? "a";
  });
  return [...labels, origin].join(".");
}

/** One RRset with random data that fits its type. */
export function randomRRset(random: Random, origin: string, owner: string, type: number): RRset {
  const count = type === TYPE.CNAME || type === TYPE.DNAME ? 1 : 1 + below(random, 3);
  const rdatas = new Map<string, Uint8Array>();
  for (let i = 0; i < count; i++) {
    const rdata = randomRdata(random, origin, type);
    rdatas.set(rdata.join("."), rdata);
  }
  return {
    owner: nameFromText(owner),
    type,
    ttl: below(random, 1000),
    rdatas: [...rdatas.values()],
  };
}

/** A type that a random zone may hold at `owner`; cuts and DNAMEs are rarer than data. */
export function randomType(random: Random): number {
  const types = [
    ...[TYPE.A, TYPE.A, TYPE.A, TYPE.AAAA, TYPE.AAAA, TYPE.TXT, TYPE.MX],
    ...[TYPE.SRV, TYPE.CNAME, TYPE.NS, TYPE.DS, TYPE.DNAME],
  ];
  return types[below(random, types.length)] ?? TYPE.A;
}

/** An SOA RRset for `origin`. */
export function soaOf(origin: string, serial: number): RRset {
  const names = [nameFromText(`ns.${origin}`), nameFromText(`root.${origin}`)];
  const numbers = new Uint8Array(20);
  const view = new DataView(numbers.buffer);
  for (const [i, value] of [serial, 7200, 3600, 86400, 60].entries()) view.setUint32(i * 4, value);
  const rdata = Uint8Array.from([...names, numbers].flatMap((part) => [...part]));
  return { owner: nameFromText(origin), type: TYPE.SOA, ttl: 900, rdatas: [rdata] };
}

/** Key of an RRset in maps of a test. */
export function rrsetKey(owner: Name, type: number): string {
  return `${type} ${nameKey(owner)}`;
}

function randomRdata(random: Random, origin: string, type: number): Uint8Array {
  const target = nameFromText(randomName(random, below(random, 8) === 0 ? "other.test." : origin));
  switch (type) {
    case TYPE.A:
      return Uint8Array.of(192, 0, 2, below(random, 256));
    case TYPE.AAAA:
      return Uint8Array.from({ length: 16 }, () => below(random, 256));
    case TYPE.MX:
      return Uint8Array.of(0, below(random, 4), ...target);
    case TYPE.SRV:
      return Uint8Array.of(0, 1, 0, 1, 0, 80, ...target);
    case TYPE.CNAME:
    case TYPE.DNAME:
    case TYPE.NS:
      return target;
    case TYPE.DS:
      return Uint8Array.of(1, 2, 13, 2, ...Array.from({ length: 32 }, () => below(random, 256)));
    default:
      return Uint8Array.of(3, 97, 98, below(random, 26) + 97);
  }
}
