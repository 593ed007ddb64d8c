// Sessions with other servers, in the stream thread: signed questions, transfers, and what is none of
// a secondary's business. Signatures and access are judged here; zones come from control.

import { TRANSPORT } from "../answer/exchange.ts";
import type { Time } from "../base/clock.ts";
import { ipToText } from "../base/ip.ts";
import type { NumberedAsk, SessionAsk, SessionReply } from "../control/ports-sessions.ts";
import { isAdmitted } from "../dns/access.ts";
import { decodeMessage, encodeMessage, type Message, MessageError } from "../dns/message.ts";
import { nameKey, nameToDisplay } from "../dns/name.ts";
import { CLASS, OPCODE, opcodeToText, RCODE, TYPE, typeToText } from "../dns/types.ts";
import type { LivezoneEvent } from "../events/event.ts";
import { signAnswer, signatureOctets, signRefusal, verifyRequest } from "../transfer/tsig.ts";
import type { AnswerContext } from "./answerer.ts";
import { RefusalLog } from "./refusal-log.ts";
import { answerExplain } from "./session-explain.ts";
import { answerNotify } from "./session-notify.ts";
import type { ReplyWay, Request, Requester } from "./session-request.ts";
import type { SessionSettings, ZoneDoors } from "./session-settings.ts";
import { sendTransfer } from "./session-transfer.ts";
import { answerUpdate } from "./session-update.ts";

/** What sessions are given. */
export interface SessionPorts {
  readonly context: AnswerContext;
  readonly time: Time;
  readonly emit: (happened: LivezoneEvent) => void;
  readonly ask: (ask: NumberedAsk) => void;
}

/** Control is not waited for any longer: the other server will ask again. */
const REPLY_WITHIN_MS = 10_000;
/** Requests at the same time, whatever they are; one more is not answered. */
const SESSIONS_MAX = 256;
const ANSWER_OCTETS_MAX = 0xffff;

/** All sessions of a server. */
export class Sessions {
  readonly #ports: SessionPorts;
  readonly #doors = new Map<string, ZoneDoors>();
  #settings: SessionSettings;
  readonly #waiting = new Map<number, (reply: SessionReply) => void>();
  readonly #refusals: RefusalLog;
  readonly #out = new Uint8Array(ANSWER_OCTETS_MAX);
  #lastAsk = 0;
  #sessions = 0;
  #transfers = 0;

  constructor(settings: SessionSettings, ports: SessionPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#refusals = new RefusalLog(ports.emit);
    for (const doors of settings.zones) this.#doors.set(nameKey(doors.origin), doors);
  }

  /** Takes other keys; what is under way is signed with the one it began with. */
  setKeys(keys: SessionSettings["keys"]): void {
    this.#settings = { ...this.#settings, keys };
  }

  /** Control's reply to an ask. */
  replied(id: number, reply: SessionReply): void {
    this.#waiting.get(id)?.(reply);
  }

