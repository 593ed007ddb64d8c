// Zones as secondaries get them: what is shown under one serial, pools' RRsets included, and what leads
// to it from an older serial. Taken in one moment; what happens afterwards does not touch it.

import type { Time } from "../base/clock.ts";
import type { Name } from "../dns/name.ts";
import { nameKey } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import { condense, type Difference } from "../transfer/difference.ts";
import { type SentView, sendView } from "../transfer/transfer-stream.ts";
import { withSerial } from "../zone/soa.ts";
import { present } from "./edits.ts";
import type { StorePort } from "./ports.ts";
import type { SessionReply } from "./ports-sessions.ts";
import type { Publisher } from "./publisher.ts";
import type { JournalStep } from "./recent-journal.ts";
import type { ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";
import { toldAnswer } from "./telling.ts";

/** What views are made from. */
export interface ViewPorts {
  readonly publisher: Pick<Publisher, "zones" | "unshown">;
  readonly store: Pick<StorePort, "readJournal">;
  readonly writer: Pick<StoreWriter, "stepsFrom" | "noteTold">;
  readonly time: Time;
}

/** The journal is not waited for any longer: a sick disk costs the difference, not the zone. */
const JOURNAL_WAIT_MS = 1000;
/** An edit that waits for its disk for longer than this leaves no zone to hand out. */
const SHOWN_WAIT_MS = 3000;
/** More than a few edits may overtake the reading of the journal; so often it is read again. */
const READS_MAX = 3;

/** Hands out views. */
export class ZoneViews {
  readonly #ports: ViewPorts;

  constructor(ports: ViewPorts) {
    this.#ports = ports;
  }

  /** The zone as it is shown now; `since` is a serial that a secondary has. */
  async view(origin: Name, since: number | undefined): Promise<SessionReply> {
    const served = this.#ports.publisher.zones.get(nameKey(origin));
    if (served === undefined || served.silence !== undefined) return { kind: "unready" };
    if (!(await this.#isShown(served))) return { kind: "unready" };
    const isOlder = since !== undefined && compareSerial(served.serial, since) === 1;
    let known: readonly JournalStep[] = [];
    for (let reads = 0; isOlder; reads++) {
      const steps = this.#continued(served, known, since);
      if (steps.at(-1)?.serialAfter === served.serial)
        return this.#snapshot(served, condense(steps));
      const read = reads < READS_MAX ? await this.#stored(served, since) : undefined;
      if (!(await this.#isShown(served))) return { kind: "unready" };
      if (read === undefined) break;
      known = read;
    }
    return this.#snapshot(served, undefined);
  }

  async #isShown(served: ServedZone): Promise<boolean> {
    const { publisher } = this.#ports;
    if (!publisher.unshown.has(served)) return true;
    await this.#within(SHOWN_WAIT_MS, publisher.unshown.until(served));
    return !publisher.unshown.has(served);
  }

  /** Steps from `since`, and what has followed them since they were read. */
  #continued(
    { origin }: ServedZone,
    known: readonly JournalStep[],
    since: number,
  ): readonly JournalStep[] {
    const reached = known.at(-1)?.serialAfter ?? since;
    return [...known, ...this.#ports.writer.stepsFrom(origin, reached)];
  }

  /** The journal from a serial on; undefined where it does not reach back, or takes too long. */
  #stored({ origin }: ServedZone, since: number): Promise<readonly JournalStep[] | undefined> {
    const read = this.#ports.store.readJournal(origin, since).catch(() => undefined);
    return this.#within(JOURNAL_WAIT_MS, read);
  }

  /** What a promise brings within a time, or undefined. */
  #within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const cancel = this.#ports.time.after(limitMs, () => resolve(undefined));
      void work.then((value) => {
        cancel();
        resolve(value);
      });
    });
  }

  #snapshot(served: ServedZone, difference: Difference | undefined): SessionReply {
    const { zone, serial, live } = served;
    if (!served.isHandedOut) this.#noteTold(served);
    served.isHandedOut = true;
    const pools = [...live.values()].map(({ owner, type, told }) => {
      return told ?? { owner, type, ttl: 0, rdatas: [] };
    });
    const over = [withSerial(zone.soa, serial), ...pools];
    const view: SentView = sendView(zone, over, difference);
    return { kind: "view", view, serial };
  }

  /** From here on secondaries have what they are told; where the disk refuses, a start tells it anew. */
  #noteTold({ origin, live }: ServedZone): void {
    if (live.size === 0) return;
    this.#ports.writer.noteTold(origin, () => {
      return present([...live.values()].map(({ told }) => told)).map(toldAnswer);
    });
  }
}
