// Whether the world still finds the zones: now and then each zone's parent is asked what it says of the
// zone, and where that differs from the zone itself, an event says so.

import type { Cancel, Time } from "../base/clock.ts";
import { ipToText } from "../base/ip.ts";
import { equalNames, lowerName, type Name, nameKey, nameToText, ROOT } from "../dns/name.ts";
import { TYPE } from "../dns/types.ts";
import { event } from "../events/event.ts";
import {
  DELEGATION_UNKNOWN,
  type DelegationState,
  delegationFaults,
  stepDelegation,
  type ZoneSays,
} from "../propagation/delegation.ts";
import { zoneKeyOf } from "../propagation/ds.ts";
import type { DelegationStatus } from "../view/status.ts";
import { askParent } from "./parents.ts";
import type { EventSink } from "./ports.ts";
import type { QuestionsPort } from "./ports-watch.ts";
import type { ServedZone } from "./served-zone.ts";
import type { WatchSettings } from "./watching.ts";

/** What it is given. */
export interface DelegationsPorts {
  readonly time: Time;
  readonly emit: EventSink;
  readonly questions: QuestionsPort;
  readonly settings: WatchSettings;
  readonly zones: () => ReadonlyMap<string, ServedZone>;
}

const FIRST_MS = 2000;
/** What is found for the first time is looked at again after this. */
const DOUBT_MS = 10_000;
/** Looks are so far apart at least: parents are other people's servers. */
const APART_MS = 1000;

interface Found {
  state: DelegationState;
  parent: string;
  checkedMs: number | undefined;
  /** Why nothing could be found the last time. */
  detail: string | undefined;
  nextMs: number;
}

/** Every zone's delegation. */
export class Delegations {
  readonly #ports: DelegationsPorts;
  readonly #found = new Map<string, Found>();
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  constructor(ports: DelegationsPorts) {
    this.#ports = ports;
  }

  /** Looks at all zones now and then, where there is somebody to ask. */
  begin(): void {
    const { resolvers, isDelegationWatched } = this.#ports.settings;
    if (resolvers.length > 0 && isDelegationWatched) this.#after(FIRST_MS);
  }

  /** What was found of a zone; undefined: nobody has looked yet. */
  status(origin: Name, toWallMs: (monotonicMs: number) => number): DelegationStatus | undefined {
    const found = this.#found.get(nameKey(origin));
    if (found === undefined) return undefined;
    const { parent, state, checkedMs, detail } = found;
    return {
      ...{ parent, faults: state.told },
      ...(checkedMs !== undefined && { checkedWallMs: toWallMs(checkedMs) }),
      ...(detail !== undefined && { detail }),
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  #after(delayMs: number): void {
    this.#cancel();
    if (this.#isClosed) return;
    this.#cancel = this.#ports.time.after(delayMs, () => {
      void this.#look().finally(() => this.#after(APART_MS));
    });
  }

  /** One zone that is due, the longest one first. */
  async #look(): Promise<void> {
    const { time, zones } = this.#ports;
    const nowMs = time.nowMs();
    for (const key of this.#found.keys()) if (!zones().has(key)) this.#found.delete(key);
    const due = [...zones()]
      .filter(([, { origin }]) => !equalNames(origin, ROOT))
      .map(([key, served]) => ({ key, served, nextMs: this.#found.get(key)?.nextMs ?? 0 }))
      .filter(({ nextMs }) => nextMs <= nowMs)
      .sort((a, b) => a.nextMs - b.nextMs)[0];
    if (due !== undefined) await this.#check(due.key, due.served);
  }

  async #check(key: string, served: ServedZone): Promise<void> {
    const { time, questions, settings } = this.#ports;
    const zone = nameToText(served.origin).toLowerCase();
    const before = this.#found.get(key);
    const reply = await askParent(zone, questions, settings.resolvers);
    if (this.#isClosed) return;
    const nowMs = time.nowMs();
    const { state = DELEGATION_UNKNOWN, parent = "", checkedMs } = before ?? {};
    if (reply.kind === "unknown") {
      const { detail } = reply;
      this.#found.set(key, { state, parent, checkedMs, detail, nextMs: nowMs + settings.sweepMs });
      return;
    }
    const faults = delegationFaults(reply.says, saysOf(zone, served));
    const stepped = stepDelegation(state, faults);
    const isDoubted = stepped.state.doubted !== undefined;
    const pauseMs = isDoubted ? Math.min(DOUBT_MS, settings.sweepMs) : settings.sweepMs;
    this.#found.set(key, {
      ...{ state: stepped.state, parent: reply.parent, checkedMs: nowMs },
      ...{ detail: undefined, nextMs: nowMs + pauseMs },
    });
    this.#tell(served.display, reply.parent, { news: stepped.news, faults });
  }

  #tell(
    zone: string,
    parent: string,
    { news, faults }: { news: "broken" | "mended" | undefined; faults: readonly string[] },
  ): void {
    const { emit } = this.#ports;
    if (news === "broken") {
      const msg = `The delegation of ${zone} is not what the zone says: ${faults.join("; ")}`;
      emit(event("delegation.broken", msg, { zone, parent, faults: [...faults] }));
    } else if (news === "mended") {
      const msg = `The delegation of ${zone} is what the zone says again`;
      emit(event("delegation.mended", msg, { zone, parent }));
    }
  }
}

/** What a zone says of its own name servers. */
function saysOf(text: string, { zone, origin }: ServedZone): ZoneSays {
  const hosts = zone.get(origin, TYPE.NS)?.rdatas ?? [];
  const keys = zone.get(origin, TYPE.DNSKEY)?.rdatas ?? [];
  return {
    zone: text,
    servers: hosts.map((host) => nameToText(host).toLowerCase()),
    addresses: hosts.flatMap((host) =>
      [TYPE.A, TYPE.AAAA].flatMap((type) =>
        (zone.get(host, type)?.rdatas ?? []).map((rdata) => ({
          name: nameToText(host).toLowerCase(),
          address: ipToText(rdata),
        })),
      ),
    ),
    keys: keys.map((key) => zoneKeyOf(lowerName(origin), key)),
  };
}
