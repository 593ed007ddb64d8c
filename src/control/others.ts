// The servers beside this one: secondaries that are told of changes, primaries that zones are copied
// from, and whoever is asked what it answers. All of it begins when questions are answered here: nobody
// could be told anything before.

import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Name } from "../dns/name.ts";
import { Delegations } from "./delegations.ts";
import type { EventSink, StoredZone, StorePort } from "./ports.ts";
import type { TransfersPort, ZonePrimaries } from "./ports-primaries.ts";
import { Primaries, type PrimariesPorts } from "./primaries.ts";
import type { OtherStanding } from "./propagation-ports.ts";
import type { Propagations } from "./propagations.ts";
import type { Publisher } from "./publisher.ts";
import { Secondaries, type SecondariesPorts } from "./secondaries.ts";
import type { ServedZone } from "./served-zone.ts";
import { Watching, type WatchingPorts } from "./watching.ts";

/** How others are reached, and which there are. */
export interface OthersPorts {
  /** Other servers of the zones; absent: nobody is told of changes. */
  readonly neighbours?: Pick<SecondariesPorts, "servers" | "zones" | "own"> & {
    /** Zones that are copied; absent: none is. */
    readonly primaries?: {
      readonly transfers: TransfersPort;
      readonly zones: readonly ZonePrimaries[];
    };
  };
  /** Who is asked what it answers, and how often; absent: nobody is. */
  readonly watch?: Pick<WatchingPorts, "questions" | "settings">;
}

const NO_OTHERS: readonly OtherStanding[] = [];

interface World extends OthersPorts {
  readonly time: Time;
  readonly random: Random;
  readonly emit: EventSink;
  readonly store: Pick<StorePort, "saveCopy">;
}

/** All of them. */
export class Others {
  readonly #ports: World;
  #secondaries: Secondaries | undefined;
  #primaries: Primaries | undefined;
  #watching: Watching | undefined;
  #delegations: Delegations | undefined;
  #isOpen = false;

  constructor(ports: World) {
    this.#ports = ports;
  }

  get secondaries(): Secondaries | undefined {
    return this.#secondaries;
  }

  get primaries(): Primaries | undefined {
    return this.#primaries;
  }

  get watching(): Watching | undefined {
    return this.#watching;
  }

  get delegations(): Delegations | undefined {
    return this.#delegations;
  }

  /** Zones were opened, and nothing of them is shown yet: what has expired will not be. */
  opened(
    stored: readonly StoredZone[],
    given: Pick<PrimariesPorts, "loader" | "zones" | "publisher">,
  ): void {
    const { neighbours, time, random, emit, store } = this.#ports;
    if (neighbours?.primaries === undefined) return;
    const { servers, primaries } = neighbours;
    const world = { time, random, emit, store, servers, transfers: primaries.transfers };
    this.#primaries = new Primaries({ ...world, ...given }, primaries.zones);
    this.#primaries.opened(stored);
  }

  /** Questions are answered here from now on. */
  open(publisher: Publisher, propagations: Propagations | undefined): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { time, random, emit, neighbours, watch } = this.#ports;
    const zones = (): Publisher["zones"] => publisher.zones;
    if (neighbours !== undefined) {
      this.#secondaries = new Secondaries({ time, random, emit, served: zones, ...neighbours });
      for (const zone of publisher.zones.values()) this.published(zone);
    }
    this.#primaries?.begin();
    if (watch !== undefined) {
      const servers = (origin: Name) => this.#secondaries?.places(origin) ?? [];
      this.#watching = new Watching({ time, emit, propagations, zones, servers, ...watch });
      this.#watching.begin();
      this.#delegations = new Delegations({ time, emit, zones, ...watch });
      this.#delegations.begin();
    }
  }

  /** The other name servers of a zone, as propagation is told of them; undefined before it is open. */
  of(origin: Name): readonly OtherStanding[] | undefined {
    if (this.#ports.neighbours === undefined) return NO_OTHERS;
    return this.#secondaries?.standing(origin);
  }

  /** A zone shows another serial from now on. */
  published(served: ServedZone): void {
    if (served.silence === undefined) this.#secondaries?.published(served);
  }

  /** A swap has moved the answer of this key. */
  moved(key: string): void {
    this.#watching?.moved(key);
  }

  close(): void {
    this.#primaries?.close();
    this.#secondaries?.close();
    this.#delegations?.close();
    this.#watching?.close();
  }
}
