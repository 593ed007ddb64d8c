// What restrains a pool: its floors, caps, guards over swaps, and who carries its decisions out.

import type { z } from "zod";
import type { Guards, Pool } from "../failover/pool.ts";
import { count, duration, share, word } from "./fields.ts";
import { section, type YamlPath, type YamlReader } from "./yaml.ts";

const DAY_MS = 86_400_000;
/** As many as control keeps the moments of. */
const BUDGET_SWAPS_MAX = 100;
const MEMBERS_MAX = 64;

const budgetSchema = section({
  swaps: count({ min: 1, max: BUDGET_SWAPS_MAX }),
  window: duration({ minMs: 1000, maxMs: 30 * DAY_MS }),
});

/** The keys of a pool that this file reads. */
export const restraintKeys = {
  panicFloor: share({ most: 1 }).optional(),
  answers: count({ min: 1, max: MEMBERS_MAX }).optional(),
  guards: section({
    spacing: duration({ minMs: 0, maxMs: 30 * DAY_MS }).optional(),
    budget: budgetSchema.optional(),
    healthyMin: count({ min: 1, max: MEMBERS_MAX }).optional(),
  }).optional(),
  mode: word(["auto", "manual", "shadow"]).optional(),
  damping: word(["on", "off"]).optional(),
};

const restraintSchema = section(restraintKeys);

/** What they were read as, beside what they have to fit to. */
export interface RestraintsReading {
  readonly reader: YamlReader;
  /** The pool. */
  readonly at: YamlPath;
  readonly raw: z.infer<typeof restraintSchema> & { readonly rto?: number | undefined };
  readonly policy: Pool["policy"];
}

/** What restrains the pool, each part absent where nothing was written. */
export type Restraints = Pick<Pool, "panicFloor" | "answersMax" | "guards" | "mode" | "isUndamped">;

/** Fits the keys to the pool's policy, and notes what does not. */
export function readRestraints(reading: RestraintsReading): Restraints {
  const { reader, at, raw, policy } = reading;
  const { panicFloor, answers, guards, mode, damping } = raw;
  const refuse = (key: string, sentence: string): void => reader.complain([...at, key], sentence);
  if (panicFloor !== undefined && policy === "priority") {
    refuse("panicFloor", 'policy "priority" answers one member, which is never too few; remove it');
  }
  if (answers !== undefined && policy !== "all") {
    refuse("answers", `policy "${policy}" answers one member at a time; remove it`);
  }
  if (mode !== undefined && mode !== "auto" && raw.rto !== undefined) {
    const who =
      mode === "manual" ? "an operator's yes has no time limit" : "nothing is ever swapped";
    refuse("rto", `with mode "${mode}" ${who}; remove "rto", or use mode "auto"`);
  }
  const guarded = guards === undefined ? {} : guardsOf(guards);
  return {
    ...(panicFloor !== undefined && { panicFloor }),
    ...(answers !== undefined && { answersMax: answers }),
    ...(Object.keys(guarded).length > 0 && { guards: guarded }),
    ...(mode !== undefined && mode !== "auto" && { mode }),
    ...(damping === "off" && { isUndamped: true }),
  };
}

/** Refuses floors that a pool of this size could never keep. */
export function checkFloor(
  { reader, at, raw }: Pick<RestraintsReading, "reader" | "at" | "raw">,
  membersOfFamily: number,
): void {
  const least = raw.guards?.healthyMin;
  if (least === undefined || least < membersOfFamily) return;
  const members = membersOfFamily === 1 ? "1 member" : `${membersOfFamily} members`;
  const here = [...at, "guards", "healthyMin"];
  if (least > membersOfFamily) reader.complain(here, `the pool has ${members}; write less`);
  else reader.warn(here, `the pool has ${members}: none can ever be forced down`);
}

type RawGuards = NonNullable<z.infer<typeof restraintSchema>["guards"]>;

function guardsOf({ spacing, budget, healthyMin }: RawGuards): Guards {
  return {
    ...(spacing !== undefined && spacing > 0 && { spacingMs: spacing }),
    ...(budget !== undefined && { budget: { swaps: budget.swaps, windowMs: budget.window } }),
    ...(healthyMin !== undefined && { healthyMin }),
  };
}
