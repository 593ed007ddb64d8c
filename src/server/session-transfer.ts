// One transfer to a secondary: AXFR, or IXFR over either transport.

import { TRANSPORT } from "../answer/exchange.ts";
import type { Time } from "../base/clock.ts";
import { counted } from "../base/count.ts";
import { messageOf } from "../base/errors.ts";
import { ipToText } from "../base/ip.ts";
import type { SessionAsk, SessionReply } from "../control/ports-sessions.ts";
import type { MessageRecord } from "../dns/message.ts";
import { equalNames, type Name, nameToDisplay } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import { RCODE, TYPE } from "../dns/types.ts";
import { event, type LivezoneEvent } from "../events/event.ts";
import {
  receiveView,
  type TransferForm,
  type TransferPlan,
  TransferStream,
  transferForm,
} from "../transfer/transfer-stream.ts";
import type { Request } from "./session-request.ts";

/** What a transfer is given. */
interface TransferWorld {
  readonly time: Time;
  readonly emit: (happened: LivezoneEvent) => void;
  readonly ask: (ask: SessionAsk) => Promise<SessionReply>;
}

const UDP_SIZE_MIN = 512;
const UDP_SIZE_MAX = 1232;

/**
 * Sends a zone, or what differs.
 *
 * @returns NOERROR where the answer has gone out, or an RCODE that is to be answered.
 */
export async function sendTransfer(
  request: Request,
  origin: Name,
  world: TransferWorld,
): Promise<number> {
  const { message, from } = request;
  const isIxfr = message.questions[0]?.type === TYPE.IXFR;
  const since = isIxfr ? sinceSerial(message.authorities, origin) : undefined;
  if (isIxfr && since === undefined) return RCODE.FORMERR;
  const reply = await world.ask({ kind: "view", origin, since });
  if (reply.kind !== "view") return RCODE.SERVFAIL;
  const { serial } = reply;
  const isNewer = since === undefined || compareSerial(serial, since) === 1;
  const view = receiveView(reply.view);
  const form = isIxfr ? transferForm(view, isNewer) : "whole";
  const plan: TransferPlan = {
    head: {
      id: message.id,
      question: questionOctets(request.octets),
      hasOpt: message.edns !== undefined,
      udpSize: UDP_SIZE_MAX,
    },
    ...{ view, form, since, chain: request.chain },
  };
  const isUdp = from.transport === TRANSPORT.udp;
  const isSent = isUdp
    ? await sendDatagram(request, plan, world)
    : await stream(request, plan, world);
  const address = ipToText(from.address);
  if (since !== undefined && !isNewer)
    void world.ask({ kind: "seen", origin, address, serial: since });
  else if (isSent && !isUdp) void world.ask({ kind: "seen", origin, address, serial });
  return RCODE.NOERROR;
}

/** RFC 1995 section 2: all in one datagram, or the SOA alone, which sends the secondary to TCP. */
async function sendDatagram(
  request: Request,
  plan: TransferPlan,
  world: TransferWorld,
): Promise<boolean> {
  const { message, way } = request;
  const startedMs = world.time.nowMs();
  const nowSeconds = Math.floor(world.time.wallMs() / 1000);
  const asked = Math.max(UDP_SIZE_MIN, message.edns?.udpSize ?? 0);
  const limit = Math.min(UDP_SIZE_MAX, asked);
  // The whole zone is not tried: it would be made for nothing.
  const isTried = plan.form === "difference";
  const whole = new TransferStream(isTried ? plan : { ...plan, form: "current" });
  const octets = whole.next(nowSeconds, limit);
  if (whole.isDone) {
    if (isTried) tellSent(request, { plan, messages: whole, startedMs, world });
    return way.send(octets);
  }
  const soa = new TransferStream({ ...plan, form: "current" });
  return way.send(soa.next(nowSeconds, limit));
}

async function stream(
  request: Request,
  plan: TransferPlan,
  world: TransferWorld,
): Promise<boolean> {
  const { time } = world;
  const startedMs = time.nowMs();
  const messages = new TransferStream(plan);
  const told = { plan, messages, startedMs, world };
  const next = (): Uint8Array | undefined => {
    return messages.isDone ? undefined : messages.next(Math.floor(time.wallMs() / 1000));
  };
  try {
    if (!(await request.way.sendAll(next))) {
      tellBroken(request, told, "the other side hung up, or took nothing for too long");
      return false;
    }
  } catch (error) {
    // A record that fits no message: what was sent is of no use, and is not ended as if it were.
    tellBroken(request, told, messageOf(error));
    request.way.end();
    return false;
  }
  tellSent(request, told);
  return true;
}

/** A transfer that has ended, as it is told. */
interface Told {
  readonly plan: TransferPlan;
  readonly messages: TransferStream;
  readonly startedMs: number;
  readonly world: TransferWorld;
}

function tellSent({ from, chain }: Request, { plan, messages, startedMs, world }: Told): void {
  const { form, view, since } = plan;
  if (form === "current") return;
  const zone = nameToDisplay(view.zone.origin);
  const address = ipToText(from.address);
  const serial = view.zone.serial;
  const { records, octets } = messages;
  const step = form === "difference" ? `from ${since} to ${serial}` : `serial ${serial}`;
  const msg = `Zone ${zone} was sent to ${address}: ${step}, ${counted(records, "record")}`;
  const fields = {
    ...{ zone, address, kind: KINDS[form], serial },
    ...(form === "difference" && since !== undefined && { since }),
    ...(chain !== undefined && { key: nameToDisplay(chain.key.name) }),
    ...{ records, octets, messages: messages.messages },
    durationMs: Math.round(world.time.nowMs() - startedMs),
  };
  world.emit(event("transfer.sent", msg, fields));
}

function tellBroken({ from }: Request, told: Told, reason: string): void {
  const { plan, messages, startedMs, world } = told;
  const zone = nameToDisplay(plan.view.zone.origin);
  const address = ipToText(from.address);
  const { records } = messages;
  const durationMs = Math.round(world.time.nowMs() - startedMs);
  const msg = `The transfer of ${zone} to ${address} broke off: ${reason}`;
  world.emit(event("transfer.broken", msg, { zone, address, reason, records, durationMs }));
}

const KINDS: Readonly<Record<TransferForm, "axfr" | "ixfr">> = {
  current: "ixfr",
  difference: "ixfr",
  whole: "axfr",
};

/** The serial that a secondary has: of the SOA in its request (RFC 1995 section 3). */
function sinceSerial(authorities: readonly MessageRecord[], origin: Name): number | undefined {
  const [soa] = authorities;
  const isSoa = soa?.type === TYPE.SOA && equalNames(soa.owner, origin);
  if (!isSoa || authorities.length !== 1 || soa.rdata.length < 20) return undefined;
  const view = new DataView(soa.rdata.buffer, soa.rdata.byteOffset, soa.rdata.byteLength);
  return view.getUint32(soa.rdata.length - 20);
}

/** The one question as it stands in the request, behind its header. */
function questionOctets(packet: Uint8Array): Uint8Array {
  let at = 12;
  while ((packet[at] ?? 0) !== 0) at += 1 + (packet[at] ?? 0);
  return packet.slice(12, at + 5);
}
