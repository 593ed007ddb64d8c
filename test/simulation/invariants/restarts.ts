// Restarts: what was known before must count after.

import { nameToDisplay } from "../../../src/dns/name.ts";
import type { End, Invariant, View } from "../invariant.ts";
import { thresholdsOf } from "./thresholds.ts";

/** A restart from fresh beliefs answers as before: knowing nothing new, nothing is changed. */
export class RestartsChangeNothing implements Invariant {
  readonly name = "a restart with fresh stored beliefs changes no answer";
  #before:
    | {
        readonly answers: ReadonlyMap<string, string>;
        /** When each pool's hold is over that holds a member back, in wall-clock milliseconds. */
        readonly holdEnds: ReadonlyMap<string, number | undefined>;
        readonly facts: string;
      }
    | undefined;

  ending(_end: End, view: View): undefined {
    this.#before = undefined;
    if (!view.isReady || view.isHolding) return undefined;
    const answers = view.pools.map((pool): [string, string] => {
      return [`${pool.pool} ${pool.type}`, pool.serving.join(" ")];
    });
    const holdEnds = view.pools.flatMap((pool): [string, number | undefined][] => {
      return pool.code === "failback-hold" ? [[`${pool.pool} ${pool.type}`, pool.nextWallMs]] : [];
    });
    this.#before = {
      answers: new Map(answers),
      holdEnds: new Map(holdEnds),
      facts: factsOf(view),
    };
    return undefined;
  }

  started(view: View): string | undefined {
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined || before.facts !== factsOf(view)) return undefined;
    for (const pool of view.pools) {
      const { disk } = view.plane;
      const type = pool.type === "A" ? 1 : 28;
      const stored = [...disk.servings.values()].find(
        (serving) => serving.type === type && nameToDisplay(serving.owner) === pool.pool,
      );
      const key = `${pool.pool} ${pool.type}`;
      const answered = before.answers.get(key);
      if (answered === undefined || stored?.memberIds.join(" ") !== answered) continue;
      const isFresh = pool.members.every((member) => isStoredFresh(view, member.member));
      const now = pool.serving.join(" ");
      if (!isFresh || now === answered || pool.code === "failback") continue;
      // Its hold was over while nobody was there: without the restart it had changed, too.
      if ((before.holdEnds.get(key) ?? Number.POSITIVE_INFINITY) <= view.plane.time.wallMs())
        continue;
      return `${pool.pool} ${pool.type} was "${answered}" and is "${now}" (${pool.code})`;
    }
    return undefined;
  }
}

/** What must be the same for a restart to be one that knows nothing new. */
function factsOf(view: View): string {
  const { disk, time } = view.plane;
  const beliefs = disk.beliefs.map(({ targetId, belief }) => `${targetId} ${belief}`);
  const files = JSON.stringify([
    [...view.setup.pools],
    [...view.setup.checks],
    [...view.setup.hosts],
    view.setup.arePoolsBroken,
    view.setup.arePoolsDeleted,
    view.setup.isZoneBroken,
  ]);
  // What is forced or damped may end while nobody is there. That a member is new is not stored: who is
  // up counts as it does where a pool begins.
  const held = view.pools.flatMap(({ members }) =>
    members.map(({ forced, damping, reason }) => {
      return `${forced?.state} ${damping?.reusableWallMs === undefined} ${reason === "up but new"}`;
    }),
  );
  return `${beliefs.sort().join(" ")} ${held.join(" ")} ${files} ${time.wallMs() - time.nowMs()}`;
}

/** Whether the stored belief about a member's targets counts still. */
function isStoredFresh(view: View, member: string): boolean {
  const { disk, time } = view.plane;
  const stored = disk.beliefs.filter(({ targetId }) => targetId.includes(member));
  const checks = [...view.setup.checks.values()].map(thresholdsOf);
  const limitMs = Math.min(...checks.map((check) => check.staleAfterMs));
  return (
    stored.length > 0 &&
    stored.every(({ belief, observedWallMs }) => {
      return belief !== "unknown" && time.wallMs() - observedWallMs < limitMs;
    })
  );
}
