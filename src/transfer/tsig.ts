// TSIG (RFC 8945): messages in, verdicts and signed messages out. A conversation's state is a value:
// the key, and the MAC that the next one is chained to.
//
//   what is digested           the first message   an answer to it      later ones of its stream
//   before the message         nothing             the request's MAC    the MAC before, and what went
//                                                                       unsigned since then
//   behind the message         all variables       all variables        time and fudge only

import { createHmac, timingSafeEqual } from "node:crypto";
import { equalNames, lowerName } from "../dns/name.ts";
import { TSIG_ALGORITHMS, type TsigKey } from "../dns/tsig-key.ts";
import { CLASS, RCODE } from "../dns/types.ts";
import {
  readTime,
  splitTsig,
  type TsigRecord,
  timeOctets,
  tsigOctets,
  withTsig,
} from "./tsig-record.ts";

/** What is wrong with a signature, as the TSIG record's error field says it. */
export type TsigFault = "BADSIG" | "BADKEY" | "BADTIME" | "BADTRUNC";

/** A conversation under a key: what the next message is chained to. */
export interface TsigChain {
  readonly key: TsigKey;
  /** Of the message before, on either side. */
  readonly mac: Uint8Array;
  /** Whether an answer was signed already: the next one has timers only. */
  readonly isContinued: boolean;
  /** Messages of a stream that came unsigned since the last signature. */
  readonly unsigned: readonly Uint8Array[];
}

/** A request that came in. */
export type VerifiedRequest =
  | { readonly kind: "unsigned"; readonly message: Uint8Array }
  /** FORMERR: the record is out of place or not whole (RFC 8945 sections 5.1 and 5.2.2.1). */
  | { readonly kind: "malformed" }
  | { readonly kind: "signed"; readonly message: Uint8Array; readonly chain: TsigChain }
  | {
      readonly kind: "refused";
      readonly fault: TsigFault;
      /** The request without its signature. */
      readonly message: Uint8Array;
      /** Makes the answer (RCODE NOTAUTH, without records) what section 5.3.2 wants. */
      readonly answer: TsigRefusal;
    };

/** How a refused request is answered: under the chain where there is one, else unsigned. */
export interface TsigRefusal {
  readonly fault: TsigFault;
  readonly tsig: TsigRecord;
  readonly chain: TsigChain | undefined;
}

/** A message that came back from a server that was asked under a key. */
export type VerifiedAnswer =
  /** Good so far. A stream is whole only when `chain.unsigned` is empty behind its last message. */
  | { readonly kind: "good"; readonly message: Uint8Array; readonly chain: TsigChain }
  | { readonly kind: "bad"; readonly why: string };

/** Seconds that two clocks may differ (RFC 8945 section 10). */
export const FUDGE_SECONDS = 300;
/** Messages in a row that a stream may leave unsigned (RFC 8945 section 5.3.1). */
const UNSIGNED_MAX = 99;
/** RFC 8945 section 5.2.2.1: shorter MACs, and those below half a digest, are malformed. */
const MAC_OCTETS_MIN = 10;
const NOTHING = new Uint8Array(0);

/**
 * Looks at a request's signature, in the order of RFC 8945 section 5.2: key, MAC, time, truncation.
 * Only whole MACs are taken.
 */
