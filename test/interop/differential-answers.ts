// Answers made comparable: letter case and order left out, each aspect on its own. What the peers
// all agree on is what livezone has to say too.

import { decodeMessage, type Message, type MessageRecord } from "../../src/dns/message.ts";
import { lowerName, nameToText } from "../../src/dns/name.ts";
import { nameOffsets, printRdata } from "../../src/dns/rdata.ts";
import { rcodeToText, TYPE, typeToText } from "../../src/dns/types.ts";
import type { RunningServer } from "./differential-peers.ts";

/** What of an answer is compared. Sections are lists of sorted lines, joined. */
export interface Reading {
  /** The rcode with AA, or why there is nothing to compare. */
  readonly status: string;
  readonly truncation: string;
  readonly flags: string;
  readonly answer: string;
  readonly authority: string;
  readonly additional: string;
}

/** One part of an answer that is compared. */
export type Aspect = keyof Reading;

/** All of them, the most telling first. */
export const ASPECTS = [
  ...(["status", "truncation", "answer", "authority", "additional", "flags"] as const),
] satisfies readonly Aspect[];

/** What came of comparing one answer with the peers'. */
export interface Comparison {
  /** What the peers all agree on. */
  readonly agreed: readonly Aspect[];
  /** Of those, what livezone says differently. */
  readonly differing: readonly Aspect[];
}

/**
 * Compares each aspect that all peers agree on. Sections count only where the peers agree on status
 * and truncation: what else is said depends on them.
 */
export function compare(ours: Reading, peers: readonly Reading[]): Comparison {
  const [first] = peers;
  if (first === undefined) return { agreed: [], differing: [] };
  const isShared = (aspect: Aspect): boolean =>
    peers.every((peer) => peer[aspect] === first[aspect]);
  const isAlike = isShared("status") && isShared("truncation");
  const agreed = ASPECTS.filter((aspect) => {
    return aspect === "status" || aspect === "truncation" || isAlike ? isShared(aspect) : false;
  });
  return { agreed, differing: agreed.filter((aspect) => ours[aspect] !== first[aspect]) };
}

/**
 * Whether an answer without TC says all that the whole answer does. Addresses may be missing, but
 * not those of servers inside a delegated zone (RFC 9471 section 3.1).
 */
export function hasAllOf(answer: Reading, whole: Reading): boolean {
  const isAlike = (["status", "answer", "authority"] as const).every((aspect) => {
    return answer[aspect] === whole[aspect];
  });
  const cuts = recordsOf(whole.authority).filter(([, , type]) => type === "NS");
  const here = new Set(answer.additional.split("\n"));
  const there = new Set(whole.additional.split("\n"));
  const missing = recordsOf(whole.additional).filter((words) => !here.has(words.join(" ")));
  const isInside = ([owner = ""]: readonly string[]): boolean =>
    cuts.some(([cut = ""]) => owner === cut || owner.endsWith(`.${cut}`));
  return (
    isAlike && !missing.some(isInside) && [...here].every((line) => line === "" || there.has(line))
  );
}

function recordsOf(section: string): string[][] {
  return section === "" ? [] : section.split("\n").map((line) => line.split(" "));
}

/**
 * Reads an answer; `undefined` is silence.
 *
 * @param origins of all zones served, lower-case text.
 */
export function readAnswer(
  server: RunningServer["name"],
  packet: Uint8Array | undefined,
  origins: ReadonlySet<string>,
): Reading {
  if (packet === undefined) return nothing("(silence)");
  try {
    const message = decodeMessage(packet);
    return readingOf(server === "nsd" ? withoutApexServers(message, origins) : message);
  } catch (error) {
    return nothing(`(unreadable: ${String(error)})`);
  }
}

/**
 * What is wrong with the form of an answer, whatever peers may say: its id, its question, its size.
 *
 * @param udpSizeMax octets that may be sent over UDP; `undefined` for TCP.
 */
