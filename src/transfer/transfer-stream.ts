// A transfer under way: AXFR (RFC 5936) and IXFR (RFC 1995) as messages that are made when the peer
// has taken the ones before. What is transferred is one immutable zone, whatever happens meanwhile.

import { TYPE } from "../dns/types.ts";
import { packRRsets, unpackRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { receiveZone, type SentZone, sendZone } from "../zone/sent-zone.ts";
import { withSerial } from "../zone/soa.ts";
import { type PackedRun, packedRun } from "../zone/walk.ts";
import type { Zone } from "../zone/zone.ts";
import { type Difference, differenceRecords } from "./difference.ts";
import type { OpenRun } from "./plain-entries.ts";
import { type TransferHead, TransferWriter } from "./transfer-writer.ts";
import { signAnswer, signatureOctets, type TsigChain } from "./tsig.ts";

/** A zone as of one serial, with what leads to it from the serial that was asked from. */
export interface ZoneView {
  /** With the serial that is answered, and pools' RRsets as secondaries get them. */
  readonly zone: Zone;
  /** Undefined: the whole zone has to be taken, or nothing was asked from. */
  readonly difference: Difference | undefined;
}

/** A view on its way to another thread. */
export interface SentView {
  readonly zone: SentZone;
  /** What differs from `zone`: an entry without records for what is not answered. */
  readonly changes: Uint8Array;
  readonly removed: Uint8Array | undefined;
  readonly added: Uint8Array | undefined;
}

/** How a transfer is answered: by the SOA alone, by what differs, or by all there is. */
export type TransferForm = "current" | "difference" | "whole";

/** Octets of a usual message: beyond a pointer's reach names are no longer compressed. */
export const MESSAGE_OCTETS = 16_384;
const MESSAGE_OCTETS_MAX = 0xffff;

/** Packs a view for the way: the zone as it is held, and the RRsets that stand over it. */
export function sendView(
  zone: Zone,
  changes: readonly RRset[],
  difference: Difference | undefined,
): SentView {
  return {
    zone: sendZone(zone),
    changes: packRRsets(changes),
    removed: difference && packRRsets(difference.removed),
    added: difference && packRRsets(difference.added),
  };
}

/** The view that was sent. */
export function receiveView({ zone, changes, removed, added }: SentView): ZoneView {
  const over = Array.from(unpackRRsets(changes), (rrset) => {
    const { owner, type } = rrset;
    return { owner, type, rrset: rrset.rdatas.length === 0 ? undefined : rrset };
  });
  const isKnown = removed !== undefined && added !== undefined;
  return {
    zone: receiveZone(zone).with(over),
    difference: isKnown
      ? { removed: [...unpackRRsets(removed)], added: [...unpackRRsets(added)] }
      : undefined,
  };
}

/**
 * How to answer a secondary: at the same serial or a newer one by the SOA alone (RFC 1995 section 2);
 * by all there is where that is less than what differs.
 *
 * @param isNewer whether the zone is newer than what the secondary has.
 */
export function transferForm(view: ZoneView, isNewer: boolean): TransferForm {
  if (!isNewer) return "current";
  const { zone, difference } = view;
  if (difference === undefined) return "whole";
  return differenceRecords(difference) > zone.recordCount ? "whole" : "difference";
}

/** What a stream is made of. */
export interface TransferPlan {
  readonly head: TransferHead;
  readonly view: ZoneView;
  readonly form: TransferForm;
  /** What the secondary has; for a difference only. */
  readonly since: number | undefined;
  /** Signs every message. */
  readonly chain: TsigChain | undefined;
}

/** Makes the messages of a transfer, one at a time. */
export class TransferStream {
  readonly #writer: TransferWriter;
  readonly #runs: Iterator<OpenRun>;
  #run: OpenRun | undefined;
  #chain: TsigChain | undefined;
  /** So far. */
  messages = 0;
  records = 0;
  octets = 0;

  constructor(plan: TransferPlan) {
    this.#writer = new TransferWriter(plan.head);
    this.#runs = runsOf(plan);
    this.#run = this.#runs.next().value;
    this.#chain = plan.chain;
  }

  /** Whether every record was given out. */
  get isDone(): boolean {
    return this.#run === undefined;
  }

  /**
   * The next message, of at most `limit` octets unless one record alone is longer than that. It is to
   * be sent or copied before the one after it is asked for, which is written to the same memory.
   *
   * @throws RangeError when a record fits no message at all.
   */
  next(nowSeconds: number, limit = MESSAGE_OCTETS): Uint8Array {
    const writer = this.#writer;
    const signature = this.#chain === undefined ? 0 : signatureOctets(this.#chain.key);
    writer.begin();
    this.#fill(limit - signature);
    if (writer.records === 0) this.#fill(MESSAGE_OCTETS_MAX - signature);
    if (writer.records === 0) throw new RangeError("Cannot transfer a record: it fits no message");
    this.records += writer.records;
    return this.#sealed(writer.finish(), nowSeconds);
  }

  #fill(limit: number): void {
    for (let run = this.#run; run !== undefined; run = this.#run) {
      if (!this.#writer.write(run, limit)) return;
      this.#run = this.#runs.next().value;
    }
  }

  #sealed(message: Uint8Array, nowSeconds: number): Uint8Array {
    let octets = message;
    if (this.#chain !== undefined) {
      ({ octets, chain: this.#chain } = signAnswer(message, this.#chain, nowSeconds));
    }
    this.messages++;
    this.octets += octets.length;
    return octets;
  }
}

/** The records of a transfer in their order. */
function* runsOf(plan: TransferPlan): Generator<OpenRun, undefined> {
  const { zone, difference } = plan.view;
  yield runOf(zone.soa);
  if (plan.form === "current") return;
  if (plan.form === "difference" && difference !== undefined && plan.since !== undefined) {
    const { removed } = difference;
    // To the letter what the secondary holds: BIND refuses a difference from any other SOA.
    const old = removed.find(({ type }) => type === TYPE.SOA) ?? zone.soa;
    yield runOf(withSerial(old, plan.since));
    for (const rrset of removed) if (rrset !== old) yield runOf(rrset);
    yield runOf(zone.soa);
    for (const rrset of difference.added) yield runOf(rrset);
  } else {
    const walk = zone.walk();
    // The walk begins at the SOA, which was given out already.
    walk.next();
    while (!walk.isDone) {
      yield openRun(walk.takeRun());
    }
  }
  yield runOf(zone.soa);
}

function runOf(rrset: RRset): OpenRun {
  return openRun(packedRun(rrset));
}

function openRun({ bytes, at, end }: PackedRun): OpenRun {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, at, end, view, record: 0 };
}