export function verifyRequest(
  packet: Uint8Array,
  keys: readonly TsigKey[],
  nowSeconds: number,
): VerifiedRequest {
  const split = splitTsig(packet);
  if (split.kind === "unsigned") return { kind: "unsigned", message: packet };
  if (split.kind === "malformed") return split;
  const { message, tsig } = split;
  const key = keyOf(tsig, keys);
  const refuse = (fault: TsigFault, chain?: TsigChain): VerifiedRequest => {
    return { kind: "refused", fault, message, answer: { fault, tsig, chain } };
  };
  if (key === undefined) return refuse("BADKEY");
  const { octets } = TSIG_ALGORITHMS[key.algorithm];
  const shortest = Math.max(MAC_OCTETS_MIN, octets / 2);
  if (tsig.mac.length > octets || tsig.mac.length < shortest) return { kind: "malformed" };
  const mac = digest(key, [message, variables(tsig)]);
  if (!isSameMac(tsig.mac, mac)) return refuse("BADSIG");
  const chain = { key, mac: tsig.mac, isContinued: false, unsigned: [] };
  if (!isInTime(tsig, nowSeconds)) return refuse("BADTIME", chain);
  if (tsig.mac.length < octets) return refuse("BADTRUNC", chain);
  return { kind: "signed", message, chain };
}

/** Signs an answer, or the next message of a stream of them. */
export function signAnswer(
  message: Uint8Array,
  chain: TsigChain,
  nowSeconds: number,
): { readonly octets: Uint8Array; readonly chain: TsigChain } {
  const tsig = recordOf(chain.key, message, nowSeconds);
  const behind = chain.isContinued ? timers(tsig) : variables(tsig);
  const mac = digest(chain.key, [...prior(chain.mac), message, behind]);
  const octets = withTsig(message, { ...tsig, mac });
  return { octets, chain: { ...chain, mac, isContinued: true } };
}

/** Octets by which `signAnswer` makes a message longer. */
export function signatureOctets(key: TsigKey): number {
  const { name: algorithm, octets } = TSIG_ALGORITHMS[key.algorithm];
  return tsigOctets({ owner: key.name, algorithm, mac: new Uint8Array(octets), other: NOTHING });
}

/**
 * Puts the record behind the answer to a refused request: BADKEY and BADSIG go unsigned, since no
 * key is known to be shared; the others are signed, BADTIME with our own time.
 *
 * @param message the answer: RCODE NOTAUTH, without records.
 */
export function signRefusal(
  message: Uint8Array,
  refusal: TsigRefusal,
  nowSeconds: number,
): Uint8Array {
  const { fault, chain } = refusal;
  const tsig: TsigRecord = {
    ...refusal.tsig,
    // RFC 8945 section 5.2.3: the time of the request is repeated, ours is beside it.
    timeSigned: fault === "BADTIME" ? refusal.tsig.timeSigned : nowSeconds,
    mac: NOTHING,
    error: RCODE[fault],
    other: fault === "BADTIME" ? timeOctets(nowSeconds) : NOTHING,
  };
  if (chain === undefined) return withTsig(message, tsig);
  const mac = digest(chain.key, [...prior(chain.mac), message, variables(tsig)]);
  return withTsig(message, { ...tsig, mac });
}

/** Signs a request of our own. */
export function signRequest(
  message: Uint8Array,
  key: TsigKey,
  nowSeconds: number,
): { readonly octets: Uint8Array; readonly chain: TsigChain } {
  const tsig = recordOf(key, message, nowSeconds);
  const mac = digest(key, [message, variables(tsig)]);
  const chain = { key, mac, isContinued: false, unsigned: [] };
  return { octets: withTsig(message, { ...tsig, mac }), chain };
}

/**
 * Looks at what came back: the first message must be signed, later ones of a stream may be unsigned
 * up to 99 in a row, and are vouched for by the next signature.
 */
