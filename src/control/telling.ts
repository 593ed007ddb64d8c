// What secondaries are told of pools' answers. A pool that is laid over a name, or whose least TTL is
// changed, alters what transfers carry without a swap: that needs a serial and a row of the journal too.

import type { Time } from "../base/clock.ts";
import { advanceSerial } from "../dns/serial.ts";
import { equalRRsets } from "../zone/diff.ts";
import { packRRsets } from "../zone/pack.ts";
import type { RRset } from "../zone/rrset.ts";
import { poolsCommit, present, type Serials, storeEdit } from "./edits.ts";
import type { ZoneCommit } from "./ports.ts";
import type { ToldAnswer } from "./ports-told.ts";
import { answerKey, type LiveAnswer, type ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";

/** Journals what pools have made of zones without a swap. */
export class Teller {
  readonly #ports: { readonly writer: StoreWriter; readonly time: Time };
  readonly #shown: (served: ServedZone) => void;
  /** Zones whose row is on its way. */
  readonly #telling = new Set<ServedZone>();

  /** @param shown called when a zone has another serial by it. */
  constructor(
    ports: { readonly writer: StoreWriter; readonly time: Time },
    shown: (served: ServedZone) => void,
  ) {
    this.#ports = ports;
    this.#shown = shown;
  }

  /** Tells what is untold of a zone where `live` is, once for all of one moment. */
  tellSoon(served: ServedZone, live: LiveAnswer): void {
    // Shown ten thousand times where a TTL follows its evidence: the others are not looked at.
    if (this.#telling.has(served) || !isUntold(live)) return;
    this.#telling.add(served);
    const { writer, time } = this.#ports;
    const told = storeEdit(served, writer, {
      chooseSerial: (at) => (untold(served).length > 0 ? advanceSerial(at) : at),
      make: (serials) => tellCommit(served, serials, time.wallMs()),
    });
    void told
      .then(
        () => this.#shown(served),
        // Where the disk refuses, secondaries are told by the next swap, or by a whole transfer.
        () => undefined,
      )
      .finally(() => this.#telling.delete(served));
  }
}

/** The live answers of a zone that the journal does not lead to yet. */
function untold({ live }: ServedZone): readonly LiveAnswer[] {
  return [...live.values()].filter(isUntold);
}

function isUntold({ told, rrset }: LiveAnswer): boolean {
  return told === undefined ? rrset.rdatas.length > 0 : !equalRRsets(told, rrset);
}

/** Puts live answers in place of others of the same name and type. */
function putLive(served: ServedZone, answers: readonly LiveAnswer[]): void {
  for (const live of answers) served.live.set(answerKey(live.owner, live.type), live);
}

/** The row that tells them, and the SOA with its serial. They count as told from then on. */
function tellCommit(served: ServedZone, serials: Serials, wallMs: number): ZoneCommit {
  const answers = untold(served);
  putLive(
    served,
    answers.map((live) => ({ ...live, told: live.rrset })),
  );
  const removed = present(answers.map(({ told }) => told)).filter(hasRecords);
  const added = answers.map(({ rrset }) => rrset).filter(hasRecords);
  const row = { ...serials, wallMs, removed, added };
  return poolsCommit(
    served,
    row,
    answers.map(({ rrset }) => toldAnswer(rrset)),
  );
}

/** What secondaries are told of an answer, as the store keeps it. */
export function toldAnswer(rrset: RRset): ToldAnswer {
  return { owner: rrset.owner, type: rrset.type, packed: packRRsets([rrset]) };
}

function hasRecords({ rdatas }: { readonly rdatas: readonly unknown[] }): boolean {
  return rdatas.length > 0;
}