  /** Takes a request over; everything that is said to it goes by `way`. Never throws. */
  async take(packet: Uint8Array, from: Requester, way: ReplyWay): Promise<void> {
    if (this.#sessions >= SESSIONS_MAX) return;
    this.#sessions++;
    // The transport is still in the midst of its own answers, with the image held.
    await undefined;
    try {
      await this.#serve(packet, from, way);
    } finally {
      this.#sessions--;
    }
  }

  async #serve(packet: Uint8Array, from: Requester, way: ReplyWay): Promise<void> {
    const nowSeconds = this.#nowSeconds();
    const verified = verifyRequest(packet, this.#settings.keys, nowSeconds);
    if (verified.kind === "malformed") {
      await way.send(bareAnswer(packet, RCODE.FORMERR));
      return;
    }
    const message = decoded(verified.message);
    const chain = verified.kind === "signed" ? verified.chain : undefined;
    const seal = (octets: Uint8Array): Uint8Array => {
      return chain === undefined ? octets : signAnswer(octets, chain, this.#nowSeconds()).octets;
    };
    if (message === undefined) {
      await way.send(seal(bareAnswer(verified.message, RCODE.FORMERR)));
      return;
    }
    const request: Request = { message, octets: verified.message, from, way, chain, seal };
    if (verified.kind === "refused") {
      this.#refuse(request, `its signature is not taken: ${verified.fault}`);
      const refusal = answerTo(message, RCODE.NOTAUTH);
      await way.send(signRefusal(refusal, verified.answer, nowSeconds));
      return;
    }
    await this.#dispatch(request);
  }

  async #dispatch(request: Request): Promise<void> {
    const { opcode, questions } = request.message;
    const type = questions[0]?.type;
    if (opcode === OPCODE.UPDATE) await this.#judged(request, answerUpdate);
    else if (opcode === OPCODE.NOTIFY) await this.#judged(request, answerNotify);
    else if (opcode !== OPCODE.QUERY) await this.#answer(request, RCODE.NOTIMP);
    else if (questions[0]?.class === CLASS.CH) await this.#explain(request);
    else if (type === TYPE.AXFR || type === TYPE.IXFR) await this.#transfer(request);
    else await this.#question(request);
  }

  /** A signed question is answered as any other, and signed. */
  async #question({ message, octets, from, way, chain, seal }: Request): Promise<void> {
    const { exchange, epoch, answerer, clock } = this.#ports.context;
    const isUdp = from.transport === TRANSPORT.udp;
    const size = isUdp ? Math.max(512, message.edns?.udpSize ?? 0) : ANSWER_OCTETS_MAX;
    exchange.packet = octets;
    exchange.start = 0;
    exchange.length = octets.length;
    exchange.out = this.#out;
    exchange.outStart = 0;
    exchange.outMax = size - (chain === undefined ? 0 : signatureOctets(chain.key));
    exchange.transport = from.transport;
    exchange.source = from.address;
    exchange.sourceStart = 0;
    exchange.sourceLength = from.address.length;
    exchange.sourcePort = from.port;
    exchange.setNow(clock.wallMs(), clock.nowMs());
    epoch.enter();
    const length = answerer.respond(exchange);
    epoch.leave();
    if (length > 0) await way.send(seal(this.#out.slice(0, length)));
  }

  async #transfer(request: Request): Promise<void> {
    const [question] = request.message.questions;
    const doors = question === undefined ? undefined : this.#doors.get(nameKey(question.name));
    if (doors === undefined) {
      // RFC 5936 section 2.2.1: not authoritative for the zone.
      await this.#answer(request, RCODE.NOTAUTH);
      return;
    }
    const { from, chain } = request;
    const key = chain === undefined ? {} : { key: chain.key.name };
    if (!isAdmitted(doors.allowTransfer, { address: from.address, ...key })) {
      this.#refuse(request, "it is not in allowTransfer");
      await this.#answer(request, RCODE.REFUSED);
      return;
    }
    if (this.#transfers >= this.#settings.transfersMax) {
      this.#refuse(request, `${this.#transfers} transfers are under way`);
      await this.#answer(request, RCODE.SERVFAIL);
      return;
    }
    this.#transfers++;
    try {
      const { time, emit } = this.#ports;
      const world = { time, emit, ask: (ask: SessionAsk) => this.#ask(ask) };
      const rcode = await sendTransfer(request, doors.origin, world);
      if (rcode !== RCODE.NOERROR) await this.#answer(request, rcode);
    } finally {
      this.#transfers--;
    }
  }

  async #judged(request: Request, judge: typeof answerUpdate | typeof answerNotify): Promise<void> {
    const { rcode, refusal } = await judge(request, {
      emit: this.#ports.emit,
      ask: (ask) => this.#ask(ask),
      doorsOf: (origin) => this.#doors.get(nameKey(origin)),
    });
    if (refusal !== undefined) this.#refuse(request, refusal);
    await this.#answer(request, rcode);
  }

  async #explain(request: Request): Promise<void> {
    const { explainTo } = this.#settings;
    const answer = await answerExplain(request, explainTo, (ask) => this.#ask(ask));
    if (typeof answer === "number") await this.#answer(request, answer);
    else await request.way.send(request.seal(answer));
  }

  /** Asks control, and gives up after a while. */
  #ask(ask: SessionAsk): Promise<SessionReply> {
    const id = ++this.#lastAsk;
    return new Promise((resolve) => {
      const settle = (reply: SessionReply): void => {
        cancel();
        this.#waiting.delete(id);
        resolve(reply);
      };
      const giveUp = (): void => settle({ kind: "unready" });
      const cancel = this.#ports.time.after(REPLY_WITHIN_MS, giveUp);
      this.#waiting.set(id, settle);
      this.#ports.ask({ id, ask });
    });
  }

  async #answer({ message, way, seal }: Request, rcode: number): Promise<void> {
    await way.send(seal(answerTo(message, rcode)));
  }

  #refuse({ message, from }: Request, reason: string): void {
    const [question] = message.questions;
    const { opcode } = message;
    const isQuery = opcode === OPCODE.QUERY && question !== undefined;
    const request = isQuery ? typeToText(question.type) : opcodeToText(opcode);
    const zone = question === undefined ? "no zone" : nameToDisplay(question.name);
    const address = ipToText(from.address);
    this.#refusals.note({ request, zone, address, reason }, this.#ports.time.nowMs());
  }

  #nowSeconds(): number {
    return Math.floor(this.#ports.time.wallMs() / 1000);
  }
}

function decoded(octets: Uint8Array): Message | undefined {
  try {
    return decodeMessage(octets);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

/** An answer without records, as RFC 1035 section 4.1.1 has it repeat the request. */
function answerTo(message: Message, rcode: number): Uint8Array {
  const { id, opcode, questions, isRecursionDesired, edns } = message;
  const opt = edns === undefined ? {} : { edns: { ...edns, options: [] } };
  // RFC 1996 section 4.7: a secondary that takes a NOTIFY answers with authority.
  const isAuthoritative = opcode === OPCODE.NOTIFY && rcode === RCODE.NOERROR;
  return encodeMessage({
    ...{ id, opcode, questions, isRecursionDesired, isResponse: true, rcode, isAuthoritative },
    ...opt,
  });
}

/** The header alone, for a request that cannot be read; it has at least a header. */
function bareAnswer(packet: Uint8Array, rcode: number): Uint8Array {
  const answer = new Uint8Array(12);
  answer.set(packet.subarray(0, 2));
  answer[2] = 0x80 | ((packet[2] ?? 0) & 0x79);
  answer[3] = rcode;
  return answer;
}