export function brokenForm(
  query: Uint8Array,
  answer: Uint8Array | undefined,
  udpSizeMax: number | undefined,
): string | undefined {
  if (answer === undefined) return "silence";
  const questionEnd = 12 + nameLength(query, 12) + 4;
  if (answer[0] !== query[0] || answer[1] !== query[1]) return "another id";
  for (let at = 12; at < questionEnd; at++) {
    if (answer[at] !== query[at]) return "the question is not repeated octet by octet";
  }
  return answer.length > (udpSizeMax ?? 65_535) ? `${answer.length} octets` : undefined;
}

/** The reading of an answer whose form is broken, or of none at all. */
export function nothing(status: string): Reading {
  return { status, truncation: "", flags: "", answer: "", authority: "", additional: "" };
}

/** A reading as lines for people. */
export function readingToText(reading: Reading): string {
  const sections = (["answer", "authority", "additional"] as const).flatMap((section) => {
    return reading[section] === ""
      ? []
      : reading[section].split("\n").map((line) => `${section} ${line}`);
  });
  return [`${reading.status}${reading.truncation} ${reading.flags}`, ...sections].join("\n");
}

function readingOf(message: Message): Reading {
  return {
    status: `${rcodeToText(message.rcode)}${message.isAuthoritative ? " aa" : ""}`,
    truncation: message.isTruncated ? " tc" : "",
    flags: flagsOf(message),
    answer: sectionOf(message.answers),
    authority: sectionOf(message.authorities),
    additional: sectionOf(message.additionals),
  };
}

function flagsOf(message: Message): string {
  const flags: readonly [string, boolean][] = [
    ["rd", message.isRecursionDesired],
    ["ra", message.isRecursionAvailable],
    ["ad", message.isAuthenticated],
    ["cd", message.isCheckingDisabled],
    ["edns", message.edns !== undefined],
    ["do", message.edns?.isDnssecOk === true],
  ];
  return flags
    .filter(([, isSet]) => isSet)
    .map(([name]) => name)
    .join(" ");
}

function sectionOf(records: readonly MessageRecord[]): string {
  return records.map(lineOf).sort().join("\n");
}

function lineOf({ owner, ttl, type, rdata }: MessageRecord): string {
  const lower = Uint8Array.from(rdata);
  for (const at of nameOffsets(type, rdata)) {
    const name = lowerName(rdata.subarray(at));
    // Whatever follows the name is left as it is.
    const end = at + nameLength(rdata, at);
    for (let i = at; i < end; i++) lower[i] = name[i - at] ?? 0;
  }
  return `${nameToText(lowerName(owner))} ${ttl} ${typeToText(type)} ${printRdata(type, lower)}`;
}

function nameLength(octets: Uint8Array, start: number): number {
  let at = start;
  while ((octets[at] ?? 0) !== 0) at += 1 + (octets[at] ?? 0);
  return at + 1 - start;
}

/** Types whose names' addresses a server adds (RFC 1035 section 3.3, RFC 2782, RFC 9460). */
const ADDRESSED = new Set<number>([TYPE.NS, TYPE.MX, TYPE.SRV, TYPE.SVCB, TYPE.HTTPS]);

/**
 * NSD adds the zone's own NS RRset, and the addresses of those servers, to every positive answer
 * (RFC 1034 section 6.2.1 shows it so); the others leave it out, or can be told to.
 */
function withoutApexServers(message: Message, origins: ReadonlySet<string>): Message {
  const { answers, authorities, additionals } = message;
  const isApexNs = ({ type, owner }: MessageRecord): boolean =>
    type === TYPE.NS && origins.has(keyOf(owner));
  const isPositive = message.isAuthoritative && answers.length > 0;
  if (!isPositive || !authorities.every(isApexNs)) return message;
  const named = new Set(answers.filter(({ type }) => ADDRESSED.has(type)).flatMap(namesIn));
  return {
    ...message,
    authorities: [],
    additionals: additionals.filter(({ owner }) => named.has(keyOf(owner))),
  };
}

/** Keys of the names in a record's data. */
function namesIn({ type, rdata }: MessageRecord): string[] {
  return nameOffsets(type, rdata).map((at) => {
    return keyOf(rdata.subarray(at, at + nameLength(rdata, at)));
  });
}

function keyOf(name: Uint8Array): string {
  return nameToText(lowerName(name));
}
