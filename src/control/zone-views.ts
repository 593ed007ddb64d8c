// Zones as secondaries get them: what is shown under one serial, pools' RRsets included, and what leads
// to it from an older serial. Taken in one moment; what happens afterwards does not touch it.

import type { Time } from "../base/clock.ts";
import type { Name } from "../dns/name.ts";
import { nameKey } from "../dns/name.ts";
import { compareSerial } from "../dns/serial.ts";
import { condense, type Difference, type Step } from "../transfer/difference.ts";
import { type SentView, sendView } from "../transfer/transfer-stream.ts";
import { withSerial } from "../zone/soa.ts";
import type { StorePort } from "./ports.ts";
import type { SessionReply } from "./ports-sessions.ts";
import type { Publisher } from "./publisher.ts";
import type { ServedZone } from "./served-zone.ts";
import type { StoreWriter } from "./store-writer.ts";

/** What views are made from. */
export interface ViewPorts {
  readonly publisher: Pick<Publisher, "zones" | "unshown">;
  readonly store: Pick<StorePort, "readJournal">;
  readonly writer: Pick<StoreWriter, "pendingOf">;
  readonly time: Time;
}

/** The journal is not waited for any longer: a sick disk costs the difference, not the zone. */
const JOURNAL_WAIT_MS = 1000;
/** An edit that waits for its disk for longer than this leaves no zone to hand out. */
const SHOWN_WAIT_MS = 3000;
/** Edits may overtake the reading of the journal; so often it is read again. */
const TRIES_MAX = 3;

/** Rows that lead from one serial to another. */
interface Way {
  readonly steps: readonly Step[];
  readonly serial: number;
}

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
    for (let tries = 0; isOlder && tries < TRIES_MAX; tries++) {
      const way = await this.#wayFrom(served, since);
      if (way === undefined) break;
      if (!(await this.#isShown(served))) return { kind: "unready" };
      if (way.serial === served.serial) return snapshot(served, condense(way.steps));
    }
    if (!(await this.#isShown(served))) return { kind: "unready" };
    return snapshot(served, undefined);
  }

  async #isShown(served: ServedZone): Promise<boolean> {
    const { publisher } = this.#ports;
    if (!publisher.unshown.has(served)) return true;
    await this.#within(SHOWN_WAIT_MS, publisher.unshown.until(served));
    return !publisher.unshown.has(served);
  }

  /** From a serial to the newest: what is stored, and the swaps that are visible and not yet stored. */
  async #wayFrom(served: ServedZone, since: number): Promise<Way | undefined> {
    const { store, writer } = this.#ports;
    const { origin } = served;
    const pending = writer.pendingOf(origin);
    const from = pending.findLastIndex(({ serialAfter }) => serialAfter === since);
    if (from >= 0) return wayOf(pending.slice(from + 1), since);
    const read = store.readJournal(origin, since).catch(() => undefined);
    const rows = await this.#within(JOURNAL_WAIT_MS, read);
    if (rows === undefined) return undefined;
    const reached = rows.at(-1)?.serialAfter ?? since;
    const later = writer.pendingOf(origin).filter(({ serialAfter }) => {
      return compareSerial(serialAfter, reached) === 1;
    });
    return wayOf([...rows, ...later], since);
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
}

function wayOf(rows: readonly (Step & { readonly serialAfter: number })[], since: number): Way {
  return { steps: rows, serial: rows.at(-1)?.serialAfter ?? since };
}

function snapshot(served: ServedZone, difference: Difference | undefined): SessionReply {
  const { zone, serial, live } = served;
  served.isHandedOut = true;
  const pools = [...live.values()].map(({ owner, type, told }) => {
    return told ?? { owner, type, ttl: 0, rdatas: [] };
  });
  const over = [withSerial(zone.soa, serial), ...pools];
  const view: SentView = sendView(zone, over, difference);
  return { kind: "view", view, serial };
}
