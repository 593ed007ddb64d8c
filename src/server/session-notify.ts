// One NOTIFY (RFC 1996): who may send it is judged here, what it leads to is control's.

import { ipToText } from "../base/ip.ts";
import type { SessionAsk, SessionReply } from "../control/ports-sessions.ts";
import { isAdmitted } from "../dns/access.ts";
import type { Name } from "../dns/name.ts";
import { CLASS, RCODE, TYPE } from "../dns/types.ts";
import { hintedSerial } from "../transfer/notify-message.ts";
import type { Request } from "./session-request.ts";
import type { ZoneDoors } from "./session-settings.ts";

/** What a NOTIFY is given. */
interface NotifyWorld {
  readonly ask: (ask: SessionAsk) => Promise<SessionReply>;
  readonly doorsOf: (origin: Name) => ZoneDoors | undefined;
}

/** What is answered; `refusal` is there where the log has to hear of it. */
interface NotifyAnswer {
  readonly rcode: number;
  readonly refusal?: string;
}

/** Passes a NOTIFY on, or not. It is answered before anybody has looked at the primary. */
export async function answerNotify(request: Request, world: NotifyWorld): Promise<NotifyAnswer> {
  const { message, from, chain } = request;
  const [question, another] = message.questions;
  if (question === undefined || another !== undefined) return { rcode: RCODE.FORMERR };
  const doors = world.doorsOf(question.name);
  const isKnown = question.class === CLASS.IN && question.type === TYPE.SOA;
  if (doors === undefined || !isKnown) return { rcode: RCODE.NOTAUTH };
  if (!doors.isCopy) return { rcode: RCODE.NOTAUTH, refusal: "the zone is copied from nobody" };
  const key = chain === undefined ? {} : { key: chain.key.name };
  if (!isAdmitted(doors.allowNotify, { address: from.address, ...key })) {
    return { rcode: RCODE.REFUSED, refusal: "it is not in allowNotify, and no primary" };
  }
  const { origin } = doors;
  const address = ipToText(from.address);
  const reply = await world.ask({
    kind: "notify",
    origin,
    address,
    serial: hintedSerial(message, origin),
  });
  return { rcode: reply.kind === "done" ? RCODE.NOERROR : RCODE.SERVFAIL };
}
