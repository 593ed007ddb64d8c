import { describe, expect, it } from "vitest";
import { TRANSPORT } from "../../src/answer/exchange.ts";
import { ipToBytes } from "../../src/base/ip.ts";
import type { SessionReply } from "../../src/control/ports-sessions.ts";
import { decodeMessage, encodeMessage, type MessageDraft } from "../../src/dns/message.ts";
import { nameFromText, nameToDisplay } from "../../src/dns/name.ts";
import { CLASS, OPCODE, RCODE, rcodeToText, TYPE, typeToText } from "../../src/dns/types.ts";
import type { LivezoneEvent } from "../../src/events/event.ts";
import { SESSIONS_CLOSED } from "../../src/server/session-settings.ts";
import { Sessions } from "../../src/server/sessions.ts";
import { sendView } from "../../src/transfer/transfer-stream.ts";
import { signRequest } from "../../src/transfer/tsig.ts";
import { SimulatedTime } from "../support/simulated-time.ts";
import { ORIGIN, rrsetOf, zoneOf } from "../zone/records.ts";

const LOOPBACK = { from: { address: Uint8Array.of(127, 0, 0, 0), bits: 8 } };
const KEY = { name: ORIGIN, algorithm: "hmac-sha256", secret: new Uint8Array(32) } as const;
const HOSTS = Array.from({ length: 100 }, (_, i) => `host${i} 300 A 192.0.2.${i}`);
const ZONE = zoneOf(...HOSTS);

interface Asking {
  readonly transport?: number;
  readonly from?: string;
  readonly view?: SessionReply;
  /** Messages that the other side takes before it hangs up. */
  readonly takes?: number;
  readonly isSigned?: boolean;
  /** Whether the zone is copied from a primary; by default it is. */
  readonly isCopy?: boolean;
}

function viewAt(difference?: Parameters<typeof sendView>[2]): SessionReply {
  return { kind: "view", view: sendView(ZONE, [], difference), serial: 1 };
}

/** Asks sessions of example.org, which loopback may transfer, and says what came of it. */
async function ask(draft: Partial<MessageDraft>, asking: Asking = {}): Promise<string[]> {
  const { transport = TRANSPORT.tcp, from = "127.0.0.1", view = viewAt(), takes = 1000 } = asking;
  const time = new SimulatedTime();
  const events: LivezoneEvent[] = [];
  const doors = {
    origin: ORIGIN,
    allowTransfer: [LOOPBACK],
    allowNotify: [LOOPBACK],
    allowUpdate: [LOOPBACK],
    isCopy: asking.isCopy ?? true,
  };
  const sessions = new Sessions(
    { ...SESSIONS_CLOSED, keys: [KEY], zones: [doors], explainTo: [LOOPBACK.from] },
    {
      context: undefined as never,
      time,
      emit: (event) => events.push(event),
      ask: ({ id }) => sessions.replied(id, view),
    },
  );
  const query = encodeMessage({ id: 5, ...draft });
  const nowSeconds = Math.floor(time.wallMs() / 1000);
  const packet = asking.isSigned === true ? signRequest(query, KEY, nowSeconds).octets : query;
  const said: string[] = [];
  const address = ipToBytes(from) ?? new Uint8Array();
  let taken = 0;
  const send = async (message: Uint8Array): Promise<boolean> => {
    said.push(shown(message));
    return ++taken < takes;
  };
  const sendAll = async (next: () => Uint8Array | undefined): Promise<boolean> => {
    for (let message = next(); message !== undefined; message = next()) {
      if (!(await send(message))) return false;
    }
    return true;
  };
  const way = { send, sendAll, end: () => said.push("(broken off)") };
  await sessions.take(packet, { address, port: 5353, transport }, way);
  return [...said, ...events.map(({ event, msg }) => `${event}: ${msg}`)];
}

function shown(packet: Uint8Array): string {
  const { rcode, answers, additionals } = decodeMessage(packet);
  const signed = additionals.some(({ type }) => type === TYPE.TSIG) ? ", signed" : "";
  const ends = [answers[0], answers.at(-1)].map((record) => record && typeToText(record.type));
  const records = answers.length === 0 ? "" : `, ${answers.length} records ${ends.join("…")}`;
  return `${rcodeToText(rcode)}${records}${signed}`;
}

function question(type: number, name = ORIGIN): Partial<MessageDraft> {
  return { questions: [{ name, type, class: CLASS.IN }] };
}

function ixfr(since: number): Partial<MessageDraft> {
  const soa = rrsetOf(`@ 300 SOA ns1 admin ${since} 3600 600 86400 300`);
  const [rdata = new Uint8Array()] = soa.rdatas;
  const record = { owner: ORIGIN, type: TYPE.SOA, class: CLASS.IN, ttl: 300, rdata };
  return { ...question(TYPE.IXFR), authorities: [record] };
}