export function verifyAnswer(
  packet: Uint8Array,
  chain: TsigChain,
  nowSeconds: number,
): VerifiedAnswer {
  const split = splitTsig(packet);
  if (split.kind === "malformed") return bad("its TSIG record is malformed");
  if (split.kind === "unsigned") {
    if (!chain.isContinued) return bad("it is not signed");
    if (chain.unsigned.length >= UNSIGNED_MAX) return bad(`${UNSIGNED_MAX} messages are unsigned`);
    return {
      kind: "good",
      message: packet,
      chain: { ...chain, unsigned: [...chain.unsigned, packet] },
    };
  }
  const { message, tsig } = split;
  const { key } = chain;
  if (keyOf(tsig, [key]) === undefined) return bad("it is signed with another key");
  if (tsig.mac.length === 0) return bad(`the other side says ${faultText(tsig, nowSeconds)}`);
  const behind = chain.isContinued ? timers(tsig) : variables(tsig);
  const mac = digest(key, [...prior(chain.mac), ...chain.unsigned, message, behind]);
  const isWhole = tsig.mac.length === mac.length;
  if (!isWhole || !isSameMac(tsig.mac, mac)) return bad("its signature is wrong (BADSIG)");
  if (tsig.error !== 0) return bad(`the other side says ${faultText(tsig, nowSeconds)}`);
  if (!isInTime(tsig, nowSeconds)) return bad("its signature is out of time (BADTIME)");
  return { kind: "good", message, chain: { key, mac, isContinued: true, unsigned: [] } };
}

function keyOf(tsig: TsigRecord, keys: readonly TsigKey[]): TsigKey | undefined {
  return keys.find(({ name, algorithm }) => {
    return (
      equalNames(name, tsig.owner) && equalNames(TSIG_ALGORITHMS[algorithm].name, tsig.algorithm)
    );
  });
}

function recordOf(
  { name, algorithm }: TsigKey,
  message: Uint8Array,
  nowSeconds: number,
): TsigRecord {
  return {
    owner: name,
    algorithm: TSIG_ALGORITHMS[algorithm].name,
    timeSigned: nowSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    mac: NOTHING,
    originalId: ((message[0] ?? 0) << 8) | (message[1] ?? 0),
    error: 0,
    other: NOTHING,
  };
}

function digest({ algorithm, secret }: TsigKey, parts: readonly Uint8Array[]): Uint8Array {
  const hmac = createHmac(TSIG_ALGORITHMS[algorithm].hash, secret);
  for (const part of parts) hmac.update(part);
  return new Uint8Array(hmac.digest());
}

/** The MAC before, with its length (RFC 8945 section 4.3.1). */
function prior(mac: Uint8Array): Uint8Array[] {
  return [Uint8Array.of(mac.length >> 8, mac.length & 255), mac];
}

/** RFC 8945 section 4.3.3: the record without MAC and id, names in lower case. */
function variables(tsig: TsigRecord): Uint8Array {
  const { error, other } = tsig;
  return Buffer.concat([
    lowerName(tsig.owner),
    Uint8Array.of(0, CLASS.ANY, 0, 0, 0, 0),
    lowerName(tsig.algorithm),
    timers(tsig),
    Uint8Array.of(error >> 8, error & 255, other.length >> 8, other.length & 255),
    other,
  ]);
}

/** RFC 8945 section 5.3.1. */
function timers({ timeSigned, fudgeSeconds }: TsigRecord): Uint8Array {
  return Uint8Array.of(...timeOctets(timeSigned), fudgeSeconds >> 8, fudgeSeconds & 255);
}

/** Whether a MAC, which may be cut short, is what it should be; takes as long for any content. */
function isSameMac(given: Uint8Array, whole: Uint8Array): boolean {
  return timingSafeEqual(given, whole.subarray(0, given.length));
}

function isInTime({ timeSigned, fudgeSeconds }: TsigRecord, nowSeconds: number): boolean {
  return Math.abs(nowSeconds - timeSigned) <= fudgeSeconds;
}

function faultText({ error, other }: TsigRecord, nowSeconds: number): string {
  const fault = (["BADSIG", "BADKEY", "BADTIME", "BADTRUNC"] as const).find((name) => {
    return RCODE[name] === error;
  });
  const isTold = fault === "BADTIME" && other.length === 6;
  const apart = isTold ? `: the clocks are ${Math.abs(nowSeconds - readTime(other))} s apart` : "";
  return `${fault ?? `TSIG error ${error}`}${apart}`;
}

function bad(why: string): VerifiedAnswer {
  return { kind: "bad", why };
}
