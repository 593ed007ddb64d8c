// The log: whoever folds it knows what the server knows.

import type { LivezoneEvent } from "../../../src/events/event.ts";
import { type LoggedEvent, logged } from "../../../src/events/line.ts";
import { fold } from "../../../src/view/fold.ts";
import { snapshotEvents } from "../../../src/view/snapshot.ts";
import { EMPTY_VIEW, poolKey, type ViewState } from "../../../src/view/state.ts";
import type { PoolStatus } from "../../../src/view/status.ts";
import type { Invariant, View } from "../invariant.ts";

/** Telling what was edited waits for the store, which may be slow; a hanging one is reported. */
const TOLD_WITHIN_MS = 2000;

/** What dashboards fold from the log is what `status` says. */
export class LogIsEnough implements Invariant {
  readonly name = "the log is enough to know what is served and believed";
  #state: ViewState = EMPTY_VIEW;
  /** Heard since the last look; single probes are left out, they say nothing that is compared. */
  #heard: LoggedEvent[] = [];
  #isTellingDue = false;
  /** Since when there are other targets and members than the log has told of. */
  #othersSinceMs: number | undefined;

  heard(event: LivezoneEvent, view: View): undefined {
    if (event.event === "probe.observed") return undefined;
    this.#hear([event], view);
    // The real server tells everything half a second later.
    if (event.event === "pools.loaded") this.#isTellingDue = true;
    return undefined;
  }

  started(view: View): undefined {
    this.#hear(snapshotEvents(view.status), view);
    return undefined;
  }

  check(view: View): string | undefined {
    if (!view.isReady || view.isHolding) return undefined;
    if (this.#isTellingDue) {
      this.#isTellingDue = false;
      this.#hear(snapshotEvents(view.status), view);
    }
    if (this.#heard.length === 0) return undefined;
    this.#state = fold(this.#state, this.#heard);
    this.#heard = [];
    if (this.#areOthersNew(view)) return undefined;
    for (const { target, belief } of view.status.targets) {
      const known = this.#state.targets.get(target)?.belief;
      // What a pool has just begun to look at is told of when its loading is announced.
      if (known !== undefined && known !== belief)
        return `${target} is ${belief}, and ${known} by the log`;
    }
    for (const pool of view.pools) {
      const wrong = this.#comparePool(pool) ?? this.#compareDrains(pool);
      if (wrong !== undefined) return `${poolKey(pool)} ${wrong}`;
    }
    return undefined;
  }

  /** An edit of pools is in force for a moment before it is told. */
  #areOthersNew(view: View): boolean {
    const pools = view.pools.map((pool) => namesOf(poolKey(pool), pool.members));
    const told = view.pools.map((pool) => {
      const key = poolKey(pool);
      return namesOf(key, this.#state.pools.get(key)?.members ?? []);
    });
    const areTargetsTold = view.status.targets.every((each) => {
      return this.#state.targets.has(each.target);
    });
    if (areTargetsTold && pools.join() === told.join()) {
      this.#othersSinceMs = undefined;
      return false;
    }
    this.#othersSinceMs ??= view.nowMs;
    return view.nowMs - this.#othersSinceMs < TOLD_WITHIN_MS;
  }

  #comparePool(pool: PoolStatus): string | undefined {
    const known = this.#state.pools.get(poolKey(pool));
    // A swap is announced when it is stored, or after a moment.
    if (known?.swap !== pool.swap) return undefined;
    // Pools change a moment before their loading is announced: who is in both can be compared.
    const inBoth = (id: string): boolean =>
      [pool, known].every(({ members }) => members.some(({ member }) => member === id));
    const [is, told] = [pool, known].map(({ serving, isFailOpen, members }) => {
      const each = members
        .filter(({ member }) => inBoth(member))
        .map(({ member, belief, isServed }) => `${member} ${belief} ${isServed}`);
      return `answers "${serving}", fails open: ${isFailOpen}, members: ${each.sort()}`;
    });
    return is === told ? undefined : `${is}, but by the log it ${told}`;
  }

  #compareDrains({ members }: PoolStatus): string | undefined {
    for (const { address, drain } of members) {
      // What is being taken out is told when it is out, in the same moment.
      if (drain?.stage === "moving") continue;
      const told = this.#state.addresses.get(address)?.drain;
      const [is, known] = [drain, told].map((one) => one && `${one.stage} ${one.author}`);
      if (is !== known) return `moves ${address} (${is}), and by the log it is ${known}`;
    }
    return undefined;
  }

  #hear(events: readonly LivezoneEvent[], view: View): void {
    const atMs = view.plane.time.wallMs();
    this.#heard.push(...events.map((event) => logged(atMs, event)));
  }
}

function namesOf(key: string, members: readonly { readonly member: string }[]): string {
  return `${key}: ${members.map(({ member }) => member).sort()}`;
}