const SENT = "transfer.sent: Zone example.org was sent to 127.0.0.1";
const SMALL = { removed: [rrsetOf("www 300 A 192.0.2.1")], added: [rrsetOf("www 5 A 192.0.2.2")] };
const LARGE = { removed: [], added: Array.from({ length: 60 }, (_, i) => rrsetOf(HOSTS[i] ?? "")) };

const CHAOS = {
  questions: [{ name: nameFromText("pools.livezone."), type: TYPE.TXT, class: CLASS.CH }],
};
const LINES: SessionReply = { kind: "explained", lines: ["one", "two".repeat(200)] };
const UPDATE = { ...question(TYPE.SOA), opcode: OPCODE.UPDATE };
const DONE = { view: { kind: "updated", serial: 7, added: 2, removed: 1 } } as const;
const UPDATED = "zone.updated: 127.0.0.1 updated zone example.org";
const SIGNED = `zone.updated: 127.0.0.1 (key ${nameToDisplay(KEY.name)}) updated zone example.org`;

const NOTIFY = { ...question(TYPE.SOA), opcode: OPCODE.NOTIFY };

function refused(address: string, request = "UPDATE"): string {
  return `session.refused: ${address} was refused ${request} of example.org`;
}

describe("Sessions", () => {
  it.each([
    [
      "the whole zone",
      question(TYPE.AXFR),
      {},
      ["NOERROR, 104 records SOA…SOA", `${SENT}: serial 1, 104 records`],
    ],
    [
      "the whole zone, signed",
      question(TYPE.AXFR),
      { isSigned: true },
      ["NOERROR, 104 records SOA…SOA, signed", `${SENT}: serial 1, 104 records`],
    ],
    ["a zone of others", question(TYPE.AXFR, nameFromText("example.net.")), {}, ["NOTAUTH"]],
    [
      "the zone by a stranger",
      question(TYPE.AXFR),
      { from: "192.0.2.1" },
      [
        "REFUSED",
        "session.refused: 192.0.2.1 was refused AXFR of example.org: it is not in allowTransfer",
      ],
    ],
    [
      "a zone that is not open yet",
      question(TYPE.AXFR),
      { view: { kind: "unready" } },
      ["SERVFAIL"],
    ],
    [
      "a zone, and hangs up",
      question(TYPE.AXFR),
      { takes: 1 },
      [
        "NOERROR, 104 records SOA…SOA",
        "transfer.broken: The transfer of example.org to 127.0.0.1 broke off: the other side hung up, or took nothing for too long",
      ],
    ],
    ["what differs, without its serial", question(TYPE.IXFR), {}, ["FORMERR"]],
    ["what differs from the same serial", ixfr(1), {}, ["NOERROR, 1 records SOA…SOA"]],
    ["what differs from a newer serial", ixfr(9), {}, ["NOERROR, 1 records SOA…SOA"]],
    [
      "what differs",
      ixfr(0),
      { view: viewAt(SMALL) },
      ["NOERROR, 6 records SOA…SOA", `${SENT}: from 0 to 1, 6 records`],
    ],
    [
      "what differs, where the journal does not reach back",
      ixfr(0),
      {},
      ["NOERROR, 104 records SOA…SOA", `${SENT}: serial 1, 104 records`],
    ],
    [
      "what differs, by UDP",
      ixfr(0),
      { transport: TRANSPORT.udp, view: viewAt(SMALL) },
      ["NOERROR, 6 records SOA…SOA", `${SENT}: from 0 to 1, 6 records`],
    ],
    [
      "more by UDP than a datagram holds",
      ixfr(0),
      { transport: TRANSPORT.udp, view: viewAt(LARGE) },
      ["NOERROR, 1 records SOA…SOA"],
    ],
    [
      "the whole zone by an IXFR over UDP",
      ixfr(0),
      { transport: TRANSPORT.udp },
      ["NOERROR, 1 records SOA…SOA"],
    ],
    ["of its pools", CHAOS, { view: LINES }, ["NOERROR, 2 records TXT…TXT"]],
    [
      "of its pools, signed",
      CHAOS,
      { view: LINES, isSigned: true },
      ["NOERROR, 2 records TXT…TXT, signed"],
    ],
    [
      "of more pools by UDP than a datagram holds",
      CHAOS,
      { view: { kind: "explained", lines: ["x".repeat(600)] }, transport: TRANSPORT.udp },
      ["NOERROR"],
    ],
    ["of its pools by a stranger", CHAOS, { view: LINES, from: "192.0.2.1" }, ["REFUSED"]],
    [
      "of a pool that is none",
      CHAOS,
      { view: { kind: "explained", lines: undefined } },
      ["NXDOMAIN"],
    ],
    ["of its pools before it is ready", CHAOS, { view: { kind: "unready" } }, ["SERVFAIL"]],
  ] satisfies [string, Partial<MessageDraft>, Asking, string[]][])(
    "asked for %s",
    async (_case, draft, asking, expected) => {
      expect(await ask(draft, asking)).toEqual(expected);
    },
  );

  it.each([
    [
      "by who may",
      UPDATE,
      DONE,
      [`NOERROR`, `${UPDATED} to serial 7: 2 records more, 1 record less`],
    ],
    [
      "under a key",
      UPDATE,
      { ...DONE, isSigned: true },
      ["NOERROR, signed", `${SIGNED} to serial 7: 2 records more, 1 record less`],
    ],
    ["that changes nothing", UPDATE, { view: { ...DONE.view, added: 0, removed: 0 } }, ["NOERROR"]],
    [
      "by a stranger",
      UPDATE,
      { ...DONE, from: "192.0.2.1" },
      ["REFUSED", `${refused("192.0.2.1")}: it is not in allowUpdate`],
    ],
    [
      "of another zone",
      { ...UPDATE, ...question(TYPE.SOA, nameFromText("example.net.")) },
      DONE,
      ["NOTAUTH"],
    ],
    ["without a zone", { opcode: OPCODE.UPDATE }, DONE, ["FORMERR"]],
    ["of a zone of another type", { ...UPDATE, ...question(TYPE.A) }, DONE, ["FORMERR"]],
    [
      "whose prerequisite fails",
      UPDATE,
      { view: { kind: "refused", rcode: RCODE.YXDOMAIN, reason: "there is a www" } },
      ["YXDOMAIN"],
    ],
    [
      "that is not done",
      UPDATE,
      { view: { kind: "refused", rcode: RCODE.REFUSED, reason: "a pool owns it" } },
      ["REFUSED", `${refused("127.0.0.1")}: a pool owns it`],
    ],
    ["before the zone is open", UPDATE, { view: { kind: "unready" } }, ["SERVFAIL"]],
  ] satisfies [string, Partial<MessageDraft>, Asking, string[]][])(
    "sent an update %s",
    async (_case, draft, asking, expected) => {
      expect(await ask(draft, asking)).toEqual(expected);
    },
  );

  it.each([
    ["by who may", NOTIFY, { view: { kind: "done" } }, ["NOERROR"]],
    ["under a key", NOTIFY, { view: { kind: "done" }, isSigned: true }, ["NOERROR, signed"]],
    [
      "by a stranger",
      NOTIFY,
      { view: { kind: "done" }, from: "192.0.2.1" },
      ["REFUSED", `${refused("192.0.2.1", "NOTIFY")}: it is not in allowNotify, and no primary`],
    ],
    [
      "of a zone that is no copy",
      NOTIFY,
      { isCopy: false },
      ["NOTAUTH", `${refused("127.0.0.1", "NOTIFY")}: the zone is copied from nobody`],
    ],
    [
      "of another zone",
      { ...NOTIFY, ...question(TYPE.SOA, nameFromText("example.net.")) },
      {},
      ["NOTAUTH"],
    ],
    ["of another type", { ...NOTIFY, ...question(TYPE.NS) }, {}, ["NOTAUTH"]],
    ["of nothing", { opcode: OPCODE.NOTIFY }, {}, ["FORMERR"]],
    ["before the zone is open", NOTIFY, { view: { kind: "unready" } }, ["SERVFAIL"]],
  ] satisfies [string, Partial<MessageDraft>, Asking, string[]][])(
    "sent a NOTIFY %s",
    async (_case, draft, asking, expected) => {
      expect(await ask(draft, asking)).toEqual(expected);
    },
  );

  it("answers what it does not know, and what it cannot read, without records", async () => {
    expect(await ask({ ...question(TYPE.SOA), opcode: OPCODE.STATUS })).toEqual(["NOTIMP"]);
    const broken = { ...question(TYPE.AXFR), additionals: [tsigOf(CLASS.IN)] };
    expect(await ask(broken)).toEqual(["FORMERR"]);
  });
});

/** A TSIG record whose class is none of its own. */
function tsigOf(recordClass: number): NonNullable<MessageDraft["additionals"]>[number] {
  const rdata = new Uint8Array(17);
  return { owner: ORIGIN, type: TYPE.TSIG, class: recordClass, ttl: 0, rdata };
}
