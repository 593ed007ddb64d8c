// One UPDATE (RFC 2136): who may send it is judged here, what becomes of it by control.

import { unreachable } from "../base/assert.ts";
import { counted } from "../base/count.ts";
import { ipToText } from "../base/ip.ts";
import type { SessionAsk, SessionReply } from "../control/ports-sessions.ts";
import { admitting } from "../dns/access.ts";
import { type Name, nameToDisplay } from "../dns/name.ts";
import { RCODE } from "../dns/types.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import { updateOrigin } from "../transfer/update.ts";
import type { Request } from "./session-request.ts";
import type { ZoneDoors } from "./session-settings.ts";

/** What an update is given. */
interface UpdateWorld {
  readonly emit: (happened: LivezoneEvent) => void;
  readonly ask: (ask: SessionAsk) => Promise<SessionReply>;
  readonly doorsOf: (origin: Name) => ZoneDoors | undefined;
}

/** What is answered; `refusal` is there where the log has to hear of it. */
interface UpdateAnswer {
  readonly rcode: number;
  readonly refusal?: string;
}

/** RCODEs that say a prerequisite does not hold: an answer like any other, and no fault. */
const PREREQUISITE = new Set<number>([
  RCODE.NXDOMAIN,
  RCODE.YXDOMAIN,
  RCODE.NXRRSET,
  RCODE.YXRRSET,
]);

/** Lets an update in, or not, and has it done. */
export async function answerUpdate(request: Request, world: UpdateWorld): Promise<UpdateAnswer> {
  const origin = updateOrigin(request.message);
  if (!(origin instanceof Uint8Array)) return { rcode: origin.rcode };
  const doors = world.doorsOf(origin);
  if (doors === undefined) return { rcode: RCODE.NOTAUTH };
  const { from, chain, octets } = request;
  const key = chain === undefined ? {} : { key: chain.key.name };
  const rules = admitting(doors.allowUpdate, { address: from.address, ...key });
  if (rules.length === 0) {
    return { rcode: RCODE.REFUSED, refusal: "it is not in allowUpdate" };
  }
  const reply = await world.ask({ kind: "update", origin: doors.origin, message: octets, rules });
  switch (reply.kind) {
    case "updated":
      if (reply.added + reply.removed > 0) world.emit(updated(request, doors.origin, reply));
      return { rcode: RCODE.NOERROR };
    case "refused":
      if (PREREQUISITE.has(reply.rcode)) return { rcode: reply.rcode };
      return { rcode: reply.rcode, refusal: reply.reason };
    case "unready":
      return { rcode: RCODE.SERVFAIL };
    case "view":
    case "explained":
    case "done":
      return { rcode: RCODE.SERVFAIL };
    default:
      return unreachable(reply);
  }
}

function updated(
  { from, chain }: Request,
  origin: Name,
  { serial, added, removed }: Extract<SessionReply, { readonly kind: "updated" }>,
): LivezoneEvent {
  const zone = nameToDisplay(origin);
  const address = ipToText(from.address);
  const key = chain === undefined ? {} : { key: nameToDisplay(chain.key.name) };
  const by = key.key === undefined ? address : `${address} (key ${key.key})`;
  const what = `${counted(added, "record")} more, ${counted(removed, "record")} less`;
  const msg = `${by} updated zone ${zone} to serial ${serial}: ${what}`;
  return event("zone.updated", msg, { zone, address, ...key, serial, added, removed });
}
