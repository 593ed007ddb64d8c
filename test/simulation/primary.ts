// A primary of the simulated zone, as another program would be one: it answers for its serial, and gives
// the zone or what differs through real messages and the real receiver.

import type {
  TransferOutcome,
  TransfersPort,
  WantedTransfer,
} from "../../src/control/ports-primaries.ts";
import type { OtherServer, ServersPort } from "../../src/control/ports-secondaries.ts";
import { decodeMessage, encodeMessage, encodeQuery } from "../../src/dns/message.ts";
import { type Name, nameFromText } from "../../src/dns/name.ts";
import type { TsigKey } from "../../src/dns/tsig-key.ts";
import { TYPE } from "../../src/dns/types.ts";
import { condense } from "../../src/transfer/difference.ts";
import { encodeTransferQuery, TransferReceiver } from "../../src/transfer/transfer-receiver.ts";
import { TransferStream, transferForm } from "../../src/transfer/transfer-stream.ts";
import { signAnswer, signRequest, type TsigChain, verifyRequest } from "../../src/transfer/tsig.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { readSoa } from "../../src/zone/soa.ts";
import type { Zone } from "../../src/zone/zone.ts";

/** What a primary does with who asks: answers, is silent, or answers and then spoils its transfers. */
export type PrimaryState = "answers" | "silent" | Spoilt;

/**
 * How transfers are spoilt: the last message never comes; the first and the last change places; records
 * go on for ever; under a key, an octet is another, nothing is signed, or it is under another secret.
 */
export type Spoilt =
  | "breaks off"
  | "reorders"
  | "never ends"
  | "garbles"
  | "leaves unsigned"
  | "forges";

const KEY: TsigKey = {
  name: nameFromText("transfer."),
  algorithm: "hmac-sha256",
  secret: new Uint8Array(32).fill(1),
};
const ENDLESS_MESSAGES = 1000;

/** Any number of zones' primary; every address leads to it. */
export class SimulatedPrimary implements ServersPort, TransfersPort {
  state: PrimaryState = "answers";
  /** Whether it knows what has changed; else it gives all of the zone to whoever asks. */
  hasJournal = true;
  questions = 0;
  /** What it was asked for: the serial that was held, or "all". */
  readonly transfers: (number | "all")[] = [];
  #zone: Zone;
  #garbled = 0;
  /** By serial. */
  readonly #older = new Map<number, Zone>();

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  get zone(): Zone {
    return this.#zone;
  }

  /** It has another zone from now on. */
  publish(zone: Zone): void {
    this.#older.set(this.#zone.serial, this.#zone);
    this.#zone = zone;
  }

  async ask(_server: OtherServer, packet: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.state === "silent") return undefined;
    this.questions++;
    const { id, questions } = decodeMessage(packet);
    const { owner, type, ttl, rdatas } = this.#zone.soa;
    const answers = rdatas.map((rdata) => ({ owner, type, class: 1, ttl, rdata }));
    return encodeMessage({ id, questions, isResponse: true, isAuthoritative: true, answers });
  }

  async fetch(_server: OtherServer, wanted: WantedTransfer): Promise<TransferOutcome> {
    const { id, origin, since } = wanted;
    const held = since === undefined ? undefined : serialOf(since);
    if (this.state === "silent") return failed("nothing has come for 30 s");
    this.transfers.push(held ?? "all");
    const messages = this.#messages(origin, id, held);
    const { chain, sent } = this.#sent(wanted, messages);
    const receiver = new TransferReceiver({ ...wanted, chain, octetsMax: 100_000 });
    for (const message of sent) {
      const verdict = receiver.take(message, 0);
      if (verdict.kind !== "more") return verdict;
    }
    return failed("the connection ended before the transfer did");
  }

  async addressesOf(): Promise<readonly string[]> {
    return [];
  }

  close(): void {}

  /** What of the messages reaches who asked, and what they are verified by. */
  #sent(
    wanted: WantedTransfer,
    messages: readonly Uint8Array[],
  ): { readonly chain: TsigChain | undefined; readonly sent: readonly Uint8Array[] } {
    const [first, ...others] = messages;
    const last = others.pop();
    const rest = messages.slice(0, -1);
    switch (this.state) {
      case "breaks off":
        return { chain: undefined, sent: rest };
      case "reorders":
        return {
          chain: undefined,
          sent: [last, ...others, first].filter((one) => one !== undefined),
        };
      case "never ends": {
        const more = others[0] ?? new Uint8Array();
        return { chain: undefined, sent: [...rest, ...Array(ENDLESS_MESSAGES).fill(more)] };
      }
      case "garbles":
      case "leaves unsigned":
      case "forges":
        return this.#signed(wanted, messages);
      default:
        return { chain: undefined, sent: messages };
    }
  }

  #signed(wanted: WantedTransfer, messages: readonly Uint8Array[]) {
    const asked = signRequest(encodeTransferQuery(wanted), KEY, 0);
    const verified = verifyRequest(asked.octets, [KEY], 0);
    if (verified.kind !== "signed") throw new Error(verified.kind);
    const { chain } = asked;
    if (this.state === "leaves unsigned") return { chain, sent: messages };
    const secret = KEY.secret.map((octet) => octet ^ (this.state === "forges" ? 1 : 0));
    let link: TsigChain = { ...verified.chain, key: { ...KEY, secret } };
    const sent = messages.map((message) => {
      const { octets, chain: next } = signAnswer(message, link, 0);
      link = next;
      return octets;
    });
    if (this.state === "garbles") this.#garble(sent);
    return { chain, sent };
  }

  /** Changes one octet behind the id of one message, another one each time. */
  #garble(sent: readonly Uint8Array[]): void {
    const message = sent[this.#garbled % sent.length] ?? new Uint8Array();
    const at = 2 + ((this.#garbled * 37) % (message.length - 2));
    message[at] = (message[at] ?? 0) ^ (1 << (this.#garbled % 8));
    this.#garbled++;
  }

  #messages(origin: Name, id: number, since: number | undefined): Uint8Array[] {
    const zone = this.#zone;
    const before = since === undefined || !this.hasJournal ? undefined : this.#older.get(since);
    const difference = before && condense([{ removed: rrsetsOf(before), added: rrsetsOf(zone) }]);
    const view = { zone, difference };
    const form = transferForm(view, since !== zone.serial);
    const type = since === undefined ? TYPE.AXFR : TYPE.IXFR;
    const question = encodeQuery({ id, name: origin, type }).subarray(12);
    const head = { id, question, hasOpt: false, udpSize: 1232 };
    const stream = new TransferStream({ head, view, form, since, chain: undefined });
    const messages: Uint8Array[] = [];
    while (!stream.isDone) messages.push(stream.next(0, 200).slice());
    return messages;
  }
}

function rrsetsOf(zone: Zone): RRset[] {
  return [...zone.rrsets()].filter(({ type }) => type !== TYPE.SOA);
}

function serialOf({ rdatas }: RRset): number {
  return readSoa(rdatas[0] ?? new Uint8Array()).serial;
}

function failed(why: string): TransferOutcome {
  return { kind: "failed", why, isWholeLeft: false };
}
