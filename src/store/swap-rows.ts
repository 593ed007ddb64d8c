// Swaps and what each pool served last.

import type Database from "better-sqlite3";
import type { StoredServing, SwapRecord } from "../control/ports.ts";
import { lowerName } from "../dns/name.ts";
import { octetsOf } from "./zone-rows.ts";

interface SwapRow {
  readonly id: number;
  readonly owner: Buffer;
  readonly type: number;
  readonly before: string;
  readonly after: string;
  readonly code: string;
  readonly why: string;
  readonly firstFaultWallMs: number | null;
  readonly detectedWallMs: number | null;
  readonly decidedWallMs: number;
  readonly publishedWallMs: number;
}

interface ServingRow {
  readonly name: Buffer;
  readonly type: number;
  readonly memberIds: string;
  readonly code: string;
  readonly why: string;
  readonly swapId: number;
  readonly sinceWallMs: number;
}

type SwapValues = Omit<SwapRow, "owner"> & { readonly owner: Uint8Array };
type ServingValues = Omit<ServingRow, "name"> & {
  readonly name: Uint8Array;
  readonly owner: Uint8Array;
};

/** The statements over swaps and servings. The caller opens transactions. */
export class SwapRows {
  readonly #insert;
  readonly #newest;
  readonly #lastId;
  readonly #excess;
  readonly #putServing;
  readonly #servings;

  constructor(db: Database.Database) {
    // A swap that is asked for again is the same swap: its id says so.
    this.#insert = db.prepare<[SwapValues]>(
      `INSERT INTO swaps VALUES (:id, :owner, :type, :before, :after, :code, :why,
         :firstFaultWallMs, :detectedWallMs, :decidedWallMs, :publishedWallMs)
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#newest = db.prepare<[number], SwapRow>(
      `SELECT id, owner, type, before, after, code, why, first_fault_wall_ms AS firstFaultWallMs,
         detected_wall_ms AS detectedWallMs, decided_wall_ms AS decidedWallMs,
         published_wall_ms AS publishedWallMs
       FROM swaps ORDER BY id DESC LIMIT ?`,
    );
    this.#lastId = db
      .prepare<[], number>(
        `SELECT max(coalesce((SELECT max(id) FROM swaps), 0),
                    coalesce((SELECT max(swap_id) FROM servings), 0))`,
      )
      .pluck();
    this.#excess = db.prepare<[number, number]>(
      `DELETE FROM swaps WHERE id IN (
         SELECT id FROM swaps WHERE id <= (SELECT max(id) FROM swaps) - ? ORDER BY id LIMIT ?)`,
    );
    this.#putServing = db.prepare<[ServingValues]>(
      `INSERT INTO servings (owner, type, name, member_ids, code, why, swap_id, since_wall_ms)
       VALUES (:owner, :type, :name, :memberIds, :code, :why, :swapId, :sinceWallMs)
       ON CONFLICT (owner, type) DO UPDATE SET name = excluded.name,
         member_ids = excluded.member_ids, code = excluded.code, why = excluded.why,
         swap_id = excluded.swap_id, since_wall_ms = excluded.since_wall_ms`,
    );
    this.#servings = db.prepare<[], ServingRow>(
      `SELECT name, type, member_ids AS memberIds, code, why, swap_id AS swapId,
         since_wall_ms AS sinceWallMs
       FROM servings ORDER BY owner, type`,
    );
  }

  add(swap: SwapRecord): void {
    this.#insert.run({
      ...swap,
      before: JSON.stringify(swap.before),
      after: JSON.stringify(swap.after),
      firstFaultWallMs: swap.firstFaultWallMs ?? null,
      detectedWallMs: swap.detectedWallMs ?? null,
    });
  }

  /** Newest first. */
  newest(limit: number): SwapRecord[] {
    return this.#newest.all(limit).map(swapOf);
  }

  /** The greatest swap id ever stored; 0 where there was none. */
  lastId(): number {
    return this.#lastId.get() ?? 0;
  }

  /** Deletes the oldest swaps beyond `max`, at most `limit` at once; returns how many it were. */
  prune(max: number, limit: number): number {
    return this.#excess.run(max, limit).changes;
  }

  /** Keeps what a pool serves from now on. */
  putServing(serving: StoredServing): void {
    this.#putServing.run({
      ...serving,
      owner: lowerName(serving.owner),
      name: serving.owner,
      memberIds: JSON.stringify(serving.memberIds),
    });
  }

  servings(): StoredServing[] {
    return this.#servings.all().map(({ name, memberIds, ...rest }) => ({
      ...rest,
      owner: octetsOf(name),
      memberIds: idsOf(memberIds),
    }));
  }
}

function swapOf(row: SwapRow): SwapRecord {
  const { owner, before, after, firstFaultWallMs, detectedWallMs, ...rest } = row;
  return {
    ...rest,
    owner: octetsOf(owner),
    before: idsOf(before),
    after: idsOf(after),
    ...(firstFaultWallMs === null ? {} : { firstFaultWallMs }),
    ...(detectedWallMs === null ? {} : { detectedWallMs }),
  };
}

function idsOf(json: string): readonly string[] {
  return JSON.parse(json) as string[];
}
