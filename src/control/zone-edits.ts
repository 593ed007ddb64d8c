// The way of an edit by request, whoever asks: looked at as a whole, refused with a sentence or
// published, and nothing is changed before it is durable.

import { codeOf, messageOf } from "../base/errors.ts";
import { Refusal } from "../base/refusal.ts";
import { type Name, nameKey, nameToDisplay } from "../dns/name.ts";
import { typeToText } from "../dns/types.ts";
import { refusalToTakeOut } from "../failover/guards.ts";
import { zoneAround } from "../zone/around.ts";
import type { RRsetChange } from "../zone/change.ts";
import { checkZone, type ZoneProblem } from "../zone/check.ts";
import { equalRRsets } from "../zone/diff.ts";
import type { RRset } from "../zone/rrset.ts";
import type { Zone } from "../zone/zone.ts";
import { isNotSoa, visibleChange } from "./edits.ts";
import type { Engine } from "./engine.ts";
import { titleOf } from "./operator-desk.ts";
import type { Publisher } from "./publisher.ts";
import { answerKey, type ServedZone } from "./served-zone.ts";
import type { PoolsRead } from "./zone-pools.ts";
import type { ZonePlace } from "./zone-ports.ts";
import type { Zones } from "./zones.ts";

const ERRORS_TOLD_MAX = 5;

/** What is to change in a zone, as one edit. */
export interface ChangeSet {
  readonly changes: readonly RRsetChange[];
  readonly cause: string;
  /** Whether a pool may lose its last healthy member by it. */
  readonly isFloorIgnored: boolean;
  /** Gets the serial published last. */
  readonly chooseSerial: (published: number) => number;
  /** Whether a newer serial is wanted even where no record changes; by default it is not. */
  readonly movesSerial?: boolean;
}

/** What an edit has done. */
export interface EditDone {
  readonly serialBefore: number;
  /** The serial that holds the edit; the same as before where the zone held all of it already. */
  readonly serial: number;
  /** Records that came and went, for whoever asks the zone. */
  readonly added: number;
  readonly removed: number;
  readonly notes: readonly string[];
}

/** Edits zones whose records the store owns. */
export class ZoneEdits {
  readonly #zones: Zones;
  readonly #publisher: Publisher;
  readonly #engine: Engine;

  constructor(ports: {
    readonly zones: Zones;
    readonly publisher: Publisher;
    readonly engine: Engine;
  }) {
    this.#zones = ports.zones;
    this.#publisher = ports.publisher;
    this.#engine = ports.engine;
  }

