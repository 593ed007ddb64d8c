// Questions for generated zones: names that exist and names made from them, types that are there
// and types that are not, over UDP with several sizes and over TCP.

import { below, type Random, seededRandom } from "../../src/base/random.ts";
import { encodeQuery } from "../../src/dns/message.ts";
import { NAME_OCTETS_MAX, type Name, nameFromText, nameToText } from "../../src/dns/name.ts";
import { TYPE, typeFromText, typeToText } from "../../src/dns/types.ts";
import { chance, odds, pick } from "./differential-random.ts";
import { anyLabel, type GeneratedName, type GeneratedZone } from "./differential-zones.ts";

/** One question and how it is asked. */
export interface Question {
  readonly name: Name;
  readonly type: number;
  /** The UDP size offered; absent without EDNS. */
  readonly udpSize?: number;
  /** DO; only with EDNS. No zone is signed, so that it changes little. */
  readonly isDnssecOk?: boolean;
  readonly isTcp: boolean;
  readonly isRecursionDesired: boolean;
}

const TYPES = [
  ...[TYPE.A, TYPE.AAAA, TYPE.MX, TYPE.TXT, TYPE.NS, TYPE.SOA, TYPE.CNAME, TYPE.SRV, TYPE.DS],
  ...[TYPE.CAA, TYPE.PTR, TYPE.DNAME, TYPE.HTTPS, TYPE.SVCB, TYPE.NAPTR, 65280, 65281],
];

/** Questions of one seed; the same for the same zones. */
export function generateQuestions(
  seed: number,
  zones: readonly GeneratedZone[],
  count: number,
): readonly Question[] {
  const random = seededRandom(seed ^ 0x5eed_0000);
  const typesAt = new Map<string, number[]>();
  for (const line of zones.flatMap((zone) => zone.lines)) {
    const [owner = "", , type = ""] = line.split(" ");
    typesAt.set(owner, [...(typesAt.get(owner) ?? []), typeFromText(type) ?? 0]);
  }
  return Array.from({ length: count }, () => {
    const zone = pick(random, zones);
    const owner = pick(random, zone.names);
    const text = nameNear(random, owner, zone.origin);
    const there = typesAt.get(text) ?? typesAt.get(owner.name) ?? [];
    const udpSize = pick(random, [undefined, undefined, 512, 1232, 1232, 4096]);
    return {
      name: chance(random, 0.25) ? withOtherCase(random, nameFromText(text)) : nameFromText(text),
      type: there.length > 0 && chance(random, 0.5) ? pick(random, there) : pick(random, TYPES),
      ...(udpSize === undefined ? {} : { udpSize, isDnssecOk: chance(random, 0.15) }),
      isTcp: chance(random, 0.04),
      isRecursionDesired: chance(random, 0.2),
    };
  });
}

/** The packet of a question. */
export function packetOf(question: Question, id: number): Uint8Array {
  const { name, type, udpSize, isRecursionDesired, isDnssecOk = false } = question;
  const edns = udpSize === undefined ? {} : { edns: { udpSize, isDnssecOk } };
  return encodeQuery({ id, name, type, isRecursionDesired, ...edns });
}

/** The most octets of its answer; `undefined` over TCP, which has no limit that matters. */
export function sizeMaxOf({ udpSize, isTcp }: Question, serverMax: number): number | undefined {
  return isTcp ? undefined : Math.min(udpSize ?? 512, serverMax);
}

/** A question as the tables of the answer room write them. */
export function questionToText(question: Question): string {
  const { name, type, udpSize, isTcp, isRecursionDesired, isDnssecOk = false } = question;
  return [
    `? ${nameToText(name)} ${typeToText(type)}`,
    ...(udpSize === undefined ? [] : [`+bufsize=${udpSize}`]),
    ...(isDnssecOk ? ["+do"] : []),
    ...(isTcp ? ["+tcp"] : []),
    ...(isRecursionDesired ? ["+rd"] : []),
  ].join(" ");
}

/** The owner itself, or a name above, below or beside it. */
function nameNear(random: Random, { name, kind }: GeneratedName, origin: string): string {
  const isAbove = kind === "cut" || kind === "redirect";
  const parent = name === origin ? name : withoutFirst(name);
  const place = odds(random, {
    ...{ itself: 40, below: isAbove ? 60 : 20, far: isAbove ? 20 : 8, above: 8, beside: 14 },
    ...{ star: 4, outside: 2, long: isAbove ? 12 : 3 },
  });
  switch (place) {
    case "itself":
      return name;
    case "below":
      return inFront(anyLabel(random), name);
    case "far":
      return inFront(anyLabel(random), inFront(anyLabel(random), name));
    case "above":
      return parent;
    case "beside":
      return inFront(anyLabel(random), parent);
    case "star":
      return inFront("*", chance(random, 0.5) ? parent : inFront(anyLabel(random), name));
    case "outside":
      return pick(random, ["elsewhere.test.", ".", "example.", withoutFirst(origin), "test."]);
    case "long":
      return longName(random, name);
  }
}

/** A name of 200 to 255 octets. */
function longName(random: Random, above: string): string {
  let name = above;
  const octetsMin = 200 + below(random, 56);
  while (nameFromText(name).length < octetsMin) {
    const room = 255 - nameFromText(name).length - 1;
    if (room < 1) break;
    name = `${"l".repeat(Math.min(room, 1 + below(random, 63)))}.${name}`;
  }
  return name;
}

/** The name with a label in front, or as it is where it would get too long. */
function inFront(label: string, name: string): string {
  const octets = nameFromText(`${label}.`).length - 1 + nameFromText(name).length;
  return octets > NAME_OCTETS_MAX ? name : `${label}.${name}`;
}

function withoutFirst(name: string): string {
  const wire = nameFromText(name);
  return nameToText(wire.subarray(1 + (wire[0] ?? 0)));
}

/** Some letters in the other case. Length octets are below every letter. */
function withOtherCase(random: Random, name: Name): Name {
  return name.map((octet) => {
    const lower = octet | 0x20;
    const isLetter = lower >= 0x61 && lower <= 0x7a && octet >= 0x41;
    return isLetter && chance(random, 0.5) ? octet ^ 0x20 : octet;
  });
}
