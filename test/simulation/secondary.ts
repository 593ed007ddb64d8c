// A secondary of the simulated zone: told by NOTIFY, it follows by IXFR, and refuses a difference that
// does not fit what it has, as the strictest of the real ones do.

import type { OtherServer, ServersPort } from "../../src/control/ports-secondaries.ts";
import type { SessionReply } from "../../src/control/ports-sessions.ts";
import { decodeMessage, encodeMessage, encodeQuery } from "../../src/dns/message.ts";
import type { MessageRecord } from "../../src/dns/message-writer.ts";
import { lowerName, type Name, nameToText } from "../../src/dns/name.ts";
import { printRdata } from "../../src/dns/rdata.ts";
import { OPCODE, TYPE, typeToText } from "../../src/dns/types.ts";
import {
  receiveView,
  TransferStream,
  transferForm,
  type ZoneView,
} from "../../src/transfer/transfer-stream.ts";
import { readSoa } from "../../src/zone/soa.ts";

/** Asks the primary for the zone as it is, and for what leads to it. */
export type AskView = (since: number | undefined) => Promise<SessionReply>;

/** What it holds, and how it came by it. */
export class SimulatedSecondary implements ServersPort {
  /** Lines of records, without the SOA. */
  records = new Set<string>();
  soa: MessageRecord | undefined;
  differences = 0;
  wholes = 0;
  notifies = 0;
  /** It answers nobody, and goes on with what it has. */
  isDeaf = false;
  /** Differences that did not fit. */
  readonly misfits: string[] = [];
  readonly #origin: Name;
  readonly #askView: AskView;
  #work: Promise<void> = Promise.resolve();

  constructor(origin: Name, askView: AskView) {
    this.#origin = origin;
    this.#askView = askView;
  }

  get serial(): number | undefined {
    return this.soa && readSoa(this.soa.rdata).serial;
  }

  /** Takes a NOTIFY or a question for its serial. */
  async ask(_server: OtherServer, packet: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.isDeaf) return undefined;
    const { id, opcode, questions } = decodeMessage(packet);
    const answer = { id, opcode, questions, isResponse: true, isAuthoritative: true };
    if (opcode !== OPCODE.NOTIFY) {
      return encodeMessage({ ...answer, answers: this.soa === undefined ? [] : [this.soa] });
    }
    this.notifies++;
    this.#work = this.#work.then(() => this.follow());
    return encodeMessage(answer);
  }

  async addressesOf(): Promise<readonly string[]> {
    return [];
  }

  close(): void {}

  /** Asks from the serial that it has. */
  async follow(): Promise<void> {
    const since = this.serial;
    const reply = await this.#askView(since);
    if (reply.kind !== "view" || reply.serial === since) return;
    const view = receiveView(reply.view);
    const form = since === undefined ? "whole" : transferForm(view, true);
    const records = transferred(this.#origin, view, form, since);
    if (form === "difference") this.#apply(records);
    else this.#take(records);
  }

  #take(records: readonly MessageRecord[]): void {
    this.wholes++;
    this.soa = records[0];
    this.records = new Set(records.slice(1, -1).map(lineOf));
  }

  #apply(records: readonly MessageRecord[]): void {
    this.differences++;
    const soas = records.flatMap(({ type }, at) => (type === TYPE.SOA ? [at] : []));
    const [, , middle = 0, last = 0] = soas;
    const [from, held] = [records[1], this.soa].map((soa) => soa && lineOf(soa));
    if (from !== held) this.misfits.push(`the difference leads from ${from}, not from ${held}`);
    for (const record of records.slice(2, middle)) {
      const line = lineOf(record);
      if (!this.records.delete(line)) this.misfits.push(`${line} was to go, and is not there`);
    }
    for (const record of records.slice(middle + 1, last)) {
      const line = lineOf(record);
      if (this.records.has(line)) this.misfits.push(`${line} was to come, and is there`);
      this.records.add(line);
    }
    this.soa = records[0];
  }
}

/** The records of a transfer, through its messages. */
export function transferred(
  origin: Name,
  view: ZoneView,
  form: "whole" | "difference" | "current",
  since?: number,
): MessageRecord[] {
  const question = encodeQuery({ id: 1, name: origin, type: TYPE.AXFR }).subarray(12);
  const head = { id: 1, question, hasOpt: false, udpSize: 1232 };
  const stream = new TransferStream({ head, view, form, since, chain: undefined });
  const records: MessageRecord[] = [];
  while (!stream.isDone) records.push(...decodeMessage(stream.next(0, 512)).answers);
  return records;
}

/** A record as text; owners have no case. */
export function lineOf({ owner, ttl, type, rdata }: MessageRecord): string {
  return `${nameToText(lowerName(owner))} ${ttl} ${typeToText(type)} ${printRdata(type, rdata)}`;
}
