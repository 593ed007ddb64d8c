// Where records are read and edited by people: what they say is read, and `ZoneEdits` does it.

import { Refusal } from "../base/refusal.ts";
import { nameKey, nameToDisplay } from "../dns/name.ts";
import { advanceSerial } from "../dns/serial.ts";
import { TYPE, typeFromText, typeToText } from "../dns/types.ts";
import type { RetransferReport } from "../view/orders.ts";
import type {
  EditReport,
  RecordEdit,
  RecordPage,
  RecordQuery,
  RecordSet,
} from "../view/records.ts";
import type { ZoneStatus } from "../view/status.ts";
import type { RRset } from "../zone/rrset.ts";
import { withSerial } from "../zone/soa.ts";
import type { Zone } from "../zone/zone.ts";
import type { Others } from "./others.ts";
import type { Publisher } from "./publisher.ts";
import { rdataTexts, readName, rrsetChanges } from "./record-text.ts";
import { answerKey, type ServedZone } from "./served-zone.ts";
import { zonesOf } from "./status.ts";
import type { ChangeSet, ZoneEdits } from "./zone-edits.ts";

/** Reads and edits the records of served zones. Each method throws a `Refusal` that says why not. */
export class RecordDesk {
  readonly #publisher: Publisher;
  readonly #edits: ZoneEdits;
  readonly #others: Pick<Others, "primaries">;

  constructor(publisher: Publisher, edits: ZoneEdits, others: Pick<Others, "primaries">) {
    this.#publisher = publisher;
    this.#edits = edits;
    this.#others = others;
  }

  /** Every zone, as `status` says it. */
  zones(): readonly ZoneStatus[] {
    return zonesOf(this.#publisher);
  }

  /** Some RRsets of a zone, in the order they were written. */
  records(zone: string, query: RecordQuery): RecordPage {
    const served = this.#served(zone);
    const type = query.type === undefined ? undefined : typeFromText(query.type.toUpperCase());
    if (query.type !== undefined && type === undefined) {
      const message = `Cannot read "type": "${query.type}" is no record type`;
      throw new Refusal("unfit", "BAD_REQUEST", message);
    }
    const owner = query.name === undefined ? undefined : readName(query.name, '"name"');
    const records: RecordSet[] = [];
    let place = 0;
    const { offset, limit } = query;
    const rrsets = owner === undefined ? walked(served.zone) : served.zone.rrsetsAt(owner);
    for (const rrset of rrsets) {
      if (type !== undefined && rrset.type !== type) continue;
      if (place++ < offset) continue;
      if (records.length === limit) {
        return { zone: served.display, serial: served.serial, records, next: offset + limit };
      }
      records.push(recordSet(served, rrset));
    }
    return { zone: served.display, serial: served.serial, records };
  }

  /** Publishes changes of a zone whose records the store owns: all of them, or none. */
  async edit(zone: string, edit: RecordEdit): Promise<EditReport> {
    const { origin, display } = this.#served(zone);
    const report = await this.#edits.change(origin, ({ served }) => changeSet(served, edit));
    if (report === undefined) throw noZone(zone);
    return { zone: display, ...report };
  }

  /** Has all of a copied zone taken from its primary. */
  retransfer(zone: string): RetransferReport {
    const origin = readName(zone, "the zone's name");
    const report = this.#others.primaries?.retransfer(origin);
    if (report !== undefined) return report;
    const { display, source } = this.#served(zone);
    const state = `it is no copy, its records are those of its ${source}`;
    throw new Refusal("conflict", "NOT_A_COPY", `Cannot retransfer zone ${display}: ${state}`);
  }

  #served(zone: string): ServedZone {
    const served = this.#publisher.zones.get(nameKey(readName(zone, "the zone's name")));
    if (served === undefined) throw noZone(zone);
    return served;
  }
}

function noZone(zone: string): Refusal {
  return new Refusal("absent", "NO_ZONE", `There is no zone ${zone} here`);
}

function changeSet(served: ServedZone, edit: RecordEdit): ChangeSet {
  const { ifSerial, isFloorIgnored } = edit;
  if (ifSerial !== "any" && ifSerial !== served.serial) {
    const state = `its serial is ${served.serial}, not ${ifSerial}; read it again`;
    throw new Refusal("stale", "SERIAL", `Cannot edit zone ${served.display}: ${state}`);
  }
  const changes = rrsetChanges(served.zone, edit.changes);
  const chooseSerial = (published: number): number => advanceSerial(published);
  return { changes, cause: "api", isFloorIgnored, chooseSerial };
}

function* walked(zone: Zone): IterableIterator<RRset> {
  for (const walk = zone.walk(); !walk.isDone; walk.next()) yield walk.rrset;
}

function recordSet(served: ServedZone, rrset: RRset): RecordSet {
  const { owner, type, ttl } = rrset;
  const live = served.live.get(answerKey(owner, type));
  const isSoa = type === TYPE.SOA;
  const rdata = rdataTexts(isSoa ? withSerial(rrset, served.serial) : rrset);
  return {
    ...{ name: nameToDisplay(owner), type: typeToText(type), ttl, rdata },
    ...(live !== undefined && { live: rdataTexts(live.rrset) }),
  };
}
