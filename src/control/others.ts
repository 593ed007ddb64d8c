// The servers beside this one: secondaries that are told of changes, and whoever is asked what it
// answers. All of it begins when questions are answered here: nobody could be told anything before.

import type { Time } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Name } from "../dns/name.ts";
import type { EventSink } from "./ports.ts";
import type { OthersHave } from "./propagation-ports.ts";
import type { Propagations } from "./propagations.ts";
import type { Publisher } from "./publisher.ts";
import { Secondaries, type SecondariesPorts } from "./secondaries.ts";
import type { ServedZone } from "./served-zone.ts";
import { Watching, type WatchingPorts } from "./watching.ts";

/** How others are reached, and which there are. */
export interface OthersPorts {
  /** Other servers of the zones; absent: nobody is told of changes. */
  readonly neighbours?: Pick<SecondariesPorts, "servers" | "zones" | "own">;
  /** Who is asked what it answers, and how often; absent: nobody is. */
  readonly watch?: Pick<WatchingPorts, "questions" | "settings">;
}

const NO_OTHERS: OthersHave = { count: 0, behind: [] };

/** All of them. */
export class Others {
  readonly #ports: OthersPorts & {
    readonly time: Time;
    readonly random: Random;
    readonly emit: EventSink;
  };
  #secondaries: Secondaries | undefined;
  #watching: Watching | undefined;
  #isOpen = false;

  constructor(
    ports: OthersPorts & {
      readonly time: Time;
      readonly random: Random;
      readonly emit: EventSink;
    },
  ) {
    this.#ports = ports;
  }

  get secondaries(): Secondaries | undefined {
    return this.#secondaries;
  }

  get watching(): Watching | undefined {
    return this.#watching;
  }

  /** Questions are answered here from now on. */
  open(publisher: Publisher, propagations: Propagations | undefined): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { time, random, emit, neighbours, watch } = this.#ports;
    const zones = (): Publisher["zones"] => publisher.zones;
    if (neighbours !== undefined) {
      this.#secondaries = new Secondaries({ time, random, emit, served: zones, ...neighbours });
      for (const zone of publisher.zones.values()) this.#secondaries.published(zone);
    }
    if (watch !== undefined) {
      const servers = (origin: Name) => this.#secondaries?.places(origin) ?? [];
      this.#watching = new Watching({ time, emit, propagations, zones, servers, ...watch });
      this.#watching.begin();
    }
  }

  /** What the other name servers of a zone have; undefined before it is open. */
  have(origin: Name, serial: number): OthersHave | undefined {
    if (this.#ports.neighbours === undefined) return NO_OTHERS;
    const secondaries = this.#secondaries;
    if (secondaries === undefined) return undefined;
    return {
      count: secondaries.places(origin).length,
      behind: secondaries.behind(origin, serial),
    };
  }

  /** A zone shows another serial from now on. */
  published(served: ServedZone): void {
    this.#secondaries?.published(served);
  }

  /** A swap has moved the answer of this key. */
  moved(key: string): void {
    this.#watching?.moved(key);
  }

  close(): void {
    this.#secondaries?.close();
    this.#watching?.close();
  }
}
