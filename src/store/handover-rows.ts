// Handovers: how far each pool's last one came.

import type Database from "better-sqlite3";
import type { StoredHandover } from "../control/ports-hooks.ts";
import { lowerName } from "../dns/name.ts";
import type { Handover } from "../failover/handover.ts";
import { octetsOf } from "./zone-rows.ts";

interface HandoverRow {
  readonly name: Buffer;
  readonly state: string;
  readonly atWallMs: number;
}

/** The statements over handovers. The caller opens transactions. */
export class HandoverRows {
  readonly #put;
  readonly #delete;
  readonly #all;

  constructor(db: Database.Database) {
    this.#put = db.prepare<[Uint8Array, Uint8Array, string, number]>(
      "INSERT OR REPLACE INTO handovers (owner, name, state, at_wall_ms) VALUES (?, ?, ?, ?)",
    );
    this.#delete = db.prepare<[Uint8Array]>("DELETE FROM handovers WHERE owner = ?");
    this.#all = db.prepare<[], HandoverRow>(
      "SELECT name, state, at_wall_ms AS atWallMs FROM handovers ORDER BY owner",
    );
  }

  put({ owner, handover, atWallMs }: StoredHandover): void {
    const key = lowerName(owner);
    if (handover === undefined) this.#delete.run(key);
    else this.#put.run(key, owner, JSON.stringify(handover), atWallMs);
  }

  all(): StoredHandover[] {
    return this.#all.all().map(({ name, state, atWallMs }) => ({
      owner: octetsOf(name),
      handover: JSON.parse(state) as Handover,
      atWallMs,
    }));
  }
}
