// Questions of class CH below "livezone": what control says of its pools, as TXT records.

import { TRANSPORT } from "../answer/exchange.ts";
import type { SessionAsk, SessionReply } from "../control/ports-sessions.ts";
import { isWithin, type Prefix } from "../dns/access.ts";
import { encodeMessage } from "../dns/message.ts";
import { CLASS, RCODE, TYPE } from "../dns/types.ts";
import type { Request } from "./session-request.ts";

/** RFC 1035 section 3.3: one character-string. */
const STRING_OCTETS_MAX = 255;
const UDP_SIZE_PLAIN = 512;
const UDP_SIZE_MAX = 1232;
const TCP_SIZE_MAX = 65_535;

/**
 * The answer to such a question; cut (TC) where it does not fit.
 *
 * @returns its RCODE alone where there is no answer.
 */
export async function answerExplain(
  { message, from }: Request,
  explainTo: readonly Prefix[],
  ask: (ask: SessionAsk) => Promise<SessionReply>,
): Promise<Uint8Array | number> {
  const [question] = message.questions;
  const isMeant = question?.class === CLASS.CH && explainTo.some((p) => isWithin(from.address, p));
  if (question === undefined || !isMeant) return RCODE.REFUSED;
  const reply = await ask({ kind: "explain", name: question.name });
  if (reply.kind !== "explained") return RCODE.SERVFAIL;
  if (reply.lines === undefined) return RCODE.NXDOMAIN;
  const { id, opcode, questions, isRecursionDesired, edns } = message;
  const draft = {
    ...{ id, opcode, questions, isRecursionDesired, isResponse: true, isAuthoritative: true },
    ...(edns !== undefined && { edns: { ...edns, udpSize: UDP_SIZE_MAX, options: [] } }),
  };
  const answers = reply.lines.map((line) => {
    return { owner: question.name, type: TYPE.TXT, class: CLASS.CH, ttl: 0, rdata: textOf(line) };
  });
  const whole = encodeMessage({ ...draft, answers });
  const isUdp = from.transport === TRANSPORT.udp;
  const offered = Math.min(edns?.udpSize ?? UDP_SIZE_PLAIN, UDP_SIZE_MAX);
  const limit = isUdp ? Math.max(UDP_SIZE_PLAIN, offered) : TCP_SIZE_MAX;
  return whole.length <= limit ? whole : encodeMessage({ ...draft, isTruncated: true });
}

/** TXT data; what is longer than one string may be is gone on with in the next. */
function textOf(line: string): Uint8Array {
  const octets = new TextEncoder().encode(line);
  const strings = Math.max(1, Math.ceil(octets.length / STRING_OCTETS_MAX));
  const rdata = new Uint8Array(octets.length + strings);
  for (let i = 0; i < strings; i++) {
    const part = octets.subarray(i * STRING_OCTETS_MAX, (i + 1) * STRING_OCTETS_MAX);
    const at = i * (STRING_OCTETS_MAX + 1);
    rdata[at] = part.length;
    rdata.set(part, at + 1);
  }
  return rdata;
}
