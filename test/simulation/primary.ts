// A primary of the simulated zone, as another program would be one: it answers for its serial, and gives
// the zone or what differs through real messages and the real receiver.

import type {
  TransferOutcome,
  TransfersPort,
  WantedTransfer,
} from "../../src/control/ports-primaries.ts";
import type { OtherServer, ServersPort } from "../../src/control/ports-secondaries.ts";
import { decodeMessage, encodeMessage, encodeQuery } from "../../src/dns/message.ts";
import type { Name } from "../../src/dns/name.ts";
import { TYPE } from "../../src/dns/types.ts";
import { condense } from "../../src/transfer/difference.ts";
import { TransferReceiver } from "../../src/transfer/transfer-receiver.ts";
import { TransferStream, transferForm } from "../../src/transfer/transfer-stream.ts";
import type { RRset } from "../../src/zone/rrset.ts";
import { readSoa } from "../../src/zone/soa.ts";
import type { Zone } from "../../src/zone/zone.ts";

/** What a primary does with who asks: answers, is silent, or answers and then breaks transfers off. */
export type PrimaryState = "answers" | "silent" | "breaks off";

/** Any number of zones' primary; every address leads to it. */
export class SimulatedPrimary implements ServersPort, TransfersPort {
  state: PrimaryState = "answers";
  /** Whether it knows what has changed; else it gives all of the zone to whoever asks. */
  hasJournal = true;
  questions = 0;
  /** What it was asked for: the serial that was held, or "all". */
  readonly transfers: (number | "all")[] = [];
  #zone: Zone;
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
    const receiver = new TransferReceiver({ ...wanted, chain: undefined, octetsMax: 100_000 });
    const messages = this.#messages(origin, id, held);
    if (this.state === "breaks off") messages.pop();
    for (const message of messages) {
      const verdict = receiver.take(message, 0);
      if (verdict.kind !== "more") return verdict;
    }
    return failed("the connection ended before the transfer did");
  }

  async addressesOf(): Promise<readonly string[]> {
    return [];
  }

  close(): void {}

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