  /**
   * Publishes what `make` says of a zone, in the zone's turn: all of it or nothing. Undefined: there
   * is no such zone, or `make` wants nothing done.
   *
   * @throws Refusal that says why not.
   */
  async change(
    origin: Name,
    make: (place: ZonePlace) => ChangeSet | undefined,
  ): Promise<EditDone | undefined> {
    return this.#zones.inTurn(origin, async (place) => {
      refuseOfFile(place);
      const set = make(place);
      return set && this.#change(place, set);
    });
  }

  async #change({ served, known, pools, sharing }: ZonePlace, set: ChangeSet): Promise<EditDone> {
    const { serial: serialBefore } = served;
    const changes = set.changes.filter((change) => isDifferent(served, change));
    const nothing = { serialBefore, serial: serialBefore };
    if (changes.length === 0 && set.movesSerial !== true) {
      return { ...nothing, added: 0, removed: 0, notes: ["The zone holds all of this already"] };
    }
    const after = served.zone.with(changes);
    const warnings = this.#checked(served, after, changes);
    const read = await pools.read(known.pools, after, sharing());
    if (read.kind === "bad" && known.pools.said === "") {
      const state = `its pools would break: ${read.errors.join("; ")}`;
      throw new Refusal("conflict", "POOLS", `Cannot edit zone ${served.display}: ${state}`);
    }
    if (!set.isFloorIgnored) this.#refuseOutage(served, read);
    const { cause, chooseSerial } = set;
    const edit = { after, changes, cause, fileSerial: served.fileSerial, chooseSerial };
    const { removed, added } = visibleChange(served, edit);
    await this.#published(served, edit);
    if (read.kind !== "bad") await pools.follow(known.pools, served, read);
    const notes = [...hidden(served, changes), ...warnings];
    // A swap may have gone out meanwhile: its serial is newer than the edit's, and holds the edit.
    const { serial } = served;
    const count = (rrsets: readonly RRset[]): number =>
      rrsets.reduce((sum, { rdatas }) => sum + rdatas.length, 0);
    const counts = { added: count(added), removed: count(removed) };
    return { serialBefore, serial, ...counts, notes };
  }

  async #published(served: ServedZone, edit: Parameters<Publisher["edit"]>[1]): Promise<void> {
    try {
      await this.#publisher.edit(served, edit);
    } catch (error) {
      if (codeOf(error) !== "EDIT_NOT_STORED") throw error;
      throw new Refusal("conflict", "NOT_STORED", messageOf(error));
    }
  }

  /** The warnings of what is to be served. @throws Refusal with what would be wrong with it. */
  #checked(served: ServedZone, after: Zone, changes: readonly RRsetChange[]): string[] {
    const problems = checkZone(zoneAround(after, changes));
    const touched = new Set(changes.map(({ owner }) => nameKey(owner)));
    const errors = problems.filter(({ severity }) => severity === "error");
    if (errors.length === 0) {
      return problems.filter(({ owner }) => touched.has(nameKey(owner))).map(sentence);
    }
    const told = errors.slice(0, ERRORS_TOLD_MAX).map(sentence).join("; ");
    const state = `the zone would break: ${told}`;
    throw new Refusal("unfit", "ZONE_UNFIT", `Cannot edit zone ${served.display}: ${state}`);
  }

  /** Refuses an edit that takes members out of a pool which then has no healthy one left. */
  #refuseOutage(served: ServedZone, read: PoolsRead): void {
    if (read.kind !== "good") return;
    for (const pool of read.pools) {
      const running = this.#engine.pools.get(nameKey(pool.owner));
      if (running === undefined) continue;
      const stay = new Set(pool.members.map(({ id }) => id));
      for (const family of running.families.values()) {
        const input = running.input(family);
        const gone = input.members.filter(({ id }) => !stay.has(id)).map(({ id }) => id);
        const refusal = gone.length === 0 ? undefined : refusalToTakeOut(input, gone);
        if (refusal === undefined) continue;
        const state = `${titleOf(running, family)}: ${refusal}; use force if that is meant`;
        throw new Refusal("conflict", "FLOOR", `Cannot edit zone ${served.display}: ${state}`);
      }
    }
  }
}

function refuseOfFile({ served, known: { source } }: ZonePlace): void {
  if (source.source === "store") return;
  const isFile = source.source === "file";
  const state = isFile
    ? `its records come from the file ${source.file}; edit that file, or give the zone "source: store"`
    : "its records come from its primary; edit them there";
  throw new Refusal("conflict", "ZONE_IN_FILE", `Cannot edit zone ${served.display}: ${state}`);
}

function isDifferent(served: ServedZone, { owner, type, rrset }: RRsetChange): boolean {
  const before = served.zone.get(owner, type);
  if (before === undefined || rrset === undefined) return before !== rrset;
  return !equalRRsets(before, rrset);
}

/** What of an edit nobody is answered: its names follow health. */
function hidden(served: ServedZone, changes: readonly RRsetChange[]): string[] {
  return changes
    .filter(isNotSoa)
    .filter(({ owner, type }) => served.live.has(answerKey(owner, type)))
    .map(({ owner, type }) => {
      const name = `${nameToDisplay(owner)} ${typeToText(type)}`;
      return `${name} is answered by its pool, which decides what is served`;
    });
}

function sentence({ owner, type, message }: ZoneProblem): string {
  const what = type === undefined ? "" : ` ${typeToText(type)}`;
  return `${message} (${nameToDisplay(owner)}${what})`;
}
